// Records that wait to be sent (RecordAccumulator): a queue of batches for each partition, and the
// rules of when a batch is sendable and which may be drained (transactions.md 5.5, 5.6, 5.8). A
// batch holds batch.size of buffer.memory from its creation until the application was told what
// became of it (BufferPool). Who finds no room has to wait; meanwhile everything is sendable.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "models/client/metadata_cache.h"
#include "models/client/producer_batch.h"
#include "models/client/producer_config.h"
#include "models/client/retry_backoff.h"
#include "models/protocol/partition_map.h"
#include "sim/outbox.h"
#include "sim/small_list.h"

namespace eosim::kafka {

class TransactionManager;

// Of one request.
using BatchNumbers = sim::SmallList<uint64_t, 4>;

class Accumulator {
 public:
  explicit Accumulator(const ProducerConfig& config);

  // The record fits into a batch that is there, or there is memory for another one.
  bool has_room(TopicPartition partition, const Record& record) const;
  // Somebody waits for room.
  void set_exhausted(bool exhausted) { exhausted_ = exhausted; }
  int64_t memory_used() const { return memory_used_; }
  // true: the sender has something new to look at (a new batch, or a batch is full).
  bool append(TopicPartition partition, const Record& record, sim::SteadyTime now);

  struct Ready {
    sim::SmallList<BrokerId, 4> brokers;  // leaders of sendable batches, by id
    bool unknown_leaders = false;
    sim::SteadyTime next = sim::kSteadyNever;  // when another batch becomes sendable by itself
  };
  // `flush`: everything is sendable (flush(), close(), the transaction is completing).
  Ready ready(const MetadataCache& metadata, sim::SteadyTime now, bool flush) const;

  // Takes the batches of one request to this broker, at most one a partition; new ones get their
  // sequence.
  BatchNumbers drain(BrokerId broker, const MetadataCache& metadata, TransactionManager& manager,
                     sim::SteadyTime now);
  // Back into the queue, in order of sequence; sendable after this pause (retry.backoff.ms).
  void reenqueue(uint64_t number, sim::SteadyTime now, std::optional<sim::Duration> backoff = {});
  // Cuts a batch that was too large for its leader into pieces of batch.size, which take its place,
  // its sequences and its age (RecordAccumulator.splitAndReenqueue). Without compression that is
  // one piece, as large as before. Since 4.1 a piece that is cut again is halved (KAFKA-8350).
  // `records` are the batch's. Gives the numbers of the pieces.
  std::vector<uint64_t> split(uint64_t number, const List<Record>& records);
  // Older than delivery.timeout.ms, waiting or in a request.
  std::vector<uint64_t> expired(sim::SteadyTime now) const;
  sim::SteadyTime next_expiry() const;
  // Waiting without a sequence: never sent.
  std::vector<uint64_t> unsent() const;
  // The request that held the batch has ended.
  void answered(uint64_t number);
  // The application was told. The batch stays until the answer to its request came.
  void finish(uint64_t number);
  // Nobody waits for answers any more: the producer ends.
  void drop_all();
  // Stored batches that nothing here names any more; whoever takes them gives them back.
  const std::vector<BatchId>& take_settled() { return settled_.take(); }

  ProducerBatch& batch(uint64_t number) { return batches_.at(number); }
  BatchTable& batches() { return batches_; }
  const BatchTable& batches() const { return batches_; }
  bool has_incomplete() const { return incomplete_ > 0; }
  bool has_undrained() const { return undrained_ > 0; }
  uint32_t incomplete() const { return incomplete_; }
  std::vector<uint64_t> incomplete_numbers() const;
  // Of the batch that was made last, and of all that can come of it.
  uint64_t newest() const { return next_number_ - kBatchNumberStride; }
  uint64_t newest_piece() const { return next_number_ - 1; }
  // No batch up to this one is incomplete.
  bool complete_up_to(uint64_t number) const;

 private:
  struct Queue {
    std::deque<uint64_t> waiting;
    uint32_t in_requests = 0;
  };
  // The batch that takes this record, if there is one.
  const ProducerBatch* open_batch(TopicPartition partition, const Record& record) const;
  int64_t buffer_for(const Record& record) const;
  void insert_in_order(uint64_t number);
  void release_buffer(ProducerBatch& batch);
  bool backing_off(const ProducerBatch& head, MetadataCache::Leader leader,
                   sim::SteadyTime now) const;

  sim::Duration linger_;
  sim::Duration retry_backoff_;
  sim::Duration delivery_timeout_;
  uint32_t batch_size_;
  uint32_t max_request_size_;
  bool one_in_flight_;
  bool new_leader_ends_backoff_;
  bool split_halves_;
  PartitionMap<Queue> queues_;
  BatchTable batches_;
  sim::Outbox<BatchId> settled_;
  uint64_t next_number_ = kBatchNumberStride;
  int64_t memory_;
  int64_t memory_used_ = 0;
  bool exhausted_ = false;
  uint32_t incomplete_ = 0;
  size_t undrained_ = 0;    // in all queues
  size_t drain_index_ = 0;  // goes round, so that no partition starves
};

}  // namespace eosim::kafka
