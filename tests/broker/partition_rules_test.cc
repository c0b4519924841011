// The leader's rules without a cluster (groups-streams-replication.md 6.2-6.5).
#include "models/broker/partition_rules.h"
#include "catch.h"

namespace eosim::kafka {
namespace {

constexpr BrokerId kA{1}, kB{2}, kC{3};
const IsrTerms kTerms{sim::SteadyTime{100'000'000'000}, sim::milliseconds(30'000)};
constexpr sim::SteadyTime kLongAgo{INT64_MIN / 2};

struct World {
  BatchStore store;
  Replica replica;
  Peers peers;
  Switches switches;

  // Broker 1 leads a log of so many records, below `high_watermark` committed.
  World(int64_t end, int64_t high_watermark, BrokerList isr) {
    replica.partition = {TopicId{0}, 0};
    replica.role = ReplicaRole::kLeader;
    replica.leader = kA;
    replica.leader_epoch = LeaderEpoch{0};
    replica.assigned = {kA, kB, kC};
    replica.isr = isr;
    replica.epoch_start = Offset{0};
    replica.log.begin_leader_epoch(replica.leader_epoch);
    for (int64_t i = 0; i < end; ++i) {
      RecordBatch batch;
      batch.count = 1;
      batch.bytes = 100;
      batch.payload = List<Record>(1);
      replica.log.append(switches, store, store.put(std::move(batch)), Origin::kClient,
                         replica.leader_epoch);
    }
    replica.log.raise_high_watermark(Offset{high_watermark});
    for (const BrokerId broker : {kB, kC}) {
      FollowerState follower;
      follower.broker = broker;
      follower.epoch = BrokerEpoch{broker.value};
      follower.caught_up = kLongAgo;
      replica.followers.push_back(follower);
    }
    List<BrokerMetadata> brokers;
    for (const BrokerId broker : {kA, kB, kC}) {
      brokers.push_back({broker, sim::ProcessId{0}, true, BrokerEpoch{broker.value}, false});
    }
    peers.apply(brokers);
  }
  FollowerState& follower(BrokerId broker) { return *replica.follower(broker); }
  Offset candidate(bool hold = false) {
    return high_watermark_candidate(replica, peers, kTerms, hold);
  }
};

TEST_CASE("the high watermark is the least end of those who count") {
  struct Row {
    const char* what;
    BrokerList isr;
    int64_t b, c;       // ends; -1: not known
    bool c_caught_up;   // lately
    int64_t candidate;  // of a log of 10, committed 4
  };
  const std::vector<Row> rows = {
      {"all in the ISR", {kA, kB, kC}, 9, 8, true, 8},
      {"who is not in the ISR and far behind does not count", {kA, kB}, 9, 5, false, 9},
      {"who is about to join counts", {kA, kB}, 9, 5, true, 5},
      {"alone", {kA}, 9, 8, false, 10},
      {"an unknown end holds it where it is", {kA, kB, kC}, 10, -1, true, 4},
      {"it never falls", {kA, kB, kC}, 3, 10, true, 4},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    World world(10, 4, row.isr);
    world.follower(kB).end = Offset{row.b};
    world.follower(kC).end = Offset{row.c};
    if (row.c_caught_up) world.follower(kC).caught_up = kTerms.now;
    CHECK(world.candidate().value == row.candidate);
  }
}

TEST_CASE("who is being added counts for the high watermark, who is being removed still does") {
  World world(10, 4, {kA, kB});
  world.follower(kB).end = Offset{9};
  world.follower(kC).end = Offset{7};
  world.replica.proposal = 1;
  world.replica.pending_isr = {kA, kB, kC};
  CHECK(world.candidate() == Offset{7});
  CHECK(effective_isr_size(world.replica) == 3);
  world.replica.pending_isr = {kA};
  CHECK(world.candidate() == Offset{9});
  CHECK(effective_isr_size(world.replica) == 2);
}

TEST_CASE("with hold the high watermark stands while the ISR is too small") {
  World world(10, 4, {kA});
  world.replica.min_isr = 2;
  CHECK(world.candidate(true) == Offset{4});
  CHECK(world.candidate(false) == Offset{10});
}

TEST_CASE(
    "min.insync.replicas binds acks=all, by the committed ISR before and the effective after") {
  World world(1, 0, {kA, kB});
  world.replica.min_isr = 3;
  CHECK(error_before_append(world.replica, -1) == Error::kNotEnoughReplicas);
  CHECK(error_before_append(world.replica, 1) == Error::kNone);
  CHECK(error_after_append(world.replica) == Error::kNotEnoughReplicasAfterAppend);
  world.replica.proposal = 1;
  world.replica.pending_isr = {kA, kB, kC};
  CHECK(error_before_append(world.replica, -1) == Error::kNotEnoughReplicas);
  CHECK(error_after_append(world.replica) == Error::kNone);
  world.replica.min_isr = 5;  // more than there are replicas
  world.replica.proposal = 0;
  world.replica.isr = {kA, kB, kC};
  CHECK(error_before_append(world.replica, -1) == Error::kNone);
}

TEST_CASE("a follower leaves the ISR when it has been behind for too long, and not before") {
  struct Row {
    int64_t end;
    int64_t behind_ms;
    bool leaves;
  };
  for (const Row& row : {Row{10, 90'000, false}, Row{9, 30'000, false}, Row{9, 30'001, true},
                         Row{-1, 30'001, true}}) {
    World world(10, 4, {kA, kB, kC});
    world.follower(kB).end = Offset{10};
    world.follower(kC).end = Offset{row.end};
    world.follower(kC).caught_up =
        sim::SteadyTime{kTerms.now.ns - sim::milliseconds(row.behind_ms).ns};
    const auto isr = shrunk_isr(world.replica, world.peers, kTerms);
    CHECK(isr.has_value() == row.leaves);
    if (isr) CHECK(*isr == BrokerList{kA, kB});
    world.replica.proposal = 1;  // one at a time
    CHECK(!shrunk_isr(world.replica, world.peers, kTerms));
  }
}

TEST_CASE("a follower joins the ISR at the high watermark and the start of the epoch (D40)") {
  struct Row {
    const char* what;
    int64_t end;
    int64_t epoch_start;
    bool alive, shutting_down, same_life;
    bool joins;
  };
  const std::vector<Row> rows = {
      {"it has all", 10, 0, true, false, true, true},
      {"at the high watermark", 4, 0, true, false, true, true},
      {"below it", 3, 0, true, false, true, false},
      {"below the start of the leader's epoch", 8, 9, true, false, true, false},
      {"at the start of the leader's epoch", 9, 9, true, false, true, true},
      {"fenced", 10, 0, false, false, true, false},
      {"shutting down", 10, 0, true, true, true, false},
      {"of another life than the metadata knows", 10, 0, true, false, false, false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    World world(10, 4, {kA, kB});
    world.replica.epoch_start = Offset{row.epoch_start};
    world.follower(kC).end = Offset{row.end};
    PeerState peer = *world.peers.find(kC);
    peer.alive = row.alive;
    peer.shutting_down = row.shutting_down;
    if (!row.same_life) peer.epoch = BrokerEpoch{99};
    const auto isr = expanded_isr(world.replica, world.follower(kC), peer);
    CHECK(isr.has_value() == row.joins);
    if (isr) CHECK(*isr == BrokerList{kA, kB, kC});
  }
}

TEST_CASE("caught-up time: now at the end, the fetch before at the end of then") {
  World world(10, 4, {kA, kB, kC});
  FollowerState& follower = world.follower(kB);
  PeerState& peer = *world.peers.find(kB);
  const auto at = [](int64_t s) { return sim::SteadyTime{sim::seconds(s).ns}; };
  const auto fetch = [&](int64_t s, int64_t offset) {
    ++peer.fetches;
    const sim::SteadyTime previous = std::exchange(peer.last_fetch, at(s));
    note_fetch(world.replica, follower, peer, previous, Offset{offset});
  };
  const auto append = [&] {
    note_append(world.replica, follower, peer);
    RecordBatch batch;
    batch.count = 1;
    batch.bytes = 100;
    batch.payload = List<Record>(1);
    world.replica.log.append(world.switches, world.store, world.store.put(std::move(batch)),
                             Origin::kClient, world.replica.leader_epoch);
  };
  fetch(1, 5);
  CHECK(caught_up_time(world.replica, follower, peer) == kLongAgo);
  fetch(2, 10);
  CHECK(caught_up_time(world.replica, follower, peer) == at(2));
  // The session asks again without naming the partition: it is still caught up.
  ++peer.fetches;
  peer.last_fetch = at(3);
  CHECK(caught_up_time(world.replica, follower, peer) == at(3));
  append();
  CHECK(caught_up_time(world.replica, follower, peer) == at(3));
  // It fetches what the log ended with at its fetch before, while the log has grown again.
  fetch(4, 10);
  append();
  CHECK(caught_up_time(world.replica, follower, peer) == at(3));
  fetch(5, 11);
  CHECK(caught_up_time(world.replica, follower, peer) == at(4));
}

TEST_CASE("answers to AlterPartition: what the leader does (6.5)") {
  CHECK(alter_reaction(Error::kNone) == AlterReaction::kAccept);
  CHECK(alter_reaction(Error::kIneligibleReplica) == AlterReaction::kFallBack);
  for (const Error error : {Error::kFencedLeaderEpoch, Error::kInvalidUpdateVersion,
                            Error::kInvalidRequest, Error::kUnknownTopicOrPartition}) {
    CHECK(alter_reaction(error) == AlterReaction::kKeepPending);
  }
  for (const Error error : {Error::kNotController, Error::kNetworkException}) {
    CHECK(alter_reaction(error) == AlterReaction::kRetry);
  }
}

}  // namespace
}  // namespace eosim::kafka
