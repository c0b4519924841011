#include "models/check/k4_durable_ack.h"

#include "models/check/ghost_access.h"

namespace eosim::check {
namespace {

using kafka::GhostAccess;

constexpr Rule kLostWrite = {
    "K4", "durable_ack", "lost_acknowledged_write",
    "an acknowledged record stays in the log while an in-sync copy survives"};
constexpr Rule kNeverThere = {"K4", "durable_ack", "lost_acknowledged_write",
                              "an acknowledged record is in the log at the offset that was told"};
constexpr Rule kWrittenTwice = {"K4", "durable_ack", "duplicate_acknowledged_write",
                                "a record of an idempotent producer is in a partition once"};
constexpr Rule kOrder = {"K4", "durable_ack", "reordered_write",
                         "acknowledged records of a producer are in the order of their sends"};

void report(const CheckContext& context, const Rule& rule, TopicPartition partition, Offset offset,
            uint64_t instance, const std::string& what) {
  Violation violation =
      context.violation(rule, context.text(partition, offset) + " " + what, -1, instance);
  violation.subject.places.push_back({partition, offset, instance});
  violation.details = {{"record", context.text(partition, offset)}};
  context.report(std::move(violation), std::string(rule.text) + context.text(partition, offset));
}

uint64_t first_send(const kafka::RecordBatch& batch) {
  const auto* records = std::get_if<kafka::List<kafka::Record>>(&batch.payload);
  if (records == nullptr || records->empty()) return 0;
  return GhostAccess::open(records->front().truth).uid;
}

}  // namespace

void DurableAck::on_fact(const CheckContext& context) {
  const Change& change = context.change();
  for (const TailEntry& entry : change.passed) on_settled(context, entry);
  for (const EarlyAck& ack : change.unfounded) {
    if (context.ledger.partition_void(change.partition->partition())) break;
    report(context, kNeverThere, change.partition->partition(), ack.base, 0,
           "was acknowledged, and another batch is there");
  }
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kProducerAcknowledged:
      return on_acknowledged(context);
    case Event::kLeaderStarted:
    case Event::kLogLoaded:
      return on_leader(context);
    default:
      return;
  }
}

void DurableAck::on_settled(const CheckContext& context, const TailEntry& entry) {
  const TopicPartition partition = context.change().partition->partition();
  if (entry.marker || !entry.producer.id.valid() || context.ledger.is_internal(partition)) return;
  const uint64_t first = first_send(context.shared().batches[entry.batch]);
  if (first == 0) return;
  Window& window = windows_[{partition, entry.producer.id}];
  for (const Sent& sent : window.newest) {
    if (sent.first != first) continue;
    report(context, kWrittenTwice, partition, entry.base, 0,
           "is a second copy of what is at " + std::to_string(sent.base.value));
    return;
  }
  if (first < window.highest) {
    for (const Sent& sent : window.newest) {
      if (sent.first != window.highest) continue;
      if (late_.size() >= 64) late_.erase(late_.begin());
      late_.push_back({partition, entry.batch, entry.base, sent});
    }
  }
  window.highest = std::max(window.highest, first);
  window.newest[window.next] = {first, entry.base, entry.batch};
  window.next = (window.next + 1) % window.newest.size();
}

void DurableAck::on_acknowledged(const CheckContext& context) {
  const auto fact = read<ProducerAcknowledged>(*context.event);
  if (!fact.base.valid()) return;
  const PartitionTruth& truth = *context.change().partition;
  if (context.ledger.partition_void(fact.partition)) return;
  for (const Late& late : late_) {
    if (late.partition != fact.partition || late.batch != fact.batch) continue;
    report(context, kOrder, fact.partition, fact.base, 0,
           "was sent before what is at " + std::to_string(late.before.base.value));
  }
  if (!context.shared().batches[fact.batch].producer.id.valid()) return;
  if (fact.base >= truth.end() || fact.base < truth.kept_from()) return;
  const BatchTruth* found = truth.find(fact.base);
  if (found != nullptr && found->id == fact.batch && found->base == fact.base) return;
  report(context, kNeverThere, fact.partition, fact.base, 0,
         found == nullptr ? "was acknowledged, and no batch is there"
                          : "was acknowledged, and another batch is there");
}

void DurableAck::on_leader(const CheckContext& context) {
  const Change& change = context.change();
  if (!change.lost_from.valid()) return;
  const TopicPartition partition = change.partition->partition();
  // What is sent again after a loss is no second copy.
  windows_.erase_if([&](const auto& entry) { return entry.first.first == partition; });
  if (change.lost_explained || change.partition->void_from.valid()) return;
  for (const BatchTruth& batch : change.lost) {
    if (!batch.acknowledged) continue;
    report(context, kLostWrite, partition, batch.base, batch.instance,
           "was acknowledged, and the leader of epoch " +
               std::to_string(change.partition->term().epoch) + " does not have it");
  }
}

// Nothing is on its way any more: where the log has no tail, it has all that it will ever have.
void DurableAck::at_quiescence(const CheckContext& context) {
  for (const auto& [partition, truth] : context.ledger.partitions()) {
    if (!truth.tail().empty() || truth.void_from.valid()) continue;
    for (const EarlyAck& ack : truth.early_acks()) {
      report(context, kNeverThere, partition, ack.base, 0,
             "was acknowledged, and the log ends before it");
    }
  }
}

}  // namespace eosim::check
