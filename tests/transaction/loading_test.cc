// transactions.md 3.11 and txn.T19: what a load finds is the fold of the newest record per id.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

// A generator for the test's histories.
struct Lcg {
  uint64_t state;
  uint32_t below(uint32_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<uint32_t>(state >> 33) % n;
  }
};

// The newest record of id in a log, read backwards: not how the coordinator does it.
const TransactionLogRecord* newest(const Harness& h, Name id) {
  const int32_t partition = h.tc_.partition_of(h.names_, id);
  const auto at = h.log_.find(partition);
  if (at == h.log_.end()) return nullptr;
  for (auto batch = at->second.rbegin(); batch != at->second.rend(); ++batch) {
    const auto& records = std::get<List<TransactionLogRecord>>(h.batches_[*batch].payload);
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
      if (record->transactional_id == id) return record->tombstone ? nullptr : &*record;
    }
  }
  return nullptr;
}

void check_equals_record(const TransactionMetadata& metadata, const TransactionLogRecord& record) {
  CHECK(metadata.producer == record.producer);
  CHECK(metadata.timeout_ms == record.timeout_ms);
  CHECK(metadata.state == record.state);
  CHECK(metadata.partitions == record.partitions);
  CHECK(metadata.start_ms == record.start_ms);
  CHECK(metadata.last_update_ms == record.last_update_ms);
  CHECK(metadata.client_transaction_version == record.client_transaction_version);
  CHECK(metadata.next_producer_id == ProducerId{});
  CHECK(metadata.last_producer_epoch == ProducerEpoch{});
  CHECK(metadata.previous_producer_id == ProducerId{});
  CHECK_FALSE(metadata.failed_epoch_fence);
  std::optional<TransactionState> pending;
  if (record.state == kPrepareCommit) pending = kCompleteCommit;
  if (record.state == kPrepareAbort) pending = kCompleteAbort;
  CHECK(metadata.pending == pending);
}

const std::vector<std::string> kIds = {"red", "green", "blue"};

bool bumps(const Harness& h) { return h.tc_.config().switches.value(Switch::kTv2Endtxn) != 0; }

void random_step(Harness& h, Lcg& lcg) {
  const std::string& id = kIds[lcg.below(3)];
  ProducerIdAndEpoch pair = pair_of(7, 0);
  // No client holds a pair that was never answered.
  if (h.known(id) && h.at(id).producer.epoch.valid()) pair = h.at(id).producer;
  const Error results[] = {Error::kNone, Error::kNone, Error::kNone, Error::kNotEnoughReplicas,
                           Error::kRequestTimedOut};
  switch (lcg.below(10)) {
    case 0:
      h.init(id, lcg.below(2) == 0 ? ProducerIdAndEpoch{} : pair);
      break;
    case 1:
    case 2: {
      const TopicPartition partitions[] = {kX0, kX1, kY0, kY1};
      if (bumps(h) && lcg.below(2) == 0) {
        h.register_for(id, pair, {partitions[lcg.below(4)]});
      } else {
        h.add(id, pair, {partitions[lcg.below(4)]});
      }
      break;
    }
    case 3:
      h.end(id, pair, lcg.below(2) == 0, bumps(h) && lcg.below(2) == 0 ? 5 : 2);
      break;
    case 4:
    case 5:
    case 6:
      if (!h.appends_.empty()) h.ack(results[lcg.below(5)]);
      break;
    case 7:
      if (!h.sends_.empty()) h.markers();
      break;
    case 8:
      if (h.sends_.empty()) break;
      if (lcg.below(2) == 0) {
        h.lose_markers();
      } else {
        h.markers({{kX0, Error::kNotEnoughReplicas}});
      }
      break;
    default:
      h.advance(lcg.below(20'000));
  }
}

void check_invariants(const Harness& h) {
  h.tc_.visit_transactions([&](int32_t, CoordinatorEpoch, const TransactionMetadata& metadata) {
    CHECK(metadata.state != kDead);
    CHECK(metadata.state != kPrepareEpochFence);
    if (!metadata.partitions.empty()) CHECK_FALSE(metadata.idle());
    if (metadata.state == kOngoing) CHECK_FALSE(metadata.partitions.empty());
  });
}

}  // namespace

TEST_CASE("a load equals the fold of the log, whatever the appends came to") {
  std::map<int64_t, size_t> reached;  // transitions by the state they lead to
  for (uint64_t seed = 1; seed <= 180; ++seed) {
    INFO(seed);
    Lcg lcg{seed};
    Harness h(kVariants[seed % kVariants.size()]);
    for (int step = 0; step < 200; ++step) {
      random_step(h, lcg);
      check_invariants(h);
      REQUIRE(h.mismatch() == std::nullopt);
    }
    for (const EmittedEvent& event : h.events_) {
      if (event.event == Event::kTransactionTransition) ++reached[event.values[2]];
    }
    TransactionCoordinator loaded(h.tc_.config());
    loaded.on_start(h.env());
    for (int32_t partition = 0; partition < 2; ++partition) {
      TransactionCoordinator::Effects effects;
      loaded.begin_load(partition, {1});
      loaded.finish_load(h.env(), partition, {1}, h.log_[partition], effects);
    }
    for (const std::string& id : kIds) {
      const Name known = h.names_.find(id);
      if (!known.valid()) continue;
      const TransactionLogRecord* record = newest(h, known);
      const TransactionMetadata* metadata = loaded.find(h.names_, known);
      REQUIRE((record != nullptr) == (metadata != nullptr));
      if (record != nullptr) check_equals_record(*metadata, *record);
    }
  }
  // A history that did nothing proves nothing.
  for (const TransactionState state :
       {kEmpty, kOngoing, kPrepareCommit, kPrepareAbort, kCompleteCommit, kCompleteAbort}) {
    CHECK(reached[static_cast<int64_t>(state)] > 100);
  }
}

TEST_CASE("a history that comes to rest ends with no debt but open transactions") {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    INFO(seed);
    Lcg lcg{seed};
    Harness h(kVariants[2 + seed % 7]);  // without KAFKA-9600 and KAFKA-9666
    for (int step = 0; step < 200; ++step) random_step(h, lcg);
    for (int i = 0; i < 12; ++i) {  // beyond the timeout, with the retries of the sender
      h.settle();
      h.advance(10'000);
    }
    h.settle();
    CHECK(h.tc_.debts(h.names_).empty());
    CHECK(h.tc_.appends_in_flight() == 0);
  }
}

TEST_CASE("prepared transactions go on after a load, under the new epoch, to all partitions") {
  for (const bool commit : {true, false}) {
    Harness h;
    h.reload_with(
        "t", make_record(pair_of(5, 3), commit ? kPrepareCommit : kPrepareAbort, {kX0, kX1, kY1}),
        4);
    CHECK(h.count(Event::kTransactionLoaded) == 1);
    REQUIRE(h.sends_.size() == 2);
    for (const SendMarkersEffect& send : h.sends_) {
      const TxnMarkerEntry& marker = send.request.markers.at(0);
      CHECK(marker.producer == pair_of(5, 3));
      CHECK(marker.coordinator_epoch == CoordinatorEpoch{4});
      CHECK(marker.result == (commit ? ControlType::kCommit : ControlType::kAbort));
    }
    CHECK(h.sends_[1].request.markers.at(0).partitions == List<TopicPartition>{kX1, kY1});
    h.settle();
    CHECK(h.at("t").state == (commit ? kCompleteCommit : kCompleteAbort));
    CHECK(h.at("t").producer == pair_of(5, 3));
  }
}

TEST_CASE("a prepared transaction without partitions completes without a marker") {
  Harness h;
  h.reload_with("t", make_record(pair_of(5, 3), kPrepareAbort), 1);
  CHECK(h.sends_.empty());
  h.settle();
  CHECK(h.at("t").state == kCompleteAbort);
}

TEST_CASE("a loaded open transaction keeps its clock and waits for client or scan") {
  Harness h;
  TransactionLogRecord record = make_record(pair_of(5, 3), kOngoing, {kX0});
  record.start_ms = h.wall_.ms() - 55'000;
  h.reload_with("t", record, 1);
  CHECK(h.appends_.empty());
  CHECK(h.tc_.debts(h.names_).at(0).waits_for == TransactionWait::kClientOrTimeout);
  CHECK(h.tc_.debts(h.names_).at(0).overdue_ms ==
        h.at("t").start_ms + h.at("t").timeout_ms + 10'000);
  h.advance(10'000);
  REQUIRE(h.appends_.size() == 1);
  CHECK(h.record(h.appends_[0]).state == kPrepareAbort);
}

TEST_CASE("a tombstone removes what stood before it, a later record brings the id back") {
  Harness h;
  h.reload_with("t", make_record(pair_of(5, 3), kEmpty), 1);
  TransactionLogRecord tombstone;
  tombstone.tombstone = true;
  h.reload_with("t", tombstone, 2);
  CHECK_FALSE(h.known("t"));
  h.reload_with("t", make_record(pair_of(6, 0), kEmpty), 3);
  CHECK(h.at("t").producer == pair_of(6, 0));
}

TEST_CASE("a resignation cancels older loads since 4.0, before only that of its own epoch") {
  for (const std::string& letter : kVariants) {
    INFO(letter);
    const bool fixed = is_one_of(letter, kBumping);
    Harness h(letter);
    h.resign(0, 1);
    h.tc_.begin_load(0, {2});
    h.resign(0, 3);  // another broker leads under epoch 3
    TransactionCoordinator::Effects effects;
    h.tc_.finish_load(h.env(), 0, {2}, {}, effects);
    CHECK(h.tc_.cache().partitions().count(0) == (fixed ? 0 : 1));  // KAFKA-18137: stale
    Harness exact(letter);
    exact.resign(0, 1);
    exact.tc_.begin_load(0, {2});
    exact.resign(0, 2);
    exact.tc_.finish_load(exact.env(), 0, {2}, {}, effects);
    CHECK(exact.tc_.cache().partitions().count(0) == 0);
  }
}

TEST_CASE("what a stale load installed answers from its cache and decides nothing") {
  Harness h("D8");
  const auto p = h.reach("t", kOngoing);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  const std::vector<BatchId> old = h.log_[partition];
  h.tc_.begin_load(partition, {1});
  h.resign(partition, 2);
  TransactionCoordinator::Effects effects;
  h.tc_.finish_load(h.env(), partition, {1}, old, effects);
  CHECK(h.error(h.verify("t", p, {kX0})) == Error::kNone);
  CHECK(h.error(h.add("t", p, {kX0})) == Error::kNone);
  const uint32_t end = h.end("t", p, true);
  h.ack(Error::kNotLeaderOrFollower);
  CHECK(h.error(end) == Error::kNotCoordinator);
  CHECK(h.sends_.empty());
}

TEST_CASE("a newer load replaces what an older one of the same broker has installed") {
  Harness h;
  h.reach("t", kPrepareCommit);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  h.tc_.begin_load(partition, {3});
  h.tc_.begin_load(partition, {4});
  TransactionCoordinator::Effects effects;
  h.tc_.finish_load(h.env(), partition, {3}, h.log_[partition], effects);
  CHECK(h.tc_.cache().is_loading(partition));
  CHECK(h.error(h.init("t")) == Error::kCoordinatorLoadInProgress);
  h.load(partition, 4);
  CHECK(h.tc_.cache().partitions().at(partition).epoch == CoordinatorEpoch{4});
  CHECK_FALSE(h.tc_.cache().is_loading(partition));
  CHECK(h.tc_.pending_completions().size() == 1);
  REQUIRE(h.tc_.debts(h.names_).size() == 1);
  CHECK(h.tc_.debts(h.names_)[0].waits_for == TransactionWait::kMarkers);
}

TEST_CASE("a load that ends after a newer one installs nothing") {
  Harness h("D8");
  h.reach("t", kOngoing);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  h.tc_.begin_load(partition, {1});
  h.resign(partition, 2);
  h.load(partition, 3);
  CHECK(h.tc_.cache().is_loading(partition));  // of epoch 1, which nobody cancelled
  TransactionCoordinator::Effects effects;
  h.tc_.finish_load(h.env(), partition, {1}, {}, effects);
  CHECK_FALSE(h.tc_.cache().is_loading(partition));
  CHECK(h.tc_.cache().partitions().at(partition).epoch == CoordinatorEpoch{3});
  CHECK(h.at("t").state == kOngoing);
}

TEST_CASE("a copied coordinator and its original go the same way") {
  Lcg lcg{77};
  Harness h("B");
  for (int step = 0; step < 120; ++step) random_step(h, lcg);
  Harness copy = h;
  Lcg same = lcg;
  for (int step = 0; step < 120; ++step) random_step(h, lcg);
  for (int step = 0; step < 120; ++step) random_step(copy, same);
  CHECK(copy.story_ == h.story_);
  CHECK(copy.events_.size() == h.events_.size());
  for (const std::string& id : kIds) {
    if (h.known(id)) CHECK(copy.at(id).producer == h.at(id).producer);
  }
}
