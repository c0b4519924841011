#include "models/check/k11_machine.h"

namespace eosim::check {
namespace {

constexpr Rule kTransactionStep = {"K11", "machine", "illegal_transition",
                                   "a transactional id takes only the steps of its state machine"};
constexpr Rule kTransactionFrom = {"K11", "machine", "illegal_transition",
                                   "a transactional id leaves the state that it was in"};
constexpr Rule kSessionsBack = {"K11", "machine", "illegal_transition",
                                "the sessions of a transactional id never run back"};
constexpr Rule kGroupStep = {"K11", "machine", "illegal_transition",
                             "a group takes only the steps of its state machine"};
constexpr Rule kGroupFrom = {"K11", "machine", "illegal_transition",
                             "a group leaves the state that it was in"};
constexpr Rule kGenerations = {"K11", "machine", "illegal_transition",
                               "the generation of a group never runs back"};

constexpr int kEmpty = 0;
constexpr int kOngoing = 1;
constexpr int kPrepareCommit = 2;
constexpr int kPrepareAbort = 3;
constexpr int kCompleteCommit = 4;
constexpr int kCompleteAbort = 5;

std::string group_word(int state) {
  return state == kNoState ? "none" : std::string(kafka::word(static_cast<GroupState>(state)));
}

void report_transaction(const CheckContext& context, const Rule& rule,
                        const TransactionTransition& fact, const std::string& what) {
  Violation violation = context.violation(
      rule, context.text(fact.tid) + " " + what, -1,
      context.change().instance == nullptr ? 0 : context.change().instance->number);
  violation.transaction_state = CheckContext::state_word(fact.from);
  violation.subject.transactional_id = fact.tid;
  violation.details = {{"from", CheckContext::state_word(fact.from)},
                       {"to", CheckContext::state_word(fact.to)},
                       {"session", context.text(fact.producer)}};
  context.report(std::move(violation), context.text(fact.tid) +
                                           CheckContext::state_word(fact.from) +
                                           CheckContext::state_word(fact.to));
}

void on_transaction(const CheckContext& context) {
  const auto fact = read<TransactionTransition>(*context.event);
  const TransactionalIdTruth& before = context.change().transactional_id_before;
  const auto step = [&fact] {
    return CheckContext::state_word(fact.from) + " to " + CheckContext::state_word(fact.to);
  };
  if (!legal_transaction_step(fact.from, fact.to, context.promised(-1).aborts_empty)) {
    return report_transaction(context, kTransactionStep, fact, "went from " + step());
  }
  if (context.change().deposed) return;
  if (before.state_known && before.state != fact.from) {
    return report_transaction(
        context, kTransactionFrom, fact,
        "went from " + step() + " and was in " + CheckContext::state_word(before.state));
  }
  const bool back =
      before.current.id == fact.producer.id && fact.producer.epoch < before.current.epoch;
  // Another producer id comes with InitProducerId only, and never comes back.
  const bool other = before.current.id.valid() && before.current.id != fact.producer.id &&
                     (fact.to != kEmpty || before.rank(fact.producer.id) >= 0);
  if (before.state_known && (back || other)) {
    report_transaction(
        context, kSessionsBack, fact,
        "went from session " + context.text(before.current) + " to " + context.text(fact.producer));
  }
}

void report_group(const CheckContext& context, const Rule& rule, const GroupTransition& fact,
                  const std::string& what) {
  Violation violation =
      context.violation(rule, "group " + context.text(fact.group) + " " + what, -1, 0);
  violation.subject.group = fact.group;
  violation.details = {{"from", group_word(fact.from)},
                       {"to", group_word(fact.to)},
                       {"generation", std::to_string(fact.generation.value)}};
  context.report(std::move(violation),
                 context.text(fact.group) + group_word(fact.from) + group_word(fact.to));
}

void on_group(const CheckContext& context) {
  const auto fact = read<GroupTransition>(*context.event);
  const Change& change = context.change();
  const std::string step = group_word(fact.from) + " to " + group_word(fact.to);
  if (!legal_group_step(fact.from, fact.to)) {
    return report_group(context, kGroupStep, fact, "went from " + step);
  }
  if (change.deposed) return;
  const bool reborn = change.group_state_before == static_cast<int>(GroupState::kDead);
  if (!change.group_state_known_before || reborn) return;
  if (change.group_state_before != fact.from) {
    return report_group(
        context, kGroupFrom, fact,
        "went from " + step + " and was in " + group_word(change.group_state_before));
  }
  if (fact.generation < change.generation_before) {
    report_group(context, kGenerations, fact,
                 "went from generation " + std::to_string(change.generation_before.value) + " to " +
                     std::to_string(fact.generation.value));
  }
}

}  // namespace

bool legal_transaction_step(int from, int to, bool ends_empty) {
  switch (to) {
    case kEmpty:
      return from == kNoState || from == kEmpty || from == kCompleteCommit ||
             from == kCompleteAbort;
    case kOngoing:
      return from == kOngoing || from == kEmpty || from == kCompleteCommit ||
             from == kCompleteAbort;
    case kPrepareCommit:
      return from == kOngoing;
    case kPrepareAbort:
      return from == kOngoing ||
             (ends_empty && (from == kEmpty || from == kCompleteCommit || from == kCompleteAbort));
    case kCompleteCommit:
      return from == kPrepareCommit;
    case kCompleteAbort:
      return from == kPrepareAbort;
    // Dead and PrepareEpochFence are only ever pending; an id that expired ends without a state.
    case kNoState:
      return from == kEmpty || from == kCompleteCommit || from == kCompleteAbort;
    default:
      return false;
  }
}

bool legal_group_step(int from, int to) {
  if (from == kNoState) return true;  // a group that begins
  const auto is = [&](GroupState state) { return from == static_cast<int>(state); };
  switch (static_cast<GroupState>(to)) {
    case GroupState::kPreparingRebalance:
      return is(GroupState::kEmpty) || is(GroupState::kStable) ||
             is(GroupState::kCompletingRebalance);
    case GroupState::kCompletingRebalance:
    case GroupState::kEmpty:
      return is(GroupState::kPreparingRebalance);
    case GroupState::kStable:
      return is(GroupState::kCompletingRebalance);
    case GroupState::kDead:
      return true;
  }
  return false;
}

void Machine::on_fact(const CheckContext& context) {
  if (context.event->kind == kafka::event_id(Event::kTransactionTransition)) {
    on_transaction(context);
  } else if (context.event->kind == kafka::event_id(Event::kGroupTransition)) {
    on_group(context);
  }
}

}  // namespace eosim::check
