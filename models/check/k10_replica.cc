#include "models/check/k10_replica.h"

#include <algorithm>

#include "models/check/facts_replication.h"
#include "models/check/k10_rules.h"

namespace eosim::check {
namespace {

const ReplicaSeen* leader_of(const ReplicasSeen& replicas) {
  const ReplicaSeen* leader = nullptr;
  for (const ReplicaSeen& replica : replicas) {
    if (!replica.leads) continue;
    if (leader == nullptr || leader->leader_epoch < replica.leader_epoch) leader = &replica;
  }
  return leader;
}

}  // namespace

Offset& ReplicaCheck::until_of(Compared& compared, sim::ProcessId broker) {
  for (auto& [known, until] : compared.until) {
    if (known == broker) return until;
  }
  return compared.until.emplace_back(broker, Offset{0}).second;
}

void ReplicaCheck::touch(TopicPartition partition) {
  ++touches_;
  Compared& compared = partitions_[partition];
  if (compared.dirty) return;
  compared.dirty = true;
  dirty_.push_back(partition);
}

void ReplicaCheck::cut(TopicPartition partition, sim::ProcessId broker, Offset end) {
  Offset& until = until_of(partitions_[partition], broker);
  until = std::min(until, end);
}

void ReplicaCheck::on_fact(const CheckContext& context, const ClusterView* view) {
  const Change& change = context.change();
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kReplicaAppended:
      return touch(change.partition->partition());
    case Event::kLogHighWatermark:
      touch(change.partition->partition());
      return k10::high_watermark(context);
    case Event::kLogLastStableOffset:
      return k10::stable_offset(context);
    case Event::kLeaderStarted:
      return on_leader(context);
    case Event::kLogTail:
      return k10::replaced(context);
    case Event::kLogTruncated:
      return on_truncated(context);
    case Event::kLogLoaded: {
      const auto fact = read<LogLoaded>(*context.event);
      cut(fact.partition, context.event->process, fact.end);
      if (change.lost_from.valid()) k10::lost(context);
      return;
    }
    case Event::kLogCleaned: {
      const auto fact = read<LogCleaned>(*context.event);
      Offset& cleaned = partitions_[fact.partition].cleaned;
      cleaned = std::max(cleaned, fact.up_to);
      return;
    }
    case Event::kPartitionChanged:
      return k10::partition_changed(context);
    default:
      break;
  }
  if (view == nullptr || touches_ < kTouchesBetweenLooks || !context.between_steps()) return;
  look(context, *view);
}

void ReplicaCheck::on_leader(const CheckContext& context) {
  const Change& change = context.change();
  k10::leader_started(context);
  if (!change.lost_from.valid()) return;
  k10::lost(context);
  Compared& compared = partitions_[change.partition->partition()];
  for (auto& [broker, until] : compared.until) until = std::min(until, change.lost_from);
}

// Of what was once the same everywhere below a high watermark nothing is cut (R10).
void ReplicaCheck::on_truncated(const CheckContext& context) {
  const auto fact = read<LogTruncated>(*context.event);
  const PartitionTruth& truth = *context.change().partition;
  const Offset until = until_of(partitions_[fact.partition], context.event->process);
  const bool allowed =
      truth.void_from.valid() || truth.unclean || truth.log_start > fact.end || fact.end >= until;
  if (!allowed) {
    k10::report(context, k10::kTruncated, fact.partition, fact.end,
                context.process(context.event->process) + " cuts its log to " +
                    std::to_string(fact.end.value) + ", and it had agreed up to " +
                    std::to_string(until.value));
  }
  cut(fact.partition, context.event->process, fact.end);
}

void ReplicaCheck::look(const CheckContext& context, const ClusterView& view) {
  touches_ = 0;
  k10::coordinators(context, view);
  for (const TopicPartition partition : dirty_) {
    partitions_[partition].dirty = false;
    compare(context, partition, view.replicas(context.world, context.config.brokers, partition));
  }
  dirty_.clear();
}

void ReplicaCheck::compare(const CheckContext& context, TopicPartition partition,
                           const ReplicasSeen& replicas) {
  for (const ReplicaSeen& replica : replicas) k10::order_of(context, partition, replica);
  const ReplicaSeen* leader = leader_of(replicas);
  // A loss that is explained is found by each copy in its own time.
  if (leader == nullptr || context.ledger.partition_void(partition)) return;
  Compared& compared = partitions_[partition];
  for (const ReplicaSeen& replica : replicas) {
    if (replica.broker == leader->broker) continue;
    compare(context, partition, compared, *leader, replica);
    k10::in_sync(context, partition, *leader, replica);
  }
}

void ReplicaCheck::compare(const CheckContext& context, TopicPartition partition,
                           Compared& compared, const ReplicaSeen& leader,
                           const ReplicaSeen& other) {
  Offset& until = until_of(compared, other.broker);
  const Offset bound = std::min(leader.log->high_watermark(), other.log->high_watermark());
  tails(context, partition, std::max({bound, until, compared.cleaned}), leader, other);
  if (bound <= until) return;
  const auto mine = leader.log->entries();
  const auto its = other.log->entries();
  Offset from = std::max(until, compared.cleaned);
  from = std::max({from, leader.log->log_start_offset(), other.log->log_start_offset()});
  size_t i = leader.log->entry_index(from);
  size_t j = other.log->entry_index(from);
  while (i < mine.size() && j < its.size() && mine[i].base_offset < bound &&
         its[j].base_offset < bound) {
    if (mine[i].base_offset != its[j].base_offset || mine[i].batch != its[j].batch ||
        mine[i].leader_epoch != its[j].leader_epoch) {
      k10::diverged(context, partition, leader, other, mine[i], its[j]);
      break;
    }
    ++i;
    ++j;
  }
  until = bound;
}

// Above the high watermarks copies may differ, but not in what one leader has written (R2).
void ReplicaCheck::tails(const CheckContext& context, TopicPartition partition, Offset from,
                         const ReplicaSeen& leader, const ReplicaSeen& other) {
  const auto mine = leader.log->entries();
  const auto its = other.log->entries();
  size_t i = leader.log->entry_index(from);
  size_t j = other.log->entry_index(from);
  while (i < mine.size() && j < its.size()) {
    if (mine[i].base_offset != its[j].base_offset) {
      mine[i].base_offset < its[j].base_offset ? ++i : ++j;
      continue;
    }
    if (mine[i].leader_epoch == its[j].leader_epoch && mine[i].batch != its[j].batch) {
      k10::same_epoch(context, partition, leader, other, mine[i]);
      return;
    }
    ++i;
    ++j;
  }
}

void ReplicaCheck::at_quiescence(const CheckContext& context, const ClusterView* view) {
  if (view == nullptr) return;
  for (const auto& [partition, truth] : context.ledger.partitions()) touch(partition);
  look(context, *view);
  for (const auto& [partition, truth] : context.ledger.partitions()) {
    const auto replicas = view->replicas(context.world, context.config.brokers, partition);
    const ReplicaSeen* leader = leader_of(replicas);
    if (leader == nullptr || truth.void_from.valid()) continue;
    for (const ReplicaSeen& replica : replicas) {
      if (replica.broker != leader->broker) {
        k10::producers(context, partition, *leader, replica);
      }
    }
  }
}

}  // namespace eosim::check
