#include "models/client/consumer.h"

#include <algorithm>

#include "models/protocol/events.h"

namespace eosim::kafka {
namespace {

constexpr int32_t kCloseTimeoutMs = 30'000;

}  // namespace

Consumer::Consumer(ConsumerConfig config) : core_(std::move(config)), coordinator_(core_.config) {}

void Consumer::subscribe(List<TopicId> topics) {
  EOSIM_ASSERT(core_.config.group.valid());
  core_.subscriptions.subscribe(std::move(topics));
}

void Consumer::assign(sim::Context& context, List<TopicPartition> partitions) {
  const List<TopicPartition> before = core_.subscriptions.assignment();
  core_.subscriptions.assign_by_hand(std::move(partitions));
  for (const TopicPartition partition : core_.subscriptions.assignment()) {
    if (std::binary_search(before.begin(), before.end(), partition)) continue;
    core_.subscriptions.request_reset(partition, OffsetReset::kEarliest);
  }
  core_.refresh_metadata(context);
}

// --- calls
// ----------------------------------------------------------------------------------------

CallId Consumer::begin(sim::Context& context, Call& call, Work work, sim::SteadyTime deadline) {
  EOSIM_ASSERT(context.actor() == core_.config.application);
  EOSIM_ASSERT(!inside() && !closed_);
  call = {{++last_call_}, work, true, deadline, {}, {}};
  const sim::Duration left = std::max(deadline - context.steady(), sim::Duration{});
  call.timer = context.set_timer(
      core_.config.application, left,
      client_tag(ClientTimer::kCallTimeout, core_.config.component, call.id.number));
  return call.id;
}

void Consumer::finish(sim::Context& context, Call& call, CallResult result) {
  EOSIM_ASSERT(call.running);
  call.running = false;
  call.result = result;
  context.cancel(call.timer);
  if (retry_timer_at_ != sim::kSteadyNever) context.cancel(retry_timer_);
  retry_timer_at_ = sim::kSteadyNever;
  context.wake(core_.config.application,
               client_tag(ClientTimer::kCallDone, core_.config.component, call.id.number));
}

std::optional<CallResult> Consumer::result(CallId call) const {
  EOSIM_ASSERT(call.valid() && call.number <= last_call_);
  if (poll_.id == call && !poll_.running) return poll_.result;
  if (other_.id == call && !other_.running) return other_.result;
  return std::nullopt;
}

CallId Consumer::poll(sim::Context& context, sim::Duration timeout) {
  EOSIM_ASSERT(!poll_result_ready_ &&
               coordinator_.callback().kind == ConsumerCoordinator::Callback::Kind::kNone);
  fetcher_.begin_poll(context);
  poll_result_ = {};
  waiting_for_fetch_ = false;
  const CallId id = begin(context, poll_, Work::kPoll, context.steady() + timeout);
  drive(context);
  return id;
}

CallId Consumer::resume_poll(sim::Context& context) {
  EOSIM_ASSERT(!poll_result_ready_ && poll_.work == Work::kPoll);
  coordinator_.callback_done(context, core_);
  poll_result_ = {};
  const CallId id = begin(context, poll_, Work::kPoll, poll_.deadline);
  drive(context);
  return id;
}

PollResult Consumer::take_poll() {
  EOSIM_ASSERT(poll_result_ready_);
  poll_result_ready_ = false;
  return std::move(poll_result_);
}

void Consumer::answer_user_data(UserData user_data) {
  coordinator_.answer_user_data(std::move(user_data));
}

void Consumer::answer_assignment(List<MemberAssignment> assignments) {
  coordinator_.answer_assignment(std::move(assignments));
}

CallId Consumer::commit_sync(sim::Context& context, List<OffsetAndEpoch> offsets) {
  EOSIM_ASSERT(core_.config.group.valid());
  saw_epochs(offsets);
  committer_.begin(std::move(offsets));
  const sim::Duration timeout = sim::milliseconds(core_.config.default_api_timeout_ms);
  const CallId id = begin(context, other_, Work::kCommit, context.steady() + timeout);
  drive(context);
  return id;
}

CallId Consumer::committed(sim::Context& context, List<TopicPartition> partitions) {
  EOSIM_ASSERT(core_.config.group.valid());
  committed_asked_ = std::move(partitions);
  committed_found_.clear();
  const sim::Duration timeout = sim::milliseconds(core_.config.default_api_timeout_ms);
  const CallId id = begin(context, other_, Work::kCommitted, context.steady() + timeout);
  drive(context);
  return id;
}

const List<OffsetAndEpoch>& Consumer::committed_offsets() const { return committed_found_; }

CallId Consumer::end_offsets(sim::Context& context, List<TopicPartition> partitions,
                             IsolationLevel isolation) {
  ends_.begin(std::move(partitions), isolation);
  const sim::Duration timeout = sim::milliseconds(core_.config.default_api_timeout_ms);
  const CallId id = begin(context, other_, Work::kEndOffsets, context.steady() + timeout);
  drive(context);
  return id;
}

void Consumer::unsubscribe(sim::Context& context) {
  EOSIM_ASSERT(!inside() && !closed_ && core_.subscriptions.group_managed());
  heartbeat_.stop(context);
  const bool lost = core_.member.state != MemberState::kStable;
  coordinator_.give_up_assignment(context, core_, lost);
  Heartbeat::send_leave(context, core_);
  core_.member.reset(GroupReaction::Reset::kGenerationAndMember);
  core_.member.rejoin_needed = true;
  core_.member.needs_prepare = true;
  coordinator_ = ConsumerCoordinator(core_.config);
  poll_result_ready_ = false;
}

CallId Consumer::close(sim::Context& context) {
  const sim::Duration timeout = sim::milliseconds(kCloseTimeoutMs);
  const CallId id = begin(context, other_, Work::kClose, context.steady() + timeout);
  heartbeat_.stop(context);
  if (core_.subscriptions.group_managed()) {
    const bool lost = core_.member.state != MemberState::kStable;
    coordinator_.give_up_assignment(context, core_, lost);
    if (core_.config.leave_group_on_close) leave_tag_ = Heartbeat::send_leave(context, core_);
    core_.member.reset(GroupReaction::Reset::kGenerationAndMember);
  }
  drive(context);
  return id;
}

// --- positions
// ------------------------------------------------------------------------------------

void Consumer::seek(sim::Context& context, TopicPartition partition, Offset offset) {
  seek(context, {partition, offset, {}});
}

void Consumer::seek(sim::Context& context, const OffsetAndEpoch& to) {
  core_.metadata.saw_epoch(to.partition, to.leader_epoch);
  core_.subscriptions.seek(to.partition, to.offset, to.leader_epoch);
  emit_position(context, core_, to.partition, to.offset, false);
}

void Consumer::seek_to_beginning(sim::Context&, TopicPartition partition) {
  core_.subscriptions.request_reset(partition, OffsetReset::kEarliest);
}

void Consumer::pause(const List<TopicPartition>& partitions) {
  for (const TopicPartition partition : partitions) core_.subscriptions.pause(partition, true);
}

void Consumer::resume(const List<TopicPartition>& partitions) {
  for (const TopicPartition partition : partitions) core_.subscriptions.pause(partition, false);
}

bool Consumer::paused(TopicPartition partition) const {
  const PartitionPosition* entry = core_.subscriptions.find(partition);
  return entry != nullptr && entry->paused;
}

std::optional<Offset> Consumer::position(TopicPartition partition) const {
  const std::optional<OffsetAndEpoch> known = consumed(partition);
  return known ? std::optional(known->offset) : std::nullopt;
}

std::optional<OffsetAndEpoch> Consumer::consumed(TopicPartition partition) const {
  const PartitionPosition* entry = core_.subscriptions.find(partition);
  if (entry == nullptr || entry->state != PositionState::kFetching) return std::nullopt;
  return OffsetAndEpoch{partition, entry->position, entry->offset_epoch};
}

bool Consumer::assigned(TopicPartition partition) const {
  return core_.subscriptions.find(partition) != nullptr;
}

List<TopicPartition> Consumer::assignment() const { return core_.subscriptions.assignment(); }

const GroupMetadata& Consumer::group_metadata() const { return core_.member.last_completed; }

void Consumer::enforce_rebalance() { core_.member.rejoin_needed = true; }

bool Consumer::owns(sim::ConnectionId connection) const { return core_.network.owns(connection); }

// --- the application's thread
// ---------------------------------------------------------------------

void Consumer::drive(sim::Context& context) {
  EOSIM_ASSERT(inside() && context.actor() == core_.config.application);
  core_.wake = sim::kSteadyNever;
  for (const Reply& reply : inbox_.take()) handle(context, reply);
  const Work work = other_.running ? other_.work : poll_.work;
  switch (work) {
    case Work::kPoll:
      run_poll(context);
      break;
    case Work::kCommit:
      run_commit(context);
      break;
    case Work::kCommitted:
      run_committed(context);
      break;
    case Work::kEndOffsets:
      run_end_offsets(context);
      break;
    case Work::kClose:
      run_close(context);
      break;
    case Work::kNone:
      EOSIM_ASSERT(false);
  }
  // What a part gave up on by itself (an unknown coordinator) has failed now.
  if (!core_.ended.empty()) {
    Completions ended;
    ended.swap(core_.ended);
    route_all(context, ended);
  }
  if (!inside()) return;
  core_.refresh_metadata(context);
  if (!inbox_.empty()) wake_application(context);
  arm_retry(context);
}

void Consumer::arm_retry(sim::Context& context) {
  if (core_.subscriptions.group_managed() && poll_.running) {
    // A poll that waits looks up now and then (timeToNextPoll): that keeps the poll timer going,
    // and a thread that stands still in it does not.
    core_.wake_at(context.steady() + sim::milliseconds(core_.config.heartbeat_interval_ms));
  }
  const sim::SteadyTime deadline = other_.running ? other_.deadline : poll_.deadline;
  if (core_.wake >= deadline || retry_timer_at_ <= core_.wake) return;
  if (retry_timer_at_ != sim::kSteadyNever) context.cancel(retry_timer_);
  retry_timer_at_ = core_.wake;
  const sim::Duration delay = std::max(core_.wake - context.steady(), sim::Duration{});
  retry_timer_ = context.set_timer(core_.config.application, delay,
                                   client_tag(ClientTimer::kConsumerRetry, core_.config.component));
}

void Consumer::run_commit(sim::Context& context) {
  if (const auto result = committer_.advance(context, core_)) {
    finish(context, other_, *result);
  } else if (context.steady() >= other_.deadline) {
    finish(context, other_, {Thrown::kTimeout, Error::kNone});
  }
}

void Consumer::run_committed(sim::Context& context) {
  if (committed_asked_.empty()) {
    finish(context, other_, {});
    return;
  }
  const auto progress = asked_offsets_.advance(context, core_, committed_asked_, other_.id.number);
  if (progress == CommittedOffsets::Progress::kDone) {
    committed_found_ = asked_offsets_.take();
    saw_epochs(committed_found_);
    finish(context, other_, {});
  } else if (progress == CommittedOffsets::Progress::kFailed) {
    finish(context, other_, asked_offsets_.failure());
  } else if (context.steady() >= other_.deadline) {
    finish(context, other_, {Thrown::kTimeout, Error::kNone});
  }
}

void Consumer::run_end_offsets(sim::Context& context) {
  if (ends_.advance(context, core_)) {
    finish(context, other_, {});
  } else if (context.steady() >= other_.deadline) {
    finish(context, other_, {Thrown::kTimeout, Error::kNone});
  }
}

void Consumer::saw_epochs(const List<OffsetAndEpoch>& offsets) {
  for (const OffsetAndEpoch& entry : offsets) {
    core_.metadata.saw_epoch(entry.partition, entry.leader_epoch);
  }
}

void Consumer::run_close(sim::Context& context) {
  if (leave_tag_ != 0 && context.steady() < other_.deadline) return;
  heartbeat_.stop(context);
  core_.network.close_all(context);
  core_.ended.clear();
  on_death(kafka_shared(context));
  closed_ = true;
  finish(context, other_, {});
}

void Consumer::on_death(KafkaShared& shared) {
  for (const Reply& reply : inbox_.take()) drop_reply(shared, reply);
  fetcher_.drop_all(shared);
  core_.metadata.let_go(shared);
}

// --- steps
// ----------------------------------------------------------------------------------------

void Consumer::step(sim::Context& context, const sim::Step& step) {
  if (closed_) return;
  if (step.kind == sim::StepKind::kMessage) {
    route_all(context, core_.network.on_message(context, step.message));
  } else if (step.kind == sim::StepKind::kClosed) {
    core_.metadata.request_update();
    route_all(context, core_.network.on_closed(context, step.connection));
  } else {
    EOSIM_ASSERT(step.kind == sim::StepKind::kTimer && step.tag.small == core_.config.component);
    switch (static_cast<ClientTimer>(step.tag.kind)) {
      case ClientTimer::kRequestTimeout:
      case ClientTimer::kReconnect:
        route_all(context, core_.network.on_timer(context, step.tag));
        break;
      case ClientTimer::kHeartbeat:
        heartbeat_.run(context, core_);
        break;
      case ClientTimer::kConsumerRetry:
        if (step.timer == retry_timer_) retry_timer_at_ = sim::kSteadyNever;
        if (step.tag.large != 0) wake_pending_ = false;
        break;
      case ClientTimer::kCallTimeout:
        break;
      default:
        EOSIM_ASSERT(false);
    }
  }
  Completions ended;
  ended.swap(core_.ended);
  route_all(context, ended);
  if (!inside()) return;
  if (context.actor() == core_.config.application) {
    drive(context);
  } else {
    wake_application(context);
  }
}

void Consumer::route_all(sim::Context& context, const Completions& completions) {
  for (const Completion& completion : completions) route(context, completion);
}

void Consumer::route(sim::Context& context, const Completion& completion) {
  if (in_background(context, completion)) return;
  inbox_.push_back(copy_reply(context, completion));
}

// What either thread may take in at any time. The application's own answers wait in the inbox until
// it is inside a call (groups-streams-replication.md 3.5).
bool Consumer::in_background(sim::Context& context, const Completion& completion) {
  switch (completion.rpc) {
    case Rpc::kMetadata:
      core_.metadata.on_completion(context, core_.network, completion);
      return true;
    case Rpc::kFindCoordinator:
      if (core_.lookup.on_reply(context, core_, copy_reply(context, completion))) {
        heartbeat_.coordinator_found(context, core_);
      }
      return true;
    case Rpc::kHeartbeat:
      heartbeat_.on_reply(context, core_, copy_reply(context, completion));
      return true;
    case Rpc::kLeaveGroup:
      if (completion.tag == leave_tag_) leave_tag_ = 0;
      return true;
    default:
      return false;
  }
}

void Consumer::handle(sim::Context& context, const Reply& reply) {
  switch (reply.how.rpc) {
    case Rpc::kJoinGroup:
    case Rpc::kSyncGroup:
      if (coordinator_.on_reply(context, core_, reply) && Heartbeat::beats(core_)) {
        heartbeat_.enable(context, core_);
      }
      break;
    case Rpc::kOffsetFetch:
      if (!position_offsets_.on_reply(context, core_, reply)) {
        asked_offsets_.on_reply(context, core_, reply);
      }
      break;
    case Rpc::kOffsetCommit:
      committer_.on_reply(context, core_, reply);
      break;
    case Rpc::kListOffsets:
      if (!ends_.on_reply(context, core_, reply)) resetter_.on_reply(context, core_, reply);
      break;
    case Rpc::kOffsetForLeaderEpoch:
      validator_.on_reply(context, core_, reply);
      break;
    case Rpc::kFetch:
      fetcher_.on_reply(context, core_, reply);
      break;
    default:
      EOSIM_ASSERT(false);
  }
}

void Consumer::wake_application(sim::Context& context) {
  if (wake_pending_) return;
  wake_pending_ = true;
  context.wake(core_.config.application,
               client_tag(ClientTimer::kConsumerRetry, core_.config.component, 1));
}

std::string Consumer::describe() const {
  static constexpr std::string_view kStates[] = {"unjoined", "preparing", "completing", "stable"};
  static constexpr std::string_view kWorks[] = {"",          "poll",       "commitSync",
                                                "committed", "endOffsets", "close"};
  std::string text = "consumer " + std::string(kStates[static_cast<size_t>(core_.member.state)]) +
                     " generation " + std::to_string(core_.member.generation.value);
  const Call& call = other_.running ? other_ : poll_;
  if (!call.running) return text;
  text += " in " + std::string(kWorks[static_cast<size_t>(call.work)]);
  if (!core_.lookup.broker() && core_.config.group.valid()) text += ", coordinator unknown";
  if (!core_.subscriptions.initializing().empty()) text += ", waits for committed offsets";
  return text;
}

}  // namespace eosim::kafka
