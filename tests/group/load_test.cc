// What survives a restart of the broker: groups-streams-replication.md 1.13, 2.7, 11.4.
#include <map>

#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;

// One step of the history of 11.4.
struct Step {
  char kind;  // 'p' plain, 't' transactional, 'C' and 'A' markers
  int64_t pid;
  int64_t offset;
  std::pair<int64_t, int64_t> committed;  // offset and position after it
  std::map<int64_t, std::pair<int64_t, int64_t>> pending;
};

const Step kVector[] = {
    {'p', 0, 5, {5, 0}, {}},
    {'t', 7, 8, {5, 0}, {{7, {8, 1}}}},
    {'p', 0, 6, {6, 2}, {{7, {8, 1}}}},
    {'C', 7, 0, {6, 2}, {}},
    {'t', 8, 9, {6, 2}, {{8, {9, 4}}}},
    {'t', 7, 11, {6, 2}, {{8, {9, 4}}, {7, {11, 5}}}},
    {'A', 7, 0, {6, 2}, {{8, {9, 4}}}},
    {'C', 8, 0, {9, 4}, {}},
};

void perform(Harness& h, const Step& step) {
  if (step.kind == 'p') h.send(h.commit_request({}, -1, step.offset));
  if (step.kind == 't') h.send(h.txn_commit_request(step.pid, step.offset));
  if (step.kind == 'C') h.marker(step.pid, ControlType::kCommit);
  if (step.kind == 'A') h.marker(step.pid, ControlType::kAbort);
}

void check_state(const Harness& h, const Step& step) {
  const GroupOffsets& offsets = h.the_group().offsets;
  REQUIRE(offsets.find(h.p0) != nullptr);
  CHECK(offsets.find(h.p0)->offset.value == step.committed.first);
  CHECK(offsets.find(h.p0)->position.value == step.committed.second);
  CHECK(offsets.pending_transactional().size() == step.pending.size());
  for (const auto& [pid, entry] : step.pending) {
    const OffsetEntry& found = offsets.pending_transactional().at({pid}).at(h.p0);
    CHECK(found.offset.value == entry.first);
    CHECK(found.position.value == entry.second);
  }
}

TEST_CASE("the cache follows the vector of 11.4, and so does a load of each prefix of its log") {
  Harness h;
  for (const Step& step : kVector) {
    perform(h, step);
    check_state(h, step);
    Harness reloaded = h;
    reloaded.restart();
    check_state(reloaded, step);
  }
}

TEST_CASE("pending offsets survive a restart and go on blocking stable fetches") {
  Harness h(Harness::config_with({{Switch::kStableOffsetFetch, 1}}));
  for (size_t i = 0; i < 6; ++i) perform(h, kVector[i]);
  h.restart();
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  CHECK(h.fetch(false).offset.value == 6);
  h.marker(8, ControlType::kCommit);
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  h.marker(7, ControlType::kAbort);
  CHECK(h.fetch(true).offset.value == 9);
}

// The fold of 2.7 once more, over plain tuples and per key, without any code of the coordinator.
struct Naive {
  using Key = std::pair<uint32_t, TopicPartition>;
  std::map<Key, std::pair<int64_t, int64_t>> offsets;
  std::map<int64_t, std::map<Key, std::pair<int64_t, int64_t>>> pending;

  void commit(int64_t pid) {
    for (const auto& [key, value] : pending[pid]) {
      const auto at = offsets.find(key);
      if (at == offsets.end() || at->second.second < value.second) offsets[key] = value;
    }
    pending.erase(pid);
  }
};

Naive fold_naively(const Harness& h) {
  Naive naive;
  for (const auto& entry : h.log) {
    const RecordBatch& batch = h.batches[entry.batch];
    const int64_t pid = batch.producer.id.value;
    if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
      if (marker->type == ControlType::kCommit) naive.commit(pid);
      naive.pending.erase(pid);
      continue;
    }
    for (const OffsetRecord& record : std::get<List<OffsetRecord>>(batch.payload)) {
      auto& map = batch.transactional ? naive.pending[pid] : naive.offsets;
      map[{record.group.id, record.partition}] = {record.offset.value, entry.base_offset.value};
    }
  }
  return naive;
}

Naive cache_of(const Harness& h) {
  Naive cache;
  for (const Group& group : h.gc.groups()) {
    for (const auto& [partition, entry] : group.offsets.committed()) {
      cache.offsets[{group.name().id, partition}] = {entry.offset.value, entry.position.value};
    }
    for (const auto& [pid, entries] : group.offsets.pending_transactional()) {
      for (const auto& [partition, entry] : entries) {
        cache.pending[pid.value][{group.name().id, partition}] = {entry.offset.value,
                                                                  entry.position.value};
      }
    }
  }
  return cache;
}

TEST_CASE("after any history the running cache, the loaded one and the fold agree") {
  uint64_t state = 12345;
  const auto draw = [&](uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int64_t>((state >> 33) % n);
  };
  for (int history = 0; history < 200; ++history) {
    Harness h;
    const int64_t length = draw(25) + 1;
    for (int64_t i = 0; i < length; ++i) {
      const int64_t what = draw(6);
      const int64_t pid = 7 + draw(3);
      const Name group = h.name(draw(2) == 0 ? "g" : "other");
      const TopicPartition partition{{0}, static_cast<int32_t>(draw(3))};
      if (what <= 1) {
        OffsetCommitRequest request = h.commit_request({}, -1, i);
        request.group = group;
        request.offsets[0].partition = partition;
        h.send(request);
      } else if (what <= 3) {
        TxnOffsetCommitRequest request = h.txn_commit_request(pid, i);
        request.group = group;
        request.offsets[0].partition = partition;
        h.send(request);
      } else {
        h.marker(pid, what == 4 ? ControlType::kCommit : ControlType::kAbort);
      }
      h.advance_ms(1);
    }
    const Naive expected = fold_naively(h);
    const Naive running = cache_of(h);
    CHECK(running.offsets == expected.offsets);
    CHECK(running.pending == expected.pending);
    h.restart();
    const Naive loaded = cache_of(h);
    CHECK(loaded.offsets == expected.offsets);
    CHECK(loaded.pending == expected.pending);
  }
}

TEST_CASE("a group comes back Stable with its members, generation and assignments") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  const auto assignment = h.the_group().find_member(m1)->assignment;
  h.restart();
  const Group& group = h.the_group();
  CHECK(group.is(GroupState::kStable));
  CHECK(group.generation().value == 2);
  CHECK(group.leader() == m1);
  CHECK(group.protocol() == h.range);
  CHECK(group.find_member(m1)->assignment == assignment);
  CHECK(h.heartbeat(m1, 2) == kNone);
  h.advance_ms(9'999);  // a fresh full session
  CHECK(h.the_group().members().size() == 2);
  CHECK(h.heartbeat(m1, 2) == kNone);
  h.advance_ms(1);
  CHECK(h.the_group().members().size() == 1);
  CHECK(h.the_group().find_member(m2) == nullptr);
}

TEST_CASE("a generation that was never synced is lost, and its number is given again") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  h.send(h.join_request(m1));
  h.send(h.join_request(m2));
  CHECK(h.the_group().generation().value == 3);
  h.restart();
  CHECK(h.the_group().generation().value == 2);
  CHECK(h.heartbeat(m2, 3) == kIllegalGeneration);
  h.send(h.join_request(m1));
  h.send(h.join_request(m2));
  CHECK(h.the_group().generation().value == 3);
}

TEST_CASE("a group that became empty comes back empty, at its generation") {
  Harness h;
  const Name m1 = h.first_member();
  h.sync_leader(m1, 1);
  h.send(h.leave_request(m1));
  h.restart();
  CHECK(h.the_group().is(GroupState::kEmpty));
  CHECK(h.the_group().generation().value == 2);
}

TEST_CASE("member ids never repeat over restarts") {
  Harness h;
  const Name before = h.first_member();
  h.restart();
  const RequestToken token = h.send(h.join_request({}, 4));
  const auto refused = h.response<JoinGroupResponse>(token);
  CHECK(refused->error == kMemberIdRequired);
  CHECK_FALSE(refused->member_id == before);
  CHECK(std::string(h.names.text(refused->member_id)) == "c-1.1.1");
}

TEST_CASE("no task of a marker overtakes a load") {
  GroupCoordinatorConfig config = Harness::default_config();
  Harness h(config);
  h.send(h.txn_commit_request(7, 10));
  h.gc = GroupCoordinator(config);
  h.gc.begin_load(0, {1});
  const auto before = h.log;
  h.marker(7, ControlType::kCommit);
  CHECK(h.gc.marker_tasks().size() == 1);
  CHECK(h.gc.next_deadline() == sim::kSteadyNever);
  GroupEffects effects;
  h.gc.finish_load(h.env(), 0, {1}, before, effects);
  CHECK(h.the_group().offsets.pending_transactional().size() == 1);
  h.advance_ms(0);
  CHECK(h.fetch(false).offset.value == 10);
}

TEST_CASE("elections and resignations of older epochs are ignored") {
  Harness h;
  h.send(h.commit_request({}, -1, 5));
  h.resign(3);
  CHECK(h.gc.ownership(0) == GroupCoordinator::Ownership::kNone);
  h.gc.begin_load(0, {2});
  CHECK(h.gc.ownership(0) == GroupCoordinator::Ownership::kNone);
  h.gc.begin_load(0, {4});
  h.load(3);
  CHECK(h.gc.ownership(0) == GroupCoordinator::Ownership::kLoading);
  h.load(4);
  CHECK(h.gc.ownership(0) == GroupCoordinator::Ownership::kOwned);
  h.resign(3);
  CHECK(h.fetch(false).offset.value == 5);
}

TEST_CASE("losing the partition answers what is parked with NOT_COORDINATOR") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  const RequestToken join = h.send(h.join_request(m1));
  h.resign(1);
  CHECK(h.response<JoinGroupResponse>(join)->error == kNotCoordinator);
  CHECK(h.gc.groups().empty());
  CHECK(h.heartbeat(m2, 2) == kNotCoordinator);

  Harness other;
  const auto pair = other.stable_pair();
  other.send(other.join_request(pair.m1));
  other.send(other.join_request(pair.m2));
  const RequestToken sync = other.send(other.sync_request(pair.m2, 3));
  other.hold_appends = true;
  const RequestToken commit = other.send(other.commit_request({}, -1, 5));
  other.resign(1);
  CHECK(other.response<SyncGroupResponse>(sync)->error == kNotCoordinator);
  CHECK(other.answered(commit));
}

TEST_CASE("an append that ends after its group was unloaded answers and changes nothing") {
  Harness h;
  h.replayed = false;  // the log is cut
  h.hold_appends = true;
  const RequestToken token = h.send(h.txn_commit_request(7, 10));
  h.resign(1);
  h.gc.begin_load(0, {2});
  GroupEffects effects;
  h.gc.finish_load(h.env(), 0, {2}, {}, effects);
  h.complete(0, kNone);
  CHECK(h.response<TxnOffsetCommitResponse>(token)->partitions[0].error == kNone);
  CHECK(h.gc.groups().empty());
}

}  // namespace
}  // namespace eosim::kafka
