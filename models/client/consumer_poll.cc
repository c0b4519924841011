// The poll loop (KafkaConsumer.poll; groups-streams-replication.md 3.1). Calls and steps:
// consumer.cc.
#include "models/client/consumer.h"

namespace eosim::kafka {
namespace {

PollResult::Kind kind_of(ConsumerCoordinator::Callback::Kind kind) {
  using Kind = ConsumerCoordinator::Callback::Kind;
  switch (kind) {
    case Kind::kRevoked:
      return PollResult::Kind::kRevoked;
    case Kind::kLost:
      return PollResult::Kind::kLost;
    case Kind::kAssigned:
      return PollResult::Kind::kAssigned;
    case Kind::kSubscriptionUserData:
      return PollResult::Kind::kSubscriptionUserData;
    case Kind::kAssign:
      return PollResult::Kind::kAssign;
    case Kind::kOnAssignment:
      return PollResult::Kind::kOnAssignment;
    case Kind::kNone:
      break;
  }
  EOSIM_ASSERT(false);
  return PollResult::Kind::kError;
}

}  // namespace

void Consumer::finish_poll(sim::Context& context, PollResult::Kind kind) {
  poll_result_.kind = kind;
  poll_result_ready_ = true;
  finish(context, poll_, poll_result_.error);
}

// KafkaConsumer.poll (groups-streams-replication.md 3.1). Runs again whenever something arrives,
// until there is something to return or the time is over.
void Consumer::run_poll(sim::Context& context) {
  EOSIM_ASSERT(poll_.running);
  const bool late = context.steady() >= poll_.deadline;
  if (!fetcher_.failure().ok() || !validator_.failure().ok()) {
    poll_result_.error = fetcher_.failure().ok() ? validator_.failure() : fetcher_.failure();
    finish_poll(context, PollResult::Kind::kError);
    return;
  }
  // pollForFetches returns what has arrived before the loop looks at the group again.
  if (waiting_for_fetch_ && try_collect(context)) return;
  waiting_for_fetch_ = false;
  bool go_on = true;
  if (core_.subscriptions.group_managed()) {
    heartbeat_.polled(context, core_);
    go_on = join(context, late);
    if (!poll_.running) return;
  }
  if (go_on) go_on = find_positions(context);
  if (!poll_.running) return;
  // Something before the fetches has used up the time: what is buffered flows all the same.
  if (!go_on && !late) return;
  if (try_collect(context)) return;
  fetcher_.send(context, core_);
  if (late) {
    finish_poll(context, PollResult::Kind::kEmpty);
  } else {
    waiting_for_fetch_ = true;
  }
}

// Step 1 of the loop. false: it is not finished and the poll waits for it.
bool Consumer::join(sim::Context& context, bool late) {
  using Progress = ConsumerCoordinator::Progress;
  switch (coordinator_.advance(context, core_)) {
    case Progress::kDone:
      return true;
    case Progress::kFailed:
      poll_result_.error = core_.member.fatal;
      finish_poll(context, PollResult::Kind::kError);
      return false;
    case Progress::kCallback: {
      const auto& callback = coordinator_.callback();
      poll_result_.partitions = callback.partitions;
      poll_result_.user_data = callback.user_data;
      finish_poll(context, kind_of(callback.kind));
      return false;
    }
    case Progress::kNeedsCoordinator:
      return false;
    case Progress::kJoining:
      // Since 2.5.1 a poll does not wait for the join, it goes on with what it owns. Before, it
      // waits as long as it may, and returns nothing then, whatever is buffered.
      if (core_.config.switches.on(Switch::kPollBlocksOnJoin)) {
        if (late) finish_poll(context, PollResult::Kind::kEmpty);
        return false;
      }
      if (try_collect(context)) return false;
      fetcher_.send(context, core_);
      if (late) finish_poll(context, PollResult::Kind::kEmpty);
      return false;
  }
  EOSIM_ASSERT(false);
  return false;
}

// Step 2. false: committed offsets are still unknown, and the poll waits for them.
bool Consumer::find_positions(sim::Context& context) {
  validator_.send(context, core_);
  const List<TopicPartition> unknown = core_.subscriptions.initializing();
  if (!unknown.empty()) {
    using Progress = CommittedOffsets::Progress;
    const Progress progress =
        position_offsets_.advance(context, core_, unknown, core_.subscriptions.assignment_number());
    if (progress == Progress::kWaiting) return false;
    if (progress == Progress::kFailed) {
      poll_result_.error = position_offsets_.failure();
      finish_poll(context, PollResult::Kind::kError);
      return false;
    }
    for (const OffsetAndEpoch& found : position_offsets_.take()) {
      if (found.offset.valid()) {
        seek(context, found);
      } else if (core_.config.auto_offset_reset != OffsetReset::kNone) {
        core_.subscriptions.request_reset(found.partition, core_.config.auto_offset_reset);
      } else {
        poll_result_.error = {Thrown::kFatal, Error::kOffsetOutOfRange};
        finish_poll(context, PollResult::Kind::kError);
        return false;
      }
    }
  }
  resetter_.send(context, core_);
  return true;
}

bool Consumer::try_collect(sim::Context& context) {
  const bool moved = fetcher_.collect(context, core_, poll_result_.records);
  if (!moved) return false;
  // The next fetches go out before the application has the records (pollForFetches).
  fetcher_.send(context, core_);
  finish_poll(context,
              poll_result_.records.empty() ? PollResult::Kind::kEmpty : PollResult::Kind::kRecords);
  return true;
}

}  // namespace eosim::kafka
