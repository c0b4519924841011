// The offsets of one group: the map that OffsetFetch answers from, and the entries whose fate is
// not known yet (groups-streams-replication.md 2.1). The winner of two entries is the one whose
// *record* lies later in the log, whatever the order of their markers (2.6). Entries of a
// transaction are kept by producer id alone: one marker decides all of them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "models/protocol/batch.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

struct OffsetEntry {
  Offset offset;
  LeaderEpoch leader_epoch;
  int64_t commit_ms = -1;
  Offset position;  // of the record's batch in the log; unset until the append is acknowledged

  // Kafka compares what was committed, not where it stands.
  bool same_value(const OffsetEntry& other) const {
    return offset == other.offset && leader_epoch == other.leader_epoch &&
           commit_ms == other.commit_ms;
  }
  friend bool operator==(const OffsetEntry&, const OffsetEntry&) = default;
};

class GroupOffsets {
 public:
  using Entries = std::map<TopicPartition, OffsetEntry>;
  using PendingTransactions = std::map<ProducerId, Entries>;

  const Entries& committed() const { return committed_; }
  const Entries& pending_plain() const { return pending_plain_; }
  const PendingTransactions& pending_transactional() const { return pending_transactional_; }
  const OffsetEntry* find(TopicPartition partition) const;
  // A commit of this partition is undecided: transactional, or plain and not yet replicated.
  bool unstable(TopicPartition partition) const;
  bool unstable_transactional(TopicPartition partition) const;  // (1.14 e)
  bool empty() const;

  // Plain commits (2.2).
  void prepare(TopicPartition partition, const OffsetEntry& entry);
  // true: this entry is what OffsetFetch answers from now on.
  bool acknowledge(TopicPartition partition, const OffsetEntry& entry);
  void fail(TopicPartition partition, const OffsetEntry& entry);

  // Transactional commits (2.4).
  void prepare(ProducerId producer, TopicPartition partition, const OffsetEntry& entry);
  // true: the pending entry is still this one, and has its position now.
  bool acknowledge(ProducerId producer, TopicPartition partition, const OffsetEntry& entry);
  bool fail(ProducerId producer, TopicPartition partition);
  // The new coordinator takes back its write and no other (1.14 a).
  bool roll_back(ProducerId producer, TopicPartition partition, const OffsetEntry& entry,
                 const std::optional<OffsetEntry>& replaced);
  std::optional<OffsetEntry> pending(ProducerId producer, TopicPartition partition) const;

  // A write of this partition failed: the log may have what the cache has not, or the cache have
  // lost with it what the log has (2.2, 2.4). Until the next load.
  void doubt(TopicPartition partition) { in_doubt_.insert(partition); }
  bool in_doubt(TopicPartition partition) const { return in_doubt_.contains(partition); }

  // A marker's effect (2.5): what became of each pending entry, in the order of partitions.
  struct Decided {
    TopicPartition partition;
    OffsetEntry entry;
    bool committed = false;  // false: dropped, or older than what is there
  };
  // An entry whose append nobody acknowledged is lost with the rest
  // (GroupMetadata.completePendingTxnOffsetCommit throws when it meets one), or stays: its record
  // lies behind the marker, if both are told in the order of the log.
  enum class Unacknowledged : uint8_t { kLost, kStays };
  std::vector<Decided> complete(ProducerId producer, ControlType type,
                                Unacknowledged rule = Unacknowledged::kLost);

  void restore(TopicPartition partition, const OffsetEntry& entry);
  void remove(TopicPartition partition) { committed_.erase(partition); }
  void remove(ProducerId producer, TopicPartition partition);

 private:
  bool replace_older(TopicPartition partition, const OffsetEntry& entry);

  Entries committed_;
  Entries pending_plain_;
  PendingTransactions pending_transactional_;
  std::set<TopicPartition> in_doubt_;
};

}  // namespace eosim::kafka
