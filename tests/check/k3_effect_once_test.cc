#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

// app-0 has the result of input-1@42 in an open transaction; app-1 commits one of its own.
RunBuilder two_results() {
  RunBuilder run;
  run.source(kIn1, 0, 50);
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn1, 42}});
  run.open(2, "app-1/0", kB0).data(kOut, 1, kB0, 2, {{kIn1, 42}});
  run.decide(2, "app-1/0", kB0, true).marker(kOut, 2, kB0, true, 2);
  run.complete(2, "app-1/0", kB0, true);
  return run;
}

TEST_CASE("two committed results of one input are a duplicate") {
  RunBuilder run = two_results();
  run.decide(1, "app-0/0", kA0, true);
  CHECK(run.kinds() == Kinds{});  // not visible yet
  run.marker(kOut, 3, kA0, true, 1);
  REQUIRE(run.kinds() == Kinds{"duplicate_output"});
  const Violation& violation = run.violation();
  CHECK(violation.summary == "output-0 holds two committed results of input-1@42: offsets 1 and 0");
  CHECK(violation.subject.input == kIn1);
  CHECK(violation.subject.input_offset == Offset{42});
  REQUIRE(violation.subject.places.size() == 2);
  CHECK(violation.subject.places[0].offset == Offset{1});
  CHECK(violation.subject.instances == std::vector<uint64_t>{1, 2});
}

TEST_CASE("an aborted result is none") {
  RunBuilder run = two_results();
  run.decide(1, "app-0/0", kA0, false).marker(kOut, 3, kA0, false, 1);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("results that are not transactional count as they are written") {
  RunBuilder run;
  run.data(kOut, 0, kA0, 0, {{kIn1, 0}});
  CHECK(run.kinds() == Kinds{});
  run.data(RunBuilder::kOutput1, 0, kA0, 0, {{kIn1, 0}});
  REQUIRE(run.kinds() == Kinds{"duplicate_output"});
  CHECK_THAT(run.violation().summary, contains_text("output-0@0 and output-1@0"));
}

TEST_CASE("outputs of one input with different ordinals are different effects") {
  CheckConfig config = RunBuilder::default_config();
  config.apps[0].effects_per_record = 2;
  RunBuilder run(config);
  run.data(kOut, 0, kA0, 0, {{kIn1, 0, 0}, {kIn1, 0, 1}});
  CHECK(run.kinds() == Kinds{});
  run.data(kOut, 2, kA0, 0, {{kIn1, 0, 1}});
  CHECK(run.kinds() == Kinds{"duplicate_output"});
}

TEST_CASE("each duplicate is reported once") {
  RunBuilder run;
  for (int64_t i = 0; i < 4; ++i) run.data(kOut, i, kA0, 0, {{kIn1, 0}});
  CHECK(run.kinds() == Kinds{"duplicate_output"});
}

TEST_CASE("results stand in the order of their inputs") {
  RunBuilder run;
  run.data(kOut, 0, kA0, 0, {{kIn1, 3}});
  SECTION("in order") {
    run.data(kOut, 1, kA0, 0, {{kIn1, 4}});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("out of order") {
    run.data(kOut, 1, kA0, 0, {{kIn1, 2}});
    CHECK(run.kinds() == Kinds{"out_of_order_output"});
  }
  SECTION("another output partition has an order of its own") {
    run.data(RunBuilder::kOutput1, 0, kA0, 0, {{kIn1, 2}});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("another input partition has nothing to do with it") {
    run.data(kOut, 1, kA0, 0, {{RunBuilder::kInput0, 1}});
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a transaction that ends later and stands before is in order") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn1, 0}});
  run.open(2, "app-1/0", kB0).data(kOut, 1, kB0, 2, {{kIn1, 1}});
  run.decide(2, "app-1/0", kB0, true).marker(kOut, 2, kB0, true, 2);
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 3, kA0, true, 1);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("a record that the group has passed has a result") {
  RunBuilder run;
  run.source(kIn1, 0, 4);
  run.data(kOut, 0, kA0, 0, {{kIn1, 0}, {kIn1, 3}});
  SECTION("two are lost") {
    run.committed(kIn1, 4).quiesce();
    REQUIRE(run.kinds() == Kinds{"lost_output"});
    CHECK_THAT(run.violation().summary, contains_text("has passed input-1@1..2"));
  }
  SECTION("what the group has not passed is not lost") {
    run.committed(kIn1, 1).quiesce();
    CHECK(run.kinds() == Kinds{"no_progress"});
  }
}

TEST_CASE("a result behind a marker that is on its way is not lost") {
  RunBuilder run;
  run.source(kIn1, 0, 1);
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn1, 0}});
  run.decide(1, "app-0/0", kA0, true).committed(kIn1, 1, 1000);
  Observation seen = RunBuilder::calm();
  seen.transactions.push_back({run.name("app-0/0"), kA0, 2, true, {kOut}, "markers to broker-0"});
  run.quiesce(seen);
  CHECK(run.kinds() == Kinds{"stuck_transaction"});
}

}  // namespace
}  // namespace eosim::check
