#include "models/check/k2_read_committed.h"

#include <algorithm>

namespace eosim::check {
namespace {

constexpr Rule kAborted = {"K2", "read_committed", "aborted_read",
                           "a read_committed reader gets no record of an aborted transaction"};
constexpr Rule kDirty = {"K2", "read_committed", "dirty_read",
                         "a read_committed reader gets no record of an undecided transaction"};
constexpr Rule kSkipped = {"K2", "read_committed", "lost_committed_read",
                           "a read_committed reader that reads forward skips no committed record"};
constexpr Rule kRepeated = {"K2", "read_committed", "repeated_read",
                            "a reader that reads forward gets no record twice"};

void report(const CheckContext& context, const ConsumerDelivered& fact, const Rule& rule,
            const std::string& what, Offset at, uint64_t instance) {
  const sim::ProcessId reader = context.event->process;
  Violation violation = context.violation(rule, context.process(reader) + " " + what, -1, instance);
  if (violation.guarantee.empty()) {
    const int app = context.ledger.app_of(context.world, reader);
    if (app >= 0) violation.guarantee = context.config.apps[static_cast<size_t>(app)].guarantee;
  }
  violation.details = {{"reader", context.process(reader)},
                       {"record", context.text(fact.partition, at)}};
  violation.subject.places.push_back({fact.partition, at, instance});
  violation.subject.processes.push_back(reader);
  violation.subject.group = fact.group;
  context.report(std::move(violation), context.process(reader) + context.text(fact.partition, at));
}

void judge_record(const CheckContext& context, const ConsumerDelivered& fact,
                  const BatchTruth& batch) {
  const Decision decision = context.ledger.decision(batch.instance);
  if (batch.fate == Fate::kPlain) return;
  // A leader whose term is over may have told a high watermark that its successor has not reached
  // yet (groups-streams-replication.md 6.4): the marker is there, in the tail.
  const auto& tail = context.change().partition->tail();
  const bool marked = std::any_of(tail.begin(), tail.end(), [&](const TailEntry& entry) {
    return entry.marker && entry.commit && entry.producer.id == batch.producer.id;
  });
  if (batch.fate == Fate::kOpen && marked) return;
  const bool aborted = batch.fate == Fate::kAborted || decision == Decision::kAbort;
  const bool undecided = batch.instance != 0 && decision == Decision::kNone;
  if (!aborted && !undecided && batch.fate != Fate::kOpen) return;
  const std::string record = "got " + context.text(fact.partition, fact.first());
  if (aborted) {
    report(context, fact, kAborted, record + " of an aborted transaction", fact.first(),
           batch.instance);
  } else {
    report(context, fact, kDirty, record + " of a transaction that is not decided", fact.first(),
           batch.instance);
  }
}

}  // namespace

void ReadCommitted::on_fact(const CheckContext& context) {
  if (context.event->kind != kafka::event_id(Event::kConsumerDelivered)) return;
  const auto fact = read<ConsumerDelivered>(*context.event);
  const PartitionTruth* partition = context.change().partition;
  if (fact.isolation != IsolationLevel::kReadCommitted || partition == nullptr) return;
  if (const BatchTruth* batch = partition->find(fact.first())) {
    judge_record(context, fact, *batch);
  }
  const Offset cursor = context.change().cursor_before;
  if (!cursor.valid()) return;
  if (fact.first() < cursor) {
    report(context, fact, kRepeated,
           "got " + context.text(fact.partition, fact.first()) + " again, at position " +
               std::to_string(cursor.value),
           fact.first(), 0);
  }
  const Offset skipped = partition->first_visible(cursor, fact.first());
  if (!skipped.valid()) return;
  const BatchTruth* batch = partition->find(skipped);
  report(context, fact, kSkipped,
         "went from " + std::to_string(cursor.value) + " to " +
             context.text(fact.partition, fact.first()) + " and never got " +
             context.text(fact.partition, skipped),
         skipped, batch == nullptr ? 0 : batch->instance);
}

}  // namespace eosim::check
