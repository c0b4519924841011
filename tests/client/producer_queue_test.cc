// The accumulator's drain rules and sequences (transactions.md 5.5, 5.7), and the queue of
// transactional requests (5.3, 5.4, 5.9), without a world.
#include "producer_parts.h"

namespace eosim::kafka {

TEST_CASE("a batch is sendable when it is full, lingered, or everything is flushed") {
  Parts parts;
  parts.append(0, 0);
  CHECK_FALSE(parts.sendable(4));
  CHECK(parts.sendable(4, true));
  CHECK(parts.sendable(5));
  CHECK(parts.accumulator.ready(parts.metadata, at(1), false).next == at(5));
  parts.append(0, 1, 16'300);  // does not fit: a second batch
  CHECK(parts.sendable(1));
  CHECK(parts.accumulator.incomplete() == 2);
}

TEST_CASE("a batch is drained only for a partition of the transaction and with a producer id") {
  Parts parts;
  const uint64_t first = parts.append(0, 0);
  CHECK(parts.drain(10).empty());
  parts.initialize();
  REQUIRE(parts.manager.begin_transaction({}).ok());
  parts.manager.register_partition(parts.p(0));
  CHECK(parts.drain(10).empty());
  parts.manager.on_add_partitions(parts.take(Rpc::kAddPartitionsToTxn),
                                  {{}, {{parts.p(0), Error::kNone}}});
  CHECK(parts.drain(10) == std::vector<uint64_t>{first});
}

TEST_CASE("sequences count records, and a retry keeps its own") {
  Parts parts;
  parts.begin();
  const uint64_t a = parts.append(0, 0);
  parts.append(0, 0);
  parts.append(0, 0);
  REQUIRE(parts.drain(10) == std::vector<uint64_t>{a});
  CHECK(parts.accumulator.batch(a).base_sequence == Sequence{0});
  const uint64_t b = parts.append(0, 10);
  REQUIRE(parts.drain(20) == std::vector<uint64_t>{b});
  CHECK(parts.accumulator.batch(b).base_sequence == Sequence{3});
  parts.settle(a, Error::kNotLeaderOrFollower, 30);
  CHECK(parts.accumulator.batch(a).base_sequence == Sequence{0});
  CHECK(parts.drain(100).empty());  // backs off until 130
  CHECK(parts.drain(130) == std::vector<uint64_t>{a});
}

TEST_CASE("after a failure retries go one at a time, in order of sequence") {
  Parts parts;
  parts.begin();
  const uint64_t a = parts.append(0, 0);
  REQUIRE(parts.drain(1).size() == 1);
  const uint64_t b = parts.append(0, 1);
  REQUIRE(parts.drain(2).size() == 1);
  const uint64_t c = parts.append(0, 2);
  REQUIRE(parts.drain(3).size() == 1);
  parts.settle(b, Error::kOutOfOrderSequenceNumber, 4);
  parts.settle(a, Error::kNetworkException, 5);
  parts.settle(c, Error::kOutOfOrderSequenceNumber, 6);
  CHECK(parts.drain(200) == std::vector<uint64_t>{a});
  CHECK(parts.drain(200).empty());  // b waits for a
  parts.settle(a, Error::kNone, 210);
  CHECK(parts.drain(220) == std::vector<uint64_t>{b});
  parts.settle(b, Error::kNone, 230, 1);
  CHECK(parts.drain(240) == std::vector<uint64_t>{c});
}

TEST_CASE("what follows a batch that was refused for good closes the gap") {
  Parts parts;
  parts.begin();
  const uint64_t a = parts.append(0, 0);
  parts.append(0, 0);
  REQUIRE(parts.drain(1).size() == 1);
  const uint64_t b = parts.append(0, 1);
  REQUIRE(parts.drain(2).size() == 1);
  parts.settle(a, Error::kMessageTooLarge, 3);
  CHECK(parts.manager.has_abortable_error());
  CHECK(parts.accumulator.batch(b).base_sequence == Sequence{0});
  CHECK(parts.accumulator.batch(b).rewritten);
  CHECK(parts.manager.sequences().find(parts.p(0))->next == Sequence{1});
}

TEST_CASE("an idempotent producer raises its epoch by itself and numbers again from 0") {
  Parts parts("2.5", false);
  parts.manager.prepare_idempotent(parts.accumulator.batches());
  parts.manager.on_init_producer_id(parts.take(Rpc::kInitProducerId),
                                    {{}, Error::kNone, {ProducerId{5}, ProducerEpoch{0}}});
  const uint64_t a = parts.append(0, 0);
  REQUIRE(parts.drain(1).size() == 1);
  parts.settle(a, Error::kNone, 2);
  const uint64_t b = parts.append(0, 2);
  REQUIRE(parts.drain(3).size() == 1);
  parts.settle(b, Error::kOutOfOrderSequenceNumber, 4);  // it was the next one: a gap
  parts.manager.prepare_idempotent(parts.accumulator.batches());
  CHECK(parts.manager.producer().epoch == ProducerEpoch{1});
  CHECK(parts.accumulator.batch(b).base_sequence == Sequence{0});
  CHECK(parts.accumulator.batch(b).producer.epoch == ProducerEpoch{1});
  CHECK(parts.drain(200) == std::vector<uint64_t>{b});
}

TEST_CASE("an idempotent producer before KIP-360 asks for a new id") {
  Parts parts("2.4", false);
  parts.manager.prepare_idempotent(parts.accumulator.batches());
  parts.manager.on_init_producer_id(parts.take(Rpc::kInitProducerId),
                                    {{}, Error::kNone, {ProducerId{5}, ProducerEpoch{0}}});
  const uint64_t a = parts.append(0, 0);
  REQUIRE(parts.drain(1).size() == 1);
  parts.settle(a, Error::kOutOfOrderSequenceNumber, 2);
  CHECK(parts.accumulator.incomplete() == 0);
  CHECK_FALSE(parts.manager.producer().id.valid());
  parts.manager.prepare_idempotent(parts.accumulator.batches());
  parts.take(Rpc::kInitProducerId);
}

TEST_CASE("EndTxn waits for every batch, and other requests go before it") {
  Parts parts;
  parts.begin();
  parts.append(0, 0);
  GroupMetadata group;
  group.group = Name{9};
  parts.manager.send_offsets({{parts.p(1), Offset{3}, {}}}, group);
  const ApiAnswer commit = parts.manager.begin_commit();
  REQUIRE(commit.thrown.ok());
  TxnRequest offsets = parts.take(Rpc::kAddOffsetsToTxn, true);
  parts.manager.on_add_offsets(offsets, {});
  TxnRequest txn_commit = parts.take(Rpc::kTxnOffsetCommit, true);
  parts.manager.rediscover(txn_commit);
  TxnRequest find = parts.take(Rpc::kFindCoordinator, true);
  CHECK(find.lookup == CoordinatorType::kGroup);
  parts.manager.on_find_coordinator(find, {{}, Error::kNone, kBroker});
  txn_commit = parts.take(Rpc::kTxnOffsetCommit, true);
  CHECK(txn_commit.retry);
  parts.manager.on_txn_offset_commit(txn_commit, {{}, {{parts.p(1), Error::kNone}}});
  CHECK_FALSE(parts.manager.next_request(true).request.has_value());
  const TxnRequest end = parts.take(Rpc::kEndTxn);
  CHECK_FALSE(parts.manager.outcome(commit.result).has_value());
  parts.manager.on_end_txn(end, {});
  REQUIRE(parts.manager.outcome(commit.result).has_value());
  CHECK(parts.manager.outcome(commit.result)->ok());
  CHECK(parts.manager.state() == ProducerClientState::kReady);
}

// TransactionManager.pendingTxnOffsetCommits: an answer takes out what it settles, and nothing else
// does; the end of a transaction leaves it as it is.
TEST_CASE("offsets that wait for a repetition when their transaction fails go with the next one") {
  struct Row {
    Error answer;
    size_t carried;  // by the commit of the transaction after it
  };
  const Row row = GENERATE(Row{Error::kCoordinatorLoadInProgress, 2}, Row{Error::kNone, 1},
                           Row{Error::kGroupAuthorizationFailed, 1});
  CAPTURE(error_name(row.answer));
  Parts parts("2.5");
  parts.begin();
  const uint64_t batch = parts.append(0, 0);
  REQUIRE(parts.drain(10).size() == 1);
  GroupMetadata group;
  group.group = Name{9};
  const auto send_offsets = [&](int32_t partition, int64_t offset) {
    const ApiAnswer sent =
        parts.manager.send_offsets({{parts.p(partition), Offset{offset}, {}}}, group);
    REQUIRE(sent.thrown.ok());
    parts.manager.on_add_offsets(parts.take(Rpc::kAddOffsetsToTxn, true), {});
    return sent.result;
  };
  const uint64_t sent = send_offsets(1, 3);
  const TxnRequest commit = parts.take(Rpc::kTxnOffsetCommit, true);
  parts.settle(batch, Error::kMessageTooLarge, 11);
  REQUIRE(parts.manager.state() == ProducerClientState::kAbortableError);
  parts.manager.on_txn_offset_commit(commit, {{}, {{parts.p(1), row.answer}}});
  CHECK_FALSE(parts.manager.next_request(false).request.has_value());
  REQUIRE(parts.manager.outcome(sent).has_value());
  CHECK(parts.manager.outcome(sent)->ok() == (row.answer == Error::kNone));

  const ApiAnswer abort = parts.manager.begin_abort();
  REQUIRE(abort.thrown.ok());
  parts.manager.on_end_txn(parts.take(Rpc::kEndTxn), {});
  parts.manager.on_init_producer_id(parts.take(Rpc::kInitProducerId),
                                    {{}, Error::kNone, {ProducerId{1000}, ProducerEpoch{1}}});
  parts.manager.seen(abort.result);
  REQUIRE(parts.manager.begin_transaction({}).ok());
  send_offsets(0, 7);
  const TxnRequest next = parts.take(Rpc::kTxnOffsetCommit);
  REQUIRE(next.offsets.size() == row.carried);
  CHECK(next.offsets.front().offset == Offset{7});
  if (row.carried == 2) CHECK(next.offsets.back().offset == Offset{3});
}

TEST_CASE("a batch of a pair that was dropped can be cut all the same") {
  SequenceTable table;
  ProducerBatch batch;
  batch.partition = {TopicId{0}, 0};
  batch.number = 3;
  batch.count = 2;
  table.assign(batch, {ProducerId{7}, ProducerEpoch{0}});
  table.forget_all();
  table.split(batch, {3, 4});
  CHECK_FALSE(table.has_in_flight(batch.partition));
}

TEST_CASE("AddPartitions is repeated after 20 ms while the transaction has no partition") {
  Parts parts;
  parts.initialize();
  REQUIRE(parts.manager.begin_transaction({}).ok());
  parts.manager.register_partition(parts.p(0));
  TxnRequest add = parts.take(Rpc::kAddPartitionsToTxn);
  parts.manager.on_add_partitions(add, {{}, {{parts.p(0), Error::kConcurrentTransactions}}});
  add = parts.take(Rpc::kAddPartitionsToTxn);
  CHECK(add.retry);
  CHECK(add.backoff_ms == 20);
  parts.manager.on_add_partitions(add, {{}, {{parts.p(0), Error::kNone}}});
  parts.manager.register_partition(parts.p(1));
  add = parts.take(Rpc::kAddPartitionsToTxn);
  parts.manager.on_add_partitions(add, {{}, {{parts.p(1), Error::kConcurrentTransactions}}});
  CHECK(parts.take(Rpc::kAddPartitionsToTxn).backoff_ms == 100);
}

TEST_CASE("an abort after an error that asks for it raises the epoch and forgets the sequences") {
  Parts parts;
  parts.begin();
  const uint64_t a = parts.append(0, 0);
  REQUIRE(parts.drain(1).size() == 1);
  parts.settle(a, Error::kInvalidTxnState, 2);
  REQUIRE(parts.manager.has_abortable_error());
  const ApiAnswer abort = parts.manager.begin_abort();
  REQUIRE(abort.thrown.ok());
  parts.manager.on_end_txn(parts.take(Rpc::kEndTxn), {});
  CHECK(parts.manager.state() == ProducerClientState::kInitializing);
  CHECK_FALSE(parts.manager.outcome(abort.result).has_value());
  const TxnRequest bump = parts.take(Rpc::kInitProducerId);
  CHECK(bump.producer == ProducerIdAndEpoch{ProducerId{1000}, ProducerEpoch{0}});
  parts.manager.on_init_producer_id(bump, {{}, Error::kNone, {ProducerId{1000}, ProducerEpoch{1}}});
  CHECK(parts.manager.outcome(abort.result)->ok());
  CHECK(parts.manager.state() == ProducerClientState::kReady);
  CHECK(parts.manager.sequences().find(parts.p(0)) == nullptr);
}

TEST_CASE("against a coordinator without KIP-360 the same abort keeps the epoch") {
  Parts parts;
  parts.begin();
  parts.manager.coordinator_ready(int16_t{2});
  const uint64_t a = parts.append(0, 0);
  REQUIRE(parts.drain(1).size() == 1);
  parts.settle(a, Error::kInvalidTxnState, 2);
  const ApiAnswer abort = parts.manager.begin_abort();
  parts.manager.on_end_txn(parts.take(Rpc::kEndTxn), {});
  CHECK(parts.manager.outcome(abort.result)->ok());
  CHECK(parts.manager.state() == ProducerClientState::kReady);
}

TEST_CASE("before 3.1.1 a commit that timed out is still sent when the application aborts") {
  // The commit is held back by a batch in flight, another one fails, and the application, told of
  // the failure when it repeats the call, aborts. A real hazard: the transaction is committed.
  Parts parts;
  parts.begin();
  const uint64_t a = parts.append(0, 0);
  const uint64_t b = parts.append(1, 0);
  REQUIRE(parts.drain(1).size() == 2);
  REQUIRE(parts.manager.begin_commit().thrown.ok());
  parts.settle(a, Error::kInvalidTxnState, 2);
  REQUIRE(parts.manager.has_abortable_error());
  CHECK_FALSE(parts.manager.next_request(true).progress);
  CHECK(parts.manager.begin_commit().thrown.thrown == Thrown::kAbortable);
  const ApiAnswer abort = parts.manager.begin_abort();
  REQUIRE(abort.thrown.ok());
  parts.settle(b, Error::kNone, 3);
  const TxnRequest first = parts.take(Rpc::kEndTxn);
  CHECK(first.committed);
  parts.manager.on_end_txn(first, {});
  CHECK(parts.manager.state() == ProducerClientState::kReady);
  // The abort finds no transaction any more, and is told to have succeeded.
  CHECK(parts.manager.next_request(false).progress);
  CHECK(parts.manager.outcome(abort.result)->ok());
  CHECK(parts.manager.state() == ProducerClientState::kReady);
}

TEST_CASE("an id that its coordinator has forgotten is renewed by the abort, whenever it shows") {
  for (const bool committing : {false, true}) {
    Parts parts;
    parts.initialize();
    parts.manager.coordinator_ready(int16_t{3});
    REQUIRE(parts.manager.begin_transaction({}).ok());
    parts.manager.register_partition(parts.p(0));
    ApiAnswer commit;
    if (committing) commit = parts.manager.begin_commit();
    parts.manager.on_add_partitions(parts.take(Rpc::kAddPartitionsToTxn),
                                    {{}, {{parts.p(0), Error::kInvalidProducerIdMapping}}});
    REQUIRE(parts.manager.has_abortable_error());
    if (committing) {
      CHECK(parts.manager.next_request(false).progress);  // its EndTxn is not sent
      CHECK_FALSE(parts.manager.outcome(commit.result)->ok());
      parts.manager.seen(commit.result);
    }
    REQUIRE(parts.manager.begin_abort().thrown.ok());
    const TxnRequest bump = parts.take(Rpc::kInitProducerId);
    CHECK(bump.producer == ProducerIdAndEpoch{ProducerId{1000}, ProducerEpoch{0}});
  }
}

TEST_CASE("before KIP-360 an idempotent producer keeps its id if what follows was accepted") {
  for (const bool followed : {true, false}) {
    Parts parts("2.4", false);
    parts.manager.prepare_idempotent(parts.accumulator.batches());
    parts.manager.on_init_producer_id(parts.take(Rpc::kInitProducerId),
                                      {{}, Error::kNone, {ProducerId{5}, ProducerEpoch{0}}});
    const uint64_t a = parts.append(0, 0);
    REQUIRE(parts.drain(1).size() == 1);
    const uint64_t b = followed ? parts.append(0, 1) : 0;
    if (followed) REQUIRE(parts.drain(2).size() == 1);
    parts.settle(a, Error::kNetworkException, 3);
    parts.manager.mark_unresolved(parts.accumulator.batch(a));
    parts.manager.batch_failed(parts.accumulator.batch(a), Error::kRequestTimedOut, false,
                               parts.accumulator.batches());
    parts.accumulator.finish(a);
    if (followed) {
      CHECK_FALSE(parts.manager.resolve_sequences());  // b is still on its way
      parts.settle(b, Error::kNone, 5, 1);
    }
    CHECK(parts.manager.resolve_sequences());
    CHECK(parts.manager.producer().id.valid() == followed);
  }
}

TEST_CASE("a batch of unknown outcome holds its partition until it is resolved") {
  Parts parts;
  parts.begin();
  const uint64_t a = parts.append(0, 0);
  REQUIRE(parts.drain(1).size() == 1);
  const uint64_t b = parts.append(0, 1);
  REQUIRE(parts.drain(2).size() == 1);
  parts.settle(a, Error::kNetworkException, 3);
  parts.manager.mark_unresolved(parts.accumulator.batch(a));
  parts.append(0, 4);
  CHECK_FALSE(parts.manager.resolve_sequences());  // b is still on its way
  parts.manager.batch_failed(parts.accumulator.batch(a), Error::kRequestTimedOut, false,
                             parts.accumulator.batches());
  parts.accumulator.finish(a);
  CHECK(parts.drain(200).empty());
  // What followed was accepted, so what came before it was.
  parts.settle(b, Error::kNone, 210, 1);
  CHECK(parts.manager.resolve_sequences());
  CHECK(parts.drain(220).size() == 1);
}

TEST_CASE("since 3.1.1 a timed-out call must be repeated before anything else") {
  Parts parts;
  parts.config.switches.set(Switch::kLateResultKept, uint8_t{1});
  parts.manager = TransactionManager(parts.config);
  parts.begin();
  const ApiAnswer commit = parts.manager.begin_commit();
  parts.manager.on_end_txn(parts.take(Rpc::kEndTxn), {});
  CHECK(parts.manager.begin_transaction({}).thrown == Thrown::kIllegalState);
  CHECK(parts.manager.begin_abort().thrown.thrown == Thrown::kIllegalState);
  CHECK(parts.manager.begin_commit().result == commit.result);
  parts.manager.seen(commit.result);
  CHECK(parts.manager.begin_transaction({}).ok());
}

TEST_CASE("metadata never goes back to a smaller leader epoch") {
  MetadataCache cache(300'000, 100);
  MetadataImage image;
  image.topics.resize(1);
  image.topics[0].topic = TopicId{0};
  image.topics[0].partitions = {{BrokerId{2}, LeaderEpoch{5}, {}}};
  cache.update(image);
  image.topics[0].partitions = {{BrokerId{1}, LeaderEpoch{4}, {}}};
  cache.update(image);
  CHECK(cache.leader({TopicId{0}, 0}).broker == BrokerId{2});
  CHECK_FALSE(cache.leader({TopicId{3}, 0}).broker.valid());
}

}  // namespace eosim::kafka
