#include "models/check/invariants_transactions.h"

#include <algorithm>

#include "models/check/ghost_access.h"

namespace eosim::check {
namespace {

using kafka::GhostAccess;
using kafka::TransactionState;

constexpr Rule kOwner = {"K10", "replica", "log_regression",
                         "a producer id has one owner for ever"};
constexpr Rule kSessionTwice = {"K11", "machine", "illegal_transition",
                                "no two clients are given the same session"};
constexpr Rule kRange = {"K11", "machine", "illegal_transition",
                         "a client's epoch is between 0 and 32766"};
constexpr Rule kNewer = {"K4", "durable_ack", "lost_acknowledged_write",
                         "a session is given out when its record is committed"};
constexpr Rule kListed = {"K11", "machine", "illegal_transition",
                          "a transaction ends in the partitions that were registered"};
constexpr Rule kHolds = {"K11", "machine", "illegal_transition",
                         "a record of a transactional id has partitions if its state allows them"};
constexpr Rule kStep = {"K11", "machine", "illegal_transition",
                        "the end of a transaction raises the epoch by what is promised"};
constexpr Rule kMarkers = {"K1", "atomic", "torn_transaction",
                           "a transaction is complete when each of its partitions has its marker"};
constexpr Rule kUndecided = {"K1", "atomic", "torn_transaction",
                             "a marker is written when its transaction was decided"};
constexpr Rule kOneKind = {"K1", "atomic", "torn_transaction",
                           "all markers of a transaction are those of its decision"};
constexpr Rule kUnknown = {"K6", "lso", "hanging_transaction",
                           "a transaction begins in a partition that its coordinator knows"};

void report(const CheckContext& context, const Rule& rule, Name tid, ProducerIdAndEpoch producer,
            uint64_t instance, const std::string& what) {
  if (!context.judges(rule)) return;
  const TopicPartition log = context.ledger.log_of_transactional_id(tid);
  if (log.valid() && context.ledger.partition_void(log)) return;
  const InstanceTruth* run = context.ledger.instance(instance);
  if (run != nullptr && run->excused) return;
  Violation violation = context.violation(
      rule, context.text(tid) + " " + context.text(producer) + ": " + what, -1, instance);
  violation.subject.transactional_id = tid;
  violation.details = {{"session", context.text(producer)}};
  context.report(std::move(violation),
                 std::string(rule.text) + context.text(tid) + context.text(producer));
}

bool prepares(int state) {
  return state == static_cast<int>(TransactionState::kPrepareCommit) ||
         state == static_cast<int>(TransactionState::kPrepareAbort);
}

bool completes(int state) {
  return state == static_cast<int>(TransactionState::kCompleteCommit) ||
         state == static_cast<int>(TransactionState::kCompleteAbort);
}

}  // namespace

void TransactionInvariants::on_fact(const CheckContext& context) {
  const Change& change = context.change();
  for (const TailEntry& entry : change.passed) {
    if (entry.marker) on_marker(context, entry);
  }
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kTransactionTransition:
      return on_transition(context);
    case Event::kTransactionLoaded:
      // Its record may be one that nobody told of.
      if (!change.deposed) {
        known_[read<TransactionLoaded>(*context.event).tid.id].complete = false;
      }
      return;
    case Event::kTransactionExpired:
      known_.erase(read<TransactionExpired>(*context.event).tid.id);
      return;
    case Event::kProducerInitialized: {
      const auto fact = read<ProducerInitialized>(*context.event);
      return on_session(context, fact.tid, fact.producer, true);
    }
    case Event::kTransactionBegan: {
      const auto fact = read<TransactionBegan>(*context.event);
      return on_session(context, fact.tid, fact.producer, false);
    }
    case Event::kLogAppended:
      return on_first_batch(context);
    default:
      return;
  }
}

void TransactionInvariants::on_transition(const CheckContext& context) {
  const auto fact = read<TransactionTransition>(*context.event);
  const Name* owner = owners_.find(fact.producer.id);
  const bool plain = plain_.find(fact.producer.id) != nullptr;
  if (plain || (owner != nullptr && *owner != fact.tid)) {
    report(context, kOwner, fact.tid, fact.producer, 0,
           plain ? "its producer id is that of a producer without a transactional id"
                 : "its producer id is that of " + context.text(*owner));
  }
  owners_[fact.producer.id] = fact.tid;
  if (context.change().deposed) {
    known_[fact.tid.id].complete = false;
    return;
  }
  const kafka::RecordBatch& batch = context.shared().batches[fact.record];
  const auto* records = std::get_if<kafka::List<kafka::TransactionLogRecord>>(&batch.payload);
  if (records == nullptr) return;
  for (const kafka::TransactionLogRecord& record : *records) {
    const bool its = record.transactional_id == fact.tid && !record.tombstone &&
                     static_cast<int>(record.state) == fact.to;
    if (its) on_record(context, fact, record);
  }
}

void TransactionInvariants::on_record(const CheckContext& context,
                                      const TransactionTransition& fact,
                                      const kafka::TransactionLogRecord& record) {
  Known& known = known_[fact.tid.id];
  const bool ongoing = fact.to == static_cast<int>(TransactionState::kOngoing);
  const uint64_t instance =
      context.change().instance == nullptr ? 0 : context.change().instance->number;
  const Promises promised = context.promised(-1);
  const auto say = [&](const Rule& rule, const std::string& what) {
    report(context, rule, fact.tid, fact.producer, instance, what);
  };
  if (record.partitions.empty() == ongoing && !prepares(fact.to)) {
    say(kHolds, "its record in " + CheckContext::state_word(fact.to) + " has " +
                    std::to_string(record.partitions.size()) + " partitions");
  }
  if (known.complete && prepares(fact.to) && known.state == 1) {
    if (record.partitions != known.partitions) {
      say(kListed, std::to_string(record.partitions.size()) + " partitions are to be ended, and " +
                       std::to_string(known.partitions.size()) + " were registered");
    }
    const int step = fact.producer.epoch.value - known.ongoing.epoch.value;
    const bool same = fact.producer.id == known.ongoing.id;
    if (same && promised.epoch_step_max > 0 && (step < 0 || step > promised.epoch_step_max)) {
      say(kStep, "the epoch goes up by " + std::to_string(step));
    }
  }
  if (known.complete && completes(fact.to) && known.prepared_ns >= 0) {
    for (const TopicPartition partition : known.partitions) {
      if (marked(context, partition, known.ongoing.id, known.prepared_ns)) continue;
      if (context.ledger.partition_void(partition)) continue;
      say(kMarkers, "it is complete, and " + context.text(partition) + " has no marker of it");
      break;
    }
    const int step = fact.producer.epoch.value - known.ongoing.epoch.value;
    if (fact.producer.id == known.ongoing.id && record.client_transaction_version >= 2 &&
        step < 1) {
      say(kStep, "its transaction has ended, and the next one has the same epoch");
    }
  }
  // An Ongoing record lists all that is registered: after a load it takes one to know again.
  if (ongoing) {
    known.ongoing = fact.producer;
    known.complete = true;
  }
  if (prepares(fact.to)) known.prepared_ns = context.event->at.ns;
  if (!prepares(fact.to)) known.prepared_ns = -1;
  known.state = fact.to;
  known.partitions = record.partitions;
}

// Appended since then, below the high watermark or (a deposed leader's word) in the tail.
bool TransactionInvariants::marked(const CheckContext& context, TopicPartition partition,
                                   ProducerId id, int64_t since_ns) const {
  const int64_t* at = markers_.find({partition, id});
  if (at != nullptr && *at >= since_ns) return true;
  const PartitionTruth* truth = context.ledger.partition(partition);
  if (truth == nullptr) return false;
  return std::any_of(truth->tail().begin(), truth->tail().end(), [&](const TailEntry& entry) {
    return entry.marker && entry.producer.id == id;
  });
}

void TransactionInvariants::on_session(const CheckContext& context, Name tid,
                                       ProducerIdAndEpoch session, bool fresh) {
  if (session.epoch.value < 0 || session.epoch.value > 32'766) {
    report(context, kRange, tid, session, 0, "a client works with it");
  }
  if (!tid.valid()) {
    if (!fresh) return;
    if (owners_.find(session.id) != nullptr || plain_.find(session.id) != nullptr) {
      report(context, kOwner, tid, session, 0, "its producer id was given out before");
    }
    plain_[session.id] = true;
    return;
  }
  const TransactionalIdTruth* truth = context.ledger.transactional_id(tid);
  const bool seen =
      truth != nullptr && truth->rank(session.id) >= 0 && !truth->older(truth->highest, session);
  if (!seen) {
    report(context, kNewer, tid, session, 0, "a client has it, and no committed record names it");
  }
  if (!fresh) return;
  Holder& holder = holders_[tid.id];
  const uint32_t life = context.world.incarnation(context.event->process);
  const bool other = holder.process != context.event->process || holder.incarnation != life;
  if (holder.session == session && other && holder.session.id.valid()) {
    report(context, kSessionTwice, tid, session, 0,
           context.process(holder.process) + " has it, and " +
               context.process(context.event->process) + " gets it");
  }
  holder = {context.event->process, life, session};
}

void TransactionInvariants::on_marker(const CheckContext& context, const TailEntry& entry) {
  const TopicPartition partition = context.change().partition->partition();
  markers_[{partition, entry.producer.id}] = entry.appended_ns;
  const kafka::RecordBatch& batch = context.shared().batches[entry.batch];
  const uint64_t instance = GhostAccess::open(batch.instance).number;
  if (instance == 0) return;  // an operator's
  const Name tid = context.ledger.owner(entry.producer.id);
  const Decision decision = context.ledger.decision(instance);
  if (decision == Decision::kNone) {
    report(context, kUndecided, tid, entry.producer, instance,
           context.text(partition, entry.base) + " is a marker of what nobody has decided");
    return;
  }
  if (!context.promised(-1).epoch_per_transaction) return;
  const InstanceTruth* run = context.ledger.instance(instance);
  const int app =
      run == nullptr || !run->begun ? -1 : context.ledger.app_of(context.world, run->process);
  const bool commit = decision == Decision::kCommit;
  if (commit == entry.commit || !context.promised(app).epoch_per_transaction) return;
  report(context, kOneKind, tid, entry.producer, instance,
         context.text(partition, entry.base) + " is a marker of the other kind");
}

// P15: what the coordinator has told the leader, it had committed before.
void TransactionInvariants::on_first_batch(const CheckContext& context) {
  const Change& change = context.change();
  if (change.deposed || change.appended.fate != Fate::kOpen) return;
  const PartitionTruth& truth = *change.partition;
  const Promises promised = context.promised(-1);
  const bool offsets = context.ledger.is_offsets(truth.partition());
  if (!(offsets ? promised.verifies_offsets : promised.verifies_produce)) return;
  const ProducerIdAndEpoch producer = change.appended.producer;
  const Name tid = context.ledger.owner(producer.id);
  const Known* known = tid.valid() ? known_.find(tid.id) : nullptr;
  if (known == nullptr || !known->complete || known->ongoing.id != producer.id) return;
  if (known->state == 1 || prepares(known->state)) {
    const auto& all = known->partitions;
    if (std::find(all.begin(), all.end(), truth.partition()) != all.end()) return;
  }
  // Not the first one: another batch of it is open here, in the tail or settled.
  for (const BatchTruth& open : truth.open_transactions()) {
    if (open.producer.id == producer.id) return;
  }
  size_t in_tail = 0;
  for (const TailEntry& entry : truth.tail()) {
    if (entry.producer.id == producer.id) in_tail = entry.marker ? 0 : in_tail + 1;
  }
  if (in_tail > 1) return;
  report(context, kUnknown, tid, producer, change.appended.instance,
         context.text(truth.partition(), change.appended.base) +
             " begins one, and the coordinator" + " has the id in " +
             CheckContext::state_word(known->state) + " without it");
}

}  // namespace eosim::check
