// Lists that allocate seldom: SmallList, which keeps a few things in place, and Outbox.
#include "sim/small_list.h"

#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "sim/outbox.h"

namespace eosim::sim {
namespace {

using TextList = SmallList<std::string, 2>;

std::vector<std::string> all(const TextList& texts) { return {texts.begin(), texts.end()}; }

TextList some(size_t count) {
  TextList made;
  for (size_t i = 0; i < count; ++i) made.push_back("text " + std::to_string(i));
  return made;
}

TEST_CASE("a small list holds what was put into it, in place or not") {
  for (size_t count = 0; count < 6; ++count) {
    const TextList texts = some(count);
    CHECK(texts.size() == count);
    CHECK(texts.empty() == (count == 0));
    for (size_t i = 0; i < count; ++i) CHECK(texts[i] == "text " + std::to_string(i));
    if (count == 0) continue;
    CHECK(texts.front() == "text 0");
    CHECK(texts.back() == "text " + std::to_string(count - 1));
  }
}

TEST_CASE("copies of a small list go on by themselves, and what was moved away is empty") {
  for (size_t count = 0; count < 5; ++count) {
    TextList first = some(count);
    TextList copy = first;
    CHECK(copy == first);
    copy.push_back("more");
    CHECK(copy.size() == count + 1);
    CHECK(all(first) == all(some(count)));

    TextList moved = std::move(first);
    CHECK(moved == some(count));
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the contract
    first.push_back("anew");
    CHECK(all(first) == std::vector<std::string>{"anew"});
    first = std::move(moved);
    CHECK(first == some(count));
    CHECK(moved.empty());  // NOLINT(bugprone-use-after-move)
  }
}

TEST_CASE("a small list that was cleared begins again in place") {
  TextList texts = some(4);
  texts.clear();
  CHECK(texts.empty());
  texts.push_back("one");
  CHECK(all(texts) == std::vector<std::string>{"one"});
}

TEST_CASE("small lists change places whatever their sizes") {
  for (const size_t mine : {0, 1, 2, 4}) {
    for (const size_t other : {0, 2, 3}) {
      TextList a = some(mine);
      TextList b = some(other);
      a.swap(b);
      CHECK(a == some(other));
      CHECK(b == some(mine));
    }
  }
}

TEST_CASE("an index behind the end of a small list is a bug") {
  TextList texts = some(1);
  CHECK_THROWS_AS(texts[1], InvariantBroken);
  CHECK_THROWS_AS(TextList().front(), InvariantBroken);
}

TEST_CASE("an outbox is filled while what was taken from it is read") {
  Outbox<int> box;
  box.push_back(1);
  box.push_back(2);
  std::vector<int> seen;
  for (const int one : box.take()) {
    seen.push_back(one);
    box.push_back(10 * one);
  }
  CHECK(seen == std::vector<int>{1, 2});
  CHECK(box.size() == 2);
  CHECK(box.take() == std::vector<int>{10, 20});
  CHECK(box.empty());
  CHECK(box.take().empty());
}

}  // namespace
}  // namespace eosim::sim
