#include "models/client/consumer_coordinator.h"

#include "models/client/coordinator_reaction.h"
#include "models/client/range_assignor.h"
#include "models/protocol/events.h"

namespace eosim::kafka {
namespace {

// The poll's caller may be gone for max.poll.interval before every member has joined
// (JOIN_GROUP_TIMEOUT_LAPSE of AbstractCoordinator).
constexpr int32_t kJoinTimeoutLapseMs = 5'000;

int32_t join_timeout_ms(const ConsumerConfig& config) {
  const int64_t join_ms = int64_t{config.max_poll_interval_ms} + kJoinTimeoutLapseMs;
  return static_cast<int32_t>(std::clamp<int64_t>(join_ms, config.request_timeout_ms, INT32_MAX));
}

List<TopicSize> sizes_of_topics(const ConsumerCore& core,
                                const List<JoinGroupResponse::Member>& members) {
  List<TopicId> topics;
  for (const auto& member : members) {
    topics.insert(topics.end(), member.subscription.topics.begin(),
                  member.subscription.topics.end());
  }
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  List<TopicSize> sizes;
  for (const TopicId topic : topics) {
    sizes.push_back({topic, core.metadata.partition_count(topic)});
  }
  return sizes;
}

bool all_topics_known(const ConsumerCore& core) {
  const auto& topics = core.subscriptions.topics();
  return std::all_of(topics.begin(), topics.end(),
                     [&](TopicId topic) { return core.metadata.partition_count(topic) > 0; });
}

bool within_subscription(const ConsumerCore& core, const List<TopicPartition>& partitions) {
  const auto& topics = core.subscriptions.topics();
  return std::all_of(partitions.begin(), partitions.end(), [&](TopicPartition partition) {
    return std::binary_search(topics.begin(), topics.end(), partition.topic);
  });
}

}  // namespace

ConsumerCoordinator::Progress ConsumerCoordinator::advance(sim::Context& context,
                                                           ConsumerCore& core) {
  EOSIM_ASSERT(core.subscriptions.group_managed() && callback_.kind == Callback::Kind::kNone);
  if (!core.member.fatal.ok()) return Progress::kFailed;
  if (!core.lookup.ensure(context, core)) return Progress::kNeedsCoordinator;
  while (core.member.rejoin_needed || phase_ != Phase::kIdle) {
    if (phase_ == Phase::kInFlight) return Progress::kJoining;
    if (phase_ == Phase::kSynced) {
      phase_ = Phase::kIdle;
      if (core.member.state == MemberState::kStable && core.member.generation.valid()) {
        complete(context, core);
        return Progress::kCallback;
      }
      // The heartbeat thread has reset the membership since the Sync was answered.
      core.member.rejoin_needed = true;
      continue;
    }
    if (needs_prepare_) {
      needs_prepare_ = false;
      if (prepare(core)) return Progress::kCallback;
    }
    if (context.steady() < retry_at_) {
      core.wake_at(retry_at_);
      return Progress::kJoining;
    }
    if (!all_topics_known(core)) {
      core.metadata.request_update();
      return Progress::kJoining;
    }
    send_join(context, core);
  }
  return Progress::kDone;
}

// onJoinPrepare (3.3). Whether the application must be called.
bool ConsumerCoordinator::prepare(ConsumerCore& core) {
  const bool lost = !core.member.generation.valid() || !core.member.member_id.valid();
  callback_.partitions = core.subscriptions.assignment();
  if (lost && callback_.partitions.empty()) return false;
  callback_.kind = lost ? Callback::Kind::kLost : Callback::Kind::kRevoked;
  return true;
}

void ConsumerCoordinator::callback_done(sim::Context& context, ConsumerCore& core) {
  EOSIM_ASSERT(callback_.kind != Callback::Kind::kNone);
  const Callback::Kind kind = callback_.kind;
  callback_ = {};
  if (kind != Callback::Kind::kAssigned) {
    give_up_assignment(context, core, kind == Callback::Kind::kLost);
  }
}

void ConsumerCoordinator::give_up_assignment(sim::Context& context, ConsumerCore& core, bool lost) {
  for (const TopicPartition partition : core.subscriptions.assignment()) {
    context.emit(event_id(Event::kConsumerRevoked),
                 {name_field(core.config.group), name_field(core.member.last_completed.member_id),
                  partition.packed(), lost ? 1 : 0});
  }
  core.subscriptions.assign({});
}

void ConsumerCoordinator::send_join(sim::Context& context, ConsumerCore& core) {
  EOSIM_ASSERT(core.lookup.broker() && core.subscriptions.partitions().empty());
  Names& names = kafka_shared(context).names;
  JoinGroupRequest request;
  request.group = core.config.group;
  request.session_timeout_ms = core.config.session_timeout_ms;
  request.rebalance_timeout_ms = core.config.max_poll_interval_ms;
  request.member_id = core.member.member_id;
  request.instance_id = core.config.instance_id;
  request.protocol_type = names.intern("consumer");
  request.protocols.push_back({names.intern("range"), {core.subscriptions.topics(), {}}});
  core.member.state = MemberState::kPreparing;  // the heartbeat thread stands still
  phase_ = Phase::kInFlight;
  sent_ = core.member.now();
  tag_ = core.next_tag();
  core.network.send(context, *core.lookup.broker(), Lane::kGroupCoordinator, std::move(request),
                    tag_, join_timeout_ms(core.config));
}

bool ConsumerCoordinator::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  if (reply.how.tag != tag_) return false;
  tag_ = 0;
  EOSIM_ASSERT(phase_ == Phase::kInFlight);
  if (reply.how.rpc == Rpc::kSyncGroup) return on_sync(context, core, reply);
  return on_join(context, core, reply);
}

bool ConsumerCoordinator::on_join(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  const Error transport = reply.transport_error();
  if (transport != Error::kNone) {
    fail(context, core, GroupRequest::kJoin, transport, reply);
    return false;
  }
  const auto& response = reply.get<JoinGroupResponse>();
  if (response.error != Error::kNone) {
    fail(context, core, GroupRequest::kJoin, response.error, reply);
    return false;
  }
  if (core.member.state != MemberState::kPreparing) {
    // The membership was reset meanwhile; this answer is for nobody (UnjoinedGroupException).
    core.member.rejoin_needed = true;
    try_again(core.backoff_end(context));
    return false;
  }
  EOSIM_ASSERT(response.generation.valid() && response.member_id.valid());
  core.member.state = MemberState::kCompleting;
  core.member.generation = response.generation;
  core.member.member_id = response.member_id;
  List<MemberAssignment> assignments;
  if (response.leader == response.member_id) {
    assignments = range_assign(kafka_shared(context).names, response.members,
                               sizes_of_topics(core, response.members));
  }
  send_sync(context, core, std::move(assignments));
  return true;
}

void ConsumerCoordinator::send_sync(sim::Context& context, ConsumerCore& core,
                                    List<MemberAssignment> assignments) {
  sent_ = core.member.now();
  if (!core.lookup.broker()) {
    // Lost since the Join was answered: sendSyncGroup fails with "coordinator not available".
    core.member.rejoin_needed = true;
    try_again(core.backoff_end(context));
    return;
  }
  SyncGroupRequest request;
  request.group = core.config.group;
  request.generation = core.member.generation;
  request.member_id = core.member.member_id;
  request.instance_id = core.config.instance_id;
  request.assignments = std::move(assignments);
  tag_ = core.next_tag();
  core.network.send(context, *core.lookup.broker(), Lane::kGroupCoordinator, std::move(request),
                    tag_);
}

bool ConsumerCoordinator::on_sync(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  const Error transport = reply.transport_error();
  const Error error = transport != Error::kNone ? transport : reply.get<SyncGroupResponse>().error;
  if (error != Error::kNone) {
    fail(context, core, GroupRequest::kSync, error, reply);
    return false;
  }
  phase_ = Phase::kSynced;
  if (!core.member.generation.valid() || core.member.state != MemberState::kCompleting) {
    core.member.rejoin_needed = true;
    return false;
  }
  synced_ = reply.get<SyncGroupResponse>().assignment;
  core.member.state = MemberState::kStable;
  core.member.rejoin_needed = false;
  return true;
}

void ConsumerCoordinator::fail(sim::Context& context, ConsumerCore& core, GroupRequest request,
                               Error error, const Reply& reply) {
  // `state` is what the reaction may look at, so it is left last.
  const GroupReaction reaction = react_and_apply(context, core, request, error, sent_, reply);
  core.member.state = MemberState::kUnjoined;
  core.member.rejoin_needed = true;
  switch (reaction.then) {
    case GroupReaction::Then::kThrow:
      core.member.fatal = {reaction.thrown, error};
      try_again({});
      break;
    case GroupReaction::Then::kRetryLater:
      try_again(core.backoff_end(context));
      break;
    default:
      try_again({});
  }
}

void ConsumerCoordinator::try_again(sim::SteadyTime at) {
  phase_ = Phase::kIdle;
  tag_ = 0;
  retry_at_ = at;
}

// onJoinComplete (3.3): the triple for producers first, before any callback.
void ConsumerCoordinator::complete(sim::Context& context, ConsumerCore& core) {
  Membership& member = core.member;
  needs_prepare_ = true;
  member.last_completed = {core.config.group, member.generation, member.member_id,
                           core.config.instance_id};
  context.emit(
      event_id(Event::kConsumerGeneration),
      {name_field(core.config.group), member.generation.value, name_field(member.member_id)});
  if (!within_subscription(core, synced_)) {
    member.rejoin_needed = true;
    synced_.clear();
  }
  core.subscriptions.assign(synced_);
  for (const TopicPartition partition : core.subscriptions.assignment()) {
    context.emit(event_id(Event::kConsumerAssigned),
                 {name_field(core.config.group), member.generation.value,
                  name_field(member.member_id), partition.packed()});
  }
  callback_ = {Callback::Kind::kAssigned, core.subscriptions.assignment()};
  synced_.clear();
}

}  // namespace eosim::kafka
