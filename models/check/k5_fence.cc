#include "models/check/k5_fence.h"

namespace eosim::check {
namespace {

constexpr Rule kKnown = {"K5", "fence", "zombie_write",
                         "a log that has seen a newer session takes nothing of an older one"};
constexpr Rule kUnknown = {"K5", "fence", "zombie_write",
                           "an older session writes nothing, also where the newer one never was"};
constexpr Rule kStatus = {"K5", "fence", "zombie_write",
                          "an older session does not move the state of its transactional id"};
constexpr Rule kGeneration = {"K5", "fence", "zombie_write",
                              "offsets are taken only from the current generation of the group"};

// `session` wrote though a client has a newer one.
bool passed(const CheckContext& context, Name tid, ProducerIdAndEpoch session) {
  if (!tid.valid()) return false;
  const TransactionalIdTruth* truth = context.ledger.transactional_id(tid);
  return truth != nullptr && truth->acknowledged.id.valid() &&
         truth->older(session, truth->acknowledged);
}

void on_append(const CheckContext& context) {
  const Change& change = context.change();
  const BatchTruth& batch = change.appended;
  if (change.partition == nullptr || batch.fate != Fate::kOpen) return;
  const Name tid = context.ledger.owner(batch.producer.id);
  if (!passed(context, tid, batch.producer)) return;
  const TransactionalIdTruth& truth = *context.ledger.transactional_id(tid);
  const TopicPartition partition = change.partition->partition();
  // Logs compare the epochs of one producer id, and nothing else.
  const bool saw = truth.acknowledged.id == batch.producer.id &&
                   change.partition->seen_epoch(batch.producer.id) > batch.producer.epoch;
  if (!saw && !context.promised(-1).verifies_produce) return;
  const std::string what = context.ledger.is_offsets(partition) ? "offsets of " : "a batch of ";
  Violation violation =
      context.violation(saw ? kKnown : kUnknown,
                        context.text(partition, batch.base) + ": " + what + context.text(tid) +
                            " " + context.text(batch.producer) + " was taken after " +
                            context.text(truth.acknowledged) + " was given out",
                        -1, batch.instance);
  violation.subject.transactional_id = tid;
  violation.subject.places.push_back({partition, batch.base, batch.instance});
  violation.details = {{"older session", context.text(batch.producer)},
                       {"newer session", context.text(truth.acknowledged)}};
  context.report(std::move(violation), context.text(partition) + context.text(batch.producer));
}

void on_transition(const CheckContext& context) {
  const auto fact = read<TransactionTransition>(*context.event);
  const auto to = static_cast<kafka::TransactionState>(fact.to);
  if (to == kafka::TransactionState::kCompleteCommit ||
      to == kafka::TransactionState::kCompleteAbort) {
    return;  // the end of what was decided before
  }
  if (!passed(context, fact.tid, fact.producer)) return;
  const TransactionalIdTruth& truth = *context.ledger.transactional_id(fact.tid);
  Violation violation =
      context.violation(kStatus,
                        "the older session " + context.text(fact.producer) + " moved " +
                            context.text(fact.tid) + " to " + CheckContext::state_word(fact.to) +
                            " after " + context.text(truth.acknowledged) + " was given out",
                        -1, truth.instance);
  violation.subject.transactional_id = fact.tid;
  context.report(std::move(violation), context.text(fact.tid) + context.text(fact.producer));
}

void on_offsets(const CheckContext& context) {
  const auto fact = read<OffsetPending>(*context.event);
  if (fact.generation.value < 0) return;  // said nothing that could be checked, or a reload
  const GroupTruth* group = context.change().group;
  if (!context.promised(-1).checks_generation) return;
  const bool passed_by = fact.generation != group->generation;
  const bool stranger =
      fact.member.valid() && group->members_known && !group->has_member(fact.member);
  if (!passed_by && !stranger) return;
  const Name tid = context.ledger.owner(fact.producer.id);
  const TransactionalIdTruth* truth = tid.valid() ? context.ledger.transactional_id(tid) : nullptr;
  Violation violation = context.violation(
      kGeneration,
      "group " + context.text(fact.group) + " took " + context.text(fact.partition, fact.offset) +
          " from " + context.text(fact.member) + " of generation " +
          std::to_string(fact.generation.value) + " in generation " +
          std::to_string(group->generation.value),
      -1, truth == nullptr ? 0 : truth->instance);
  violation.subject.group = fact.group;
  violation.subject.transactional_id = tid;
  violation.subject.input = fact.partition;
  violation.subject.input_offset = fact.offset;
  context.report(std::move(violation), context.text(fact.group) + context.text(fact.member) +
                                           std::to_string(fact.generation.value));
}

}  // namespace

void Fence::on_fact(const CheckContext& context) {
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kLogAppended:
      return on_append(context);
    case Event::kTransactionTransition:
      return on_transition(context);
    case Event::kOffsetPending:
      return on_offsets(context);
    default:
      return;
  }
}

}  // namespace eosim::check
