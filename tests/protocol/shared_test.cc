#include "models/protocol/shared.h"

#include <memory>

#include "catch.h"
#include "models/protocol/wire.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

class TestShared : public KafkaShared {
 public:
  std::unique_ptr<sim::Shared> clone() const override {
    return std::make_unique<TestShared>(*this);
  }
  std::vector<sim::Target> resolve(const sim::World&, std::string_view) const override {
    return {};
  }
  std::vector<sim::ActorId> stallable_actors(const sim::World&, sim::ProcessId) const override {
    return {};
  }
  void apply(sim::World&, const sim::FaultSpec&, bool) override {}

  std::string text(Field field, int64_t value) const {
    return format(static_cast<sim::FieldType>(field), value);
  }
  std::string text(BatchId batch) const { return text(Field::kBatch, batch.index); }
};

TestShared shared_with_topics() {
  TestShared shared;
  shared.topic_names = {"__consumer_offsets", "__transaction_state", "output"};
  return shared;
}

constexpr TopicPartition kOutput0 = {{2}, 0};
constexpr TopicPartition kOffsets3 = {{0}, 3};

TEST_CASE("a field is written as Kafka's users know it") {
  TestShared shared = shared_with_topics();
  const Name group = shared.names.intern("app");
  CHECK(shared.text(Field::kName, group.id) == "app");
  CHECK(shared.text(Field::kName, Name{}.id) == "");
  CHECK(shared.text(Field::kPartition, kOutput0.packed()) == "output-0");
  CHECK(shared.text(Field::kPartition, TopicPartition{}.packed()) == "-");
  CHECK(shared.text(Field::kError, 47) == "INVALID_PRODUCER_EPOCH");
  CHECK(shared.text(Field::kTxnState, -1) == "NonExistent");
  CHECK(shared.text(Field::kTxnState, 2) == "PrepareCommit");
  CHECK(shared.text(Field::kTxnState, 7) == "PrepareEpochFence");
  CHECK(shared.text(Field::kGroupState, 2) == "CompletingRebalance");
  CHECK(shared.text(Field::kBool, 1) == "true");
  CHECK(shared.text(Field::kProducerState, 3) == "IN_TRANSACTION");
  CHECK(shared.text(Field::kIsolation, 1) == "read_committed");
  CHECK(shared.text(Field::kOutcome, 2) == "unknown");
  CHECK(shared.text(Field::kRemovalReason, 0) == "session_expired");
  CHECK(shared.text(Field::kRpc, static_cast<int64_t>(Rpc::kEndTxn)) == "EndTxn");
  CHECK_THROWS_AS(shared.text(Field::kTxnState, 8), sim::InvariantBroken);
}

TEST_CASE("a record of a transaction's status is written as its set of partitions") {
  TestShared shared = shared_with_topics();
  TransactionLogRecord record;
  record.state = TransactionState::kOngoing;
  record.partitions = {kOutput0, kOffsets3};
  RecordBatch batch;
  batch.count = 1;
  batch.payload = List<TransactionLogRecord>{record};
  CHECK(shared.text(shared.batches.put(batch)) == "{output-0, __consumer_offsets-3}");

  record.partitions.clear();
  batch.payload = List<TransactionLogRecord>{record};
  CHECK(shared.text(shared.batches.put(batch)) == "{}");
  CHECK(shared.text(BatchId{}) == "-");
}

TEST_CASE("other batches are written in a few words") {
  TestShared shared = shared_with_topics();
  RecordBatch data;
  data.producer = {{1001}, {0}};
  data.base_sequence = {5};
  data.count = 3;
  data.payload = List<Record>(3);
  CHECK(shared.text(shared.batches.put(data)) == "3 records of 1001/0 from sequence 5");

  RecordBatch marker;
  marker.producer = {{1001}, {0}};
  marker.count = 1;
  marker.payload = Marker{ControlType::kCommit, {4}};
  CHECK(shared.text(shared.batches.put(marker)) == "COMMIT of 1001/0");

  RecordBatch offsets;
  offsets.count = 2;
  offsets.payload =
      List<OffsetRecord>{{{}, kOutput0, false, {42}, {}, 0}, {{}, kOffsets3, true, {}, {}, 0}};
  CHECK(shared.text(shared.batches.put(offsets)) == "output-0@42, __consumer_offsets-3 tombstone");
}

TEST_CASE("a name's stable hash is that of its text, others hash as their value") {
  TestShared one = shared_with_topics();
  TestShared two = shared_with_topics();
  two.names.intern("first here");
  const auto type = static_cast<sim::FieldType>(Field::kName);
  CHECK(one.stable_hash(type, one.names.intern("app").id) ==
        two.stable_hash(type, two.names.intern("app").id));
  CHECK(one.stable_hash(static_cast<sim::FieldType>(Field::kError), -1) == UINT64_MAX);
}

TEST_CASE("a body's slot is used again after it was released") {
  TestShared shared = shared_with_topics();
  const uint32_t slot = shared.bodies.put(EndTxnRequest{});
  shared.bodies.put(EndTxnResponse{});
  CHECK(shared.bodies.in_use() == 2);
  shared.release_body({static_cast<uint16_t>(Rpc::kEndTxn)}, true, slot);
  CHECK(shared.bodies.in_use() == 1);
  EndTxnRequest again;
  again.committed = true;
  CHECK(shared.bodies.put(again) == slot);
  CHECK(shared.bodies.get<EndTxnRequest>(slot).committed);
}

TEST_CASE("a message weighs what its batches weigh, and its headers") {
  TestShared shared = shared_with_topics();
  RecordBatch batch;
  batch.bytes = 1000;
  ProduceRequest produce;
  const uint32_t empty = wire_bytes(produce, shared);
  produce.partitions.push_back({kOutput0, shared.batches.put(batch)});
  CHECK(empty > 0);
  CHECK(wire_bytes(produce, shared) > empty + 1000);
  CHECK(wire_bytes(produce, shared) < empty + 1050);
  CHECK(wire_bytes(HeartbeatRequest{}, shared) == wire_bytes(HeartbeatRequest{}));

  MetadataResponse metadata;
  metadata.image = shared.metadata.put(MetadataImage{0, {}, {}, {TopicMetadata{{2}, false, {{}}}}});
  CHECK(wire_bytes(metadata, shared) > wire_bytes(HeartbeatResponse{}, shared));
}

}  // namespace
}  // namespace eosim::kafka
