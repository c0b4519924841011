// transactions.md 3.10 and the marker sender of workloads-and-figures.md 2.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

// t has decided to commit on x-0 (broker 1) and x-1 (broker 2).
ProducerIdAndEpoch decided(Harness& h, const std::string& id = "t") {
  const auto p = h.reach(id, kOngoing);
  h.end(id, p, true);
  h.ack();
  return p;
}

// One after the other, with all markers still out.
void decided_together(Harness& h, const std::vector<std::string>& ids) {
  std::vector<ProducerIdAndEpoch> producers;
  for (const std::string& id : ids) producers.push_back(h.reach(id, kOngoing));
  for (size_t i = 0; i < ids.size(); ++i) {
    h.end(ids[i], producers[i], true);
    h.ack();
  }
}

}  // namespace

TEST_CASE("a marker goes to the leader of each partition, and the last answer completes") {
  Harness h;
  const auto p = decided(h);
  REQUIRE(h.sends_.size() == 2);
  CHECK(h.sends_[0].destination == BrokerId{1});
  CHECK(h.sends_[1].destination == BrokerId{2});
  const TxnMarkerEntry& entry = h.sends_[0].request.markers.at(0);
  CHECK(entry.producer == p);
  CHECK(entry.coordinator_epoch == CoordinatorEpoch{0});
  CHECK(entry.result == ControlType::kCommit);
  CHECK(entry.partitions == List<TopicPartition>{kX0});
  h.markers();
  CHECK(h.at("t").partitions == List<TopicPartition>{kX1});
  CHECK(h.appends_.empty());
  h.markers();
  REQUIRE(h.appends_.size() == 1);
  CHECK(h.count(Event::kTransactionMarkersDone) == 1);
  const TransactionLogRecord& record = h.record(h.appends_[0]);
  CHECK(record.state == kCompleteCommit);
  CHECK(record.partitions.empty());
  CHECK(h.at("t").pending == kCompleteCommit);
  h.ack();
  CHECK(h.at("t").state == kCompleteCommit);
  CHECK(h.tc_.pending_completions().empty());
  CHECK(h.tc_.debts(h.names_).empty());
}

TEST_CASE("partitions with a passing error are tried again at their leader of now") {
  for (const Error error :
       {Error::kUnknownTopicOrPartition, Error::kNotLeaderOrFollower, Error::kNotEnoughReplicas,
        Error::kNotEnoughReplicasAfterAppend, Error::kRequestTimedOut, Error::kKafkaStorageError}) {
    INFO(error_name(error));
    Harness h;
    const auto p = h.reach("t", kEmpty);
    h.add("t", p, {kX0, kY0});
    h.ack();
    h.end("t", p, false);
    h.ack();
    REQUIRE(h.sends_.size() == 1);
    h.set_leader(kY0, 2);
    h.markers({{kY0, error}});
    CHECK(h.at("t").partitions == List<TopicPartition>{kY0});
    REQUIRE(h.sends_.size() == 1);
    CHECK(h.sends_[0].destination == BrokerId{2});
    CHECK(h.sends_[0].request.markers.at(0).partitions == List<TopicPartition>{kY0});
    h.settle();
    CHECK(h.at("t").state == kCompleteAbort);
  }
}

TEST_CASE("a refused marker leaves the transaction in Prepare until it is loaded again") {
  for (const Error error : {Error::kInvalidProducerEpoch, Error::kTransactionCoordinatorFenced}) {
    Harness h;
    const auto p = decided(h);
    h.markers({{kX0, error}});
    CHECK(h.count(Event::kTransactionStuck) == 1);
    CHECK(h.events_.back().values[3] == static_cast<int64_t>(error));
    h.settle();
    CHECK(h.at("t").state == kPrepareCommit);
    CHECK(h.at("t").pending == kCompleteCommit);
    CHECK(h.tc_.pending_completions().empty());
    CHECK(h.tc_.debts(h.names_).at(0).waits_for == TransactionWait::kNothing);
    CHECK(h.error(h.end("t", p, true)) == Error::kConcurrentTransactions);
    h.load(h.tc_.partition_of(h.names_, h.name("t")), 1);
    REQUIRE(h.sends_.size() == 2);  // to all partitions of the record again
    CHECK(h.sends_[0].request.markers.at(0).coordinator_epoch == CoordinatorEpoch{1});
    h.settle();
    CHECK(h.at("t").state == kCompleteCommit);
  }
}

TEST_CASE("an answer that cannot be loses its entry and those behind it") {
  Harness h;
  decided_together(
      h,
      {"a", "b", "c"});  // a is in flight at both brokers, b and c wait behind it, each by itself
  h.markers({{kX0, Error::kMessageTooLarge}});
  CHECK(h.count(Event::kTransactionStuck) == 1);
  h.settle();
  CHECK(h.at("a").state == kPrepareCommit);
  CHECK(h.at("b").state == kCompleteCommit);
  CHECK(h.at("c").state == kCompleteCommit);
}

TEST_CASE("one request is in flight per destination, those behind it keep their order unmerged") {
  Harness h;
  decided_together(h, {"a", "b", "c"});
  CHECK(h.sends_.size() == 2);
  const MarkerChannel::Destination& one = h.tc_.markers().destinations().at(BrokerId{1});
  CHECK(one.in_flight);
  CHECK(one.waiting.size() == 2);
  h.sends_.pop_back();  // keep broker 2 busy
  for (const char* id : {"b", "c"}) {
    h.markers();
    REQUIRE(h.sends_.size() == 1);
    REQUIRE(h.sends_[0].request.markers.size() == 1);
    CHECK(h.tc_.markers().destinations().at(BrokerId{1}).flight.entries[0].transactional_id ==
          h.name(id));
  }
}

TEST_CASE("entries that come together leave in one request") {
  Harness h;
  for (const char* id : {"a", "c", "b"}) h.reach(id, kPrepareCommit);
  std::map<int32_t, size_t> prepared;
  for (const char* id : {"a", "b", "c"}) ++prepared[h.tc_.partition_of(h.names_, h.name(id))];
  for (const auto& [partition, count] : prepared) {
    h.load(partition, 1);
    REQUIRE(h.sends_.size() == 2);
    CHECK(h.sends_[0].request.markers.size() == count);
    h.markers();
    h.markers();
    while (!h.appends_.empty()) h.ack();
  }
  CHECK(h.tc_.debts(h.names_).empty());
}

TEST_CASE("a lost connection brings everything of that destination back after the backoff") {
  Harness h;
  decided_together(h, {"a", "b"});
  h.lose_markers();  // broker 1
  CHECK(h.sends_.size() == 1);
  CHECK(h.tc_.next_deadline() - h.steady_ == eosim::sim::milliseconds(50));
  CHECK(h.tc_.debts(h.names_).at(0).waits_for == TransactionWait::kMarkers);
  h.set_leader(kX0, 2);  // found when the backoff ends
  h.advance(49);
  CHECK(h.sends_.size() == 1);
  h.advance(1);
  CHECK(h.sends_.size() == 1);  // broker 2 is busy with the first
  h.settle();
  CHECK(h.at("a").state == kCompleteCommit);
  CHECK(h.at("b").state == kCompleteCommit);
}

TEST_CASE("a lost connection without a new leader is tried again at the same broker") {
  Harness h;
  decided(h);
  h.lose_markers();
  h.markers();
  CHECK(h.at("t").partitions == List<TopicPartition>{kX0});
  for (int i = 0; i < 3; ++i) {
    h.advance(50);
    REQUIRE(h.sends_.size() == 1);
    CHECK(h.sends_[0].destination == BrokerId{1});
    h.lose_markers();
  }
  h.advance(50);
  h.settle();
  CHECK(h.at("t").state == kCompleteCommit);
}

TEST_CASE("without a leader that is alive markers wait for new metadata") {
  for (const bool dead : {true, false}) {
    Harness h;
    const auto p = h.reach("t", kOngoing);
    if (dead) {
      h.metadata_.brokers[0].alive = false;
    } else {
      h.set_leader(kX0, -1);
    }
    h.end("t", p, true);
    h.ack();
    CHECK(h.sends_.size() == 1);
    h.settle();
    CHECK(h.tc_.debts(h.names_).at(0).waits_for == TransactionWait::kUnresolvedLeader);
    h.new_metadata();
    CHECK(h.sends_.empty());
    h.metadata_.brokers[0].alive = true;
    h.set_leader(kX0, 1);
    h.new_metadata();
    CHECK(h.sends_.size() == 1);
    h.settle();
    CHECK(h.at("t").state == kCompleteCommit);
  }
}

TEST_CASE("partitions that the metadata do not know any more need no marker") {
  Harness h;
  const auto p = h.reach("t", kOngoing);
  h.metadata_.topics[2].partitions.pop_back();  // x-1
  h.end("t", p, true);
  h.ack();
  CHECK(h.at("t").partitions == List<TopicPartition>{kX0});
  h.settle();
  CHECK(h.at("t").state == kCompleteCommit);
  Harness all;
  const auto q = all.reach("t", kOngoing);
  all.metadata_.topics[2].partitions.clear();
  all.end("t", q, true);
  all.ack();
  CHECK(all.sends_.empty());
  all.settle();
  CHECK(all.at("t").state == kCompleteCommit);
}

TEST_CASE("a Complete record that could not be appended is tried again when the sender wakes up") {
  Harness h;
  decided(h);
  h.markers();
  h.markers();
  h.ack(Error::kNotEnoughReplicas);
  CHECK(h.at("t").pending == kCompleteCommit);
  CHECK(h.appends_.empty());
  CHECK(h.tc_.append_retries().size() == 1);
  CHECK(h.tc_.debts(h.names_).at(0).waits_for == TransactionWait::kAppendRetry);
  h.advance(30'000);  // by itself
  REQUIRE(h.appends_.size() == 1);
  h.ack(Error::kRequestTimedOut);
  decided(h, "other");  // or because of others
  REQUIRE(h.appends_.size() == 1);
  h.settle();
  CHECK(h.at("t").state == kCompleteCommit);
}

TEST_CASE("a Complete record refused for good leaves the transaction stuck") {
  for (const Error error : {Error::kNotLeaderOrFollower, Error::kMessageTooLarge}) {
    Harness h;
    decided(h);
    h.markers();
    h.markers();
    h.ack(error);
    CHECK(h.at("t").state == kPrepareCommit);
    CHECK_FALSE(h.at("t").pending);
    CHECK(h.tc_.append_retries().empty());
    CHECK(h.count(Event::kTransactionStuck) == 1);
  }
}

TEST_CASE("answers to markers of an older epoch change nothing of the newer round") {
  Harness h;
  decided(h);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  TransactionCoordinator::Effects effects;
  h.tc_.resign(partition, {1}, effects);
  CHECK(h.tc_.pending_completions().empty());
  h.load(partition, 2);
  CHECK(h.sends_.size() == 2);  // the old requests; the new ones wait behind them
  h.markers();
  h.markers({{kX1, Error::kTransactionCoordinatorFenced}});
  CHECK(h.at("t").partitions == List<TopicPartition>{kX0, kX1});
  CHECK(h.tc_.pending_completions().size() == 1);
  REQUIRE(h.sends_.size() == 2);
  CHECK(h.sends_[0].request.markers.at(0).coordinator_epoch == CoordinatorEpoch{2});
  h.settle();
  CHECK(h.at("t").state == kCompleteCommit);
}
