// All checkers over one ledger: what watches a run. A value beside the world: copied with it, it
// goes on by itself. Draws nothing, changes nothing.
//
// Contract: on_event() for every fact from the world's beginning. quiet() says whether nothing is
// owed any more; ask it when sources have stopped and faults have healed. at_quiescence() once, at
// that moment or at the end of settle; not at all for a measurement.
#pragma once

#include <array>
#include <bitset>
#include <vector>

#include "models/check/check_config.h"
#include "models/check/cluster_view.h"
#include "models/check/debts.h"
#include "models/check/invariants_answers.h"
#include "models/check/invariants_groups.h"
#include "models/check/invariants_members.h"
#include "models/check/invariants_partitions.h"
#include "models/check/invariants_transactions.h"
#include "models/check/k10_replica.h"
#include "models/check/k11_machine.h"
#include "models/check/k12_assign.h"
#include "models/check/k13_offsets.h"
#include "models/check/k14_table.h"
#include "models/check/k1_atomic.h"
#include "models/check/k2_read_committed.h"
#include "models/check/k3_effect_once.h"
#include "models/check/k4_durable_ack.h"
#include "models/check/k5_fence.h"
#include "models/check/k6_lso.h"
#include "models/check/k7_progress.h"
#include "models/check/k8_justified_error.h"
#include "models/check/k9_replay.h"
#include "models/check/ledger.h"
#include "models/check/violation.h"
#include "sim/trace.h"

namespace eosim::check {

class CheckSuite : public sim::Observer {
 public:
  // The view is looked through while config.brokers names some; it outlives the suite.
  explicit CheckSuite(CheckConfig config, const ClusterView& view = brokers_view());

  void on_event(const sim::World& world, const sim::TraceEvent& event) override;
  // What facts do not tell is read in the messages.
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) override;
  bool wants_kernel_records() const override { return config_.checkers.any(); }

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
  // Who is shown a fact: bits by checker, and behind them the rules of several checkers.
  static constexpr size_t kTransactionRules = kCheckerCount;
  static constexpr size_t kGroupRules = kCheckerCount + 1;
  static constexpr size_t kAnswerRules = kCheckerCount + 2;
  static constexpr size_t kMemberRules = kCheckerCount + 3;
  using Askers = std::bitset<kCheckerCount + 4>;

  Askers askers_of(Event fact) const;
  void judge(const CheckContext& context, Askers askers, bool settled);
  const ClusterView* view() const { return config_.brokers.empty() ? nullptr : view_; }

  CheckConfig config_;
  const ClusterView* view_;
  std::array<Askers, kafka::kEventCount> askers_;  // by kind of fact
  Ledger ledger_;
  Findings findings_;
  Atomic atomic_;
  ReadCommitted read_committed_;
  EffectOnce effect_once_;
  DurableAck durable_ack_;
  Fence fence_;
  StableOffset stable_offset_;
  Progress progress_;
  JustifiedError justified_error_;
  Replay replay_;
  ReplicaCheck replica_;
  Machine machine_;
  PartitionInvariants partition_invariants_;
  TransactionInvariants transaction_invariants_;
  GroupInvariants group_invariants_;
  AnswerInvariants answer_invariants_;
  MemberInvariants member_invariants_;
  Assign assign_;
  Offsets offsets_;
  TableCheck table_;
};

}  // namespace eosim::check
