// Where two columns part.
#include "compare_support.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

scenario::Value partings(std::vector<std::string> options) {
  const auto root = compared_json(std::move(options));
  const auto* list = root.find("partings");
  REQUIRE(list != nullptr);
  return *list;
}

}  // namespace

TEST_CASE("with KIP-447 the zombie's offsets are refused, without it they are taken") {
  const auto list = partings({"--guarantees", "exactly_once_unfenced,exactly_once_v2"});
  REQUIRE(list.items.size() == 1);
  // The first thing that the coordinator learns from one and not from the other.
  const auto& first = list.items[0].find("first")->items;
  REQUIRE(first.size() == 2);
  CHECK(text_at(first[0], "event") == "offset.pending");
  CHECK(text_at(first[1], "event") == "offset.pending");
  CHECK(text_at(*first[0].find("fields"), "generation") == "-1");
  CHECK(text_at(*first[1].find("fields"), "generation") == "1");
  CHECK(text_at(first[0], "time_ns") == text_at(first[1], "time_ns"));
  // And the first thing that it then does otherwise: app-0 wakes up at 27 s.
  const auto& deed = list.items[0].find("first_other_event")->items;
  REQUIRE(deed.size() == 2);
  CHECK(text_at(deed[0], "event") == "offset.pending");
  CHECK(text_at(deed[1], "event") == "offset.refused");
  CHECK(text_at(deed[1], "time_ns").starts_with("27"));
  CHECK(text_at(deed[0], "process") == text_at(deed[1], "process"));
}

TEST_CASE("each further column is held against the first") {
  const auto list = partings({"--sweep", "/apps/0/instances=3,2,1", "--set", "/duration=16s"});
  REQUIRE(list.items.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    const auto& rows = list.items[i].find("rows")->items;
    CHECK(rows.at(0).text == "0");
    CHECK(rows.at(1).text == std::to_string(i + 1));
  }
}

TEST_CASE("columns that do the same part nowhere") {
  // No run depends on its description.
  const auto options =
      std::vector<std::string>{"--sweep", "/description=one,other", "--set", "/duration=16s"};
  const auto list = partings(options);
  REQUIRE(list.items.size() == 1);
  CHECK(list.items[0].find("first")->is(scenario::Value::Kind::kNull));
  CHECK_THAT(compare(options).out, contains_text("is the same run as"));
}
