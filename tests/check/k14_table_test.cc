// K14 table: what a changelog says after each update, and what a restored store holds. The topic
// "output" is the changelog.
#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

constexpr auto kIn = RunBuilder::kInput0;
constexpr auto kChangelog = RunBuilder::kOutput0;
constexpr auto kA = producer(1000, 0);

CheckConfig with_table() {
  CheckConfig config = RunBuilder::default_config();
  config.apps[0].tables = {"output"};
  return config;
}

// The n-th update of key 7.
Input update(int64_t input, int64_t value) { return {kIn, input, 0, 7, value}; }

// Three updates, committed one by one without transactions.
RunBuilder three_updates() {
  RunBuilder run(with_table());
  run.source(kIn, 0, 10);
  run.data(kChangelog, 0, kA, 0, {update(0, 1), update(1, 2)})
      .data(kChangelog, 2, kA, 0, {update(2, 3)});
  return run;
}

void restored(RunBuilder& run, int64_t position, std::initializer_list<std::pair<int, int>> rows) {
  run.from("app-0");
  for (const auto& [key, value] : rows) {
    run.fact(Event::kStreamsStoreEntry, {kChangelog.packed(), key, value});
  }
  run.fact(Event::kStreamsRestored,
           {kChangelog.packed(), position, position, static_cast<int64_t>(rows.size())});
}

TEST_CASE("a table that counts each input once is clean") {
  RunBuilder run = three_updates();
  run.data(kChangelog, 3, kA, 0, {{kIn, 3, 0, 8, 1}});  // another key
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("a count that forgets a committed update is a lost update") {
  RunBuilder run = three_updates();
  run.data(kChangelog, 3, kA, 0, {update(3, 3)});
  REQUIRE(run.kinds() == Kinds{"lost_update"});
  CHECK_THAT(run.violation().summary, contains_text("output-0@3 says 3 for key 7"));
}

TEST_CASE("a count that has more than was committed is a double update") {
  RunBuilder run = three_updates();
  run.data(kChangelog, 3, kA, 0, {update(3, 5)});
  CHECK(run.kinds() == Kinds{"double_update"});
}

TEST_CASE("a second update by the same input is a double update and no duplicate output") {
  RunBuilder run = three_updates();
  run.data(kChangelog, 3, kA, 0, {update(2, 4)});
  REQUIRE(run.kinds() == Kinds{"double_update"});
  CHECK_THAT(run.violation().summary, contains_text("second committed update by input-0@2"));
}

TEST_CASE("an aborted update counts neither in the changelog nor for the next value") {
  RunBuilder run = three_updates();
  run.open(1, "app-0/0", kA).data(kChangelog, 3, kA, 1, {update(3, 4)});
  run.decide(1, "app-0/0", kA, false).marker(kChangelog, 4, kA, false, 1);
  run.complete(1, "app-0/0", kA, false);
  run.open(2, "app-0/0", kA).data(kChangelog, 5, kA, 2, {update(3, 4)});
  run.decide(2, "app-0/0", kA, true).marker(kChangelog, 6, kA, true, 2);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("a store that kept an aborted update shows in the next committed one") {
  RunBuilder run = three_updates();
  run.open(1, "app-0/0", kA).data(kChangelog, 3, kA, 1, {update(3, 4)});
  run.decide(1, "app-0/0", kA, false).marker(kChangelog, 4, kA, false, 1);
  run.complete(1, "app-0/0", kA, false);
  run.open(2, "app-0/0", kA).data(kChangelog, 5, kA, 2, {update(3, 5)});
  CHECK(run.kinds() == Kinds{});  // not visible yet
  run.decide(2, "app-0/0", kA, true).marker(kChangelog, 6, kA, true, 2);
  CHECK(run.kinds() == Kinds{"double_update"});
}

TEST_CASE("a restored store holds what was committed below its position") {
  for (const auto& [position, value, kinds] :
       {std::tuple(3, 3, Kinds{}), std::tuple(2, 2, Kinds{}),
        std::tuple(3, 2, Kinds{"lost_update"}), std::tuple(2, 3, Kinds{"double_update"}),
        std::tuple(0, 1, Kinds{"double_update"})}) {
    CAPTURE(position, value);
    RunBuilder run = three_updates();
    restored(run, position, {{7, value}});
    CHECK(run.kinds() == kinds);
  }
}

TEST_CASE("an empty store is right at position 0 only, and a key that nobody wrote never") {
  RunBuilder clean = three_updates();
  restored(clean, 0, {});
  CHECK(clean.kinds() == Kinds{});
  RunBuilder lost = three_updates();
  restored(lost, 3, {});
  CHECK(lost.kinds() == Kinds{"lost_update"});
  RunBuilder extra = three_updates();
  restored(extra, 3, {{7, 3}, {9, 1}});
  CHECK(extra.kinds() == Kinds{"double_update"});
}

TEST_CASE("a store may hold updates that are decided and have no marker yet") {
  for (const bool commit : {true, false}) {
    CAPTURE(commit);
    RunBuilder run = three_updates();
    run.open(1, "app-0/0", kA).data(kChangelog, 3, kA, 1, {update(3, 4)});
    restored(run, 4, {{7, 4}});
    CHECK(run.kinds() == Kinds{});  // it shows with the marker whether this was right
    run.decide(1, "app-0/0", kA, commit).marker(kChangelog, 4, kA, commit, 1);
    run.complete(1, "app-0/0", kA, commit);
    restored(run, 0, {});
    CHECK(run.kinds() == (commit ? Kinds{} : Kinds{"double_update"}));
  }
}

TEST_CASE("a store that lacks what was committed later below its position has lost it") {
  RunBuilder run = three_updates();
  run.open(1, "app-0/0", kA).data(kChangelog, 3, kA, 1, {update(3, 4)});
  restored(run, 4, {{7, 3}});
  CHECK(run.kinds() == Kinds{});
  run.decide(1, "app-0/0", kA, true).marker(kChangelog, 4, kA, true, 1);
  CHECK(run.kinds() == Kinds{"lost_update"});
}

TEST_CASE("two restores are told apart") {
  RunBuilder run = three_updates();
  restored(run, 3, {{7, 3}});
  restored(run, 0, {});
  CHECK(run.kinds() == Kinds{});
}

}  // namespace
}  // namespace eosim::check
