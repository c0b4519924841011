// The ledger's part that takes back what lost records meant (groups-streams-replication.md 6.7,
// 6.8). A loss that no protocol helps against (all copies cut by their disks, an unclean election)
// also makes void what was promised of the partition, and of the applications whose offsets or
// transactions it held.
#include "models/check/ghost_access.h"
#include "models/check/ledger.h"
#include "sim/assert.h"

namespace eosim::check {

void Ledger::lose(const sim::World& world, PartitionTruth& partition, Offset end, bool explained) {
  const TopicPartition where = partition.partition();
  change_.lost_from = end;
  change_.lost_explained = explained;
  change_.lost_records = partition.end() - end;
  std::vector<BatchTruth> reopened;
  partition.truncate(end, change_.lost, reopened);
  if (explained && !partition.void_from.valid()) partition.void_from = end;
  for (const BatchTruth& batch : change_.lost) lose_work(where, batch, false, explained);
  for (const BatchTruth& batch : reopened) lose_work(where, batch, true, explained);
  if (is_offsets(where)) return lose_groups(world, where, end, explained);
  if (where.topic == transaction_topic_) return lose_transactional_ids(world, where, explained);
  lose_effects(partition, end, reopened, explained);
  for (const BatchTruth& batch : reopened) {
    scratch_.clear();
    collect_effects(shared(world).batches[batch.id], batch.base);
    partition.wait(scratch_);
  }
  // Who stands behind the new end has to find a place to read on from.
  for (auto& [key, reader] : readers_) {
    if (key.partition == where && reader.cursor > end) reader.cursor = {};
  }
}

void Ledger::lose_work(TopicPartition p, const BatchTruth& batch, bool reopened, bool explained) {
  if (batch.instance == 0 || batch.instance < first_instance_) return;
  InstanceTruth& run = instance_at(batch.instance);
  if (explained) run.excused = true;
  InstanceWork& work = run.at(p);
  uint32_t& count = batch.fate == Fate::kCommitted ? work.committed
                    : batch.fate == Fate::kAborted ? work.aborted
                                                   : work.open;
  if (count > 0) --count;
  if (reopened) ++work.open;
  if (work.open + work.committed + work.aborted == 0) {
    std::erase_if(run.work, [&](const InstanceWork& w) { return w.partition == p; });
  }
}

void Ledger::lose_effects(const PartitionTruth& partition, Offset end,
                          const std::vector<BatchTruth>& reopened, bool explained) {
  const TopicPartition where = partition.partition();
  for (auto& [key, effects] : effects_) {
    effects.lose_outputs(where, end, explained);
    for (const BatchTruth& batch : reopened) {
      effects.lose_transaction(where, batch.instance, explained);
    }
    if (key.second == where) effects.lose_inputs(end);
  }
}

void Ledger::lose_groups(const sim::World&, TopicPartition log, Offset end, bool explained) {
  std::erase_if(open_offsets_, [&](const OpenOffset& open) {
    return open.log == log && open.offset.position >= end;
  });
  for (auto& [name, group] : groups_) {
    if (log_of_group(Name{name}) != log) continue;
    std::erase_if(group.records,
                  [&](const GroupRecordTruth& record) { return record.position >= end; });
    group.by_log.erase_if([&](const auto& entry) { return entry.second.position >= end; });
    group.committed.erase_if([&](const auto& entry) { return entry.second.position >= end; });
    group.state_known = false;
    group.members_known = false;
    if (!explained) continue;
    group.offsets_void = true;
    for (size_t app = 0; app < inputs_.size(); ++app) {
      if (inputs_[app].group == Name{name}) void_app(static_cast<int>(app));
    }
  }
  for (const auto& [partition, truth] : partitions_) recount_lag(partition);
}

// What the coordinator knows now it says when it has read the log again.
void Ledger::lose_transactional_ids(const sim::World& world, TopicPartition log, bool explained) {
  for (auto& [name, truth] : tids_) {
    if (log_of_transactional_id(Name{name}) != log) continue;
    const TransactionalIdTruth before = truth;
    truth.state = kNoState;
    truth.state_known = false;
    tid_records_.erase(name);
    recount_unfinished(before, truth);
    if (!explained) continue;
    truth.acknowledged = {};
    truth.highest = truth.current;
    for (InstanceTruth& run : instances_) {
      if (run.tid != Name{name}) continue;
      run.excused = true;
      if (run.begun) void_app(app_of(world, run.process));
    }
  }
}

void Ledger::void_app(int app) {
  if (app < 0) return;
  void_apps_.resize(apps_.size());
  void_apps_[static_cast<size_t>(app)] = true;
}

}  // namespace eosim::check
