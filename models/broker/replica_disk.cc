// What a replica has on the disk (groups-streams-replication.md 6.8): of partition n of P in the
// cluster, file n is the log, file P + n the checkpoint of its high watermark, file 2P + n its
// leader epochs, file 3P + n its snapshots of producers (transactions.md 1.9), file 4P, once for
// all, the mark of a clean stop (shutdown.cc). Small files are written and synced at once; nothing
// of the log is synced on the write path, as in Kafka, but a segment that is full is.
#include <algorithm>
#include <span>
#include <utility>

#include "models/broker/replica_manager.h"
#include "models/broker/timers.h"
#include "models/log/stored_log.h"
#include "models/protocol/events.h"
#include "models/protocol/shared.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Flushes of a file end in their order, so one that is still under way (a segment that was rolled,
// on a slow disk) ends before this one, and is begun again for the step that will come to end it.
void sync(sim::Disk& disk, sim::FileId file) {
  disk.begin_flush(file);
  disk.end_flush(file);
  while (disk.flushed(file) < disk.written(file)) {
    disk.end_flush(file);
    disk.begin_flush(file);
  }
}

// What is common stays as it is, flushed or not. false: all of it was.
bool overwrite(sim::Disk& disk, sim::FileId file, std::span<const sim::DiskEntry> wanted) {
  const auto there = std::as_const(disk).read(file);
  const auto same = [](const sim::DiskEntry& a, const sim::DiskEntry& b) {
    return a.id == b.id && a.bytes == b.bytes;
  };
  const auto parted = std::ranges::mismatch(wanted, there, same);
  if (parted.in1 == wanted.end() && parted.in2 == there.end()) return false;
  const auto common = static_cast<size_t>(parted.in1 - wanted.begin());
  disk.truncate(file, common);
  for (const sim::DiskEntry& entry : wanted.subspan(common)) disk.append(file, entry);
  return true;
}

std::vector<EpochStart> read_epochs(const sim::Disk& disk, sim::FileId file) {
  std::vector<EpochStart> epochs;
  for (const sim::DiskEntry& entry : disk.read(file)) {
    epochs.push_back({LeaderEpoch{static_cast<int32_t>(entry.id)}, Offset{entry.bytes}});
  }
  return epochs;
}

sim::DiskEntry stored(const EpochStart& start) {
  return {static_cast<uint32_t>(start.epoch.value),
          static_cast<uint32_t>(start.start_offset.value)};
}

}  // namespace

sim::FileId ReplicaManager::checkpoint_file(const Replica& replica) const {
  return {replica.file.index + static_cast<uint32_t>(partitions_in_cluster())};
}

sim::FileId ReplicaManager::epoch_file(const Replica& replica) const {
  return {replica.file.index + 2 * static_cast<uint32_t>(partitions_in_cluster())};
}

sim::FileId ReplicaManager::snapshot_file(const Replica& replica) const {
  return {replica.file.index + 3 * static_cast<uint32_t>(partitions_in_cluster())};
}

// Producers are had from the newest snapshot that the log still reaches, and the batches after it:
// after a clean stop there are none.
void ReplicaManager::recover_log(sim::Context& context, Replica& replica) {
  sim::Disk& disk = context.disk();
  const auto entries = std::as_const(disk).read(replica.file);
  const std::vector<EpochStart> epochs = read_epochs(disk, epoch_file(replica));
  if (entries.empty()) {
    write_epochs(context, replica);
    return;
  }
  StoredLog found = from_file(entries, epochs, kafka_shared(context).batches);
  // Only retention moves the start of a log. What the cleaner took from the head of a compacted one
  // is a hole like any other: in Kafka the log begins with its first segment, whose base stays.
  if (!replica.log.config().deletes) found.start = Offset{0};
  replica.flushed = found.end;
  take_snapshots(std::as_const(disk).read(snapshot_file(replica)), found.end, found);
  replica.log.rebuild(switches_, kafka_shared(context).batches, found, expired_producers(context));
  write_epochs(context, replica);  // those of what a loss of power cut are gone
  const auto checkpoint = std::as_const(disk).read(checkpoint_file(replica));
  if (!checkpoint.empty()) {
    replica.checkpointed = Offset{checkpoint.back().id};
    replica.log.set_high_watermark(switches_, kafka_shared(context).batches, replica.checkpointed);
  }
  context.emit(event_id(Event::kLogLoaded),
               {replica.partition.packed(), replica.log.log_end_offset().value,
                replica.log.high_watermark().value, replica.log.last_stable_offset().value});
}

// The newest entry of the log, and the hole that a cleaner left before it.
void ReplicaManager::write_entry(sim::Context& context, Replica& replica, Offset before,
                                 bool rolled) {
  const LogEntry& entry = replica.log.entries().back();
  sim::Disk& disk = context.disk();
  // What stands before a new segment is flushed in the background.
  if (rolled) {
    context.flush(replica.file, timer_tag(BrokerTimer::kFlushed));
    replica.flushed = entry.base_offset;
  }
  if (entry.base_offset > before) {
    for (const sim::DiskEntry& hole : to_file({}, before, entry.base_offset)) {
      disk.append(replica.file, hole);
    }
  }
  disk.append(replica.file, {entry.batch.index, entry.bytes});
  if (rolled) write_snapshots(context, replica, false);
  // In the step of the append, so that an answer tells of what is durable (UnifiedLog.append).
  const Offset end = replica.log.log_end_offset();
  if (end - replica.flushed < replica.log.config().flush_messages) return;
  sync(disk, replica.file);
  replica.flushed = end;
}

void ReplicaManager::rewrite_file(sim::Context& context, const Replica& replica) {
  const PartitionLog& log = replica.log;
  overwrite(context.disk(), replica.file, to_file(log.entries(), Offset{0}, log.log_end_offset()));
  write_snapshots(context, replica, false);
}

// Segments are written anew beside the old ones and synced before they take their place, so a crash
// loses nothing by it. What was not flushed of the active segment is durable then, too: a little
// more than in Kafka.
void ReplicaManager::replace_file(sim::Context& context, const Replica& replica) {
  rewrite_file(context, replica);
  sync(context.disk(), replica.file);
}

void ReplicaManager::write_epochs(sim::Context& context, const Replica& replica) const {
  std::vector<sim::DiskEntry> wanted;
  for (const EpochStart& epoch : replica.log.leader_epochs().all()) wanted.push_back(stored(epoch));
  sim::Disk& disk = context.disk();
  if (overwrite(disk, epoch_file(replica), wanted)) sync(disk, epoch_file(replica));
}

// Those of the segments that there are; Kafka has a file each, and deletes those of others.
void ReplicaManager::write_snapshots(sim::Context& context, const Replica& replica,
                                     bool closing) const {
  std::vector<sim::DiskEntry> wanted;
  for (const ProducerSnapshot& snapshot : replica.log.snapshots()) {
    put_snapshot(wanted, snapshot, true);
  }
  if (closing) put_snapshot(wanted, replica.log.closing_snapshot(), false);
  sim::Disk& disk = context.disk();
  if (overwrite(disk, snapshot_file(replica), wanted)) sync(disk, snapshot_file(replica));
}

void ReplicaManager::close(sim::Context& context) {
  for (const Replica& replica : replicas_) {
    write_snapshots(context, replica, true);
    sync(context.disk(), replica.file);
  }
}

void ReplicaManager::checkpoint_high_watermarks(sim::Context& context) {
  sim::Disk& disk = context.disk();
  for (Replica& replica : replicas_) {
    const Offset offset = replica.log.high_watermark();
    if (offset == replica.checkpointed) continue;
    EOSIM_ASSERT(offset.value < UINT32_MAX);
    replica.checkpointed = offset;
    const sim::FileId file = checkpoint_file(replica);
    disk.truncate(file, 0);
    disk.append(file, {static_cast<uint32_t>(offset.value), 0});
    sync(disk, file);
  }
}

}  // namespace eosim::kafka
