#include "models/check/invariants_answers.h"

#include <algorithm>

#include "models/check/facts_replication.h"
#include "models/check/ghost_access.h"

namespace eosim::check {
namespace {

using kafka::AddOffsetsToTxnRequest;
using kafka::AddOffsetsToTxnResponse;
using kafka::AddPartitionsToTxnRequest;
using kafka::AddPartitionsToTxnResponse;
using kafka::GhostAccess;
using kafka::TransactionState;
using kafka::TxnOffsetCommitRequest;
using kafka::TxnOffsetCommitResponse;

constexpr Rule kRegistered = {"K4", "durable_ack", "lost_acknowledged_write",
                              "a partition is in a transaction when the record of it is committed"};
constexpr Rule kTakenWell = {"K4", "durable_ack", "lost_acknowledged_write",
                             "offsets of a transaction are taken when their batch is committed"};

// More are not under way at once.
constexpr size_t kTakenMax = 128;

void tell_answer(const CheckContext& context, const Rule& rule, Name tid,
                 ProducerIdAndEpoch producer, uint64_t instance, const std::string& what) {
  if (!context.judges(rule)) return;
  const InstanceTruth* run = context.ledger.instance(instance);
  if (run != nullptr && run->excused) return;
  Violation violation = context.violation(
      rule, (tid.valid() ? context.text(tid) + " " : "") + context.text(producer) + ": " + what, -1,
      instance);
  if (tid.valid()) violation.subject.transactional_id = tid;
  violation.details = {{"session", context.text(producer)}};
  context.report(std::move(violation), std::string(rule.text) + context.text(producer));
}

const kafka::RecordBatch& batch_of(const CheckContext& context, BatchId id) {
  return context.shared().batches[id];
}

const kafka::List<kafka::TransactionLogRecord>* transaction_records(const CheckContext& context,
                                                                    BatchId id) {
  return std::get_if<kafka::List<kafka::TransactionLogRecord>>(&batch_of(context, id).payload);
}

template <class Body>
const Body& body_of(const CheckContext& context, const sim::KernelRecord& record) {
  return context.shared().bodies.get<Body>(record.body);
}

}  // namespace

void AnswerInvariants::on_fact(const CheckContext& context) {
  if (!context.change().passed.empty()) on_settled(context);
  if (context.event->kind == kafka::event_id(Event::kTransactionTransition)) {
    return believed_.erase(read<TransactionTransition>(*context.event).tid.id);
  }
  if (context.change().deposed || context.change().partition == nullptr) return;
  const TopicPartition log = context.change().partition->partition();
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kLogAppended:
      return on_append(context);
    case Event::kLogTail:
      return on_tail(context);
    case Event::kLeaderStarted:
      for (FlatMap<uint32_t, Committed>* all : {&found_, &believed_}) {
        all->erase_if([log](const auto& entry) { return entry.second.log == log; });
      }
      return;
    default:
      return;
  }
}

void AnswerInvariants::on_settled(const CheckContext& context) {
  const TopicPartition log = context.change().partition->partition();
  for (const TailEntry& entry : context.change().passed) {
    const auto* records = transaction_records(context, entry.batch);
    if (records == nullptr) continue;
    for (const kafka::TransactionLogRecord& record : *records) {
      const uint32_t tid = record.transactional_id.id;
      const Committed* found = found_.find(tid);
      const bool loaded = found != nullptr;  // the coordinator began with this one or a newer one
      if (loaded && found->base <= entry.base) found_.erase(tid);
      if (record.tombstone) {
        committed_.erase(tid);
        believed_.erase(tid);
      } else {
        Committed& newest = committed_[tid];
        const bool known = loaded || !newest.log.valid() || believed_.find(tid) != nullptr;
        if (!known) believed_[tid] = newest;
        newest = {record.state, record.producer, record.partitions, log, entry.base};
        open_.each([&](Asked& asked) { look(asked, record.transactional_id); });
      }
    }
  }
}

void AnswerInvariants::on_tail(const CheckContext& context) {
  const auto fact = read<LogTail>(*context.event);
  const auto* records = transaction_records(context, fact.batch);
  if (records == nullptr) return;
  for (const kafka::TransactionLogRecord& record : *records) {
    found_[record.transactional_id.id] = {record.state, record.producer, record.partitions,
                                          fact.partition, fact.base};
    open_.each([&](Asked& asked) { look(asked, record.transactional_id); });
  }
}

void AnswerInvariants::on_append(const CheckContext& context) {
  if (!context.ledger.is_offsets(context.change().partition->partition())) return;
  const auto fact = read<LogAppended>(*context.event);
  const kafka::RecordBatch& batch = batch_of(context, fact.batch);
  const auto* records = std::get_if<kafka::List<kafka::OffsetRecord>>(&batch.payload);
  if (records == nullptr || !batch.transactional) return;
  std::deque<Taken>& all = taken_[fact.partition];
  for (const kafka::OffsetRecord& record : *records) {
    if (all.size() >= kTakenMax) all.pop_front();
    all.push_back({fact.base, batch.producer.id, record.group, record.partition, record.offset});
  }
}

void AnswerInvariants::on_message(const CheckContext& context, const sim::KernelRecord& record) {
  if (record.request) {
    if (record.event == sim::KernelEvent::kDelivered) {
      Asked asked = kept_of(context, record);
      for (const Registration& one : asked.registrations) look(asked, one.tid);
      open_.asked(record, std::move(asked));
    }
    return;
  }
  if (record.event != sim::KernelEvent::kSent) return;
  const std::optional<Asked> asked = open_.answered(record);
  if (asked) on_answer(context, record, *asked);
}

AnswerInvariants::Asked AnswerInvariants::kept_of(const CheckContext& context,
                                                  const sim::KernelRecord& record) const {
  Asked kept;
  const auto number = [](const auto& request) {
    return GhostAccess::open(request.instance).number;
  };
  switch (static_cast<Rpc>(record.kind.index)) {
    case Rpc::kAddPartitionsToTxn: {
      const auto& request = body_of<AddPartitionsToTxnRequest>(context, record);
      for (const auto& one : request.transactions) {
        kept.registrations.push_back(
            {one.transactional_id, one.producer, number(one), one.verify_only, one.partitions});
      }
      if (!request.transactions.empty()) break;
      kept.registrations.push_back(
          {request.transactional_id, request.producer, number(request), false, request.partitions});
      break;
    }
    case Rpc::kAddOffsetsToTxn: {
      const auto& request = body_of<AddOffsetsToTxnRequest>(context, record);
      const TopicPartition log = context.ledger.home_of_group(context.world, request.group);
      if (!log.valid()) break;
      kept.registrations.push_back(
          {request.transactional_id, request.producer, number(request), false, {log}});
      break;
    }
    case Rpc::kTxnOffsetCommit: {
      const auto& request = body_of<TxnOffsetCommitRequest>(context, record);
      kept.offsets = {request.group, request.producer, number(request), request.offsets};
      break;
    }
    default:
      break;
  }
  return kept;
}

void AnswerInvariants::on_answer(const CheckContext& context, const sim::KernelRecord& record,
                                 const Asked& asked) {
  const auto each = [&](const Registration& registration, const auto& partitions) {
    for (const kafka::PartitionError& told : partitions) {
      if (told.error == Error::kNone) on_registered(context, registration, told.partition);
    }
  };
  switch (static_cast<Rpc>(record.kind.index)) {
    case Rpc::kAddPartitionsToTxn: {
      const auto& response = body_of<AddPartitionsToTxnResponse>(context, record);
      if (response.error != Error::kNone || asked.registrations.empty()) return;
      if (response.transactions.empty()) {
        return each(asked.registrations.front(), response.partitions);
      }
      const size_t count = std::min(response.transactions.size(), asked.registrations.size());
      for (size_t i = 0; i < count; ++i) {
        each(asked.registrations[i], response.transactions[i].partitions);
      }
      return;
    }
    case Rpc::kAddOffsetsToTxn: {
      const auto& response = body_of<AddOffsetsToTxnResponse>(context, record);
      if (response.error != Error::kNone || asked.registrations.empty()) return;
      const Registration& registration = asked.registrations.front();
      return on_registered(context, registration, registration.partitions.front());
    }
    case Rpc::kTxnOffsetCommit:
      for (const auto& told : body_of<TxnOffsetCommitResponse>(context, record).partitions) {
        if (told.error == Error::kNone) on_taken(context, asked.offsets, told.partition);
      }
      return;
    default:
      return;
  }
}

const AnswerInvariants::Committed* AnswerInvariants::known(Name tid) const {
  const Committed* found = found_.find(tid.id);
  return found != nullptr ? found : committed_.find(tid.id);
}

bool AnswerInvariants::holds(const Committed* known, const Registration& asked,
                             TopicPartition partition) {
  if (known == nullptr || known->producer != asked.producer) return false;
  const auto& all = known->partitions;
  if (std::find(all.begin(), all.end(), partition) == all.end()) return false;
  // Whoever only reads may be told of a transaction whose end is on its way into the log.
  return known->state == TransactionState::kOngoing || asked.reads;
}

bool AnswerInvariants::holds(const Registration& asked, TopicPartition partition) const {
  return holds(known(asked.tid), asked, partition) ||
         holds(believed_.find(asked.tid.id), asked, partition);
}

void AnswerInvariants::look(Asked& asked, Name tid) const {
  if (asked.registrations.size() < 2) return;
  for (Registration& one : asked.registrations) {
    if (one.tid != tid) continue;
    for (const TopicPartition partition : one.partitions) {
      const bool is_new = std::find(one.seen.begin(), one.seen.end(), partition) == one.seen.end();
      if (is_new && holds(one, partition)) one.seen.push_back(partition);
    }
  }
}

void AnswerInvariants::on_registered(const CheckContext& context, const Registration& asked,
                                     TopicPartition partition) const {
  const TopicPartition log = context.ledger.home_of_transactional_id(context.world, asked.tid);
  if (!log.valid() || !context.ledger.leads(context.world, log, context.event->process)) return;
  if (context.ledger.partition_void(log)) return;
  const auto& seen = asked.seen;
  if (holds(asked, partition)) return;
  if (std::find(seen.begin(), seen.end(), partition) != seen.end()) return;
  const Committed* newest = known(asked.tid);
  tell_answer(
      context, kRegistered, asked.tid, asked.producer, asked.instance,
      "it is told that " + context.text(partition) + " is in its transaction, and its record " +
          (newest == nullptr ? std::string("is not there")
                             : "says " + CheckContext::state_word(static_cast<int>(newest->state)) +
                                   " of " + context.text(newest->producer)));
}

void AnswerInvariants::on_taken(const CheckContext& context, const Offsets& asked,
                                TopicPartition partition) const {
  const TopicPartition log = context.ledger.home_of_group(context.world, asked.group);
  if (!log.valid() || !context.ledger.leads(context.world, log, context.event->process)) return;
  const PartitionTruth* truth = context.ledger.partition(log);
  if (truth == nullptr || truth->void_from.valid()) return;
  const std::deque<Taken>* taken = taken_.find(log);
  bool there = false;
  for (const kafka::OffsetAndEpoch& offset : asked.offsets) {
    if (offset.partition != partition || taken == nullptr) continue;
    for (const Taken& one : *taken) {
      if (one.producer != asked.producer.id || one.group != asked.group) continue;
      if (one.partition != partition || one.offset != offset.offset) continue;
      there = true;
      if (one.base < truth->high_watermark()) return;
    }
  }
  if (!there && taken != nullptr && taken->size() >= kTakenMax) return;
  tell_answer(context, kTakenWell, context.ledger.owner(asked.producer.id), asked.producer,
              asked.instance,
              "it is told that the offset of " + context.text(partition) + " is taken, and " +
                  context.text(log) + (there ? " has not committed it" : " does not have it"));
}

}  // namespace eosim::check
