#include "models/group/group_step.h"

#include <utility>

namespace eosim::kafka {
namespace {

// Sizes only have to be of the right order: key, value and header of a record of each kind.
constexpr uint32_t kGroupRecordBytes = 60;
constexpr uint32_t kGroupMemberBytes = 150;
constexpr uint32_t kOffsetRecordBytes = 70;

// Longer than any replica can lag: the write ends with the high watermark, or with the leadership.
constexpr sim::Duration kUntilDecided = sim::seconds(30 * 24 * 3'600);

void append(GroupStep& step, const Group& group, RecordBatch batch, GroupStore store) {
  batch.max_timestamp_ms = step.wall_ms();
  const BatchId id = step.env.batches.put(std::move(batch));
  sim::Duration timeout = sim::milliseconds(step.config.offsets_commit_timeout_ms);
  sim::SteadyTime answer_by = sim::kSteadyNever;
  // The new coordinator gives up the answer when time is up, and not the write.
  if (step.config.new_coordinator() && std::holds_alternative<OffsetStore>(store)) {
    answer_by = step.now() + timeout;
    timeout = kUntilDecided;
  }
  const bool min_isr = !step.config.new_coordinator() && !std::holds_alternative<QuietStore>(store);
  const uint64_t token = step.appends.add(group.partition(), std::move(store), answer_by);
  step.effects.push_back(
      AppendEffect{{step.config.offsets_topic, group.partition()}, id, timeout, token, min_isr});
}

}  // namespace

void append_group_record(GroupStep& step, const Group& group, GroupRecord record,
                         GroupStore store) {
  RecordBatch batch;
  batch.count = 1;
  batch.bytes = kBatchOverheadBytes + kGroupRecordBytes +
                static_cast<uint32_t>(record.members.size()) * kGroupMemberBytes;
  List<GroupRecord> records;
  records.push_back(std::move(record));
  batch.payload = std::move(records);
  append(step, group, std::move(batch), std::move(store));
}

void append_tombstones(GroupStep& step, const Group& group, List<OffsetRecord> tombstones) {
  RecordBatch batch;
  batch.count = static_cast<int32_t>(tombstones.size());
  batch.bytes = kBatchOverheadBytes + static_cast<uint32_t>(tombstones.size()) * kOffsetRecordBytes;
  batch.payload = std::move(tombstones);
  append(step, group, std::move(batch), QuietStore{group.uid()});
}

void append_offset_records(GroupStep& step, const Group& group, List<OffsetRecord> records,
                           Ghost<TransactionInstance> instance, OffsetStore store) {
  RecordBatch batch;
  batch.producer = store.producer;
  batch.transactional = store.transactional();
  batch.count = static_cast<int32_t>(records.size());
  batch.bytes = kBatchOverheadBytes + static_cast<uint32_t>(records.size()) * kOffsetRecordBytes;
  batch.payload = std::move(records);
  batch.instance = instance;
  append(step, group, std::move(batch), std::move(store));
}

}  // namespace eosim::kafka
