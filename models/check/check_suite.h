// All checkers over one ledger: what watches a run. A value beside the world: copied with it, it
// goes on by itself. Draws nothing, changes nothing.
//
// Contract: on_event() for every fact from the world's beginning. quiet() says whether nothing is
// owed any more; ask it when sources have stopped and faults have healed. at_quiescence() once, at
// that moment or at the end of settle; not at all for a measurement.
#pragma once

#include <vector>

#include "models/check/check_config.h"
#include "models/check/debts.h"
#include "models/check/k11_machine.h"
#include "models/check/k12_assign.h"
#include "models/check/k13_offsets.h"
#include "models/check/k1_atomic.h"
#include "models/check/k2_read_committed.h"
#include "models/check/k3_effect_once.h"
#include "models/check/k5_fence.h"
#include "models/check/k6_lso.h"
#include "models/check/k7_progress.h"
#include "models/check/k8_justified_error.h"
#include "models/check/ledger.h"
#include "models/check/violation.h"
#include "sim/trace.h"

namespace eosim::check {

class CheckSuite : public sim::Observer {
 public:
  explicit CheckSuite(CheckConfig config);

  void on_event(const sim::World& world, const sim::TraceEvent& event) override;

  bool quiet(const sim::World& world) const;
  std::vector<Debt> debts(const sim::World& world) const;
  void at_quiescence(const sim::World& world);
  // The same with the brokers' state given: for tests.
  void at_quiescence(const sim::World& world, const Observation& seen);

  const std::vector<Violation>& violations() const { return findings_.all(); }
  uint64_t violations_not_kept() const { return findings_.not_kept(); }
  const Ledger& ledger() const { return ledger_; }
  const LedgerCounts& counts() const { return ledger_.counts(); }
  const CheckConfig& config() const { return config_; }

 private:
  CheckConfig config_;
  Ledger ledger_;
  Findings findings_;
  Atomic atomic_;
  ReadCommitted read_committed_;
  EffectOnce effect_once_;
  Fence fence_;
  StableOffset stable_offset_;
  Progress progress_;
  JustifiedError justified_error_;
  Machine machine_;
  Assign assign_;
  Offsets offsets_;
};

}  // namespace eosim::check
