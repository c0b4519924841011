// Pauses, local bumps and illegal transitions as generations of clients have them
// (transactions.md 5.6, 5.9, 6.2).
#include "producer_parts.h"

namespace eosim::kafka {

TEST_CASE("since 3.7 the pause before a retry grows, and a new leader ends it") {
  for (const bool grows : {false, true}) {
    Parts parts(grows ? "3.7" : "3.6");
    parts.begin();
    const uint64_t a = parts.append(0, 0);
    REQUIRE(parts.drain(10).size() == 1);
    parts.accumulator.answered(a);
    parts.accumulator.reenqueue(a, at(20), sim::milliseconds(200));
    CHECK_FALSE(parts.sendable(219, true));
    CHECK(parts.accumulator.ready(parts.metadata, at(20), true).next == at(220));
    MetadataImage image;
    image.topics.resize(1);
    image.topics[0].topic = TopicId{0};
    image.topics[0].partitions.assign(2, {kBroker, LeaderEpoch{1}, {}});
    parts.metadata.update(image);
    CHECK(parts.sendable(100) == grows);
    CHECK(parts.drain(100).size() == (grows ? 1 : 0));
  }
}

TEST_CASE("the pause doubles up to retry.backoff.max.ms") {
  sim::Choices choices(1, true);
  const ProducerConfig before = Parts::make("3.6", true);
  const ProducerConfig after = Parts::make("3.7", true);
  const int64_t expected[] = {100, 200, 400, 800, 1'000, 1'000};
  for (int32_t attempt = 1; attempt <= 6; ++attempt) {
    CHECK(retry_backoff(before, attempt, choices, {}) == sim::milliseconds(100));
    const sim::StreamId jitter = choices.stream("jitter");
    CHECK(retry_backoff(after, attempt, choices, jitter) ==
          sim::milliseconds(expected[attempt - 1]));
  }
}

TEST_CASE("a partition that did not ask for a local bump goes over when its batches are done") {
  // KAFKA-12152: before 2.7.1 a partition with nothing in flight is missed, and its next batch goes
  // out with the new epoch and the old sequence.
  for (const char* preset : {"2.5", "2.6", "2.8", "4.2"}) {
    const bool lazy = find_preset(preset)->release >= Release::k28;
    Parts parts(preset, false);
    parts.manager.prepare_idempotent(parts.accumulator.batches());
    parts.manager.on_init_producer_id(parts.take(Rpc::kInitProducerId),
                                      {{}, Error::kNone, {ProducerId{5}, ProducerEpoch{0}}});
    const uint64_t idle = parts.append(1, 0);
    REQUIRE(parts.drain(10).size() == 1);
    parts.settle(idle, Error::kNone, 11);
    const uint64_t asks = parts.append(0, 12);
    REQUIRE(parts.drain(20).size() == 1);
    parts.settle(asks, Error::kOutOfOrderSequenceNumber, 21);
    parts.manager.prepare_idempotent(parts.accumulator.batches());
    const uint64_t next = parts.append(1, 22);
    REQUIRE(parts.drain(40).size() == 1);
    const ProducerBatch& batch = parts.accumulator.batch(next);
    CAPTURE(preset);
    CHECK(batch.producer.epoch == ProducerEpoch{1});
    CHECK(batch.base_sequence == Sequence{lazy ? 0 : 1});
  }
}

TEST_CASE("with a batch in flight a partition goes over to the new epoch behind it") {
  for (const char* preset : {"2.5", "3.8"}) {
    Parts parts(preset, false);
    parts.manager.prepare_idempotent(parts.accumulator.batches());
    parts.manager.on_init_producer_id(parts.take(Rpc::kInitProducerId),
                                      {{}, Error::kNone, {ProducerId{5}, ProducerEpoch{0}}});
    const uint64_t asks = parts.append(0, 0);
    const uint64_t other = parts.append(1, 0);
    REQUIRE(parts.drain(10).size() == 2);
    parts.settle(asks, Error::kOutOfOrderSequenceNumber, 11);
    parts.manager.prepare_idempotent(parts.accumulator.batches());
    const uint64_t next = parts.append(1, 12);
    CHECK(parts.drain(20).empty());  // the old epoch's batch is still on its way
    parts.settle(other, Error::kNone, 21);
    REQUIRE(parts.drain(30) == std::vector<uint64_t>{next});
    CHECK(parts.accumulator.batch(next).producer.epoch == ProducerEpoch{1});
    CHECK(parts.accumulator.batch(next).base_sequence == Sequence{0});
  }
}

TEST_CASE("since 3.6 an illegal transition of the I/O thread is the end of the producer") {
  for (const char* preset : {"3.5", "3.6"}) {
    Parts parts(preset);
    parts.initialize();
    const bool poisons = find_preset(preset)->release >= Release::k36;
    TxnRequest late;  // an answer that finds the producer in a state of its own
    late.rpc = Rpc::kInitProducerId;
    parts.manager.on_init_producer_id(late, {{}, Error::kNone, {ProducerId{5}, ProducerEpoch{9}}});
    CAPTURE(preset);
    CHECK(parts.manager.has_fatal_error() == poisons);
    const CallResult begun = parts.manager.begin_transaction({});
    CHECK(begun.thrown == (poisons ? Thrown::kIllegalState : Thrown::kNothing));
  }
}

}  // namespace eosim::kafka
