// One replica's log of a partition, with everything that is derived from it: producer state, open
// and aborted transactions, leader epochs, and the offsets that readers are held to
// (transactions.md 4.1-4.11; Kafka's UnifiedLog).
//
// log start <= last stable offset <= high watermark <= log end (invariant P6), always. The high
// watermark moves when it is moved and never because something was appended. An append is one
// indivisible step: it writes the batch and books it everywhere, or is refused and changes nothing
// (P18). What is derived can be had again from the newest snapshot of the producers and the batches
// after it, and is then what it was (P16), but for three things: of a snapshot's producers one
// batch is known and not five; producers that had expired are back until the next expiry;
// verifications end with the process.
//
// Entries are in the order of their offsets. There may be offsets between them that belong to none,
// once the cleaner has been here. Segments divide the entries; the last one is the active one.
//
// A log is a value. Batches are named by their ids in the world's store; the log neither retains
// nor releases them, and what takes batches away tells which.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/log/epoch_cache.h"
#include "models/log/log_config.h"
#include "models/log/log_entry.h"
#include "models/log/open_transactions.h"
#include "models/log/producer_snapshot.h"
#include "models/log/producer_state.h"
#include "models/log/segment.h"
#include "models/log/stored_log.h"
#include "models/log/verification.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

class PartitionLog {
 public:
  static constexpr uint32_t kNoLimit = UINT32_MAX;

  PartitionLog() = default;
  explicit PartitionLog(const LogConfig& config) : config_(config) {}
  const LogConfig& config() const { return config_; }
  void configure(const LogConfig& config) { config_ = config; }

  // --- leader
  AppendResult append(const Switches& switches, const BatchStore& store, BatchId batch,
                      Origin origin, LeaderEpoch leader_epoch,
                      const AppendVerification& verification = {});
  // A leader starts its epoch here, whether or not it will append anything.
  void begin_leader_epoch(LeaderEpoch epoch) { epochs_.assign(epoch, end_); }
  // Raises only, at most to the log's end, and to where a batch ends. false: it was there already.
  bool raise_high_watermark(Offset offset);
  // 4.11 step 1: a transactional batch of this producer is going to be written. Either nothing is
  // to be verified, or the coordinator is to be asked, and the append to bring the guard.
  VerificationStart begin_verification(const Switches& switches,
                                       const VerificationRequest& request);

  // --- follower
  // Takes what the leader has, at the leader's offset. What a leader would have refused is taken,
  // and told as a violation; up to 2.3 a marker of a deposed coordinator is refused here, too.
  AppendResult append_replica(const Switches& switches, const BatchStore& store,
                              const FetchedBatch& fetched);
  // Also downwards: what counts is what the leader says. Kept between the log's start and its end,
  // and where a batch begins. Transactions whose marker is no longer below it hold the last stable
  // offset back again. true: it moved.
  bool set_high_watermark(const Switches& switches, const BatchStore& store, Offset offset);
  // Keeps whole batches below `offset` (groups-streams-replication.md 6.6): epochs that begin at or
  // above it go, also if no batch does, the high watermark falls to the end if it was above, and
  // what is derived is rebuilt.
  Released truncate_to(const Switches& switches, const BatchStore& store, Offset offset,
                       const ExpiredProducers& expired = {});
  // Forgets everything and starts at this offset: the leader no longer has what would come next.
  Released start_at(Offset offset);

  // --- start of the log (4.9)
  // DeleteRecords, or the leader's start of the log as a follower learns it. At most to the high
  // watermark; never back. false: it was there already.
  bool move_start(const Switches& switches, Offset offset);
  // Segments below the high watermark that are too old, too much, or below the start of the log.
  // Without cleanup.policy=delete only the last.
  Released delete_old_segments(const Switches& switches, int64_t now_ms);

  // --- readers
  // Batches below the high watermark, or below the last stable offset for read_committed; as many
  // as fit, and at least one if there is one. An offset between that bound and the log's end reads
  // nothing, without an error (groups-streams-replication.md 6.3).
  ReadResult read(Offset from, IsolationLevel isolation, uint32_t max_bytes) const;
  // Up to the end of the log.
  ReadResult read_for_follower(Offset from, uint32_t max_bytes) const;

  // The timer of 4.9. Gives the number of the forgotten.
  size_t expire_producers(int64_t now_ms, int64_t expiration_ms) {
    verifications_.expire(now_ms, expiration_ms);
    return producers_.expire(now_ms, expiration_ms);
  }

  // --- recovery
  // Becomes the log of these batches, everything derived by replaying them. The high watermark is
  // then at the log's start, for the caller to raise.
  void rebuild(const Switches& switches, const BatchStore& store,
               std::span<const StoredBatch> stored);
  void rebuild(const Switches& switches, const BatchStore& store, const StoredLog& stored,
               const ExpiredProducers& expired = {});

  Offset log_start_offset() const { return start_; }
  Offset log_end_offset() const { return end_; }
  Offset high_watermark() const { return high_watermark_; }
  Offset last_stable_offset() const {
    const std::optional<Offset> unstable = transactions_.first_unstable();
    if (!unstable) return high_watermark_;
    return std::min(std::max(*unstable, start_), high_watermark_);
  }
  // What a reader of this isolation is held to.
  Offset readable_end(IsolationLevel isolation) const {
    return isolation == IsolationLevel::kReadCommitted ? last_stable_offset() : high_watermark_;
  }
  std::optional<LeaderEpoch> latest_leader_epoch() const { return epochs_.latest(); }

  std::span<const LogEntry> entries() const { return entries_; }
  // The entry that holds the offset, or the first after it; entries().size() at the end.
  size_t entry_index(Offset offset) const;
  std::span<const Segment> segments() const { return segments_; }
  std::span<const LogEntry> entries_of(size_t segment) const;
  int64_t bytes() const;
  std::span<const ProducerEntry> producers() const { return producers_.all(); }
  const ProducerEntry* find_producer(ProducerId id) const { return producers_.find(id); }
  // Sorted by first offset.
  std::span<const OpenTransaction> open_transactions() const { return transactions_.undecided(); }
  std::span<const DecidedTransaction> unreplicated_transactions() const {
    return transactions_.unreplicated();
  }
  // Of all segments.
  std::vector<AbortedRange> aborted_transactions() const;
  const VerificationEntry* find_verification(ProducerId id) const {
    return verifications_.find(id);
  }
  const EpochCache& leader_epochs() const { return epochs_; }
  // The producers where the segments begin, but for the first of a log that begins with nothing.
  std::vector<ProducerSnapshot> snapshots() const;
  // The producers where the log ends.
  ProducerSnapshot closing_snapshot() const;

  // --- cleaner
  // The first offset that no cleaner has seen.
  Offset first_dirty_offset() const { return first_dirty_; }
  // The first `replaced` segments become these; the first batch after them is the first dirty one.
  void replace_cleaned(size_t replaced, std::vector<Segment> segments,
                       std::vector<LogEntry> entries);

  friend bool operator==(const PartitionLog&, const PartitionLog&) = default;

 private:
  AppendResult write(const Switches& switches, const RecordBatch& batch,
                     const FetchedBatch& written);
  bool must_roll(const RecordBatch& batch) const;
  void begin_segment(Offset base);
  void book(const Switches& switches, const RecordBatch& batch, Offset base, Segment& segment);
  void book_marker(const Switches& switches, const RecordBatch& batch, const Marker& marker,
                   Offset offset, Segment& segment);
  ReadResult read_until(Offset bound, Offset from, uint32_t max_bytes) const;
  void collect_aborted(Offset from, Offset upper, List<AbortedTransaction>& found) const;
  void cut_end(Offset offset, Released& released);
  void replay_newest_segment(const Switches& switches, const BatchStore& store,
                             const ExpiredProducers& expired);
  void reopen_decided(const Switches& switches, const BatchStore& store, Offset from, Offset to);
  Offset begin_of_transaction(const BatchStore& store, size_t marker) const;
  void cut_start(size_t segments, Released& released);
  void start_moved(const Switches& switches, Offset offset);
  void check_invariants() const;

  std::vector<LogEntry> entries_;  // by base offset
  std::vector<Segment> segments_;  // by base; none before the first append
  Offset start_{0};
  Offset end_{0};
  Offset high_watermark_{0};
  Offset first_dirty_{0};
  ProducerTable producers_;
  OpenTransactions transactions_;
  VerificationTable verifications_;
  EpochCache epochs_;
  LogConfig config_;
};

}  // namespace eosim::kafka
