#include "models/check/k5_fence.h"

namespace eosim::check {
namespace {

constexpr Rule kKnown = {"K5", "fence", "zombie_write",
                         "a log that has seen a newer session takes nothing of an older one"};
constexpr Rule kUnseenNewer = {
    "K5", "fence", "zombie_write",
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
  if (change.partition == nullptr || change.deposed || batch.fate != Fate::kOpen) return;
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
      context.violation(saw ? kKnown : kUnseenNewer,
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
  if (context.change().deposed) return;  // its successor decides what becomes of that record
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

// Who asks is looked at when the offsets are appended: what the log refused was not taken.
void on_offset(const CheckContext& context, const TakenOffset& taken) {
  const PendingOffsetTruth& offset = taken.offset;
  if (offset.generation.value < 0) return;  // said nothing that could be checked
  const GroupTruth& group = *context.ledger.group(taken.group);
  const bool passed_by = offset.generation != group.generation;
  const bool stranger =
      offset.member.valid() && group.members_known && !group.has_member(offset.member);
  if (!passed_by && !stranger) return;
  const Name tid = context.ledger.owner(offset.producer);
  const TransactionalIdTruth* truth = tid.valid() ? context.ledger.transactional_id(tid) : nullptr;
  Violation violation = context.violation(
      kGeneration,
      "group " + context.text(taken.group) + " took " +
          context.text(offset.partition, offset.offset) + " from " + context.text(offset.member) +
          " of generation " + std::to_string(offset.generation.value) + " in generation " +
          std::to_string(group.generation.value),
      -1, truth == nullptr ? 0 : truth->instance);
  violation.subject.group = taken.group;
  violation.subject.transactional_id = tid;
  violation.subject.input = offset.partition;
  violation.subject.input_offset = offset.offset;
  context.report(std::move(violation), context.text(taken.group) + context.text(offset.member) +
                                           std::to_string(offset.generation.value));
}

}  // namespace

void Fence::on_fact(const CheckContext& context) {
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kLogAppended:
      on_append(context);
      if (!context.promised(-1).checks_generation) return;
      for (const TakenOffset& taken : context.change().taken) on_offset(context, taken);
      return;
    case Event::kTransactionTransition:
      return on_transition(context);
    default:
      return;
  }
}

}  // namespace eosim::check
