#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

// Offsets: 0-1 committed of A, 2 its marker, 3 aborted of B, 4 its marker, 5 open of A.
RunBuilder log_with_all() {
  RunBuilder run;
  run.open(1, "app-0/0", kA0)
      .data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}, {RunBuilder::kInput0, 1}});
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 2, kA0, true, 1);
  run.complete(1, "app-0/0", kA0, true);
  run.open(2, "app-1/0", kB0).data(kOut, 3, kB0, 2, {{RunBuilder::kInput1, 0}});
  run.decide(2, "app-1/0", kB0, false).marker(kOut, 4, kB0, false, 2);
  run.complete(2, "app-1/0", kB0, false);
  run.open(3, "app-0/0", kA0).data(kOut, 5, kA0, 3, {{RunBuilder::kInput0, 2}});
  run.from("auditor-0").position(kOut, 0);
  return run;
}

TEST_CASE("a reader that gets what is committed and skips the rest is right") {
  RunBuilder run = log_with_all();
  run.delivered(kOut, 0, 2);
  run.from("broker-0").decide(3, "app-0/0", kA0, true).marker(kOut, 6, kA0, true, 3);
  run.from("auditor-0").delivered(kOut, 5, 1);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("an aborted record is not for a read_committed reader") {
  RunBuilder run = log_with_all();
  run.delivered(kOut, 0, 2).delivered(kOut, 3, 1);
  REQUIRE(run.kinds() == Kinds{"aborted_read"});
  CHECK_THAT(run.violation().summary, contains_text("auditor-0 got output-0@3"));
}

TEST_CASE("an open record is not for a read_committed reader") {
  RunBuilder run = log_with_all();
  run.delivered(kOut, 0, 2).delivered(kOut, 5, 1);
  CHECK(run.kinds() == Kinds{"dirty_read"});
}

TEST_CASE("a record that is decided and not marked yet is dirty too") {
  RunBuilder run = log_with_all();
  run.delivered(kOut, 0, 2);
  run.from("broker-0").decide(3, "app-0/0", kA0, true);
  run.from("auditor-0").delivered(kOut, 5, 1);
  CHECK(run.kinds() == Kinds{"dirty_read"});
}

TEST_CASE("a record that a foreign marker committed is dirty") {
  RunBuilder run = log_with_all();
  run.from("broker-0").marker(kOut, 6, kA0, true, 1);
  run.from("auditor-0").delivered(kOut, 0, 2).delivered(kOut, 5, 1);
  CHECK(run.kinds() == Kinds{"dirty_read"});
}

TEST_CASE("a read_uncommitted reader gets everything") {
  RunBuilder run = log_with_all();
  run.delivered(kOut, 0, 2, false).delivered(kOut, 3, 1, false).delivered(kOut, 5, 1, false);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("a committed record is not skipped") {
  RunBuilder run = log_with_all();
  run.from("broker-0").decide(3, "app-0/0", kA0, true).marker(kOut, 6, kA0, true, 3);
  run.from("auditor-0");
  SECTION("skipped") {
    run.delivered(kOut, 5, 1);
    REQUIRE(run.kinds() == Kinds{"lost_committed_read"});
    CHECK_THAT(run.violation().summary, contains_text("never got output-0@0"));
  }
  SECTION("a position of its own is no skip") {
    run.position(kOut, 5).delivered(kOut, 5, 1);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a record is not got twice while reading forward") {
  RunBuilder run = log_with_all();
  run.delivered(kOut, 0, 2);
  SECTION("twice") {
    run.delivered(kOut, 1, 1);
    CHECK(run.kinds() == Kinds{"repeated_read"});
  }
  SECTION("after a seek it is right") {
    run.position(kOut, 1).delivered(kOut, 1, 1);
    CHECK(run.kinds() == Kinds{});
  }
}

}  // namespace
}  // namespace eosim::check
