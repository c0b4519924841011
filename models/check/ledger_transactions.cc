// The ledger's part that follows transaction instances, transactional ids and producers.
#include "models/check/ghost_access.h"
#include "models/check/ledger.h"
#include "sim/assert.h"

namespace eosim::check {

using kafka::GhostAccess;
using kafka::TransactionState;

InstanceTruth& Ledger::instance_at(uint64_t number) {
  EOSIM_ASSERT(number >= first_instance_);
  while (instances_.size() <= number - first_instance_) {
    InstanceTruth truth;
    truth.number = first_instance_ + instances_.size();
    instances_.push_back(truth);
  }
  return instances_[number - first_instance_];
}

bool Ledger::ended_for_good(uint64_t number) const {
  const InstanceTruth* found = instance(number);
  return found == nullptr ? decision(number) != Decision::kNone : found->completed;
}

// Settled ones at the front leave a byte behind.
void Ledger::fold_instances() {
  constexpr size_t kKeptMax = 1'024;
  while (instances_.size() > kKeptMax && instances_.front().settled()) {
    folded_.push_back(instances_.front().decision);
    instances_.pop_front();
    ++first_instance_;
  }
}

void Ledger::began(const sim::TraceEvent& event) {
  const auto fact = read<TransactionBegan>(event);
  ++counts_.transactions;
  if (fact.instance < first_instance_) return;
  fold_instances();
  InstanceTruth& truth = instance_at(fact.instance);
  truth.tid = fact.tid;
  truth.producer = fact.producer;
  truth.process = event.process;
  truth.begun = true;
  truth.began_ns = event.at.ns;
  change_.instance = &truth;
}

void Ledger::end_sent(const sim::TraceEvent& event) {
  const auto fact = read<TransactionEndSent>(event);
  if (fact.instance < first_instance_) return;
  InstanceTruth& truth = instance_at(fact.instance);
  truth.asked = fact.commit ? Decision::kCommit : Decision::kAbort;
  truth.asked_ns = event.at.ns;
  change_.instance = &truth;
}

void Ledger::ended(const sim::TraceEvent& event) {
  const auto fact = read<TransactionEnded>(event);
  if (fact.instance < first_instance_) return;
  InstanceTruth& truth = instance_at(fact.instance);
  truth.told = fact.outcome;
  truth.told_error = fact.error;
  truth.told_ns = event.at.ns;
  change_.instance = &truth;
}

void Ledger::recount_unfinished(const TransactionalIdTruth& before,
                                const TransactionalIdTruth& after) {
  unfinished_ += after.unfinished() ? 1 : 0;
  unfinished_ -= before.unfinished() ? 1 : 0;
}

void Ledger::transition(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<TransactionTransition>(event);
  TransactionalIdTruth& truth = tids_[fact.tid.id];
  change_.transactional_id_before = truth;
  const uint32_t life = world.incarnation(event.process);
  if (truth.coordinator != event.process || truth.incarnation != life) {
    change_.transactional_id_before.state_known = false;
  }
  change_.deposed = !coordinates(world, fact.tid, event.process);
  if (change_.deposed) return transition_before_the_end(world, fact, event.at.ns);
  truth.state = fact.to;
  truth.state_known = true;
  truth.coordinator = event.process;
  truth.incarnation = life;
  truth.state_since_ns = event.at.ns;
  const bool newer = truth.highest.id.valid() && fact.to == 0 && fact.from > 0;
  truth.current = fact.producer;
  truth.saw(fact.producer);
  owners_[fact.producer.id] = fact.tid;
  if (newer) ++counts_.fencings;
  recount_unfinished(change_.transactional_id_before, truth);

  const kafka::RecordBatch& batch = shared(world).batches[fact.record];
  const auto* records = std::get_if<kafka::List<kafka::TransactionLogRecord>>(&batch.payload);
  if (records != nullptr) {
    for (const kafka::TransactionLogRecord& record : *records) {
      if (record.transactional_id != fact.tid) continue;
      const uint64_t number = GhostAccess::open(record.instance).number;
      // A late registration of what has ended opens a transaction that is nobody's, until somebody
      // joins: its end says nothing of the one that has ended.
      if (number != 0) truth.instance = ended_for_good(number) ? 0 : number;
    }
  }
  const auto state = static_cast<TransactionState>(fact.to);
  if (fact.to > 0 && truth.instance >= first_instance_ && truth.instance != 0) {
    InstanceTruth& run = instance_at(truth.instance);
    // A late request of a run that is over opens a transaction that is no run's (the motive of
    // KIP-890): what becomes of that one says nothing about the run, which was decided before.
    if (run.completed && state != TransactionState::kCompleteCommit &&
        state != TransactionState::kCompleteAbort) {
      truth.instance = 0;
      change_.transactional_id = &truth;
      return;
    }
    run.state = fact.to;
    if (state == TransactionState::kPrepareCommit || state == TransactionState::kPrepareAbort) {
      const bool commit = state == TransactionState::kPrepareCommit;
      run.decision = commit ? Decision::kCommit : Decision::kAbort;
      run.decided_ns = event.at.ns;
      ++(commit ? counts_.committed : counts_.aborted);
    }
    if (state == TransactionState::kCompleteCommit || state == TransactionState::kCompleteAbort) {
      run.completed = true;
    }
    change_.instance = &run;
  }
  change_.transactional_id = &truth;
}

// A coordinator that is deposed and does not know it yet tells of a record that was committed in
// its term, and so is in the log of its successor, which reads it: the decision holds, the state is
// the successor's to tell.
void Ledger::transition_before_the_end(const sim::World& world, const TransactionTransition& fact,
                                       int64_t now_ns) {
  TransactionalIdTruth& truth = tids_[fact.tid.id];
  truth.saw(fact.producer);
  owners_[fact.producer.id] = fact.tid;
  const kafka::RecordBatch& batch = shared(world).batches[fact.record];
  const auto* records = std::get_if<kafka::List<kafka::TransactionLogRecord>>(&batch.payload);
  if (records == nullptr) return;
  for (const kafka::TransactionLogRecord& record : *records) {
    const uint64_t number = GhostAccess::open(record.instance).number;
    if (record.transactional_id != fact.tid || number == 0 || number < first_instance_) continue;
    const auto state = static_cast<TransactionState>(fact.to);
    const bool commit = state == TransactionState::kPrepareCommit;
    InstanceTruth& run = instance_at(number);
    if ((commit || state == TransactionState::kPrepareAbort) && run.decision == Decision::kNone) {
      run.decision = commit ? Decision::kCommit : Decision::kAbort;
      run.decided_ns = now_ns;
      ++(commit ? counts_.committed : counts_.aborted);
      change_.instance = &run;
    }
  }
}

void Ledger::fenced(const sim::TraceEvent& event) {
  const auto fact = read<TransactionFenced>(event);
  TransactionalIdTruth& truth = tids_[fact.tid.id];
  truth.saw({fact.id, fact.new_epoch});
  if (fact.timed_out) ++truth.timed_out;
  ++counts_.fencings;
  change_.transactional_id = &truth;
}

void Ledger::expired(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<TransactionExpired>(event);
  change_.deposed = !coordinates(world, fact.tid, event.process);
  if (change_.deposed) return;
  TransactionalIdTruth& truth = tids_[fact.tid.id];
  change_.transactional_id_before = truth;
  truth.expired = true;
  truth.state = kNoState;
  truth.current = {};
  truth.instance = 0;
  recount_unfinished(change_.transactional_id_before, truth);
  change_.transactional_id = &truth;
}

// Whoever loads the log from now on does not know these ids, and no fact tells of that: the append
// may still wait when the partition is led anew, by the same broker or by another one.
void Ledger::take_tombstones(const kafka::RecordBatch& batch) {
  const auto* records = std::get_if<kafka::List<kafka::TransactionLogRecord>>(&batch.payload);
  if (records == nullptr) return;
  for (const kafka::TransactionLogRecord& record : *records) {
    if (!record.tombstone) continue;
    TransactionalIdTruth& truth = tids_[record.transactional_id.id];
    truth.expired = true;
    truth.state_known = false;
  }
}

// A coordinator has read its log: what it had completed before its death and what it had only
// written are the same to it now.
void Ledger::loaded(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<TransactionLoaded>(event);
  change_.deposed = !coordinates(world, fact.tid, event.process);
  if (change_.deposed) return;
  TransactionalIdTruth& truth = tids_[fact.tid.id];
  const TransactionalIdTruth before = truth;
  truth.state = fact.producer.epoch.valid() ? fact.state : kNoState;
  truth.state_known = true;
  truth.coordinator = event.process;
  truth.incarnation = world.incarnation(event.process);
  truth.state_since_ns = event.at.ns;
  truth.current = fact.producer;
  if (fact.producer.epoch.valid()) truth.saw(fact.producer);
  if (fact.producer.id.valid()) owners_[fact.producer.id] = fact.tid;
  recount_unfinished(before, truth);
  change_.transactional_id = &truth;
  // Nor did it, perhaps, to tell of the registration of this run.
  const uint64_t number = newest_instance(world, fact.tid);
  if (number != 0 && number != truth.instance) {
    truth.instance = ended_for_good(number) && truth.unfinished() ? 0 : number;
  }
  // A decision that was written and whose acknowledgement the old coordinator did not live to see.
  const bool commit = truth.state == static_cast<int>(TransactionState::kPrepareCommit) ||
                      truth.state == static_cast<int>(TransactionState::kCompleteCommit);
  const bool abort = truth.state == static_cast<int>(TransactionState::kPrepareAbort) ||
                     truth.state == static_cast<int>(TransactionState::kCompleteAbort);
  if ((!commit && !abort) || truth.instance == 0 || truth.instance < first_instance_) return;
  InstanceTruth& run = instance_at(truth.instance);
  run.state = truth.state;
  if (run.decision == Decision::kNone) {
    run.decision = commit ? Decision::kCommit : Decision::kAbort;
    run.decided_ns = event.at.ns;
    ++(commit ? counts_.committed : counts_.aborted);
  }
  if (!truth.unfinished()) run.completed = true;
  change_.instance = &run;
}

void Ledger::initialized(const sim::World&, const sim::TraceEvent& event) {
  const auto fact = read<ProducerInitialized>(event);
  if (!fact.tid.valid()) return;
  TransactionalIdTruth& truth = tids_[fact.tid.id];
  change_.transactional_id_before = truth;
  if (!truth.acknowledged.id.valid() || truth.older(truth.acknowledged, fact.producer)) {
    truth.acknowledged = fact.producer;
    truth.acknowledged_ns = event.at.ns;
  }
  change_.transactional_id = &truth;
}

void Ledger::producer_moved(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<ProducerTransition>(event);
  ProducerCall& call = producers_[{event.process, fact.tid.id}];
  call = {world.incarnation(event.process), fact.to, event.at.ns};
  if (fact.tid.valid()) change_.transactional_id = transactional_id(fact.tid);
}

void Ledger::batch_failed(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<ProducerFailed>(event);
  if (!fact.batch.valid()) return;
  const uint64_t number = GhostAccess::open(shared(world).batches[fact.batch].instance).number;
  if (number == 0 || number < first_instance_) return;
  InstanceTruth& truth = instance_at(number);
  ++truth.failed_batches;
  change_.instance = &truth;
}

}  // namespace eosim::check
