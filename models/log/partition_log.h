// One replica's log of a partition, with everything that is derived from it: producer state, open
// and aborted transactions, leader epochs, and the offsets that readers are held to
// (transactions.md 4.1-4.10; Kafka's UnifiedLog).
//
// log start <= last stable offset <= high watermark <= log end (invariant P6), always. The high
// watermark moves when it is raised and never because something was appended. An append is one
// indivisible step: it writes the batch and books it everywhere, or is refused and changes nothing
// (P18). All that is derived can be had again from the batches alone: recover() does it, and gets
// what was there before (P16), and producers that had expired since, until the next expiry.
//
// A log is a value. Batches are named by their ids in the world's store; the log neither retains
// nor releases them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/log/epoch_cache.h"
#include "models/log/open_transactions.h"
#include "models/log/producer_state.h"
#include "models/log/transaction_index.h"
#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/messages.h"
#include "models/protocol/switches.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// Who appends. Clients are checked in full, coordinators have no sequences, and what is replicated
// or replayed was checked by the leader that took it.
enum class Origin : uint8_t { kClient, kCoordinator, kReplication };

struct LogEntry {
  Offset base_offset;
  BatchId batch;
  LeaderEpoch leader_epoch;
  int32_t count = 0;
  uint32_t bytes = 0;

  Offset end_offset() const { return base_offset + count; }
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

// What is on a disk of a log, in order.
struct StoredBatch {
  BatchId batch;
  LeaderEpoch leader_epoch;
};

struct AppendResult {
  Error error = Error::kNone;
  bool duplicate = false;  // nothing was appended; the offsets are those of the first time
  Offset base_offset;      // unset if refused
  Offset last_offset;

  bool appended() const { return error == Error::kNone && !duplicate; }
  friend bool operator==(const AppendResult&, const AppendResult&) = default;
};

struct ReadResult {
  Error error = Error::kNone;        // or OFFSET_OUT_OF_RANGE
  List<FetchedBatch> batches;        // whole ones; the first may begin before what was asked
  List<AbortedTransaction> aborted;  // read_committed only
  uint32_t bytes = 0;
};

class PartitionLog {
 public:
  static constexpr uint32_t kNoLimit = UINT32_MAX;

  // `max_message_bytes` is the topic's max.message.bytes; it binds clients and coordinators.
  AppendResult append(const Switches& switches, const BatchStore& store, BatchId batch,
                      Origin origin, LeaderEpoch leader_epoch,
                      uint32_t max_message_bytes = kNoLimit);

  // A leader starts its epoch here, whether or not it will append anything.
  void begin_leader_epoch(LeaderEpoch epoch) { epochs_.assign(epoch, end_); }

  // Raises only, at most to the log's end, and to where a batch ends. false: it was there already.
  bool raise_high_watermark(Offset offset);

  // Batches below the high watermark, or below the last stable offset for read_committed; as many
  // as fit, and at least one if there is one. An offset between that bound and the log's end reads
  // nothing, without an error (groups-streams-replication.md 6.3).
  ReadResult read(Offset from, IsolationLevel isolation, uint32_t max_bytes) const;

  // The timer of 4.9. Gives the number of the forgotten.
  size_t expire_producers(int64_t now_ms, int64_t expiration_ms) {
    return producers_.expire(now_ms, expiration_ms);
  }

  // Becomes the log of these batches, everything derived by replaying them. The high watermark is
  // then at the log's start, for the caller to raise.
  void rebuild(const Switches& switches, const BatchStore& store,
               std::span<const StoredBatch> stored);
  // The same for the batches of this log that end at or below `end`: after a crash, or a
  // truncation.
  void recover(const Switches& switches, const BatchStore& store, Offset end);

  Offset log_start_offset() const { return start_; }
  Offset log_end_offset() const { return end_; }
  Offset high_watermark() const { return high_watermark_; }
  Offset last_stable_offset() const;
  // What a reader of this isolation is held to.
  Offset readable_end(IsolationLevel isolation) const {
    return isolation == IsolationLevel::kReadCommitted ? last_stable_offset() : high_watermark_;
  }
  std::optional<LeaderEpoch> latest_leader_epoch() const { return epochs_.latest(); }

  std::span<const LogEntry> entries() const { return entries_; }
  // The entry that holds the offset, or the first after it; entries().size() at the end.
  size_t entry_index(Offset offset) const;
  std::span<const ProducerEntry> producers() const { return producers_.all(); }
  const ProducerEntry* find_producer(ProducerId id) const { return producers_.find(id); }
  // Sorted by first offset.
  std::span<const OpenTransaction> open_transactions() const { return transactions_.undecided(); }
  std::span<const DecidedTransaction> unreplicated_transactions() const {
    return transactions_.unreplicated();
  }
  std::span<const AbortedRange> aborted_transactions() const { return aborted_.all(); }
  const EpochCache& leader_epochs() const { return epochs_; }

  friend bool operator==(const PartitionLog&, const PartitionLog&) = default;

 private:
  void book(const Switches& switches, const RecordBatch& batch, Offset base);
  void book_marker(const Switches& switches, const RecordBatch& batch, const Marker& marker,
                   Offset offset);
  void check_invariants() const;

  std::vector<LogEntry> entries_;  // by base offset, without gaps
  Offset start_{0};
  Offset end_{0};
  Offset high_watermark_{0};
  ProducerTable producers_;
  OpenTransactions transactions_;
  TransactionIndex aborted_;
  EpochCache epochs_;
};

}  // namespace eosim::kafka
