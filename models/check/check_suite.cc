#include "models/check/check_suite.h"

#include "models/check/observation.h"

namespace eosim::check {

CheckSuite::CheckSuite(CheckConfig config, const ClusterView& view)
    : config_(std::move(config)),
      view_(&view),
      ledger_(config_),
      findings_(config_.violations_max) {}

void CheckSuite::on_event(const sim::World& world, const sim::TraceEvent& event) {
  ledger_.on_event(world, event);
  CheckContext context(world, config_, ledger_, findings_);
  context.event = &event;
  const auto fact = static_cast<Event>(event.kind.index);
  const auto asked = [this, fact](Checker checker, const auto& judge) {
    return judge.wants(fact) && config_.on(checker);
  };
  const Change& change = ledger_.change();
  const bool settled = !change.passed.empty() || change.lost_from.valid();
  if (asked(Checker::kK1, atomic_)) atomic_.on_fact(context);
  if (asked(Checker::kK2, read_committed_)) read_committed_.on_fact(context);
  if (!change.effects.empty() && config_.on(Checker::kK3)) effect_once_.on_fact(context);
  if (asked(Checker::kK4, durable_ack_)) durable_ack_.on_fact(context);
  if (asked(Checker::kK5, fence_)) fence_.on_fact(context);
  if (asked(Checker::kK8, justified_error_)) justified_error_.on_fact(context);
  if (asked(Checker::kK9, replay_)) replay_.on_fact(context, view());
  if (asked(Checker::kK10, replica_)) replica_.on_fact(context, view());
  if (asked(Checker::kK11, machine_)) machine_.on_fact(context);
  // Those of several checkers: each rule asks whether its own is on.
  if (config_.checkers.any()) {
    if (settled) partition_invariants_.on_fact(context);
    if (settled || transaction_invariants_.wants(fact)) transaction_invariants_.on_fact(context);
    if (group_invariants_.wants(fact)) group_invariants_.on_fact(context);
  }
  if (asked(Checker::kK12, assign_)) assign_.on_fact(context);
  if (asked(Checker::kK13, offsets_)) offsets_.on_fact(context);
  ledger_.end_event();
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
}

}  // namespace eosim::check
