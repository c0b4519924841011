// Records and answers of a group coordinator (groups-streams-replication.md 8, G4 to G6), and what
// is promised where not everybody speaks alike.
#include "catch.h"
#include "models/check/promises.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

constexpr TopicPartition kLog = RunBuilder::kOffsets;
constexpr TopicPartition kIn0 = RunBuilder::kInput0;
constexpr TopicPartition kIn1 = RunBuilder::kInput1;

struct Given {
  std::string member;
  std::vector<TopicPartition> partitions;
  std::string instance;
};

RunBuilder& record(RunBuilder& run, int64_t base, int32_t generation,
                   const std::vector<Given>& members) {
  kafka::GroupRecord record;
  record.group = run.name("app");
  record.generation = {generation};
  for (const Given& member : members) {
    kafka::GroupMemberRecord& made = record.members.emplace_back();
    made.member_id = run.name(member.member);
    if (!member.instance.empty()) made.instance_id = run.name(member.instance);
    made.assignment.assign(member.partitions.begin(), member.partitions.end());
  }
  return run.logged(kLog, base, record);
}

void given(RunBuilder& run, int32_t generation, const std::string& member,
           TopicPartition partition) {
  run.from("app-0").fact(Event::kConsumerAssigned,
                         {run.name("app").id, generation, run.name(member).id, partition.packed()});
  run.from("broker-0");
}

TEST_CASE("what a member is given stands in a record of its generation, committed or loaded") {
  RunBuilder run;
  record(run, 0, 1, {{"m1", {kIn0}, ""}, {"m2", {kIn1}, ""}});
  SECTION("it does") {
    given(run, 1, "m1", kIn0);
    given(run, 1, "m2", kIn1);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it is another's") {
    given(run, 1, "m1", kIn1);
    REQUIRE(run.kinds() == Kinds{"double_ownership"});
    CHECK(run.violation().summary == "group app: m1 is given input-1 in generation 1");
  }
  SECTION("of another generation") {
    given(run, 2, "m1", kIn0);
    CHECK(run.kinds() == Kinds{"double_ownership"});
  }
  SECTION("a record that is not committed yet") {
    run.commits(false);
    record(run, 1, 2, {{"m1", {kIn1}, ""}});
    given(run, 2, "m1", kIn1);
    CHECK(run.kinds() == Kinds{"double_ownership"});
  }
  SECTION("one that its coordinator found in its log when it led again") {
    run.commits(false);
    record(run, 1, 2, {{"m1", {kIn1}, ""}});
    run.leads("broker-0", kLog, 2, 1, 2);
    given(run, 2, "m1", kIn1);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("one that its coordinator had lost when it led again") {
    run.commits(false);
    record(run, 1, 2, {{"m1", {kIn1}, ""}});
    run.leads("broker-0", kLog, 2, 1, 1);
    given(run, 2, "m1", kIn1);
    CHECK(run.kinds() == Kinds{"double_ownership"});
  }
  SECTION("the second record of the generation") {
    record(run, 1, 1, {{"m1", {kIn1}, ""}, {"m2", {kIn0}, ""}});
    given(run, 1, "m1", kIn1);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a static member is known by its instance, whatever its member id") {
  RunBuilder run;
  record(run, 0, 1, {{"m1", {kIn0}, "i1"}, {"m2", {kIn1}, "i2"}});
  given(run, 1, "m3", kIn0);
  CHECK(run.kinds() == Kinds{});
  record(run, 1, 1, {{"m3", {kIn0}, "i1"}, {"m2", {kIn1}, "i2"}});
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("all records of a generation have the same members") {
  RunBuilder run;
  record(run, 0, 1, {{"m1", {}, ""}, {"m2", {}, ""}});
  SECTION("others") {
    record(run, 1, 1, {{"m1", {}, ""}, {"m3", {}, ""}});
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("in another order") {
    record(run, 1, 1, {{"m2", {}, ""}, {"m1", {}, ""}});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("of the next generation") {
    record(run, 1, 2, {{"m1", {}, ""}});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("of a group that was gone in between, and began anew") {
    kafka::GroupRecord gone;
    gone.group = run.name("app");
    gone.tombstone = true;
    run.logged(kLog, 1, gone);
    record(run, 2, 1, {{"m3", {}, ""}});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("of the next coordinator, who counts on from what it has read") {
    run.leads("broker-1", kLog, 1, 1, 1).from("broker-1");
    record(run, 1, 1, {{"m3", {}, ""}});
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("the leader of a stable group is one of its members") {
  RunBuilder run;
  const int64_t group = run.name("app").id;
  const int64_t m1 = run.name("m1").id;
  const int64_t m2 = run.name("m2").id;
  const auto stable = [&] {
    run.fact(Event::kGroupTransition,
             {group, static_cast<int64_t>(GroupState::kCompletingRebalance),
              static_cast<int64_t>(GroupState::kStable), 1});
  };
  run.fact(Event::kGroupMemberJoined, {group, m1, m1})
      .fact(Event::kGroupMemberJoined, {group, m2, m2});
  run.fact(Event::kGroupGeneration, {group, 1, 2, m1});
  SECTION("it is") {
    stable();
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it has left") {
    run.fact(Event::kGroupMemberRemoved, {group, m1, static_cast<int64_t>(RemovalReason::kLeft)});
    stable();
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("it came back under another member id") {
    run.fact(Event::kGroupMemberRemoved,
             {group, m1, static_cast<int64_t>(RemovalReason::kReplaced)});
    stable();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("two promise together what both promise") {
  const auto of = [](const char* version) {
    const kafka::Switches switches = kafka::preset_switches(*kafka::find_preset(version));
    return promises(switches, switches);
  };
  const Promises both = weaker(of("4.2"), of("3.6"));
  CHECK(both.verifies_produce);
  CHECK_FALSE(both.stable_offset_fetch);
  CHECK(weaker(of("4.2"), of("4.0")).stable_offset_fetch);
  CHECK_FALSE(both.epoch_per_transaction);
  CHECK_FALSE(both.strict_markers);
  CHECK_FALSE(both.first_sequence_is_zero);
  CHECK(both.aborts_empty);
  CHECK(both.epoch_step_max == 1);
  const Promises oldest = weaker(of("4.2"), of("2.4"));
  CHECK_FALSE(oldest.checks_generation);
  CHECK_FALSE(oldest.verifies_produce);
  CHECK(oldest.epoch_step_max == 0);
  CHECK(weaker(of("4.0"), of("4.2")).epoch_step_max == of("4.0").epoch_step_max);
}

TEST_CASE("the weakest broker decides what a cluster promises, and the weakest client for all") {
  const auto switches = [](const char* version) {
    return kafka::preset_switches(*kafka::find_preset(version));
  };
  CheckConfig config = RunBuilder::default_config();
  config.cluster = switches("4.2");
  config.apps[0].switches = switches("4.2");
  const auto promised = [&](int app) {
    RunBuilder run(config);
    Findings findings(1);
    return CheckContext(run.world(), config, run.suite().ledger(), findings).promised(app);
  };
  CHECK(promised(0).strict_markers);
  CHECK(promised(-1).strict_markers);
  config.other_brokers = {switches("3.6")};
  CHECK_FALSE(promised(0).strict_markers);
  CHECK(promised(0).verifies_produce);
  config.other_brokers.clear();
  AppDescription older = config.apps[0];
  older.name = "older";
  older.switches = switches("3.5");
  config.apps.push_back(older);
  CHECK(promised(0).strict_markers);
  CHECK_FALSE(promised(1).strict_markers);
  CHECK_FALSE(promised(-1).strict_markers);
}

}  // namespace
}  // namespace eosim::check
