#include "models/check/check_suite.h"

#include "models/check/observation.h"

namespace eosim::check {
namespace {

// The rules that read a message of this kind.
enum class Reads : uint8_t { kNobody, kAnswers, kMembers };
Reads reads(sim::MessageKind kind) {
  switch (static_cast<Rpc>(kind.index)) {
    case Rpc::kAddPartitionsToTxn:
    case Rpc::kAddOffsetsToTxn:
    case Rpc::kTxnOffsetCommit:
      return Reads::kAnswers;
    case Rpc::kJoinGroup:
      return Reads::kMembers;
    default:
      return Reads::kNobody;
  }
}

}  // namespace

CheckSuite::CheckSuite(CheckConfig config, const ClusterView& view)
    : config_(std::move(config)),
      view_(&view),
      ledger_(config_),
      findings_(config_.violations_max) {
  for (size_t i = 0; i < kafka::kEventCount; ++i) askers_[i] = askers_of(static_cast<Event>(i));
}

CheckSuite::Askers CheckSuite::askers_of(Event fact) const {
  Askers askers;
  const auto ask = [&](Checker checker, bool wants) {
    askers.set(static_cast<size_t>(checker), wants && config_.on(checker));
  };
  ask(Checker::kK1, Atomic::wants(fact));
  ask(Checker::kK2, ReadCommitted::wants(fact));
  ask(Checker::kK4, DurableAck::wants(fact));
  ask(Checker::kK5, Fence::wants(fact));
  ask(Checker::kK8, JustifiedError::wants(fact));
  ask(Checker::kK9, Replay::wants(fact));
  ask(Checker::kK10, ReplicaCheck::wants(fact));
  ask(Checker::kK11, Machine::wants(fact));
  ask(Checker::kK12, Assign::wants(fact));
  ask(Checker::kK13, Offsets::wants(fact));
  ask(Checker::kK14, TableCheck::wants(fact));
  // Those of several checkers: each rule asks whether its own is on.
  askers.set(kTransactionRules, TransactionInvariants::wants(fact) && config_.checkers.any());
  askers.set(kGroupRules, GroupInvariants::wants(fact) && config_.checkers.any());
  askers.set(kAnswerRules, AnswerInvariants::wants(fact) && config_.on(Checker::kK4));
  askers.set(kMemberRules, MemberInvariants::wants(fact) && config_.checkers.any());
  return askers;
}

void CheckSuite::on_event(const sim::World& world, const sim::TraceEvent& event) {
  ledger_.on_event(world, event);
  const Askers askers = askers_[event.kind.index];
  const Change& change = ledger_.change();
  const bool settled = !change.passed.empty() || change.lost_from.valid();
  const bool look = replay_.wants_to_look() || replica_.wants_to_look();
  if (askers.any() || settled || look || !change.effects.empty() || !change.lost.empty()) {
    CheckContext context(world, config_, ledger_, findings_);
    context.event = &event;
    judge(context, askers, settled);
  }
  ledger_.end_event();
}

void CheckSuite::judge(const CheckContext& context, Askers askers, bool settled) {
  const auto asks = [askers](Checker checker) { return askers[static_cast<size_t>(checker)]; };
  if (asks(Checker::kK1)) atomic_.on_fact(context);
  if (asks(Checker::kK2)) read_committed_.on_fact(context);
  if (!context.change().effects.empty() && config_.on(Checker::kK3)) effect_once_.on_fact(context);
  if (asks(Checker::kK4)) durable_ack_.on_fact(context);
  if (asks(Checker::kK5)) fence_.on_fact(context);
  if (asks(Checker::kK8)) justified_error_.on_fact(context);
  if (asks(Checker::kK9) || replay_.wants_to_look()) replay_.on_fact(context, view());
  if (asks(Checker::kK10) || replica_.wants_to_look()) replica_.on_fact(context, view());
  if (asks(Checker::kK11)) machine_.on_fact(context);
  const bool rules = settled && config_.checkers.any();
  if (rules) partition_invariants_.on_fact(context);
  if (rules || askers[kTransactionRules]) transaction_invariants_.on_fact(context);
  if (askers[kGroupRules]) group_invariants_.on_fact(context);
  if (askers[kAnswerRules] || (settled && config_.on(Checker::kK4))) {
    answer_invariants_.on_fact(context);
  }
  if (askers[kMemberRules]) member_invariants_.on_fact(context);
  if (asks(Checker::kK12)) assign_.on_fact(context);
  if (asks(Checker::kK13)) offsets_.on_fact(context);
  const bool updates = !context.change().effects.empty() || !context.change().lost.empty();
  if (asks(Checker::kK14) || (updates && config_.on(Checker::kK14))) table_.on_fact(context);
}

void CheckSuite::on_kernel(const sim::World& world, const sim::KernelRecord& record) {
  const bool travels =
      record.event == sim::KernelEvent::kSent || record.event == sim::KernelEvent::kDelivered;
  const Reads by = travels ? reads(record.kind) : Reads::kNobody;
  if (by == Reads::kNobody) return;
  sim::TraceEvent now;  // for the time and place of what is found
  now.at = record.at;
  now.step = record.step;
  now.cause = record.cause;
  now.process = record.from;
  CheckContext context(world, config_, ledger_, findings_);
  context.event = &now;
  if (by == Reads::kMembers) {
    member_invariants_.on_message(context, record);
  } else {
    answer_invariants_.on_message(context, record);
  }
}

bool CheckSuite::quiet(const sim::World& world) const {
  return maybe_quiet(world, ledger_) && debts(world).empty();
}

std::vector<Debt> CheckSuite::debts(const sim::World& world) const {
  return check::debts(world, config_, ledger_, observe(world, config_.brokers));
}

void CheckSuite::at_quiescence(const sim::World& world) {
  at_quiescence(world, observe(world, config_.brokers));
}

void CheckSuite::at_quiescence(const sim::World& world, const Observation& seen) {
  const CheckContext context(world, config_, ledger_, findings_);
  if (config_.on(Checker::kK1)) atomic_.at_quiescence(context);
  if (config_.on(Checker::kK3)) effect_once_.at_quiescence(context);
  if (config_.on(Checker::kK4)) durable_ack_.at_quiescence(context);
  if (config_.on(Checker::kK6)) stable_offset_.at_quiescence(context, seen);
  if (config_.on(Checker::kK7)) {
    progress_.at_quiescence(context, seen, check::debts(world, config_, ledger_, seen));
  }
  if (config_.on(Checker::kK9)) replay_.at_quiescence(context, view());
  if (config_.on(Checker::kK10)) replica_.at_quiescence(context, view());
  if (config_.on(Checker::kK12)) assign_.at_quiescence(context);
  if (config_.on(Checker::kK13)) offsets_.at_quiescence(context, seen);
  if (config_.on(Checker::kK14)) table_.at_quiescence(context);
}

}  // namespace eosim::check
