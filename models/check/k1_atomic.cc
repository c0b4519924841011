#include "models/check/k1_atomic.h"

namespace eosim::check {
namespace {

constexpr Rule kTorn = {"K1", "atomic", "torn_transaction",
                        "of one transaction all records and offsets become visible, or none, as "
                        "its coordinator decided"};
constexpr Rule kNobodyDecided = {"K1", "atomic", "torn_transaction",
                                 "nothing of a transaction is visible unless it was decided"};
constexpr Rule kMisinformed = {"K1", "atomic", "client_misinformed",
                               "a client is told what its coordinator decided"};
constexpr Rule kNotAsked = {"K1", "atomic", "client_misinformed",
                            "a transaction is committed only if its client asked for it"};
constexpr Rule kPartFailed = {
    "K1", "atomic", "client_misinformed",
    "committed is told only if every record of the transaction succeeded"};

std::string parts(const CheckContext& context, const InstanceTruth& run) {
  std::string text;
  for (const InstanceWork& work : run.work) {
    if (!text.empty()) text += ", ";
    text += context.text(work.partition, work.first);
    text += work.committed > 0 ? " visible" : work.open > 0 ? " open" : " hidden";
  }
  return text;
}

void report(const CheckContext& context, const Rule& rule, const InstanceTruth& run,
            const std::string& what) {
  Violation violation =
      context.violation(rule, context.instance(run.number) + " " + what, -1, run.number);
  violation.details = {{"decision", CheckContext::decision_word(run.decision)},
                       {"parts", parts(context, run)}};
  if (run.told) violation.details.emplace_back("told", std::string(kafka::word(*run.told)));
  for (const InstanceWork& work : run.work) {
    violation.subject.places.push_back({work.partition, work.first, run.number});
  }
  context.report(std::move(violation), std::string(rule.text) + std::to_string(run.number));
}

bool against(Decision decision, const InstanceWork& work) {
  return (decision == Decision::kCommit && work.aborted > 0) ||
         (decision == Decision::kAbort && work.committed > 0);
}

void torn(const CheckContext& context, const InstanceTruth& run) {
  if (run.excused) return;  // its parts were lost by what no protocol helps against
  for (const InstanceWork& work : run.work) {
    if (!against(run.decision, work)) continue;
    report(context, kTorn, run,
           "was " + CheckContext::decision_word(run.decision) + ", and its records in " +
               context.text(work.partition) + " are " +
               (work.committed > 0 ? "visible" : "not visible"));
    return;
  }
}

// Folded instances have no parts any more: what a late batch of theirs becomes is still judged.
void late_part(const CheckContext& context, const BatchTruth& batch) {
  const Decision decision = context.ledger.decision(batch.instance);
  const Decision marked = batch.fate == Fate::kCommitted ? Decision::kCommit : Decision::kAbort;
  if (decision == Decision::kNone || decision == marked) return;
  const TopicPartition partition = context.change().partition->partition();
  Violation violation = context.violation(
      kTorn,
      "a transaction was " + CheckContext::decision_word(decision) + ", and its records at " +
          context.text(partition, batch.base) + " are " + CheckContext::decision_word(marked),
      -1, 0);
  violation.subject.places.push_back({partition, batch.base, batch.instance});
  context.report(std::move(violation), std::string(kTorn.text) + std::to_string(batch.instance));
}

void on_decision(const CheckContext& context, const InstanceTruth& run) {
  if (run.excused) return;
  torn(context, run);
  if (run.decision != Decision::kCommit || !run.begun || !run.wrote()) return;
  if (run.asked != Decision::kCommit) {
    report(context, kNotAsked, run, "was committed, and its client never asked for it");
  }
  if (run.told == CommitOutcome::kAborted) {
    report(context, kMisinformed, run,
           "was committed after its client was told that it is aborted");
  }
}

void on_told(const CheckContext& context, const InstanceTruth& run) {
  if (!run.wrote() || run.excused) return;  // nothing that could be visible
  if (run.told == CommitOutcome::kCommitted && run.decision != Decision::kCommit) {
    report(context, kMisinformed, run,
           "is " + CheckContext::decision_word(run.decision) +
               ", and its client was told that it is committed");
  }
  if (run.told == CommitOutcome::kAborted && run.decision == Decision::kCommit) {
    report(context, kMisinformed, run, "is committed, and its client was told that it is aborted");
  }
  if (run.told == CommitOutcome::kCommitted && run.failed_batches > 0) {
    report(context, kPartFailed, run,
           "was told to be committed though " + std::to_string(run.failed_batches) +
               " of its batches failed");
  }
}

}  // namespace

void Atomic::on_fact(const CheckContext& context) {
  const Change& change = context.change();
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kLogHighWatermark:
    case Event::kLeaderStarted:
      for (const BatchTruth& batch : change.closed) {
        const InstanceTruth* run = context.ledger.instance(batch.instance);
        if (run == nullptr) {
          late_part(context, batch);
        } else {
          torn(context, *run);
        }
      }
      return;
    case Event::kTransactionTransition:
    case Event::kTransactionLoaded:
      if (change.instance != nullptr) on_decision(context, *change.instance);
      return;
    case Event::kTransactionEnded:
      if (change.instance != nullptr) on_told(context, *change.instance);
      return;
    default:
      return;
  }
}

void Atomic::at_quiescence(const CheckContext& context) {
  for (const InstanceTruth& run : context.ledger.instances()) {
    if (run.excused) continue;
    torn(context, run);
    bool visible = false;
    bool open = false;
    for (const InstanceWork& work : run.work) {
      visible = visible || work.committed > 0;
      open = open || work.open > 0;
    }
    if (run.decision == Decision::kNone && visible) {
      report(context, kNobodyDecided, run,
             "was never decided, and some of its records are visible");
    }
    if (run.decision == Decision::kCommit && open && (visible || run.completed)) {
      report(context, kTorn, run, "was committed, and some of its records are still open");
    }
  }
}

}  // namespace eosim::check
