#include "models/group/replay.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace eosim::kafka {
namespace {

using enum GroupState;

std::string text(TopicPartition partition) {
  return "topic " + std::to_string(partition.topic.value) + " partition " +
         std::to_string(partition.partition);
}

std::string text(const OffsetEntry* entry) {
  if (entry == nullptr) return "nothing";
  return std::to_string(entry->offset.value) + " of " + std::to_string(entry->position.value);
}

bool same(const OffsetEntry* a, const OffsetEntry* b) {
  return a == nullptr || b == nullptr ? a == b : *a == *b;
}

template <class Map, class Key>
const typename Map::mapped_type* look_up(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

const OffsetEntry* pending_of(const GroupOffsets& offsets, ProducerId producer,
                              TopicPartition partition) {
  const auto* entries = look_up(offsets.pending_transactional(), producer);
  return entries == nullptr ? nullptr : look_up(*entries, partition);
}

// What is in flight to the log, of one group.
struct Flight {
  bool record = false;
  std::set<TopicPartition> offsets;
};

Flight flight_of(const GroupCoordinator& live, const Group& group) {
  Flight flight;
  for (const auto& [token, append] : live.appends().waiting()) {
    if (const auto* store = std::get_if<OffsetStore>(&append.store)) {
      if (store->group_uid != group.uid()) continue;
      for (const OffsetStore::Item& item : store->items) flight.offsets.insert(item.partition);
    } else if (std::visit([](const auto& s) { return s.group_uid; }, append.store) == group.uid()) {
      flight.record = true;
    }
  }
  return flight;
}

// Where each producer's last marker lies.
std::map<ProducerId, Offset> last_markers(const BatchStore& batches,
                                          std::span<const OffsetsLogEntry> log) {
  std::map<ProducerId, Offset> markers;
  for (const OffsetsLogEntry& entry : log) {
    const RecordBatch& batch = batches[entry.batch];
    if (batch.control()) markers[batch.producer.id] = entry.base_offset;
  }
  return markers;
}

class Comparison {
 public:
  Comparison(const Group& group, const FoldedGroup& folded, Flight flight,
             const std::map<ProducerId, Offset>& markers)
      : group_(group), folded_(folded), flight_(std::move(flight)), markers_(markers) {}

  // Empty: equal.
  std::string difference() const {
    std::string found = record();
    if (found.empty()) found = offsets();
    return found;
  }

 private:
  std::string record() const {
    const Generation written = folded_.has_record ? folded_.record.generation : Generation{0};
    if (written > group_.generation()) return "its generation is behind that of its record";
    if (flight_.record || group_.record_in_doubt) return "";
    if (group_.is(kEmpty)) return empty_record(written);
    if (group_.is(kStable)) return stable_record();
    return "";
  }

  std::string empty_record(Generation written) const {
    if (written != group_.generation()) return "it became empty, and its record does not say so";
    if (folded_.has_record && !folded_.record.members.empty()) {
      return "it is empty, and its record has members";
    }
    return "";
  }

  std::string stable_record() const {
    const GroupRecord& record = folded_.record;
    if (!folded_.has_record) return "it is stable without a record";
    if (record.generation != group_.generation()) return "its record is of another generation";
    if (record.protocol != group_.protocol()) return "its record has another protocol";
    if (record.leader != group_.leader()) return "its record has another leader";
    if (record.members.size() != group_.members().size()) return "its record has other members";
    for (const GroupMemberRecord& saved : record.members) {
      const Member* member = group_.find_member(saved.member_id);
      if (member == nullptr || member->instance_id != saved.instance_id) {
        return "its record has other members";
      }
      if (member->assignment != saved.assignment) return "its record assigns otherwise";
    }
    return "";
  }

  std::string offsets() const {
    std::set<TopicPartition> partitions;
    std::set<std::pair<ProducerId, TopicPartition>> pending;
    for (const GroupOffsets* side : {&group_.offsets, &folded_.offsets}) {
      for (const auto& [partition, entry] : side->committed()) partitions.insert(partition);
      for (const auto& [producer, entries] : side->pending_transactional()) {
        for (const auto& [partition, entry] : entries) pending.insert({producer, partition});
      }
    }
    for (const TopicPartition partition : partitions) {
      const OffsetEntry* mine = look_up(group_.offsets.committed(), partition);
      const OffsetEntry* logged = look_up(folded_.offsets.committed(), partition);
      if (same(mine, logged) || excused(partition) || marker_awaited(partition)) continue;
      return text(partition) + ": committed is " + text(mine) + ", and by the log " + text(logged);
    }
    for (const auto& [producer, partition] : pending) {
      const OffsetEntry* mine = pending_of(group_.offsets, producer, partition);
      const OffsetEntry* logged = pending_of(folded_.offsets, producer, partition);
      if (same(mine, logged) || excused(partition) || decided_in_log(producer, mine)) continue;
      return text(partition) + ": pending of producer " + std::to_string(producer.value) + " is " +
             text(mine) + ", and by the log " + text(logged);
    }
    return "";
  }

  bool excused(TopicPartition partition) const {
    return flight_.offsets.contains(partition) || group_.offsets.in_doubt(partition);
  }

  // The marker of this pending entry is in the log: above the high watermark, timed out and to be
  // sent again, or a task of the background worker.
  bool decided_in_log(ProducerId producer, const OffsetEntry* mine) const {
    const Offset* marker = look_up(markers_, producer);
    return mine != nullptr && marker != nullptr && mine->position < *marker;
  }

  bool marker_awaited(TopicPartition partition) const {
    return std::ranges::any_of(group_.offsets.pending_transactional(), [&](const auto& of) {
      return decided_in_log(of.first, look_up(of.second, partition));
    });
  }

  const Group& group_;
  const FoldedGroup& folded_;
  Flight flight_;
  const std::map<ProducerId, Offset>& markers_;
};

}  // namespace

std::optional<std::string> replay_mismatch(const GroupCoordinator& live, int32_t partition,
                                           const BatchStore& batches, const Names& names,
                                           std::span<const OffsetsLogEntry> log) {
  if (live.ownership(partition) != GroupCoordinator::Ownership::kOwned) return std::nullopt;
  const std::vector<FoldedGroup> folded = fold_offsets_log(batches, log);
  const std::map<ProducerId, Offset> markers = last_markers(batches, log);
  std::vector<std::string> found;
  const auto note = [&](Name group, const std::string& what) {
    if (!what.empty()) found.push_back(std::string(names.text(group)) + ": " + what);
  };
  for (const FoldedGroup& group : folded) {
    if (live.find_group(group.name) == nullptr) note(group.name, "the cache does not have it");
  }
  for (const Group& group : live.groups()) {
    if (group.partition() != partition) continue;
    const auto at = std::ranges::find(folded, group.name(), &FoldedGroup::name);
    const FoldedGroup none{group.name(), false, {}, {}};
    const FoldedGroup& logged = at == folded.end() ? none : *at;
    note(group.name(), Comparison(group, logged, flight_of(live, group), markers).difference());
  }
  if (found.empty()) return std::nullopt;
  return *std::ranges::min_element(found);  // by text: groups have no order of their own
}

}  // namespace eosim::kafka
