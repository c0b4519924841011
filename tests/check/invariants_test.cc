// The invariants of transactions.md 7.1 and 7.2 that are no other checker's.
#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

CheckConfig release(const char* name) {
  CheckConfig config = RunBuilder::default_config();
  config.cluster = kafka::preset_switches(*kafka::find_preset(name));
  config.apps[0].switches = config.cluster;
  return config;
}

TEST_CASE("P1 P2 P4: epochs and sequences of a producer follow one another") {
  RunBuilder run;
  run.data(kOut, 0, kA0, 0, {{kIn, 0}, {kIn, 1}}, 0);
  SECTION("the next") { run.data(kOut, 2, kA0, 0, {{kIn, 2}}, 2); }
  SECTION("a new epoch") { run.data(kOut, 2, kA1, 0, {{kIn, 2}}, 0); }
  SECTION("in another partition") { run.data(kOut1, 0, kA0, 0, {{kIn, 2}}, 5); }
  SECTION("after a long silence") { run.at(90'000'000).data(kOut, 2, kA0, 0, {{kIn, 2}}, 7); }
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("P1 P2 P4: gaps and repetitions") {
  RunBuilder run;
  run.data(kOut, 0, kA1, 0, {{kIn, 0}, {kIn, 1}}, 0);
  Kinds kinds = {"log_regression"};
  SECTION("a gap") { run.data(kOut, 2, kA1, 0, {{kIn, 2}}, 3); }
  SECTION("a repetition") { run.data(kOut, 2, kA1, 0, {{kIn, 2}}, 0); }
  SECTION("a new epoch that does not begin with 0") {
    run.data(kOut, 2, producer(1000, 2), 0, {{kIn, 2}}, 2);
  }
  SECTION("an old epoch") {
    run.data(kOut, 2, kA0, 0, {{kIn, 2}});
    kinds = {"zombie_write"};
  }
  CHECK(run.kinds() == kinds);
}

TEST_CASE("P3: a transaction begins with sequence 0 where a leader asks for it") {
  const std::string name = GENERATE("2.5", "4.0", "4.1", "4.2");
  RunBuilder run(release(name.c_str()));
  run.open(1, "app-0/0", kA0);
  SECTION("it does") {
    run.data(kOut, 0, kA0, 1, {{kIn, 0}}, 0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it does not") {
    run.data(kOut, 0, kA0, 1, {{kIn, 0}}, 3);
    CHECK(run.kinds() == (name >= "4.1" ? Kinds{"log_regression"} : Kinds{}));
  }
  SECTION("a batch without a transaction has overtaken those before it, at a new leader") {
    run.data(kOut, 0, kA0, 0, {{kIn, 0}}, 3).data(kOut, 1, kA0, 0, {{kIn, 1}}, 4);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("and those may not follow it") {
    run.data(kOut, 0, kA0, 0, {{kIn, 0}}, 3).data(kOut, 1, kA0, 0, {{kIn, 1}}, 0);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
}

TEST_CASE("P13: coordinator epochs of markers") {
  RunBuilder run;
  run.marker(kOut, 0, kA0, true, 0, 5);
  SECTION("grow") {
    run.marker(kOut, 1, kA0, true, 0, 6);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("run back") {
    run.marker(kOut, 1, kA0, true, 0, 4);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
}

TEST_CASE("P14: a marker is not ahead of its data where transactions are verified") {
  const char* name = GENERATE("2.5", "4.2");
  RunBuilder run(release(name));
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}});
  run.transition("app-0/0", 1, 3, kA1, 1).marker(kOut, 1, producer(1000, 4), false, 1);
  CHECK(run.kinds() == (std::string(name) == "4.2" ? Kinds{"log_regression"} : Kinds{}));
}

TEST_CASE("P11 P12: one run, and its own marker, where every transaction has an epoch") {
  const char* name = GENERATE("2.5", "4.2");
  const bool promised = std::string(name) == "4.2";
  RunBuilder run(release(name));
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}});
  SECTION("a batch of another run joins") {
    run.began(2, "app-0/0", kA0).data(kOut, 1, kA0, 2, {{kIn, 1}});
    CHECK(run.kinds() == (promised ? Kinds{"torn_transaction"} : Kinds{}));
  }
  SECTION("the marker of another run ends it") {
    run.decide(1, "app-0/0", kA1, false).complete(1, "app-0/0", kA1, false);
    run.began(2, "app-0/0", kA1).transition("app-0/0", 5, 1, kA1, 2);
    run.transition("app-0/0", 1, 3, producer(1000, 2), 2);
    run.marker(kOut, 1, producer(1000, 1), false, 2);
    CHECK(run.kinds() == (promised ? Kinds{"torn_transaction"} : Kinds{}));
  }
}

TEST_CASE("T1: a producer id has one owner") {
  RunBuilder run;
  run.transition("app-0/0", kNoState, 0, kA0);
  SECTION("another id") {
    run.transition("app-1/0", kNoState, 0, kA0);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("its own, in a new epoch") {
    run.transition("app-0/0", 0, 0, kA1);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("a producer without a transactional id") {
    run.fact(Event::kProducerInitialized, {-1, 1000, 0});
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
}

TEST_CASE("T2 T3 T7: what sessions are given out") {
  RunBuilder run;
  run.transition("app-0/0", kNoState, 0, kA0);
  SECTION("one that is committed") {
    run.from("app-0").initialized("app-0/0", kA0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("the same again, to the one that has it") {
    run.from("app-0").initialized("app-0/0", kA0).initialized("app-0/0", kA0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("the same to two") {
    run.from("app-0").initialized("app-0/0", kA0).from("app-1").initialized("app-0/0", kA0);
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("one that is not committed") {
    run.from("app-0").initialized("app-0/0", kA1);
    CHECK(run.kinds() == Kinds{"lost_acknowledged_write"});
  }
  SECTION("one that no client may have") {
    run.transition("app-0/0", 0, 0, producer(1000, 32'767));
    run.from("app-0").initialized("app-0/0", producer(1000, 32'767));
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
}

TEST_CASE("T6: a marker comes after its decision") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}});
  SECTION("before") {
    run.marker(kOut, 1, kA0, false, 1);
    CHECK(run.kinds() == Kinds{"torn_transaction"});
  }
  SECTION("after") {
    run.decide(1, "app-0/0", kA0, false).marker(kOut, 1, kA0, false, 1);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("an operator's") {
    run.marker(kOut, 1, kA0, false, 0);
    CHECK(run.kinds() == Kinds{});
  }
}

RunBuilder ongoing(const char* name = "2.6") {
  RunBuilder run(release(name));
  run.recorded("app-0/0", kNoState, 0, kA0, 0, {}).began(1, "app-0/0", kA0);
  run.recorded("app-0/0", 0, 1, kA0, 1, {kOut, kOut1});
  run.end_sent(1, "app-0/0", true);
  return run;
}

TEST_CASE("T8: complete comes after every marker") {
  RunBuilder run = ongoing();
  run.recorded("app-0/0", 1, 2, kA0, 1, {kOut, kOut1}).marker(kOut, 0, kA0, true, 1);
  SECTION("one is missing") {
    run.recorded("app-0/0", 2, 4, kA0, 1, {});
    CHECK(run.kinds() == Kinds{"torn_transaction"});
  }
  SECTION("all are there") {
    run.marker(kOut1, 0, kA0, true, 1).recorded("app-0/0", 2, 4, kA0, 1, {});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("a leader that is deposed has told of one") {
    run.commits(false).marker(kOut1, 0, kA0, true, 1).leads("broker-1", kOut1, 1, 0, 1);
    run.recorded("app-0/0", 2, 4, kA0, 1, {});
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("T9 T10: partitions of records") {
  RunBuilder run = ongoing();
  SECTION("ended as registered") { run.recorded("app-0/0", 1, 2, kA0, 1, {kOut, kOut1}); }
  SECTION("after a load nobody knows what was registered") {
    run.fact(Event::kTransactionLoaded, {run.name("app-0/0").id, 1, 1000, 0});
    run.recorded("app-0/0", 1, 2, kA0, 1, {kOut});
  }
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("T9 T10: partitions of records that do not fit") {
  RunBuilder run = ongoing();
  SECTION("one is forgotten") { run.recorded("app-0/0", 1, 2, kA0, 1, {kOut}); }
  SECTION("an ongoing one has none") { run.recorded("app-0/0", 1, 1, kA0, 1, {}); }
  CHECK(run.kinds() == Kinds{"illegal_transition"});
}

TEST_CASE("T18 T20: by how much an end raises the epoch") {
  struct Row {
    const char* release;
    int16_t epoch;
    bool wrong;
  };
  const Row row = GENERATE(Row{"2.5", 3, false}, Row{"2.8", 1, false}, Row{"2.8", 2, true},
                           Row{"4.2", 1, false}, Row{"4.2", 2, true});
  RunBuilder run = ongoing(row.release);
  run.recorded("app-0/0", 1, 3, producer(1000, row.epoch), 1, {kOut, kOut1});
  CHECK(run.kinds() == (row.wrong ? Kinds{"illegal_transition"} : Kinds{}));
}

TEST_CASE("P15: a batch begins a transaction only where its coordinator knows of it") {
  const char* name = GENERATE("2.6", "4.2");
  const bool promised = std::string(name) == "4.2";
  RunBuilder run = ongoing(name);
  SECTION("it does") {
    run.data(kOut, 0, kA0, 1, {{kIn, 0}}).data(kOut, 1, kA0, 1, {{kIn, 1}});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it does not") {
    run.data({kOut.topic, 7}, 0, kA0, 1, {{kIn, 0}});
    CHECK(run.kinds() == (promised ? Kinds{"hanging_transaction"} : Kinds{}));
  }
  SECTION("nobody says what it knows") {
    run.fact(Event::kTransactionLoaded, {run.name("app-0/0").id, 1, 1000, 0});
    run.data({kOut.topic, 7}, 0, kA0, 1, {{kIn, 0}});
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a checker that is off does not speak through an invariant either") {
  CheckConfig config = release("2.5");
  config.checkers.reset(static_cast<size_t>(Checker::kK10));
  RunBuilder run(config);
  run.data(kOut, 0, kA0, 0, {{kIn, 0}}, 0).data(kOut, 1, kA0, 0, {{kIn, 1}}, 5);
  CHECK(run.kinds() == Kinds{});
}

}  // namespace
}  // namespace eosim::check
