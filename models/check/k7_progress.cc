#include "models/check/k7_progress.h"

#include <set>

#include "models/check/k6_lso.h"

namespace eosim::check {
namespace {

constexpr Rule kStuck = {"K7", "progress", "stuck_transaction",
                         "every transaction ends once faults have ended"};
constexpr Rule kWaits = {"K7", "progress", "no_progress",
                         "nothing waits for ever once faults have ended"};

// Partitions that an unfinished transaction holds back, and groups whose offsets it does.
struct Held {
  std::set<TopicPartition> partitions;
  std::set<uint32_t> groups;
};

Held held_back(const Observation& seen) {
  Held held;
  std::set<ProducerId> open;
  for (const PartitionSeen& partition : seen.partitions) {
    if (partition.open.empty()) continue;
    held.partitions.insert(partition.partition);
    for (const PartitionSeen::Open& transaction : partition.open) open.insert(transaction.producer);
  }
  for (const GroupSeen& group : seen.groups) {
    for (const PendingOffsetTruth& offset : group.pending) {
      if (open.contains(offset.producer)) held.groups.insert(group.group.id);
    }
  }
  return held;
}

// What was lost by no fault of the protocol, and what waits for it, is owed by nobody.
bool excused(const CheckContext& context, const Debt& debt) {
  if (debt.partition.valid() && context.ledger.partition_void(debt.partition)) return true;
  if (coordinator_lost(context.ledger, debt.tid)) return true;
  return context.ledger.app_void(debt.app);
}

bool follows(const Held& held, const Debt& debt) {
  switch (debt.kind) {
    case DebtKind::kInput:
      return held.partitions.contains(debt.partition) || held.groups.contains(debt.group.id);
    case DebtKind::kReader:
    case DebtKind::kStableOffset:
      return held.partitions.contains(debt.partition);
    case DebtKind::kPendingOffset:
      return held.groups.contains(debt.group.id);
    default:
      return false;
  }
}

}  // namespace

void Progress::at_quiescence(const CheckContext& context, const Observation& seen,
                             const std::vector<Debt>& debts) {
  const Held held = held_back(seen);
  for (const Debt& debt : debts) {
    if (debt.kind == DebtKind::kOwner) continue;
    // A late request may open a transaction that only its timeout ends (transactions.md 7.1, T15).
    if (!debt.due || follows(held, debt) || excused(context, debt)) continue;
    const TransactionalIdTruth* truth =
        debt.tid.valid() ? context.ledger.transactional_id(debt.tid) : nullptr;
    Violation violation =
        context.violation(debt.kind == DebtKind::kTransaction ? kStuck : kWaits, debt.text(),
                          debt.app, truth == nullptr ? 0 : truth->instance);
    if (truth != nullptr) violation.transaction_state = CheckContext::state_word(truth->state);
    violation.subject.transactional_id = debt.tid;
    violation.subject.group = debt.group;
    violation.subject.input = debt.partition;
    violation.details = {{"who", debt.who}, {"waits for", debt.waits_for}};
    context.report(std::move(violation), debt.who);
  }
}

}  // namespace eosim::check
