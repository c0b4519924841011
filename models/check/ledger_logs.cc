// The ledger's part that folds the logs: appends, markers, and the offsets that readers are held
// to.
#include "models/check/ghost_access.h"
#include "models/check/ledger.h"
#include "sim/assert.h"

namespace eosim::check {

using kafka::GhostAccess;

PartitionTruth& Ledger::partition_at(TopicPartition p) {
  PartitionTruth& truth = partitions_[p];
  if (!truth.partition().valid()) truth = PartitionTruth(p);
  return truth;
}

void Ledger::appended(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<LogAppended>(event);
  PartitionTruth& partition = partition_at(fact.partition);
  partition.replica(event.process).end = fact.last + 1;
  change_.partition = &partition;
  change_.deposed = fact.leader_epoch < partition.term().epoch;
  const kafka::RecordBatch& batch = shared(world).batches[fact.batch];
  BatchTruth& truth = change_.appended;
  truth = {};
  truth.base = fact.base;
  truth.last = fact.last;
  truth.producer = fact.producer;
  truth.instance = GhostAccess::open(batch.instance).number;
  truth.fate = fact.transactional ? Fate::kOpen : Fate::kPlain;
  truth.id = fact.batch;
  if (change_.deposed) return;
  if (is_internal(fact.partition)) learn_logs(batch, fact.partition);
  if (is_offsets(fact.partition)) take_offsets(batch);
  take_tombstones(batch);
  take(partition, tail_entry(world, fact.batch, fact.base, fact.last, event.at.ns));
  change_.instance = instance(truth.instance);
}

// A later settlement gives the entry its meaning.
void Ledger::take(PartitionTruth& partition, const TailEntry& entry) {
  const bool before = partition.stable_behind();
  partition.take(entry);
  recount_stable(partition, before);
}

// The effects of the batch, into scratch_.
void Ledger::collect_effects(const kafka::RecordBatch& batch, Offset base) {
  const auto* records = std::get_if<kafka::List<kafka::Record>>(&batch.payload);
  if (records == nullptr) return;
  const uint64_t number = GhostAccess::open(batch.instance).number;
  int64_t index = 0;
  for (const kafka::Record& record : *records) {
    const kafka::RecordTruth& lineage = GhostAccess::open(record.truth);
    if (lineage.input.valid()) {
      scratch_.push_back({base + index, batch.producer.id, number, lineage.application,
                          lineage.input, lineage.input_offset, lineage.ordinal, record.key,
                          record.value});
    }
    ++index;
  }
}

void Ledger::marker(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<LogMarkerAppended>(event);
  ++counts_.markers;
  PartitionTruth& partition = partition_at(fact.partition);
  partition.replica(event.process).end = fact.offset + 1;
  change_.partition = &partition;
  change_.deposed = fact.leader_epoch < partition.term().epoch;
  if (change_.deposed) return;
  take(partition, tail_entry(world, fact.batch, fact.offset, fact.offset, event.at.ns));
  change_.instance = instance(GhostAccess::open(shared(world).batches[fact.batch].instance).number);
}

void Ledger::offsets_moved(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<LogOffset>(event);
  PartitionTruth& truth = partition_at(fact.partition);
  change_.partition = &truth;
  change_.high_watermark_before = truth.high_watermark();
  change_.stable_before = truth.stable();
  change_.deposed = fact.leader_epoch < truth.term().epoch;
  if (change_.deposed) return;
  if (event.kind == kafka::event_id(Event::kLogLastStableOffset)) {
    truth.set_stable(fact.offset);
    return;
  }
  const bool before = truth.stable_behind();
  truth.set_high_watermark(fact.offset);
  settle(world, event, truth);
  recount_stable(truth, before);
}

void Ledger::recount_stable(PartitionTruth& partition, bool before) {
  unstable_ += partition.stable_behind() ? 1 : 0;
  unstable_ -= before ? 1 : 0;
}

void Ledger::book_work(TopicPartition p, const BatchTruth& batch) {
  if (batch.instance < first_instance_) return;
  InstanceWork& work = instance_at(batch.instance).at(p);
  if (!work.first.valid()) work.first = batch.base;
  ++work.open;
}

void Ledger::close_work(TopicPartition p, const BatchTruth& batch) {
  if (batch.instance < first_instance_) return;
  InstanceWork& work = instance_at(batch.instance).at(p);
  if (work.open > 0) --work.open;  // a truncated log may decide again
  ++(batch.fate == Fate::kCommitted ? work.committed : work.aborted);
  work.marker = batch.marker;
}

// What is in scratch_ can be seen in `output` from now on.
void Ledger::book_effects(TopicPartition output, int64_t now_ns) {
  for (const PlacedEffect& effect : scratch_) {
    VisibleEffect visible;
    visible.effect = effect;
    visible.place = {output, effect.at, effect.instance, now_ns};
    const std::pair<uint32_t, TopicPartition> key{effect.application.id, effect.input};
    InputEffects* effects = effects_.find(key);
    if (effects == nullptr) {
      int32_t expected = effect.ordinal + 1;
      for (size_t app = 0; app < apps_.size(); ++app) {
        if (application_names_[app] == effect.application) {
          expected = effects_expected(app, effect.input.topic);
        }
      }
      effects_[key] = InputEffects(expected);
      effects = effects_.find(key);
    }
    if (const auto earlier = effects->add(effect.input_offset, effect.ordinal, visible.place)) {
      visible.duplicate = true;
      visible.earlier = *earlier;
    } else {
      InputEffects::Newest& newest = effects->newest[output];
      visible.newest = newest;
      visible.overtaken = newest.input.valid() && effect.input_offset != newest.input &&
                          (effect.input_offset > newest.input) != (effect.at > newest.output);
      if (effect.input_offset > newest.input) newest = {effect.input_offset, effect.at};
    }
    ++counts_.outputs;
    change_.effects.push_back(visible);
  }
}

// Of a reader that has died, or was told to give the partition up: when it has it again, it begins
// where its group is, which counts by itself.
bool Ledger::starts_anew(const sim::World& world, const ReaderKey& key,
                         const ReaderTruth& reader) const {
  if (!reader.revoked && reader.incarnation == world.incarnation(key.process)) return false;
  const GroupTruth* of = group(reader.group);
  return of != nullptr && of->committed.find(key.partition) != nullptr;
}

void Ledger::maybe_fold(const sim::World& world, PartitionTruth& truth) {
  constexpr size_t kKeptMax = 2'048;
  if (truth.batches().size() < kKeptMax || truth.batches().size() % 256 != 0) return;
  Offset until = std::min(truth.high_watermark(), truth.end());
  for (const auto& [key, reader] : readers_) {
    if (key.partition != truth.partition() || starts_anew(world, key, reader)) continue;
    until = std::min(until, reader.cursor);
  }
  for (const auto& [name, group] : groups_) {
    const OffsetTruth* committed = group.committed.find(truth.partition());
    if (committed != nullptr) until = std::min(until, committed->offset);
  }
  // An input record without all its effects is kept: it may turn out to be lost.
  visit_inputs([&](size_t app, Name, TopicPartition partition, const PartitionTruth&) {
    if (partition != truth.partition() || apps_[app].output_topics.empty()) return;
    const InputEffects* known = effects(application_names_[app], partition);
    for (Offset at = truth.kept_from(); at < until; at = at + 1) {
      if (known != nullptr && known->missing(at) == 0) continue;
      if (truth.first_visible(at, at + 1).valid()) until = at;
    }
  });
  truth.fold(until);
  for (auto& [key, effects] : effects_) {
    if (key.second == truth.partition()) effects.fold_below(truth.kept_from());
  }
}

}  // namespace eosim::check
