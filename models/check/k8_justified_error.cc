#include "models/check/k8_justified_error.h"

#include "models/protocol/errors.h"

namespace eosim::check {
namespace {

constexpr Rule kFenced = {"K8", "justified_error", "unjustified_error",
                          "a producer is fenced only by a newer session of its transactional id"};
constexpr Rule kForgotten = {"K8", "justified_error", "unjustified_error",
                             "a producer id is forgotten only after it expired or was replaced"};
constexpr Rule kNoCause = {"K8", "justified_error", "unjustified_error",
                           "no legal run ends a producer with this error"};
constexpr Rule kMember = {"K8", "justified_error", "unjustified_error",
                          "a member is refused only after the group removed it or passed it by"};

enum class Verdict : uint8_t { kJustified, kFencedFor, kForgottenFor, kNever };

Verdict judge(const CheckContext& context, Name tid, ProducerIdAndEpoch producer, Error error,
              bool ends_producer) {
  if (!tid.valid() || !producer.id.valid()) return Verdict::kJustified;
  // What a coordinator has forgotten because all copies of its log were lost is nobody's fault.
  const TopicPartition log = context.ledger.log_of_transactional_id(tid);
  if (log.valid() && context.ledger.partition_void(log)) return Verdict::kJustified;
  const TransactionalIdTruth* truth = context.ledger.transactional_id(tid);
  switch (error) {
    case Error::kProducerFenced:
    case Error::kInvalidProducerEpoch:
      if (truth != nullptr && truth->older(producer, truth->highest)) return Verdict::kJustified;
      if (truth != nullptr && truth->expired) return Verdict::kJustified;
      return Verdict::kFencedFor;
    case Error::kInvalidProducerIdMapping:
      if (truth == nullptr || truth->expired) return Verdict::kJustified;
      return truth->highest.id != producer.id ? Verdict::kJustified : Verdict::kForgottenFor;
    case Error::kInvalidTxnState:
      // A commit that comes after the timeout of its transaction, where ends raise the epoch, looks
      // like a retry with the other result (transactions.md 3.5).
      if (truth != nullptr && truth->older(producer, truth->highest)) return Verdict::kJustified;
      return ends_producer ? Verdict::kNever : Verdict::kJustified;
    case Error::kUnknownServerError:
    case Error::kInvalidRequest:
      return ends_producer ? Verdict::kNever : Verdict::kJustified;
    default:
      return Verdict::kJustified;
  }
}

void on_error(const CheckContext& context, Name tid, ProducerIdAndEpoch producer, Error error,
              bool ends_producer) {
  const Verdict verdict = judge(context, tid, producer, error, ends_producer);
  if (verdict == Verdict::kJustified) return;
  const Rule& rule = verdict == Verdict::kFencedFor      ? kFenced
                     : verdict == Verdict::kForgottenFor ? kForgotten
                                                         : kNoCause;
  const TransactionalIdTruth* truth = context.ledger.transactional_id(tid);
  const std::string name(kafka::error_name(error));
  Violation violation = context.violation(
      rule,
      context.text(tid) + " " + context.text(producer) + " got " + name + ", and its session is " +
          (truth == nullptr ? std::string("unknown")
                            : "the newest: " + context.text(truth->highest)),
      ends_producer ? context.ledger.app_of(context.world, context.event->process) : -1,
      truth == nullptr ? 0 : truth->instance);
  if (truth != nullptr) violation.transaction_state = CheckContext::state_word(truth->state);
  violation.subject.transactional_id = tid;
  violation.subject.processes.push_back(context.event->process);
  violation.details = {{"error", name}, {"session", context.text(producer)}};
  context.report(std::move(violation), context.text(tid) + context.text(producer) + name);
}

void on_offsets(const CheckContext& context) {
  const auto fact = read<OffsetRefused>(*context.event);
  const GroupTruth* group = context.ledger.group(fact.group);
  // A coordinator that has lost its memory, or its leadership, may say so of anybody.
  if (group == nullptr || fact.generation.value < 0 || !fact.member.valid()) return;
  if (!context.ledger.coordinates_group(context.world, fact.group, context.event->process)) return;
  if (group->coordinator != context.event->process ||
      group->incarnation != context.world.incarnation(context.event->process)) {
    return;
  }
  const bool member = group->members_known && group->has_member(fact.member);
  const bool stranger = fact.error == Error::kUnknownMemberId && member;
  const bool passed_by =
      fact.error == Error::kIllegalGeneration && member && group->generation == fact.generation;
  if (!stranger && !passed_by) return;
  const std::string name(kafka::error_name(fact.error));
  Violation violation = context.violation(
      kMember,
      context.text(fact.member) + " of generation " + std::to_string(fact.generation.value) +
          " got " + name + ", and group " + context.text(fact.group) + " has it in generation " +
          std::to_string(group->generation.value),
      -1, 0);
  violation.subject.group = fact.group;
  violation.details = {{"error", name}, {"member", context.text(fact.member)}};
  context.report(std::move(violation), context.text(fact.member) + name);
}

}  // namespace

void JustifiedError::on_fact(const CheckContext& context) {
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kTransactionRefused: {
      const auto fact = read<TransactionRefused>(*context.event);
      if (!fact.tid.valid()) return;
      if (!context.ledger.coordinates(context.world, fact.tid, context.event->process)) {
        of_deposed_[fact.tid.id] = {fact.producer, fact.error};
        return;
      }
      return on_error(context, fact.tid, fact.producer, fact.error, false);
    }
    case Event::kProducerTransition: {
      const auto fact = read<ProducerTransition>(*context.event);
      if (fact.to != ProducerClientState::kFatalError) return;
      const Refusal* refusal = of_deposed_.find(fact.tid.id);
      const bool stale =
          refusal != nullptr && refusal->error == fact.error && refusal->producer == fact.producer;
      if (stale) return;
      return on_error(context, fact.tid, fact.producer, fact.error, true);
    }
    case Event::kOffsetRefused:
      return on_offsets(context);
    default:
      return;
  }
}

}  // namespace eosim::check
