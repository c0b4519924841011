#include "models/group/group_step.h"

#include <utility>

namespace eosim::kafka {
namespace {

// Sizes only have to be of the right order: key, value and header of a record of each kind.
constexpr uint32_t kGroupRecordBytes = 60;
constexpr uint32_t kGroupMemberBytes = 150;
constexpr uint32_t kOffsetRecordBytes = 70;

void append(GroupStep& step, const Group& group, RecordBatch batch, GroupStore store) {
  batch.max_timestamp_ms = step.env.clock.wall.ms();
  const BatchId id = step.env.batches.put(std::move(batch));
  const uint64_t token = step.appends.add(std::move(store));
  step.effects.push_back(AppendEffect{{step.config.offsets_topic, group.partition()},
                                      id,
                                      sim::milliseconds(step.config.offsets_commit_timeout_ms),
                                      token});
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
