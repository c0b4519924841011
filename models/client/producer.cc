#include "models/client/producer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

bool is(const sim::TimerTag& tag, ClientTimer kind) {
  return tag.kind == static_cast<uint32_t>(kind);
}

}  // namespace

Producer::Producer(ProducerConfig config) : core_(std::move(config)) {}

// --- calls
// ----------------------------------------------------------------------------------------

CallId Producer::init_transactions(sim::Context& context) {
  if (closing_) return start_call(context, CallKind::kInit, {kIllegal, 0});
  return start_call(context, CallKind::kInit, core_.manager.init_transactions());
}

CallResult Producer::begin_transaction(sim::Context& context) {
  if (closing_) return kIllegal;
  // The number is taken only if the transaction begins: a refused call leaves no trace.
  KafkaShared& shared = kafka_shared(context);
  const TransactionInstance instance{shared.next_transaction_instance};
  const CallResult thrown = core_.manager.begin_transaction(Ghost<TransactionInstance>(instance));
  emit_manager_events(context);
  if (!thrown.ok()) return thrown;
  ++shared.next_transaction_instance;
  core_.instance = instance;
  const ProducerIdAndEpoch pair = producer();
  context.emit(
      event_id(Event::kTransactionBegan),
      {static_cast<int64_t>(instance.number),
       static_cast<int64_t>(core_.config.transactional_id.id), pair.id.value, pair.epoch.value});
  return {};
}

CallResult Producer::send(sim::Context& context, TopicPartition partition, const Record& record) {
  EOSIM_ASSERT(partition.valid());
  if (closing_) return kIllegal;
  if (blocked_.empty()) {
    if (const auto sent = try_send(context, partition, record)) return *sent;
  }
  if (!knows(partition)) core_.metadata.request_update();
  Call call;
  call.kind = CallKind::kSend;
  call.id = CallId{++last_call_};
  blocked_.push_back({call.id, partition, record});
  start_call(context, call, core_.config.max_block_ms);
  return {};
}

// KafkaProducer.doSend. Without the topic's partitions not even the record's partition is known.
std::optional<CallResult> Producer::try_send(sim::Context& context, TopicPartition partition,
                                             const Record& record) {
  if (!knows(partition)) return std::nullopt;
  const int64_t bytes = int64_t{record.bytes} + kBatchOverheadBytes;
  if (bytes > core_.config.max_request_size || bytes > core_.config.buffer_memory) {
    return fail_send(context, Error::kMessageTooLarge);
  }
  if (core_.config.switches.on(Switch::kRegisterBeforeAppend)) {
    const CallResult thrown = core_.manager.check_send();
    if (!thrown.ok()) return thrown;
    if (core_.manager.register_partition(partition)) sender_.wake(context, core_);
  }
  if (!core_.accumulator.has_room(partition, record)) {
    core_.accumulator.set_exhausted(true);
    return std::nullopt;
  }
  return append(context, partition, record);
}

CallResult Producer::fail_send(sim::Context& context, Error error) {
  ++core_.failed_records;
  core_.manager.send_failed(error);
  emit_manager_events(context);
  return {};
}

// transactions.md 5.5: up to 2.3 the partition is registered before (try_send), even if the record
// finds no room then; up to 3.1.0 the state is looked at before, since then afterwards, and a
// record that is refused stays where it is.
CallResult Producer::append(sim::Context& context, TopicPartition partition, const Record& record) {
  const bool check_last = core_.config.switches.on(Switch::kAppendBeforeCheck);
  CallResult thrown;
  if (!check_last) thrown = core_.manager.check_send();
  if (!thrown.ok()) return thrown;
  bool news = core_.accumulator.append(partition, record, context.steady());
  if (check_last) thrown = core_.manager.check_send();
  if (thrown.ok()) news |= core_.manager.register_partition(partition);
  if (news) sender_.wake(context, core_);
  // What maybeAddPartition throws of these kinds is an ApiException: it is in the future, and in
  // the transaction already.
  const Thrown before = core_.manager.last_error().thrown;
  const bool api_exception =
      before == Thrown::kProducerFenced || before == Thrown::kInvalidProducerEpoch;
  return check_last && api_exception ? CallResult{} : thrown;
}

bool Producer::admit(sim::Context& context) {
  const size_t waited = blocked_.size();
  while (!blocked_.empty()) {
    const BlockedSend first = blocked_.front();
    const auto sent = try_send(context, first.partition, first.record);
    if (!sent) break;
    blocked_.pop_front();
    for (Call& call : calls_) {
      if (call.id == first.call) end_call(context, call, *sent);
    }
  }
  if (blocked_.empty()) core_.accumulator.set_exhausted(false);
  return blocked_.size() < waited;
}

CallId Producer::send_offsets_to_transaction(sim::Context& context,
                                             const List<OffsetAndEpoch>& offsets,
                                             const GroupMetadata& group) {
  ApiAnswer answer{kIllegal, 0};
  if (offsets.empty()) {
    answer.thrown = {};
  } else if (!closing_) {
    answer = core_.manager.send_offsets(offsets, group);
  }
  return start_call(context, CallKind::kSendOffsets, answer);
}

CallId Producer::commit_transaction(sim::Context& context) {
  if (closing_) return start_call(context, CallKind::kCommit, {kIllegal, 0});
  return start_call(context, CallKind::kCommit, core_.manager.begin_commit());
}

CallId Producer::abort_transaction(sim::Context& context) {
  if (closing_) return start_call(context, CallKind::kAbort, {kIllegal, 0});
  return start_call(context, CallKind::kAbort, core_.manager.begin_abort());
}

CallId Producer::flush(sim::Context& context) {
  Call call;
  call.kind = CallKind::kFlush;
  call.flush_to = core_.accumulator.newest_piece();
  core_.flush = true;
  return start_call(context, call, 0);
}

CallId Producer::close(sim::Context& context, int32_t timeout_ms) {
  Call call;
  call.kind = CallKind::kClose;
  closing_ = true;
  core_.flush = true;
  const CallId id = start_call(context, call, timeout_ms);
  if (timeout_ms <= 0 && !closed_) finish_close(context);
  return id;
}

std::optional<CallResult> Producer::result(CallId id) {
  const auto place =
      std::find_if(calls_.begin(), calls_.end(), [&](const Call& call) { return call.id == id; });
  if (place == calls_.end() || !place->done) return std::nullopt;
  const CallResult outcome = place->outcome;
  calls_.erase(place);
  return outcome;
}

// --- the call table
// -------------------------------------------------------------------------------

CallId Producer::start_call(sim::Context& context, CallKind kind, const ApiAnswer& answer) {
  emit_manager_events(context);
  Call call;
  call.kind = kind;
  call.result = answer.result;
  if (answer.thrown.ok() && answer.result != 0) {
    return start_call(context, call, core_.config.max_block_ms);
  }
  // Over at once; still told in a later step, like every call.
  call.id = CallId{++last_call_};
  Call& entry = calls_.emplace_back(call);
  const bool ends_transaction = kind == CallKind::kCommit || kind == CallKind::kAbort;
  if (ends_transaction && answer.thrown.thrown == Thrown::kIllegalState) {
    entry.kind = CallKind::kFlush;  // misuse says nothing about the transaction
  }
  end_call(context, entry, answer.thrown);
  return entry.id;
}

CallId Producer::start_call(sim::Context& context, Call call, int32_t timeout_ms) {
  if (!call.id.valid()) call.id = CallId{++last_call_};
  if (timeout_ms > 0) {
    call.timed = true;
    call.timer = context.set_timer(
        core_.config.application, sim::milliseconds(timeout_ms),
        client_tag(ClientTimer::kCallTimeout, core_.config.component, call.id.number));
  }
  calls_.push_back(call);
  if (!closed_) sender_.wake(context, core_);
  harvest(context);
  return call.id;
}

void Producer::end_call(sim::Context& context, Call& call, CallResult outcome) {
  EOSIM_ASSERT(!call.done);
  call.done = true;
  call.outcome = outcome;
  if (call.timed && outcome.thrown != Thrown::kTimeout) {
    context.cancel(call.timer);
  }
  if (call.result != 0 && outcome.thrown != Thrown::kTimeout) core_.manager.seen(call.result);
  if (call.kind == CallKind::kCommit || call.kind == CallKind::kAbort) {
    const bool commit = call.kind == CallKind::kCommit;
    CommitOutcome told = commit ? CommitOutcome::kCommitted : CommitOutcome::kAborted;
    if (outcome.thrown == Thrown::kTimeout) {
      told = CommitOutcome::kUnknown;
    } else if (!outcome.ok()) {
      // Before EndTxn went out, nothing can have been committed; afterwards nobody knows.
      const bool unknown = commit && core_.manager.was_end_sent();
      told = unknown ? CommitOutcome::kUnknown : CommitOutcome::kFailed;
    }
    context.emit(event_id(Event::kTransactionEnded),
                 {static_cast<int64_t>(core_.instance.number),
                  static_cast<int64_t>(core_.config.transactional_id.id),
                  static_cast<int64_t>(told), static_cast<int64_t>(outcome.error)});
  }
  if (outcome.thrown == Thrown::kTimeout) return;  // the application is in this very step
  context.wake(core_.config.application,
               client_tag(ClientTimer::kCallDone, core_.config.component, call.id.number));
}

void Producer::harvest(sim::Context& context) {
  bool flushing = closing_;
  for (Call& call : calls_) {
    if (call.done) continue;
    if (call.kind == CallKind::kFlush) {
      if (core_.accumulator.complete_up_to(call.flush_to)) {
        end_call(context, call, {});
      } else {
        flushing = true;
      }
    } else if (call.kind == CallKind::kSend) {
      continue;  // admit()
    } else if (call.kind == CallKind::kClose) {
      if (closed_) end_call(context, call, {});
    } else if (const auto outcome = core_.manager.outcome(call.result)) {
      end_call(context, call, *outcome);
    }
  }
  core_.flush = flushing;
}

void Producer::on_call_timeout(sim::Context& context, uint64_t number) {
  for (Call& call : calls_) {
    if (call.id.number != number || call.done) continue;
    if (call.kind == CallKind::kClose) {
      finish_close(context);
    } else if (call.kind == CallKind::kSend) {
      std::erase_if(blocked_, [&](const BlockedSend& send) { return send.call == call.id; });
      if (blocked_.empty()) core_.accumulator.set_exhausted(false);
      call.timed = false;
      end_call(context, call, fail_send(context, Error::kRequestTimedOut));
    } else {
      end_call(context, call, {Thrown::kTimeout, Error::kNone});
    }
    return;
  }
}

// --- steps
// ----------------------------------------------------------------------------------------

void Producer::step(sim::Context& context, const sim::Step& step) {
  if (closed_) return;
  Completions ended;
  if (step.kind == sim::StepKind::kMessage) {
    if (!owns(step.message.connection)) return;
    ended = core_.network.on_message(context, step.message);
  } else if (step.kind == sim::StepKind::kClosed) {
    if (!owns(step.connection)) return;
    ended = core_.network.on_closed(context, step.connection);
    core_.metadata.request_update();
  } else if (step.kind == sim::StepKind::kTimer) {
    if (step.tag.small != core_.config.component) return;
    if (is(step.tag, ClientTimer::kCallTimeout)) {
      on_call_timeout(context, step.tag.large);
      return;
    }
    if (is(step.tag, ClientTimer::kRequestTimeout) || is(step.tag, ClientTimer::kReconnect)) {
      ended = core_.network.on_timer(context, step.tag);
    } else if (is(step.tag, ClientTimer::kSenderWake) ||
               is(step.tag, ClientTimer::kSenderDeadline)) {
      sender_.on_timer(step.tag);
    } else {
      return;
    }
  } else {
    return;
  }
  core_.manager.told_transaction_version(core_.network.transaction_version());
  sender_.on_completions(context, core_, ended);
  run(context);
}

void Producer::run(sim::Context& context) {
  EOSIM_ASSERT(context.actor() == core_.config.sender);
  do {
    sender_.run(context, core_);
    harvest(context);
  } while (proceed_with_close(context) || admit(context));
}

bool Producer::proceed_with_close(sim::Context& context) {
  if (!closing_ || closed_) return false;
  const bool fatal = core_.manager.has_fatal_error();
  const bool busy =
      core_.accumulator.has_incomplete() || !sender_.idle() || core_.manager.has_pending_requests();
  if (busy && !fatal) return false;
  if (!fatal && core_.manager.has_ongoing_transaction()) {
    if (core_.manager.is_completing()) return false;
    const ApiAnswer abort = core_.manager.begin_abort();
    emit_manager_events(context);
    // Refused while a call that timed out was not repeated (3.1.1+): closed by force.
    if (abort.thrown.ok()) return true;
  }
  finish_close(context);
  return false;
}

void Producer::finish_close(sim::Context& context) {
  closed_ = true;
  blocked_.clear();
  for (Call& call : calls_) {
    if (call.kind == CallKind::kSend && !call.done) end_call(context, call, kIllegal);
  }
  core_.manager.fail_everything({Thrown::kFatal, Error::kNone});
  emit_manager_events(context);
  sender_.fail_batches(context, core_, Error::kNone);
  sender_.stop(context, core_);
  core_.network.close_all(context);
  harvest(context);
  on_death(kafka_shared(context));
}

void Producer::on_death(KafkaShared& shared) {
  core_.accumulator.drop_all();
  Sender::give_back_settled(shared, core_);
  core_.metadata.let_go(shared);
}

void Producer::emit_manager_events(sim::Context& context) {
  for (const EmittedEvent& event : core_.manager.take_events()) {
    context.emit(event_id(event.event), std::span(event.values).first(event.count));
  }
}

}  // namespace eosim::kafka
