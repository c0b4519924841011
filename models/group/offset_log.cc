#include "models/group/offset_log.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

class Fold {
 public:
  void apply(Offset base_offset, const RecordBatch& batch) {
    if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
      for (FoldedGroup& group : groups_) group.offsets.complete(batch.producer.id, marker->type);
    } else if (const auto* records = std::get_if<List<OffsetRecord>>(&batch.payload)) {
      for (const OffsetRecord& record : *records) apply(base_offset, batch, record);
    } else if (const auto* group_records = std::get_if<List<GroupRecord>>(&batch.payload)) {
      for (const GroupRecord& record : *group_records) {
        FoldedGroup& group = group_named(record.group);
        group.has_record = !record.tombstone;
        group.record = record;
      }
    } else {
      EOSIM_ASSERT(false && "a batch that no group coordinator wrote");
    }
  }

  std::vector<FoldedGroup> take() {
    std::erase_if(groups_, [](const FoldedGroup& g) { return !g.has_record && g.offsets.empty(); });
    return std::move(groups_);
  }

 private:
  void apply(Offset base_offset, const RecordBatch& batch, const OffsetRecord& record) {
    GroupOffsets& offsets = group_named(record.group).offsets;
    const OffsetEntry entry{record.offset, record.leader_epoch, record.commit_ms, base_offset};
    if (batch.transactional) {
      if (record.tombstone) {
        offsets.remove(batch.producer.id, record.partition);
      } else {
        offsets.prepare(batch.producer.id, record.partition, entry);
      }
    } else if (record.tombstone) {
      offsets.remove(record.partition);
    } else {
      offsets.restore(record.partition, entry);
    }
  }

  FoldedGroup& group_named(Name name) {
    const auto at = std::ranges::find(groups_, name, &FoldedGroup::name);
    if (at != groups_.end()) return *at;
    groups_.emplace_back().name = name;
    return groups_.back();
  }

  std::vector<FoldedGroup> groups_;
};

}  // namespace

std::vector<FoldedGroup> fold_offsets_log(const BatchStore& batches,
                                          std::span<const OffsetsLogEntry> log) {
  Fold fold;
  Offset last;
  for (const OffsetsLogEntry& entry : log) {
    EOSIM_ASSERT(entry.base_offset > last);
    last = entry.base_offset;
    fold.apply(entry.base_offset, batches[entry.batch]);
  }
  return fold.take();
}

}  // namespace eosim::kafka
