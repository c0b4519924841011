// Commits, markers and fetches: groups-streams-replication.md 2.2-2.8.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;

GroupCoordinatorConfig stable_config() {
  return Harness::config_with({{Switch::kStableOffsetFetch, 1}});
}

TEST_CASE("a pending transactional offset is visible before its append is acknowledged") {
  Harness h(stable_config());
  h.hold_appends = true;
  const RequestToken token = h.send(h.txn_commit_request(7, 10));
  CHECK_FALSE(h.answered(token));
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  CHECK(h.fetch(true).offset == Offset{});
  CHECK(h.fetch(false).error == kNone);
  h.complete(0, kNone);
  CHECK(status(h, token) == kNone);
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  const auto pending = h.events(Event::kOffsetPending);
  REQUIRE(pending.size() == 2);
  CHECK(pending[0].values[3] == -1);  // position: not yet known
  CHECK(pending[1].values[3] == 0);
}

TEST_CASE("stable fetches need the switch, the version and the flag") {
  struct Row {
    bool on;
    int16_t version;
    bool flag;
    Error error;
  };
  const Row rows[] = {
      {true, 7, true, kUnstableOffsetCommit},
      {true, 7, false, kNone},
      {true, 6, true, kNone},
      {false, 7, true, kNone},
      {false, 6, false, kNone},
  };
  for (const Row& row : rows) {
    Harness h(row.on ? stable_config() : Harness::default_config());
    h.send(h.txn_commit_request(7, 10));
    CHECK(h.fetch(row.flag, row.version).error == row.error);
  }
}

TEST_CASE("a marker decides when the background worker gets to it") {
  for (const ControlType type : {ControlType::kCommit, ControlType::kAbort}) {
    Harness h(stable_config());
    h.send(h.commit_request({}, -1, 5));
    h.send(h.txn_commit_request(7, 10));
    h.marker(7, type, 20);
    h.advance_ms(19);
    CHECK(h.fetch(true).error == kUnstableOffsetCommit);
    CHECK(h.fetch(false).offset.value == 5);
    h.advance_ms(1);
    const bool commit = type == ControlType::kCommit;
    CHECK(h.fetch(true).offset.value == (commit ? 10 : 5));
    CHECK(h.events(Event::kOffsetCommitted).size() == (commit ? 2 : 1));
    CHECK(h.events(Event::kOffsetDropped).size() == (commit ? 0 : 1));
  }
}

TEST_CASE("tasks of markers run in their order, whatever their delays") {
  Harness h;
  h.send(h.txn_commit_request(7, 10));
  h.send(h.txn_commit_request(8, 11));
  h.marker(7, ControlType::kCommit, 30);
  h.marker(8, ControlType::kCommit, 0);
  CHECK(h.fetch(false).offset == Offset{});
  h.advance_ms(30);
  CHECK(h.fetch(false).offset.value == 11);
  const auto committed = h.events(Event::kOffsetCommitted);
  REQUIRE(committed.size() == 2);
  CHECK(committed[0].values[4] == 7);
  CHECK(committed[1].values[4] == 8);
}

// True of Kafka before 4.0 (GroupMetadataManager.handleTxnCompletion runs on a scheduler's thread
// and knows the producer id alone): the marker has been acknowledged, so the next transaction may
// begin.
TEST_CASE("a marker that shows late takes the offsets of the producer's next transaction with it") {
  Harness h(stable_config());
  h.replayed = false;
  h.send(h.txn_commit_request(7, 10));
  h.marker(7, ControlType::kCommit, 20);
  h.advance_ms(10);
  h.send(h.txn_commit_request(7, 11));
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  h.advance_ms(10);
  CHECK(h.fetch(true).offset.value == 11);
  h.marker(7, ControlType::kAbort);
  CHECK(h.fetch(true).offset.value == 11);  // of a transaction that was aborted
  CHECK(replay_mismatch(h.gc, 0, h.batches, h.names, h.log).has_value());
}

TEST_CASE("a marker of a producer without pending offsets does nothing") {
  Harness h;
  h.send(h.txn_commit_request(7, 10));
  h.marker(9, ControlType::kCommit);
  CHECK(h.fetch(false).offset == Offset{});
  CHECK(h.events(Event::kOffsetCommitted).empty());
}

TEST_CASE("one marker decides the offsets of its producer in every group of the partition") {
  Harness h;
  h.send(h.txn_commit_request(7, 10));
  TxnOffsetCommitRequest other = h.txn_commit_request(7, 20);
  other.group = h.name("other");
  h.send(other);
  h.marker(7, ControlType::kCommit);
  CHECK(h.the_group().offsets.find(h.p0)->offset.value == 10);
  CHECK(h.gc.find_group(other.group)->offsets.find(h.p0)->offset.value == 20);
}

TEST_CASE("the later record wins, not the later marker") {
  Harness h;
  h.send(h.txn_commit_request(7, 8));
  h.send(h.commit_request({}, -1, 6));
  h.marker(7, ControlType::kCommit);
  CHECK(h.fetch(false).offset.value == 6);
  CHECK(h.events(Event::kOffsetDropped).size() == 1);
}

TEST_CASE("a second commit of a transaction replaces its first") {
  Harness h;
  h.send(h.txn_commit_request(7, 8));
  h.send(h.txn_commit_request(7, 9));
  h.marker(7, ControlType::kCommit);
  CHECK(h.fetch(false).offset.value == 9);
  CHECK(h.the_group().offsets.find(h.p0)->position.value == 1);
}

TEST_CASE("plain commits are unstable until they are replicated") {
  Harness h(stable_config());
  h.hold_appends = true;
  const RequestToken first = h.send(h.commit_request({}, -1, 5));
  const RequestToken second = h.send(h.commit_request({}, -1, 6));
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);
  h.complete(0, kNone);
  CHECK(status(h, first) == kNone);
  CHECK_FALSE(h.answered(second));
  CHECK(h.fetch(false).offset.value == 5);
  CHECK(h.fetch(true).error == kUnstableOffsetCommit);  // of the second
  h.complete(0, kNone);
  CHECK(h.fetch(true).offset.value == 6);
}

TEST_CASE("a plain commit that is acknowledged late does not undo a later one") {
  Harness h;
  h.hold_appends = true;
  h.send(h.commit_request({}, -1, 5));
  h.send(h.commit_request({}, -1, 6));
  h.complete(1, kNone);
  h.complete(0, kNone);
  CHECK(h.fetch(false).offset.value == 6);
}

TEST_CASE("failed appends of commits are mapped, and leave nothing pending") {
  struct Row {
    Error append;
    Error told;
  };
  const Row rows[] = {
      {kUnknownTopicOrPartition, kCoordinatorNotAvailable},
      {kNotEnoughReplicas, kCoordinatorNotAvailable},
      {kNotEnoughReplicasAfterAppend, kCoordinatorNotAvailable},
      {kNotLeaderOrFollower, kNotCoordinator},
      {kKafkaStorageError, kNotCoordinator},
      {kMessageTooLarge, kInvalidCommitOffsetSize},
      {kRecordListTooLarge, kInvalidCommitOffsetSize},
      {kRequestTimedOut, kRequestTimedOut},
  };
  CHECK(offset_store_error(kNetworkException) == kCoordinatorLoadInProgress);
  CHECK(offset_store_error(kInvalidProducerEpoch) == kInvalidProducerEpoch);
  for (const Row& row : rows) {
    Harness h(stable_config());
    h.hold_appends = true;
    const RequestToken plain = h.send(h.commit_request({}, -1, 5));
    h.complete(0, row.append);
    CHECK(status(h, plain) == row.told);
    const RequestToken transactional = h.send(h.txn_commit_request(7, 10));
    h.complete(0, row.append);
    CHECK(status(h, transactional) == row.told);
    CHECK(h.fetch(true).error == kNone);
    CHECK(h.fetch(true).offset == Offset{});
    CHECK(h.the_group().offsets.empty());
    CHECK(h.events(Event::kOffsetDropped).size() == 1);
    CHECK(h.events(Event::kOffsetRefused).size() == 2);
  }
}

// Entries are kept by producer id alone, and a failure removes what is there without comparing
// (2.1, 2.4; GroupMetadata.failPendingTxnOffsetCommit): before KIP-447 a zombie that the log
// refuses costs its successor the offsets of the transaction that it has open.
TEST_CASE("a refused commit of an older session takes the pending offset of the newer with it") {
  Harness h;
  h.hold_appends = true;
  h.send(h.txn_commit_request(7, 9));
  h.complete(0, kNone);
  h.send(h.txn_commit_request(7, 3));
  h.log.pop_back();
  h.complete(0, kInvalidProducerEpoch);
  h.marker(7, ControlType::kCommit);
  CHECK(h.fetch(false).offset == Offset{});
  h.restart();  // the log knows better
  CHECK(h.fetch(false).offset.value == 9);
}

TEST_CASE("a commit that timed out may still be in the log after a restart") {
  Harness h;
  h.hold_appends = true;
  h.send(h.commit_request({}, -1, 5));
  h.complete(0, kRequestTimedOut);
  CHECK(h.fetch(false).offset == Offset{});
  h.restart();
  CHECK(h.fetch(false).offset.value == 5);
}

TEST_CASE("a partition that the broker does not know is refused by itself") {
  Harness h;
  TxnOffsetCommitRequest request = h.txn_commit_request(7, 10);
  request.offsets.push_back({{{9}, 0}, {3}, {}});
  request.offsets.push_back({{{0}, 4}, {3}, {}});
  const auto answer = h.response<TxnOffsetCommitResponse>(h.send(request));
  REQUIRE(answer->partitions.size() == 3);
  CHECK(answer->partitions[0].error == kNone);
  CHECK(answer->partitions[1].error == kUnknownTopicOrPartition);
  CHECK(answer->partitions[2].error == kUnknownTopicOrPartition);
  request.offsets.erase(request.offsets.begin());
  request.group = h.name("untouched");
  CHECK(h.response<TxnOffsetCommitResponse>(h.send(request))->partitions.size() == 2);
  CHECK(h.gc.find_group(request.group) == nullptr);
}

TEST_CASE("the batch of a commit carries its producer and its offsets") {
  Harness h;
  h.send(h.txn_commit_request(7, 10));
  const RecordBatch& batch = h.batches[h.log.back().batch];
  CHECK(batch.transactional);
  CHECK(batch.producer == ProducerIdAndEpoch{{7}, {0}});
  CHECK_FALSE(batch.base_sequence.valid());
  CHECK(batch.count == 1);
  CHECK(std::get<List<OffsetRecord>>(batch.payload)[0].offset.value == 10);
}

TEST_CASE("a fetch without partitions asks for all that are committed") {
  Harness h;
  h.send(h.commit_request({}, -1, 5));
  OffsetCommitRequest more = h.commit_request({}, -1, 6);
  more.offsets[0].partition = h.p1;
  h.send(more);
  OffsetFetchRequest request;
  request.group = h.group;
  const auto answer = h.response<OffsetFetchResponse>(h.send(request));
  REQUIRE(answer->partitions.size() == 2);
  CHECK(answer->partitions[0].offset.value == 5);
  CHECK(answer->partitions[1].offset.value == 6);
}

}  // namespace
}  // namespace eosim::kafka
