// The ledger's part that follows leaders: what a high watermark settles, what a new leader has in
// its tail, and what becomes of the truth when settled records are lost
// (groups-streams-replication.md 6.4, 6.7, 6.8).
#include "models/check/facts_replication.h"
#include "models/check/ghost_access.h"
#include "models/check/ledger.h"
#include "sim/assert.h"

namespace eosim::check {

using kafka::GhostAccess;

namespace {

bool disk_faults(const sim::World& world) {
  return std::any_of(world.fault_records().begin(), world.fault_records().end(),
                     [](const sim::FaultRecord& fault) {
                       return fault.struck && (fault.spec.kind == sim::FaultKind::kPowerLoss ||
                                               fault.spec.kind == sim::FaultKind::kDiskLoss);
                     });
}

}  // namespace

TailEntry Ledger::tail_entry(const sim::World& world, BatchId id, Offset base, Offset last,
                             int64_t now_ns) const {
  const kafka::RecordBatch& batch = shared(world).batches[id];
  TailEntry entry;
  entry.batch = id;
  entry.base = base;
  entry.last = last;
  entry.producer = batch.producer;
  entry.transactional = batch.transactional;
  entry.appended_ns = now_ns;
  if (const auto* marker = std::get_if<kafka::Marker>(&batch.payload)) {
    entry.marker = true;
    entry.commit = marker->type == kafka::ControlType::kCommit;
  }
  return entry;
}

// Which log a group or a transactional id has is learnt from its records.
void Ledger::learn_logs(const kafka::RecordBatch& batch, TopicPartition partition) {
  if (const auto* all = std::get_if<kafka::List<kafka::OffsetRecord>>(&batch.payload)) {
    for (const kafka::OffsetRecord& record : *all) group_logs_[record.group.id] = partition;
  } else if (const auto* groups = std::get_if<kafka::List<kafka::GroupRecord>>(&batch.payload)) {
    for (const kafka::GroupRecord& record : *groups) group_logs_[record.group.id] = partition;
  } else if (const auto* ids =
                 std::get_if<kafka::List<kafka::TransactionLogRecord>>(&batch.payload)) {
    for (const auto& record : *ids) tid_logs_[record.transactional_id.id] = partition;
  }
}

void Ledger::settle(const sim::World& world, const sim::TraceEvent& event,
                    PartitionTruth& partition) {
  const size_t first = change_.passed.size();
  partition.pass(partition.high_watermark(), change_.passed);
  if (change_.passed.size() == first) return;
  for (size_t i = first; i < change_.passed.size(); ++i) {
    const TailEntry& entry = change_.passed[i];
    if (partition.partition().topic == transaction_topic_) {
      settle_transactions(shared(world).batches[entry.batch]);
      partition.settled(entry.last);
    } else if (entry.marker) {
      settle_marker(partition, entry, event.at.ns);
    } else {
      settle_data(shared(world).batches[entry.batch], partition, entry, event.at.ns);
    }
  }
  if (!partition.early_acks().empty()) partition.unfounded_acks(change_.unfounded);
  recount_lag(partition.partition());
  maybe_fold(world, partition);
}

// What the records say is known by the transitions, and by what a new coordinator loads: it does
// not say which run a record is of.
void Ledger::settle_transactions(const kafka::RecordBatch& batch) {
  const auto* records = std::get_if<kafka::List<kafka::TransactionLogRecord>>(&batch.payload);
  if (records == nullptr) return;
  for (const kafka::TransactionLogRecord& record : *records) {
    tid_records_[record.transactional_id.id] = GhostAccess::open(record.instance).number;
  }
}

// Of the newest record of the log, its tail included; 0: not known.
uint64_t Ledger::newest_instance(const sim::World& world, Name tid) const {
  const uint64_t* settled = tid_records_.find(tid.id);
  uint64_t instance = settled == nullptr ? 0 : *settled;
  const PartitionTruth* log = partition(log_of_transactional_id(tid));
  if (log == nullptr) return instance;
  for (const TailEntry& entry : log->tail()) {
    const auto* records = std::get_if<kafka::List<kafka::TransactionLogRecord>>(
        &shared(world).batches[entry.batch].payload);
    if (records == nullptr) continue;
    for (const kafka::TransactionLogRecord& record : *records) {
      if (record.transactional_id == tid) instance = GhostAccess::open(record.instance).number;
    }
  }
  return instance;
}

void Ledger::settle_data(const kafka::RecordBatch& batch, PartitionTruth& partition,
                         const TailEntry& entry, int64_t now_ns) {
  const TopicPartition where = partition.partition();
  BatchTruth truth;
  truth.base = entry.base;
  truth.last = entry.last;
  truth.producer = entry.producer;
  truth.instance = GhostAccess::open(batch.instance).number;
  truth.fate = entry.transactional ? Fate::kOpen : Fate::kPlain;
  truth.id = entry.batch;
  scratch_.clear();
  if (is_offsets(where)) {
    book_offset_records(batch, where, entry.base);
    book_group_records(batch, where, entry.base);
  } else {
    collect_effects(batch, entry.base);
  }
  if (std::find(source_topics_.begin(), source_topics_.end(), where.topic) !=
      source_topics_.end()) {
    counts_.records += static_cast<uint64_t>(entry.last - entry.base + 1);
  }
  partition.append(truth, scratch_);
  if (entry.transactional) {
    book_work(where, truth);
  } else {
    book_effects(where, now_ns);
  }
}

void Ledger::settle_marker(PartitionTruth& partition, const TailEntry& entry, int64_t now_ns) {
  const TopicPartition where = partition.partition();
  scratch_.clear();
  closed_.clear();
  partition.decide(entry.base, entry.producer, entry.commit, closed_, scratch_);
  for (const BatchTruth& batch : closed_) close_work(where, batch);
  change_.closed.insert(change_.closed.end(), closed_.begin(), closed_.end());
  book_effects(where, now_ns);
  if (is_offsets(where)) decide_offsets(where, entry.producer.id, entry.commit);
}

// --- leaders -------------------------------------------------------------------------------------

void Ledger::leader_started(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<LeaderStarted>(event);
  PartitionTruth& truth = partition_at(fact.partition);
  const int32_t count = fact.partition.partition + 1;
  if (is_offsets(fact.partition)) {
    offsets_partitions_ = std::max(offsets_partitions_, count);
  } else if (is_internal(fact.partition)) {
    transaction_partitions_ = std::max(transaction_partitions_, count);
  }
  const ReplicaTruth& replica = truth.replica_ends(event.process, fact.end);
  change_.partition = &truth;
  change_.term_before = truth.term();
  change_.deposed = fact.leader_epoch < truth.term().epoch;
  if (change_.deposed) return;
  // What the last coordinator had in memory only, a generation among it, is gone: a group without a
  // record is made anew, also by a broker that has led before (groups-streams-replication.md 1.13).
  if (is_offsets(fact.partition)) {
    for (auto& [id, group] : groups_) {
      if (home_of_group(world, Name{id}) == fact.partition) group.state_known = false;
    }
  }
  const bool before = truth.stable_behind();
  // A leader of earlier, deposed and not yet aware of it, may have committed what its successors
  // had above their high watermarks; this one knows of it by its last fetch.
  if (!truth.unclean && fact.high_watermark > truth.high_watermark()) {
    truth.set_high_watermark(fact.high_watermark);
    settle(world, event, truth);
  }
  truth.begin_term({fact.leader_epoch, event.process, world.incarnation(event.process), true});
  if (fact.end < truth.end()) {
    const bool disk = replica.short_of.valid() && disk_faults(world);
    lose(world, truth, fact.end, truth.unclean || disk);
  }
  truth.unclean = false;
  truth.set_high_watermark(fact.high_watermark);
  truth.set_stable({0});  // may begin lower than under the last leader (transactions.md 4.7)
  recount_stable(truth, before);
  recount_lag(fact.partition);
}

void Ledger::tail(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<LogTail>(event);
  PartitionTruth& truth = partition_at(fact.partition);
  change_.partition = &truth;
  change_.deposed = fact.leader_epoch < truth.term().epoch;
  if (change_.deposed) return;
  if (fact.base < truth.end()) {
    const BatchTruth* settled = truth.find(fact.base);
    if (settled != nullptr && settled->id.valid() && settled->id != fact.batch) {
      change_.replaced = *settled;
    }
    return;
  }
  const kafka::RecordBatch& batch = shared(world).batches[fact.batch];
  if (is_internal(fact.partition)) learn_logs(batch, fact.partition);
  take(truth, tail_entry(world, fact.batch, fact.base, fact.last, event.at.ns));
}

// A log that came back from a disk. While no leader says when it begins, there is one copy, and
// this is its new beginning.
void Ledger::log_loaded(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<LogLoaded>(event);
  PartitionTruth& truth = partition_at(fact.partition);
  truth.replica_ends(event.process, fact.end);
  change_.partition = &truth;
  if (truth.term().told) return;
  const bool before = truth.stable_behind();
  truth.begin_term({truth.term().epoch, sim::kNoProcess, 0, false});
  if (fact.end < truth.end()) lose(world, truth, fact.end, disk_faults(world));
  truth.set_high_watermark(fact.high_watermark);
  truth.set_stable(fact.stable);
  recount_stable(truth, before);
  recount_lag(fact.partition);
}

void Ledger::replica_moved(const sim::TraceEvent& event) {
  PartitionTruth& truth = partition_at(FieldReader(event).next<TopicPartition>());
  ReplicaTruth& replica = truth.replica(event.process);
  change_.partition = &truth;
  switch (static_cast<Event>(event.kind.index)) {
    case Event::kReplicaAppended:
      replica.end = read<LogTail>(event).last + 1;
      break;
    case Event::kLogTruncated:
      replica.end = read<LogTruncated>(event).end;
      break;
    default:
      truth.replica_ends(event.process, read<FollowerStarted>(event).end);
      break;
  }
  if (replica.short_of.valid() && replica.end >= replica.short_of) replica.short_of = {};
}

void Ledger::log_start_moved(const sim::TraceEvent& event) {
  const auto fact = read<LogMoved>(event);
  PartitionTruth& truth = partition_at(fact.partition);
  change_.partition = &truth;
  truth.log_start = std::max(truth.log_start, fact.offset);
}

void Ledger::partition_changed(const sim::TraceEvent& event) {
  PartitionTruth& truth = partition_at(FieldReader(event).next<TopicPartition>());
  change_.partition = &truth;
  change_.controller_before = truth.controller;
  if (event.kind == kafka::event_id(Event::kUncleanElection)) {
    truth.unclean = true;
    return;
  }
  const auto fact = read<PartitionChanged>(event);
  truth.controller = {fact.leader, fact.leader_epoch, fact.partition_epoch, fact.isr, true};
}

void Ledger::acknowledged(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<ProducerAcknowledged>(event);
  PartitionTruth& truth = partition_at(fact.partition);
  change_.partition = &truth;
  // Without a producer id nothing is promised that could be held against the log.
  if (!shared(world).batches[fact.batch].producer.id.valid() || !fact.base.valid()) return;
  truth.acknowledge(fact.base, fact.batch);
}

}  // namespace eosim::check
