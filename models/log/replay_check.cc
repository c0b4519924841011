#include "models/log/replay_check.h"

#include <algorithm>

namespace eosim::kafka {
namespace {

StoredLog stored(const PartitionLog& log) {
  StoredLog stored;
  stored.start = log.log_start_offset();
  stored.end = log.log_end_offset();
  for (const LogEntry& entry : log.entries()) {
    stored.batches.push_back({entry.batch, entry.leader_epoch, entry.base_offset});
  }
  const auto epochs = log.leader_epochs().all();
  stored.epochs.assign(epochs.begin(), epochs.end());
  return stored;
}

PartitionLog read_back(const Switches& switches, const BatchStore& store, const PartitionLog& log,
                       const StoredLog& stored) {
  PartitionLog fresh(log.config());
  fresh.rebuild(switches, store, stored);
  fresh.raise_high_watermark(log.high_watermark());
  return fresh;
}

// The newest batches of the one that knows more are those of the other. A cleaner may have left
// gaps, but never at the end.
bool windows_agree(const BatchWindow& a, const BatchWindow& b, bool cleaned) {
  const auto x = a.batches();
  const auto y = b.batches();
  const size_t common = std::min({x.size(), y.size(), cleaned ? size_t{1} : x.size()});
  return std::ranges::equal(x.last(common), y.last(common)) &&
         (common > 0 || (x.empty() && y.empty()));
}

// `moved`: the log begins later than it once did, so that a producer's last marker may be gone from
// below the batches of its open transaction.
std::string producer_difference(const ProducerEntry& live, const ProducerEntry& back, bool cleaned,
                                bool moved) {
  const std::string name = "producer " + std::to_string(live.id.value) + ": ";
  if (live.epoch != back.epoch) return name + "epoch";
  if (live.open_transaction != back.open_transaction) return name + "open transaction";
  if (!windows_agree(live.window, back.window, cleaned)) return name + "known batches";
  if (cleaned && back.coordinator_epoch < live.coordinator_epoch) return "";
  const bool forgotten = moved && back.coordinator_epoch == CoordinatorEpoch{};
  if (forgotten && back.open_transaction.valid()) return "";
  if (live.coordinator_epoch != back.coordinator_epoch) return name + "coordinator epoch";
  return live.last_timestamp_ms == back.last_timestamp_ms ? "" : name + "timestamp";
}

// Nothing of the producer has to be in the log any more.
bool may_be_lost(const PartitionLog& log, const ProducerEntry& producer) {
  if (log.log_start_offset() == Offset{0} || producer.open_transaction.valid()) return false;
  return producer.window.empty() ||
         producer.window.batches().back().last_offset < log.log_start_offset();
}

// The first segment may begin with batches below the start of the log, whose epoch is forgotten.
std::span<const LogEntry> readable(const PartitionLog& log) {
  return log.entries().subspan(log.entry_index(log.log_start_offset()));
}

// Whether every transaction of `a` that began at or after `offset` is in `b`, too. A cleaner may
// have taken the begin of one, and what held the stable offset back when it ended; so may a log
// start that moved, of what began below it.
bool aborted_in(const PartitionLog& a, const PartitionLog& b, Offset offset, bool cleaned) {
  const std::vector<AbortedRange> others = b.aborted_transactions();
  for (AbortedRange range : a.aborted_transactions()) {
    if (range.first_offset < offset) continue;
    const auto other =
        std::ranges::lower_bound(others, range.last_offset, {}, &AbortedRange::last_offset);
    if (other == others.end() || other->last_offset != range.last_offset) return false;
    if (cleaned || other->first_offset < offset) range.first_offset = other->first_offset;
    const Offset held = std::min(range.last_stable_offset, other->last_stable_offset);
    if (cleaned || held < offset) range.last_stable_offset = other->last_stable_offset;
    if (*other != range) return false;
  }
  return true;
}

}  // namespace

PartitionLog replayed(const Switches& switches, const BatchStore& store, const PartitionLog& log) {
  return read_back(switches, store, log, stored(log));
}

bool replays_alike(const PartitionLog& a, const PartitionLog& b) {
  return a.log_start_offset() == b.log_start_offset() && a.log_end_offset() == b.log_end_offset() &&
         a.high_watermark() == b.high_watermark() && a.config() == b.config() &&
         a.leader_epochs() == b.leader_epochs() && std::ranges::equal(a.entries(), b.entries());
}

PartitionLog replayed_from_snapshots(const Switches& switches, const BatchStore& store,
                                     const PartitionLog& log) {
  StoredLog with_snapshots = stored(log);
  with_snapshots.snapshots = log.snapshots();
  return read_back(switches, store, log, with_snapshots);
}

std::string replay_difference(const PartitionLog& live, const PartitionLog& replayed) {
  if (!std::ranges::equal(readable(live), readable(replayed))) return "entries";
  if (live.log_start_offset() != replayed.log_start_offset()) return "log start";
  if (live.log_end_offset() != replayed.log_end_offset()) return "log end";
  if (live.high_watermark() != replayed.high_watermark()) return "high watermark";
  if (live.last_stable_offset() != replayed.last_stable_offset()) return "last stable offset";
  if (!std::ranges::equal(live.open_transactions(), replayed.open_transactions())) {
    return "open transactions";
  }
  const bool cleaned = live.first_dirty_offset() > live.log_start_offset();
  const bool moved = live.log_start_offset() > Offset{0};
  for (const ProducerEntry& producer : live.producers()) {
    const ProducerEntry* back = replayed.find_producer(producer.id);
    if (back == nullptr) {
      if (may_be_lost(live, producer)) continue;
      return "producer " + std::to_string(producer.id.value) + " is not in the log";
    }
    std::string difference = producer_difference(producer, *back, cleaned, moved);
    if (!difference.empty() && !may_be_lost(live, producer)) return difference;
  }
  const Offset from = std::max(live.log_start_offset(), live.first_dirty_offset());
  if (!aborted_in(live, replayed, from, cleaned) || !aborted_in(replayed, live, from, cleaned)) {
    return "aborted transactions";
  }
  return "";
}

}  // namespace eosim::kafka
