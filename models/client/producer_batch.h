// A batch on its way through a producer (ProducerBatch). Parts of the producer name it by its
// number; the batch itself stands in one table.
//
// Numbers are in order of creation, and so within a partition in order of sequence. A batch that is
// split leaves its place to its pieces: each is numbered by its first record, between the batch and
// the one that was made next, and so can be split again.
#pragma once

#include <map>

#include "models/protocol/batch.h"
#include "models/protocol/types.h"
#include "sim/time.h"

namespace eosim::kafka {

// More records than any batch can hold.
inline constexpr uint64_t kBatchNumberStride = uint64_t{1} << 32;

struct ProducerBatch {
  uint64_t number = 0;  // in order of creation
  TopicPartition partition;
  List<Record> records;  // until it is drained; then they stand in the world's store
  int32_t count = 0;
  uint32_t bytes = kBatchOverheadBytes;
  int64_t buffer = 0;  // bytes of buffer.memory that it holds; a piece of a split batch: none
  Ghost<TransactionInstance> instance;
  sim::SteadyTime created;
  sim::SteadyTime last_attempt;  // or created
  int32_t attempts = 0;          // that ended and were not the last
  sim::Duration backoff;         // after the last attempt
  LeaderEpoch leader_epoch;      // known at the last attempt
  bool open = true;              // takes more records
  // Set when it is drained the first time, and kept over all retries: what makes them idempotent.
  ProducerIdAndEpoch producer;
  Sequence base_sequence;
  bool piece = false;      // of a batch that was split
  bool rewritten = false;  // the sequence was changed after it had been sent (transactions.md 5.7)
  BatchId stored;          // what was sent last; one reference to it is held
  bool stored_stale = false;  // `stored` has the sequence of before
  bool in_request = false;
  bool done = false;  // the application was told; an answer may still come

  bool has_sequence() const { return base_sequence.valid(); }
  Sequence last_sequence() const { return sequence_plus(base_sequence, count - 1); }
  void rewrite(ProducerIdAndEpoch pair, Sequence base) {
    producer = pair;
    base_sequence = base;
    rewritten = true;
    stored_stale = true;
  }
};

using BatchTable = std::map<uint64_t, ProducerBatch>;

}  // namespace eosim::kafka
