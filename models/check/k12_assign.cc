#include "models/check/k12_assign.h"

namespace eosim::check {
namespace {

constexpr Rule kTwo = {"K12", "assign", "double_ownership",
                       "within a generation a partition has at most one owner"};
constexpr Rule kNone = {"K12", "assign", "unowned_partition",
                        "after settling each partition of a group has an owner"};

}  // namespace

void Assign::on_fact(const CheckContext& context) {
  if (context.event->kind != kafka::event_id(Event::kGroupAssigned)) return;
  if (context.change().deposed) return;
  const auto fact = read<GroupAssigned>(*context.event);
  for (const GroupTruth::Assigned& other : context.change().group->assigned) {
    if (other.partition != fact.partition || other.member == fact.member) continue;
    Violation violation = context.violation(
        kTwo,
        "generation " + std::to_string(fact.generation.value) + " of group " +
            context.text(fact.group) + " gives " + context.text(fact.partition) + " to " +
            context.text(other.member) + " and to " + context.text(fact.member),
        -1, 0);
    violation.subject.group = fact.group;
    violation.subject.input = fact.partition;
    context.report(std::move(violation), context.text(fact.group) + context.text(fact.partition) +
                                             std::to_string(fact.generation.value));
    return;
  }
}

void Assign::at_quiescence(const CheckContext& context) {
  context.ledger.visit_inputs(
      [&](size_t app, Name group, TopicPartition partition, const PartitionTruth&) {
        const GroupTruth* truth = context.ledger.group(group);
        if (truth == nullptr || !truth->leaves_out(partition)) return;
        Violation violation = context.violation(kNone,
                                                "nobody of group " + context.text(group) + " has " +
                                                    context.text(partition) + " in generation " +
                                                    std::to_string(truth->generation.value),
                                                static_cast<int>(app), 0);
        violation.subject.group = group;
        violation.subject.input = partition;
        context.report(std::move(violation), context.text(group) + context.text(partition));
      });
}

}  // namespace eosim::check
