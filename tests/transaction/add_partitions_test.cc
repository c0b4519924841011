// transactions.md 2.4 and 2.5.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

TEST_CASE("AddPartitionsToTxn checks in the order of table 2.4") {
  Harness h("C");
  const TopicPartition unknown{{2}, 7};
  const TopicPartition no_topic{{9}, 0};
  const auto p = h.reach("t", kPrepareCommit);
  const ProducerIdAndEpoch wrong_id = pair_of(p.id.value + 1, 9);
  const ProducerIdAndEpoch wrong_epoch = pair_of(p.id.value, 9);
  const uint32_t asked = h.add("", wrong_id, {kX0, unknown, kY0, no_topic});
  const List<PartitionError> errors = h.answer(asked).partitions;
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].error == Error::kOperationNotAttempted);
  CHECK(errors[1].error == Error::kUnknownTopicOrPartition);
  CHECK(errors[1].partition == unknown);
  CHECK(errors[2].error == Error::kOperationNotAttempted);
  CHECK(errors[3].error == Error::kUnknownTopicOrPartition);
  CHECK(h.error(h.add("", wrong_id, {kX0})) == Error::kInvalidRequest);
  CHECK(h.error(h.add("nobody", wrong_id, {kX0})) == Error::kInvalidProducerIdMapping);
  CHECK(h.error(h.add("t", wrong_id, {kX0})) == Error::kInvalidProducerIdMapping);
  CHECK(h.error(h.add("t", wrong_epoch, {kX0})) == Error::kProducerFenced);
  CHECK(h.error(h.add("t", p, {kX0})) == Error::kConcurrentTransactions);
  CHECK(h.error(h.add_offsets("", wrong_id, "g")) == Error::kInvalidRequest);
  CHECK(h.error(h.add_offsets("nobody", wrong_id, "g")) == Error::kInvalidProducerIdMapping);

  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  h.tc_.begin_load(partition, {1});
  CHECK(h.error(h.add("t", wrong_id, {kX0})) == Error::kCoordinatorLoadInProgress);
  TransactionCoordinator::Effects effects;
  h.tc_.resign(partition, {1}, effects);
  CHECK(h.error(h.add("t", wrong_id, {kX0})) == Error::kNotCoordinator);
}

TEST_CASE("one error stands for every partition of the request") {
  Harness h;
  h.reach("t", kEmpty);
  const List<PartitionError> errors = h.answer(h.add("t", pair_of(99, 0), {kY0, kX0})).partitions;
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].partition == kY0);
  CHECK(errors[0].error == Error::kInvalidProducerIdMapping);
  CHECK(errors[1].error == Error::kInvalidProducerIdMapping);
}

TEST_CASE("partitions add up, are answered after the append, and start the clock once") {
  Harness h;
  const auto p = h.reach("t", kEmpty);
  const int64_t started = h.wall_.ms();
  const uint32_t first = h.add("t", p, {kY0, kX0});
  CHECK_FALSE(h.error(first));
  CHECK(h.at("t").state == kEmpty);  // the cache shows the old state until then
  h.ack();
  CHECK(h.error(first) == Error::kNone);
  CHECK(h.at("t").partitions == List<TopicPartition>{kX0, kY0});
  h.advance(5'000);
  h.add("t", p, {kX1, kX0});
  h.ack();
  CHECK(h.at("t").partitions == List<TopicPartition>{kX0, kX1, kY0});
  CHECK(h.at("t").start_ms == started);
  CHECK(h.at("t").last_update_ms == started + 5'000);
  const uint32_t again = h.add("t", p, {kX0, kY0});
  CHECK(h.error(again) == Error::kNone);
  CHECK(h.appends_.empty());
}

TEST_CASE("the next transaction starts with its own partitions and its own clock") {
  Harness h;
  const auto p = h.reach("t", kCompleteCommit);
  CHECK(h.at("t").partitions.empty());
  h.advance(1'000);
  h.add("t", p, {kY1});
  h.ack();
  CHECK(h.at("t").partitions == List<TopicPartition>{kY1});
  CHECK(h.at("t").start_ms == h.wall_.ms());
}

TEST_CASE("AddOffsetsToTxn registers the offsets partition that the group hashes to") {
  Harness h;
  const auto p = h.reach("t", kEmpty);
  const uint32_t asked = h.add_offsets("t", p, "group");
  h.ack();
  CHECK(h.error(asked) == Error::kNone);
  const TopicPartition offsets{kOffsetsTopic, h.names_.partition_for(h.name("group"), 2)};
  CHECK(h.at("t").partitions == List<TopicPartition>{offsets});
}
