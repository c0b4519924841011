// Trees that know where everything stands, and pointers into them.
#include "models/scenario/document.h"

#include "catch.h"

#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"

using namespace eosim::scenario;

namespace {

std::string place_of(const Value& value) {
  return std::to_string(value.place.line) + ':' + std::to_string(value.place.column);
}

}  // namespace

TEST_CASE("every key and value knows its line and column") {
  const auto document = parse_document(
      "// a comment with \"quotes\" and {\n"
      "{ /* { */ \"a\": 1.50,\n"
      "  \"\xC3\xA4\\\"b\": [true, /* , */ null, \"x\"], \"c\": {} }\n",
      "f.json");
  REQUIRE(document);
  const Value& root = document->root;
  CHECK(place_of(root) == "2:1");
  REQUIRE(root.members.size() == 3);
  CHECK(root.members[0].place.column == 11);
  CHECK(root.members[0].value.text == "1.50");
  CHECK(place_of(root.members[0].value) == "2:16");
  CHECK(root.members[1].name == "\xC3\xA4\"b");
  CHECK(place_of(root.members[1].value) == "3:11");
  CHECK(place_of(root.members[1].value.items[0]) == "3:12");
  CHECK(place_of(root.members[1].value.items[1]) == "3:26");
  CHECK(place_of(root.members[1].value.items[2]) == "3:32");
  CHECK(place_of(root.members[2].value) == "3:43");
}

TEST_CASE("numbers are kept as they were written") {
  const auto document = parse_document("[1e2, 18446744073709551616, -0, 0.10]", "f");
  REQUIRE(document);
  CHECK(to_json(document->root, 0) == "[1e2,18446744073709551616,-0,0.10]");
}

TEST_CASE("a tree is printed so that it reads back the same") {
  const std::string text = R"({"b":[1,{"x":"\u0001\n\"ä"}],"a":null,"c":false,"d":{},"e":[]})";
  const auto document = parse_document(text, "f");
  REQUIRE(document);
  for (const int indent : {0, 2}) {
    const auto again = parse_document(to_json(document->root, indent), "f");
    REQUIRE(again);
    CHECK(again->root.same_as(document->root));
    CHECK(again->root.members[0].name == "b");
  }
}

TEST_CASE("what is no document is a problem at its place") {
  struct Case {
    std::string text;
    int line;
    int column;
    std::string pointer;
    std::string message;
  };
  const Case kCases[] = {
      {"", 1, 1, "", "not JSON"},
      {"{", 1, 2, "", "not JSON"},
      {"{\"a\": 1,}", 1, 9, "", "not JSON"},
      {"[1,\n 2,]", 2, 4, "/2", "not JSON"},
      {"{\"a\": {\"b\": tru }}", 1, 13, "/a/b", "not JSON"},
      {"{\"a\": 1,\n \"a\": 2}", 2, 2, "/a", "twice"},
      {"{\"a\": {\"x/y\": 1, \"x/y\": 2}}", 1, 18, "/a/x~1y", "twice"},
      {"[1e999]", 1, 2, "/0", "out of range"},
      {"[\"\xC3\x28\"]", 1, 2, "/0", "UTF-8"},
      {"[1] 2", 1, 5, "", "not JSON"},
      {"[1 /* never closed", 1, 19, "/1", "not JSON"},
      {"[-]", 1, 2, "/0", "not JSON"},
      {"{\"a\" : ]}", 1, 8, "/a", "not JSON"},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3, "", "not JSON"},
      {"[\"open]\n", 1, 2, "/0", "not JSON"},
      {"{'a': 1}", 1, 2, "", "not JSON"},
  };
  for (const Case& one : kCases) {
    INFO(one.text);
    const auto document = parse_document(one.text, "f.json");
    REQUIRE_FALSE(document);
    const Problem& problem = document.problem();
    INFO(problem.text());
    CHECK(problem.pointer == one.pointer);
    CHECK(problem.line == one.line);
    CHECK(problem.column == one.column);
    CHECK_THAT(problem.text(), contains_text(one.message));
    CHECK(problem.text().find('\n') == std::string::npos);
  }
}

TEST_CASE("a document is bounded in depth, bytes and values") {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '[') +
           std::string(static_cast<size_t>(depth), ']');
  };
  CHECK(parse_document(nested(64), "f"));
  CHECK_FALSE(parse_document(nested(65), "f"));
  CHECK_THAT(parse_document(nested(100'000), "f").problem().text(), contains_text("64"));
  CHECK_FALSE(parse_document("[1,2,3]", "f", {.bytes = 6}));
  CHECK_FALSE(parse_document("[1,2,3]", "f", {.values = 3}));
  CHECK(parse_document("[1,2,3]", "f", {.bytes = 7, .values = 4}));
}

TEST_CASE("pointers find, replace, add and append") {
  auto document = parse_document(R"({"a": [{"x/y": 1, "m~n": 2}], "": 3})", "f");
  REQUIRE(document);
  Value& root = document->root;
  CHECK(find_at(root, "/a/0/x~1y")->text == "1");
  CHECK(find_at(root, "/a/0/m~0n")->text == "2");
  CHECK(find_at(root, "/")->text == "3");
  CHECK(find_at(root, "") == &root);
  CHECK(find_at(root, "/a/1") == nullptr);
  CHECK(find_at(root, "a") == nullptr);
  CHECK(set_at(root, "/a/0/x~1y", Value::of_number(7)).empty());
  CHECK(set_at(root, "/a/-", Value::of_flag(true)).empty());
  CHECK(set_at(root, "/new/deep", Value::of_text("t")).empty());
  CHECK(to_json(root, 0) == R"({"a":[{"x/y":7,"m~n":2},true],"":3,"new":{"deep":"t"}})");
  for (const char* wrong : {"a", "/a/9", "/a/01", "/a/x", "/a/0/x~1y/z", "/~2", "/a/-/b"}) {
    INFO(wrong);
    CHECK_FALSE(set_at(root, wrong, Value::of_number(1)).empty());
  }
}

TEST_CASE("the nearest word is the one that a slip came from, or none") {
  const std::vector<std::string> words = {"session.timeout.ms", "pause", "crash", "rate",
                                          "exactly_once_v2"};
  CHECK(nearest("sesion.timeout.ms", words) == "session.timeout.ms");
  CHECK(nearest("Session.Timeout.Ms", words) == "session.timeout.ms");
  CHECK(nearest("puase", words) == "pause");
  CHECK(nearest("rat", words) == "rate");
  CHECK(nearest("exactly", words) == "exactly_once_v2");
  CHECK(nearest("zzzzzz", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest(std::string(100'000, 'x'), words).empty());
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ab", "ba") == 1);
}
