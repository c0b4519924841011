// The Kafka half of a world: names, stores, bodies, and what the trace's fields mean.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/protocol/batch.h"
#include "models/protocol/bodies.h"
#include "models/protocol/client_counters.h"
#include "models/protocol/coverage.h"
#include "models/protocol/events.h"
#include "models/protocol/messages.h"
#include "models/protocol/names.h"
#include "sim/context.h"
#include "sim/shared.h"

namespace eosim::kafka {

// What a selector needs to know of the processes; the broker, the client and the scenario fill in
// the rest by deriving from this class.
class KafkaShared : public sim::Shared {
 public:
  Names names;
  BatchStore batches;
  MetadataStore metadata;
  Bodies bodies;
  std::vector<std::string> topic_names;  // by TopicId, sorted
  // The store that hands out blocks of producer ids before 3.0: a compare-and-set on a ZooKeeper
  // node, synchronous to the broker (transactions.md 1.6).
  int64_t next_producer_id_block = 0;
  uint64_t next_transaction_instance = 1;
  uint64_t next_record_uid = 1;
  ClientCounters counters;
  Coverage coverage;     // what requests met; of no use to the run, and in no digest
  uint64_t bounces = 0;  // processes that rolling bounces have brought back; as the counters
  // Files below this number hold logs, on every broker's disk: an entry is a batch, to which the
  // disk holds a reference.
  uint32_t log_files = 0;

  std::string partition_name(TopicPartition partition) const;  // "output-0"

  // What is in the stores now, and not what has ever been there: a long run is as big as what its
  // logs keep. A batch counts with its records and its entries in the logs.
  uint64_t memory_bytes() const override {
    constexpr uint64_t kBatchBytes = 512;
    constexpr uint64_t kPartitionBytes = 96;  // of an image
    return batches.held() * kBatchBytes + metadata.held() * (log_files + 1) * kPartitionBytes;
  }
  void release_body(sim::MessageKind kind, bool request, uint32_t body) override;
  void entries_lost(sim::FileId file, std::span<const sim::DiskEntry> entries) override;
  const std::vector<sim::EventKind>& event_kinds() const override;
  std::string format(sim::FieldType type, int64_t value) const override;
  uint64_t stable_hash(sim::FieldType type, int64_t value) const override;
  bool is_stable(sim::FieldType type) const override;
};

inline KafkaShared& kafka_shared(sim::Context& context) {
  return static_cast<KafkaShared&>(context.shared());
}

}  // namespace eosim::kafka
