#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

constexpr auto kA2 = producer(1000, 2);

// app-0/0 had session 1000/0 with a transaction, which its successor's InitProducerId aborted under
// 1000/1; the successor was told 1000/2.
RunBuilder passed_session() {
  RunBuilder run;
  run.transition("app-0/0", kNoState, 0, kA0).initialized("app-0/0", kA0);
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}});
  run.transition("app-0/0", 1, 3, kA1, 1).marker(kOut, 1, kA1, false, 1);
  run.complete(1, "app-0/0", kA1, false);
  run.transition("app-0/0", 5, 0, kA2).initialized("app-0/0", kA2);
  return run;
}

TEST_CASE("a log that saw the newer session takes nothing of the older") {
  RunBuilder run = passed_session();
  SECTION("the older writes") {
    run.data(kOut, 2, kA0, 1, {{kIn, 1}});
    REQUIRE(run.kinds() == Kinds{"zombie_write"});
    CHECK_THAT(run.violation().summary, contains_text("1000/0 was taken after 1000/2"));
  }
  SECTION("the newer writes") {
    run.open(2, "app-0/0", kA2).data(kOut, 2, kA2, 2, {{kIn, 1}});
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("offsets of an older session are not taken either") {
  RunBuilder run = passed_session();
  run.offset_record(0, kA2, 2, kIn, 1);
  CHECK(run.kinds() == Kinds{});
  run.offset_record(1, kA0, 1, kIn, 1);
  CHECK(run.kinds() == Kinds{"zombie_write"});
}

TEST_CASE("a log that never saw the newer session promises nothing before KIP-890") {
  RunBuilder run = passed_session();
  run.data(RunBuilder::kOutput1, 0, kA0, 1, {{kIn, 1}});
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("a session is passed when its successor is told, not before") {
  RunBuilder run;
  run.transition("app-0/0", kNoState, 0, kA0).initialized("app-0/0", kA0);
  run.transition("app-0/0", 0, 0, kA1).data(kOut, 0, kA0, 1, {{kIn, 0}});
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("an older session does not move its transactional id") {
  RunBuilder run = passed_session();
  SECTION("the older") {
    run.transition("app-0/0", 0, 1, kA0, 1);
    CHECK(run.kinds() == Kinds{"zombie_write", "illegal_transition"});
  }
  SECTION("the newer") {
    run.transition("app-0/0", 0, 1, kA2, 2);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a session under a new producer id is newer than all before") {
  RunBuilder run = passed_session();
  run.transition("app-0/0", 0, 0, producer(2000, 0)).initialized("app-0/0", producer(2000, 0));
  run.initialized("app-0/0", kA2);  // an answer that came late
  CHECK(run.suite().ledger().transactional_id(run.name("app-0/0"))->acknowledged ==
        producer(2000, 0));
  run.transition("app-0/0", 0, 1, kA2, 3);
  CHECK(run.kinds()[0] == "zombie_write");
}

RunBuilder group_in_generation(CheckConfig config, int32_t generation) {
  RunBuilder run(std::move(config));
  const Name group = run.name("app");
  for (const char* member : {"m0", "m1"}) {
    run.fact(Event::kGroupMemberJoined, {group.id, run.name(member).id, run.name(member).id});
  }
  run.fact(Event::kGroupGeneration, {group.id, generation, 2, run.name("m0").id});
  return run;
}

void pending(RunBuilder& run, int32_t generation, const std::string& member) {
  run.fact(Event::kOffsetPending,
           {run.name("app").id, kIn.packed(), 7, -1, 1000, 0, generation,
            member.empty() ? -1 : static_cast<int64_t>(run.name(member).id)});
}

// The coordinator lets them pass, and the log takes them.
void take_offsets(RunBuilder& run, int32_t generation, const std::string& member) {
  pending(run, generation, member);
  run.offset_record(10, kA0, 1, kIn, 7);
}

TEST_CASE("offsets are taken from the current generation only") {
  RunBuilder run = group_in_generation(RunBuilder::default_config(), 7);
  SECTION("the current one") {
    take_offsets(run, 7, "m0");
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("one that has passed") {
    take_offsets(run, 6, "m0");
    REQUIRE(run.kinds() == Kinds{"zombie_write"});
    CHECK(run.violation().rule ==
          "offsets are taken only from the current generation of the group");
  }
  SECTION("a member that was removed") {
    run.fact(Event::kGroupMemberRemoved, {run.name("app").id, run.name("m1").id, 0});
    take_offsets(run, 7, "m1");
    CHECK(run.kinds() == Kinds{"zombie_write"});
  }
  SECTION("no generation was said: nothing is promised") {
    take_offsets(run, -1, "");
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("one that passes when they are in the log already") {
    take_offsets(run, 7, "m0");
    run.fact(Event::kGroupGeneration, {run.name("app").id, 8, 1, run.name("m1").id});
    run.fact(Event::kOffsetPending,
             {run.name("app").id, kIn.packed(), 7, 10, 1000, 0, 7, run.name("m0").id});
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("offsets that the log refuses were not taken") {
  RunBuilder run = group_in_generation(RunBuilder::default_config(), 7);
  pending(run, 6, "m0");
  run.fact(Event::kOffsetDropped, {run.name("app").id, kIn.packed(), 7, 1000});
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("after a load the members are those of the last record of the group") {
  RunBuilder run = group_in_generation(RunBuilder::default_config(), 7);
  const Name group = run.name("app");
  run.group_record(0, {"m0", "m1"});
  run.high_watermark(RunBuilder::kOffsets, 1);
  SECTION("one that was evicted in memory only is a member again") {
    run.fact(Event::kGroupMemberRemoved, {group.id, run.name("m1").id, 0});
    run.fact(Event::kGroupLoaded, {group.id, 7, 2});
    take_offsets(run, 7, "m1");
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("one that joined in memory only is none") {
    run.fact(Event::kGroupMemberJoined, {group.id, run.name("m2").id, run.name("m2").id});
    run.fact(Event::kGroupLoaded, {group.id, 7, 2});
    take_offsets(run, 7, "m2");
    CHECK(run.kinds() == Kinds{"zombie_write"});
  }
  SECTION("a record that the crash lost does not count") {
    run.group_record(1, {"m0"}).power_loss("broker-0").from("broker-0");
    run.fact(Event::kLogLoaded, {RunBuilder::kOffsets.packed(), 1, 1, 1});
    run.fact(Event::kGroupLoaded, {group.id, 7, 2});
    take_offsets(run, 7, "m1");
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("brokers before KIP-447 promise nothing about generations") {
  CheckConfig config = RunBuilder::default_config();
  config.cluster = kafka::preset_switches(*kafka::find_preset("2.4"));
  RunBuilder run = group_in_generation(config, 7);
  take_offsets(run, 6, "m0");
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("promises follow the switches of both sides") {
  const auto old = kafka::preset_switches(*kafka::find_preset("2.4"));
  const auto recent = kafka::preset_switches(*kafka::find_preset("2.5"));
  CHECK(promises(recent, recent).fences_offsets_by_generation);
  CHECK_FALSE(promises(old, recent).fences_offsets_by_generation);
  CHECK_FALSE(promises(recent, old).fences_offsets_by_generation);
  CHECK(promises(recent, old).checks_generation);
  CHECK_FALSE(promises(recent, recent).verifies_produce);
  // The classic coordinator's worker may take offsets with a marker that is not theirs.
  CHECK_FALSE(promises(recent, recent).stable_offset_fetch);
  const auto newer = kafka::preset_switches(*kafka::find_preset("4.0"));
  CHECK(promises(newer, recent).stable_offset_fetch);
  CHECK_FALSE(promises(newer, old).stable_offset_fetch);
}

TEST_CASE("where generations mix, what only one of them promises is no promise") {
  const auto of = [](const char* preset) {
    const auto switches = kafka::preset_switches(*kafka::find_preset(preset));
    return promises(switches, switches);
  };
  const Promises mixed = weaker(of("2.4"), of("2.6"));
  CHECK_FALSE(mixed.checks_generation);
  CHECK_FALSE(mixed.fences_offsets_by_generation);
  CHECK_FALSE(mixed.stable_offset_fetch);
  CHECK(mixed.epoch_step_max == 0);
  // What somebody may do is allowed where anybody may.
  CHECK(weaker(of("3.9"), of("4.2")).aborts_empty);
  CHECK_FALSE(weaker(of("3.9"), of("4.2")).epoch_per_transaction);
  CHECK(weaker(of("4.2"), of("4.2")).epoch_per_transaction);
}

TEST_CASE("brokers that were of another generation for a while promise what both do") {
  CheckConfig config = RunBuilder::default_config();
  config.other_brokers = {kafka::preset_switches(*kafka::find_preset("2.4"))};
  RunBuilder run = group_in_generation(config, 7);
  take_offsets(run, 6, "m0");
  CHECK(run.kinds() == Kinds{});
}

}  // namespace
}  // namespace eosim::check
