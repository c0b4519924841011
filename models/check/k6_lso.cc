#include "models/check/k6_lso.h"

namespace eosim::check {
namespace {

constexpr Rule kHanging = {"K6", "lso", "hanging_transaction",
                           "a transaction that is open in a partition is known to its coordinator"};
constexpr Rule kBehind = {
    "K6", "lso", "hanging_transaction",
    "without an open transaction the last stable offset is the high watermark"};

uint64_t instance_at(const CheckContext& context, TopicPartition partition, Offset first) {
  const PartitionTruth* truth = context.ledger.partition(partition);
  const BatchTruth* batch = truth == nullptr ? nullptr : truth->find(first);
  return batch == nullptr ? 0 : batch->instance;
}

void hanging(const CheckContext& context, const Observation& seen, const PartitionSeen& partition,
             const PartitionSeen::Open& open) {
  const Name tid = context.ledger.owner(open.producer);
  const TransactionSeen* known = tid.valid() ? seen.transaction(tid) : nullptr;
  const uint64_t number = instance_at(context, partition.partition, open.first);
  Violation violation = context.violation(
      kHanging,
      "a transaction of producer " + std::to_string(open.producer.value) + " is open at " +
          context.text(partition.partition, open.first) + ", and " +
          (tid.valid() ? "the coordinator has " + context.text(tid) + " in state " +
                             CheckContext::state_word(known == nullptr ? kNoState : known->state)
                       : std::string("no coordinator knows it")),
      -1, number);
  violation.transaction_state =
      CheckContext::state_word(known == nullptr ? kNoState : known->state);
  violation.subject.transactional_id = tid;
  violation.subject.places.push_back({partition.partition, open.first, number});
  violation.details = {{"last stable offset", std::to_string(partition.stable.value)},
                       {"high watermark", std::to_string(partition.high_watermark.value)}};
  context.report(std::move(violation), context.text(partition.partition, open.first));
}

}  // namespace

bool hangs(const Ledger& ledger, const Observation& seen, TopicPartition partition,
           ProducerId producer) {
  const Name tid = ledger.owner(producer);
  const TransactionSeen* known = tid.valid() ? seen.transaction(tid) : nullptr;
  if (known == nullptr || known->producer.id != producer) return true;
  const auto state = static_cast<kafka::TransactionState>(known->state);
  const bool in_progress = known->pending || state == kafka::TransactionState::kOngoing ||
                           state == kafka::TransactionState::kPrepareCommit ||
                           state == kafka::TransactionState::kPrepareAbort;
  return !in_progress || std::find(known->partitions.begin(), known->partitions.end(), partition) ==
                             known->partitions.end();
}

bool coordinator_lost(const Ledger& ledger, Name tid) {
  if (!tid.valid()) return false;
  const TopicPartition log = ledger.log_of_transactional_id(tid);
  return log.valid() && ledger.partition_void(log);
}

void StableOffset::at_quiescence(const CheckContext& context, const Observation& seen) {
  if (!seen.complete) return;  // who is absent cannot be asked
  for (const PartitionSeen& partition : seen.partitions) {
    // A marker may have been lost by what no protocol helps against.
    if (context.ledger.partition_void(partition.partition)) continue;
    for (const PartitionSeen::Open& open : partition.open) {
      if (coordinator_lost(context.ledger, context.ledger.owner(open.producer))) continue;
      if (hangs(context.ledger, seen, partition.partition, open.producer)) {
        hanging(context, seen, partition, open);
      }
    }
    if (!partition.open.empty() || partition.stable >= partition.high_watermark) continue;
    Violation violation = context.violation(
        kBehind,
        "the last stable offset " + context.text(partition.partition, partition.stable) +
            " stays below the high watermark " + std::to_string(partition.high_watermark.value),
        -1, 0);
    violation.subject.places.push_back({partition.partition, partition.stable, 0});
    context.report(std::move(violation), context.text(partition.partition));
  }
}

}  // namespace eosim::check
