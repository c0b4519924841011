#include "models/check/k9_replay.h"

#include <algorithm>

namespace eosim::check {
namespace {

constexpr Rule kLog = {
    "K9", "replay", "replay_mismatch",
    "what a log knows of its producers and transactions follows from its batches"};
constexpr Rule kReplayedCoordinator = {"K9", "replay", "replay_mismatch",
                                       "what a coordinator has in memory follows from its log"};
constexpr Rule kStable = {"K9", "replay", "replay_mismatch",
                          "the last stable offset is the first of an open transaction"};

// The same sequence of moments in every run, another one for every partition.
uint64_t scatter(TopicPartition partition, uint64_t appends) {
  uint64_t x = static_cast<uint64_t>(partition.packed()) * 0x9e3779b97f4a7c15ULL + appends;
  x ^= x >> 31;
  x *= 0xbf58476d1ce4e5b9ULL;
  return x ^ (x >> 29);
}

void report(const CheckContext& context, const Rule& rule, TopicPartition partition,
            const std::string& who, const std::string& what) {
  Violation violation =
      context.violation(rule, context.text(partition) + " at " + who + ": " + what, -1, 0);
  violation.subject.places.push_back({partition, {}, 0});
  violation.details = {{"partition", context.text(partition)}, {"difference", what}};
  context.report(std::move(violation), std::string(rule.text) + context.text(partition));
}

void stable_offset(const CheckContext& context) {
  const Change& change = context.change();
  if (change.deposed || change.partition == nullptr) return;
  const PartitionTruth& truth = *change.partition;
  const Offset expected = truth.expected_stable();
  if (!expected.valid() || context.ledger.partition_void(truth.partition())) return;
  if (truth.stable() == expected) return;
  // Retention takes the begin of an open transaction, too; then it is the start of the log that
  // counts, which each copy moves by itself (transactions.md 4.7).
  if (truth.stable() > expected && truth.stable() <= truth.log_start) return;
  report(context, kStable, truth.partition(), context.process(context.event->process),
         "the last stable offset is " + std::to_string(truth.stable().value) +
             ", and by the batches it is " + std::to_string(expected.value));
}

}  // namespace

void Replay::note(TopicPartition partition) {
  Moment& moment = moments_[partition];
  if (++moment.appends < moment.next) return;
  moment.next = 2 * moment.appends + scatter(partition, moment.appends) % moment.appends;
  if (std::find(due_.begin(), due_.end(), partition) == due_.end()) due_.push_back(partition);
}

void Replay::on_fact(const CheckContext& context, const ClusterView* view) {
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kLogAppended:
    case Event::kLogMarkerAppended:
      return note(TopicPartition::unpacked(context.event->fields[0]));
    case Event::kLogLastStableOffset:
      return stable_offset(context);
    default:
      break;
  }
  if (due_.empty() || view == nullptr || !context.between_steps()) return;
  for (const TopicPartition partition : due_) {
    compare_one(context, *view, partition, scatter(partition, moments_[partition].appends) >> 8);
    if (context.ledger.is_internal(partition)) coordinator(context, *view, partition);
  }
  due_.clear();
}

void Replay::compare(const CheckContext& context, const ClusterView& view, TopicPartition partition,
                     std::span<const ReplicaSeen> copies) {
  const std::vector<std::string> differences = view.log_differences(context.world, copies);
  for (size_t i = 0; i < copies.size(); ++i) {
    if (differences[i].empty()) continue;
    report(context, kLog, partition, context.process(copies[i].broker), differences[i]);
  }
}

// One of the copies.
void Replay::compare_one(const CheckContext& context, const ClusterView& view,
                         TopicPartition partition, uint64_t pick) {
  const ReplicasSeen all = view.replicas(context.world, context.config.brokers, partition);
  if (!all.empty()) compare(context, view, partition, {&all[pick % all.size()], 1});
}

void Replay::coordinator(const CheckContext& context, const ClusterView& view,
                         TopicPartition partition) {
  const std::string difference =
      view.coordinator_difference(context.world, context.config.brokers, partition);
  if (!difference.empty())
    report(context, kReplayedCoordinator, partition, "its coordinator", difference);
}

void Replay::at_quiescence(const CheckContext& context, const ClusterView* view) {
  if (view == nullptr) return;
  for (const auto& [partition, truth] : context.ledger.partitions()) {
    const ReplicasSeen all = view->replicas(context.world, context.config.brokers, partition);
    compare(context, *view, partition, {all.begin(), all.end()});
    if (context.ledger.is_internal(partition)) coordinator(context, *view, partition);
  }
}

}  // namespace eosim::check
