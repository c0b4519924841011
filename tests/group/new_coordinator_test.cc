// What the new coordinator does otherwise for classic groups: groups-streams-replication.md 1.14,
// 2.5, 2.8; transactions.md 2.6.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

GroupCoordinatorConfig new_config() {
  GroupCoordinatorConfig config = Harness::default_config();
  config.switches = preset_switches(*find_preset("4.0"));
  return config;
}

RequestToken fetch_stable(Harness& h) {
  OffsetFetchRequest request;
  request.header.version = 7;
  request.group = h.group;
  request.require_stable = true;
  request.partitions = {h.p0};
  return h.send(request);
}

TEST_CASE("a commit to a group that nobody knows, by generation and coordinator") {
  struct Row {
    uint8_t impl;
    int16_t version;
    Error plain;
    Error transactional;
  };
  const Row rows[] = {{0, 8, kIllegalGeneration, kUnknownMemberId},
                      {0, 9, kIllegalGeneration, kUnknownMemberId},
                      {1, 8, kIllegalGeneration, kIllegalGeneration},
                      {1, 9, kGroupIdNotFound, kIllegalGeneration}};
  for (const Row& row : rows) {
    GroupCoordinatorConfig config = new_config();
    config.switches.set(Switch::kCoordinatorImpl, row.impl);
    Harness h(config);
    OffsetCommitRequest plain = h.commit_request(h.name("m1"), 5);
    plain.header.version = row.version;
    CHECK(status(h, h.send(plain)) == row.plain);
    CHECK(status(h, h.send(h.txn_commit_request(7, 10, 5, h.name("m1")))) == row.transactional);
    TxnOffsetCommitRequest old = h.txn_commit_request(7, 10, 5, h.name("m1"));
    old.header.version = 2;
    CHECK(status(h, h.send(old)) == kNone);
    CHECK(h.response<JoinGroupResponse>(h.send(h.join_request(h.name("m1"))))->error ==
          kUnknownMemberId);
  }
}

TEST_CASE("a group that a Join creates has an empty record at once") {
  Harness h(new_config());
  h.send(h.join_request({}, 4));
  REQUIRE(h.log.size() == 1);
  const auto& record = std::get<List<GroupRecord>>(h.batches[h.log[0].batch].payload)[0];
  CHECK(record.generation.value == 0);
  CHECK(record.members.empty());
  h.restart();
  CHECK(h.the_group().is(kEmpty));
  Harness classic;
  classic.send(classic.join_request({}, 4));
  CHECK(classic.log.empty());
}

TEST_CASE("a stable fetch waits for the writes that were there, and plain ones are not unstable") {
  Harness h(new_config());
  h.send(h.commit_request({}, -1, 5));
  h.hold_appends = true;
  h.send(h.commit_request({}, -1, 6));
  const RequestToken waits = fetch_stable(h);
  CHECK_FALSE(h.answered(waits));
  CHECK(h.fetch(false).offset.value == 5);
  h.send(h.commit_request({}, -1, 7));
  h.complete(0, kNone);
  const auto found = h.response<OffsetFetchResponse>(waits);
  REQUIRE(found);
  CHECK(found->partitions[0].error == kNone);
  CHECK(found->partitions[0].offset.value == 6);

  const RequestToken late = fetch_stable(h);
  h.advance_ms(5'000);
  CHECK(h.response<OffsetFetchResponse>(late)->error == kCoordinatorNotAvailable);
  const RequestToken unloaded = fetch_stable(h);
  h.resign(1);
  CHECK(h.response<OffsetFetchResponse>(unloaded)->error == kNotCoordinator);
}

TEST_CASE("after a load a stable fetch waits for what the log may still lose") {
  for (const auto& [error, told] :
       {std::pair{kNone, kNone}, {kNotLeaderOrFollower, kNotCoordinator}}) {
    Harness h(new_config());
    h.send(h.commit_request({}, -1, 5));
    h.restart();
    const auto token = h.gc.wait_for_loaded(0);
    REQUIRE(token);
    const RequestToken waits = fetch_stable(h);
    CHECK_FALSE(h.answered(waits));
    CHECK(h.fetch(false).offset.value == 5);
    h.send(h.commit_request({}, -1, 6));
    CHECK_FALSE(h.answered(waits));
    h.done(*token, error);
    const auto answer = h.response<OffsetFetchResponse>(waits);
    REQUIRE(answer);
    CHECK(answer->error == told);
    CHECK((told != kNone || answer->partitions.at(0).offset.value == 6));
  }
  Harness classic;
  CHECK_FALSE(classic.gc.wait_for_loaded(0));
}

TEST_CASE("who reads behind a write is not answered by a coordinator that has lost its log") {
  Harness h(new_config());
  h.hold_appends = true;
  h.send(h.commit_request({}, -1, 6));
  const RequestToken waits = fetch_stable(h);
  h.complete(0, kNotLeaderOrFollower);
  CHECK(h.response<OffsetFetchResponse>(waits)->error == kNotCoordinator);
}

TEST_CASE("a commit whose time is up is answered, and takes effect all the same") {
  Harness h(new_config());
  h.hold_appends = true;
  const RequestToken plain = h.send(h.commit_request({}, -1, 5));
  const RequestToken transactional = h.send(h.txn_commit_request(7, 10));
  h.advance_ms(5'000);
  CHECK(status(h, plain) == kCoordinatorNotAvailable);
  CHECK(status(h, transactional) == kCoordinatorNotAvailable);
  CHECK(h.gc.parked_requests().empty());
  h.complete(0, kNone);
  h.complete(0, kNone);
  CHECK(h.fetch(false).offset.value == 5);
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  h.marker(7, ControlType::kCommit);
  CHECK(h.fetch(true).offset.value == 10);
}

TEST_CASE("a refused commit of an older session takes nothing of the newer one along") {
  for (const uint8_t impl : {uint8_t{0}, uint8_t{1}}) {
    GroupCoordinatorConfig config = new_config();
    config.switches.set(Switch::kCoordinatorImpl, impl);
    Harness h(config);
    h.send(h.txn_commit_request(7, 10));
    h.advance_ms(1);
    h.hold_appends = true;
    const RequestToken late = h.send(h.txn_commit_request(7, 9));
    h.log.pop_back();
    h.complete(0, kInvalidProducerEpoch);
    CHECK(status(h, late) == kInvalidProducerEpoch);
    h.marker(7, ControlType::kCommit);
    CHECK(h.fetch(false).offset.valid() == (impl == 1));
  }
}

TEST_CASE("a marker shows in the step in which it is replicated, and needs a loaded partition") {
  Harness h(new_config());
  h.send(h.txn_commit_request(7, 10));
  CHECK(h.gc.admit_marker(0) == kNone);
  h.marker(7, ControlType::kCommit, 1'000);
  CHECK(h.fetch(true).offset.value == 10);
  h.resign(1);
  CHECK(h.gc.admit_marker(0) == kNotLeaderOrFollower);
  h.gc.begin_load(0, {2});
  CHECK(h.gc.admit_marker(0) == kNotLeaderOrFollower);
  h.load(2);
  CHECK(h.gc.admit_marker(0) == kNone);

  Harness async;
  async.resign(1);
  CHECK(async.gc.admit_marker(0) == kNone);
}

TEST_CASE("an offset whose record lies behind the marker stays pending") {
  Harness h(new_config());
  h.hold_appends = true;
  h.marker(7, ControlType::kCommit);  // appended, told below
  h.send(h.txn_commit_request(7, 10));
  GroupEffects effects;
  h.gc.on_marker_replicated(h.env(), 0, {7}, ControlType::kCommit, {}, effects);
  h.complete(0, kNone);
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  CHECK_FALSE(h.fetch(false).offset.valid());
}

TEST_CASE("errors of commits that only the new coordinator maps") {
  struct Row {
    Error append;
    Error told;
  };
  const Row rows[] = {
      {kMessageTooLarge, kUnknownServerError},        {kRecordListTooLarge, kUnknownServerError},
      {kRequestTimedOut, kCoordinatorNotAvailable},   {kNotLeaderOrFollower, kNotCoordinator},
      {kInvalidProducerEpoch, kInvalidProducerEpoch}, {kInvalidTxnState, kInvalidTxnState}};
  for (const Row& row : rows) {
    Harness h(new_config());
    h.replayed = false;  // the log keeps what was refused
    h.hold_appends = true;
    const RequestToken token = h.send(h.txn_commit_request(7, 10));
    h.complete(0, row.append);
    CHECK(status(h, token) == row.told);
    CHECK(h.the_group().offsets.pending_transactional().empty());
  }
}

TEST_CASE(
    "the writes of the new coordinator skip the min-ISR test, tombstones of the classic too") {
  for (const uint8_t impl : {uint8_t{0}, uint8_t{1}}) {
    GroupCoordinatorConfig config = new_config();
    config.switches.set(Switch::kCoordinatorImpl, impl);
    config.offsets_retention_ms = 1'000;
    Harness h(config);
    h.send(h.commit_request({}, -1, 5));
    h.advance_ms(600'000);
    std::vector<bool> tested;
    for (const GroupEffect& effect : h.all) {
      if (const auto* append = std::get_if<AppendEffect>(&effect))
        tested.push_back(append->min_isr);
    }
    REQUIRE(tested.size() >= 2);
    CHECK(tested[0] == (impl == 0));
    CHECK_FALSE(tested[1]);
  }
}

}  // namespace
}  // namespace eosim::kafka
