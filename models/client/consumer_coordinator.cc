#include "models/client/consumer_coordinator.h"

#include "models/client/coordinator_reaction.h"

namespace eosim::kafka {
namespace {

// The poll's caller may be gone for max.poll.interval before every member has joined
// (JOIN_GROUP_TIMEOUT_LAPSE of AbstractCoordinator).
constexpr int32_t kJoinTimeoutLapseMs = 5'000;

int32_t join_timeout_ms(const ConsumerConfig& config) {
  const int64_t join_ms = int64_t{config.max_poll_interval_ms} + kJoinTimeoutLapseMs;
  return static_cast<int32_t>(std::clamp<int64_t>(join_ms, config.request_timeout_ms, INT32_MAX));
}

bool all_topics_known(const ConsumerCore& core) {
  const auto& topics = core.subscriptions.topics();
  return std::all_of(topics.begin(), topics.end(),
                     [&](TopicId topic) { return core.metadata.partition_count(topic) > 0; });
}

// ConsumerCoordinator's constructor: EAGER if one assignor knows nothing else.
RebalanceProtocol common_protocol(const ConsumerConfig& config) {
  EOSIM_ASSERT(!config.assignors.empty());
  const bool cooperative =
      std::all_of(config.assignors.begin(), config.assignors.end(), [&](Assignor assignor) {
        const RebalanceProtocol best = assignor == Assignor::kApplication
                                           ? config.application_protocol
                                           : supported_protocol(assignor);
        return best == RebalanceProtocol::kCooperative;
      });
  return cooperative ? RebalanceProtocol::kCooperative : RebalanceProtocol::kEager;
}

}  // namespace

ConsumerCoordinator::ConsumerCoordinator(const ConsumerConfig& config)
    : protocol_(common_protocol(config)),
      claims_(config.switches.as<StickyClaims>(Switch::kStickyClaims)),
      memories_(config.assignors.size()) {}

ConsumerCoordinator::Progress ConsumerCoordinator::advance(sim::Context& context,
                                                           ConsumerCore& core) {
  EOSIM_ASSERT(core.subscriptions.group_managed() && callback_.kind == Callback::Kind::kNone);
  if (!core.member.fatal.ok()) return Progress::kFailed;
  // onJoinComplete is not interrupted by a coordinator that is lost meanwhile.
  const bool completing = phase_ == Phase::kRevoked || phase_ == Phase::kTaken;
  if (!completing && !core.lookup.ensure(context, core)) return Progress::kNeedsCoordinator;
  while (core.member.rejoin_needed || phase_ != Phase::kIdle) {
    if (!go_on(context, core)) return Progress::kJoining;
    if (callback_.kind != Callback::Kind::kNone) return Progress::kCallback;
    if (!core.member.fatal.ok()) return Progress::kFailed;
  }
  return Progress::kDone;
}

// One step of joinGroupIfNeeded. false: it waits.
bool ConsumerCoordinator::go_on(sim::Context& context, ConsumerCore& core) {
  switch (phase_) {
    case Phase::kIdle:
      return start_join(context, core);
    case Phase::kInFlight:
      return false;
    case Phase::kAssigning:
      if (assignments_) {
        send_sync(context, core, std::move(*assignments_));
      } else {
        call(Callback::Kind::kAssign, {});
      }
      return true;
    case Phase::kSynced:
      phase_ = Phase::kIdle;
      if (core.member.state == MemberState::kStable && core.member.generation.valid()) {
        complete(context, core);
      } else {
        // The heartbeat thread has reset the membership since the Sync was answered.
        core.member.rejoin_needed = true;
      }
      return true;
    case Phase::kRevoked:
      tell_assignor(core);
      return true;
    case Phase::kTaken:
      take(context, core);
      return true;
    case Phase::kAssigned:
      break;
  }
  EOSIM_ASSERT(false);
  return false;
}

bool ConsumerCoordinator::start_join(sim::Context& context, ConsumerCore& core) {
  if (core.member.needs_prepare) {
    core.member.needs_prepare = false;
    user_data_.reset();
    if (prepare(core)) return true;
  }
  if (context.steady() < retry_at_) {
    core.wake_at(retry_at_);
    return false;
  }
  if (!all_topics_known(core)) {
    core.metadata.request_update();
    return false;
  }
  const auto& assignors = core.config.assignors;
  const bool asks =
      std::find(assignors.begin(), assignors.end(), Assignor::kApplication) != assignors.end();
  if (asks && !user_data_) {
    call(Callback::Kind::kSubscriptionUserData, {});
    return true;
  }
  send_join(context, core);
  return true;
}

Name ConsumerCoordinator::protocol_name(Names& names, const ConsumerConfig& config,
                                        size_t index) const {
  const Assignor assignor = config.assignors.at(index);
  return assignor == Assignor::kApplication ? config.application_assignor
                                            : names.intern(assignor_name(assignor));
}

// ConsumerCoordinator.metadata().
Subscription ConsumerCoordinator::subscription(const ConsumerCore& core, size_t index) const {
  const Assignor assignor = core.config.assignors.at(index);
  Subscription made;
  made.topics = core.subscriptions.topics();
  made.owned = core.subscriptions.assignment();
  made.user_data = assignor == Assignor::kApplication
                       ? *user_data_
                       : subscription_user_data(assignor, claims_, memories_.at(index));
  // KIP-792.
  if (claims_ == StickyClaims::kEachGeneration) made.generation = core.member.generation;
  return made;
}

void ConsumerCoordinator::send_join(sim::Context& context, ConsumerCore& core) {
  EOSIM_ASSERT(core.lookup.broker());
  EOSIM_ASSERT(protocol_ == RebalanceProtocol::kCooperative ||
               core.subscriptions.partitions().empty());
  Names& names = kafka_shared(context).names;
  JoinGroupRequest request;
  request.group = core.config.group;
  request.session_timeout_ms = core.config.session_timeout_ms;
  request.rebalance_timeout_ms = core.config.max_poll_interval_ms;
  request.member_id = core.member.member_id;
  request.instance_id = core.config.instance_id;
  request.protocol_type = names.intern("consumer");
  for (size_t i = 0; i < core.config.assignors.size(); ++i) {
    request.protocols.push_back({protocol_name(names, core.config, i), subscription(core, i)});
  }
  user_data_.reset();
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
  if (!choose(context, core, response)) return true;
  // A leader that came back into a stable group has nothing to deal out (KIP-814).
  if (response.leader == response.member_id && !response.skip_assignment) {
    lead(context, core, response);
  } else {
    send_sync(context, core, {});
  }
  return true;
}

// Which assignor the group has chosen. false: none of ours, which a coordinator before 2.6.1 may
// tell a static member that came back with other ones.
bool ConsumerCoordinator::choose(sim::Context& context, ConsumerCore& core,
                                 const JoinGroupResponse& response) {
  Names& names = kafka_shared(context).names;
  protocol_type_ = response.protocol_type;
  chosen_name_ = response.protocol;
  for (chosen_ = 0; chosen_ < core.config.assignors.size(); ++chosen_) {
    if (protocol_name(names, core.config, chosen_) == response.protocol) return true;
  }
  core.member.fatal = {Thrown::kFatal, Error::kInconsistentGroupProtocol};
  try_again({});
  return false;
}

// onLeaderElected.
void ConsumerCoordinator::lead(sim::Context& context, ConsumerCore& core,
                               const JoinGroupResponse& response) {
  const Names& names = kafka_shared(context).names;
  group_ = group_subscription(names, response.members);
  for (TopicSize& size : group_.topics) size.partitions = core.metadata.partition_count(size.topic);
  const Assignor assignor = core.config.assignors.at(chosen_);
  if (assignor == Assignor::kApplication) {
    phase_ = Phase::kAssigning;
    assignments_.reset();
    return;
  }
  send_sync(context, core, assign(assignor, claims_, names, group_));
  group_ = {};
}

void ConsumerCoordinator::answer_user_data(UserData user_data) {
  EOSIM_ASSERT(callback_.kind == Callback::Kind::kSubscriptionUserData);
  user_data_ = std::move(user_data);
}

void ConsumerCoordinator::answer_assignment(List<MemberAssignment> assignments) {
  EOSIM_ASSERT(callback_.kind == Callback::Kind::kAssign);
  // "Assignor supporting the COOPERATIVE protocol violates its requirements".
  EOSIM_ASSERT(protocol_ == RebalanceProtocol::kEager || !hands_over_at_once(group_, assignments));
  assignments_ = std::move(assignments);
}

void ConsumerCoordinator::send_sync(sim::Context& context, ConsumerCore& core,
                                    List<MemberAssignment> assignments) {
  // The application's assignor may have taken its time, and the heartbeat thread has left.
  const bool still = core.member.state == MemberState::kCompleting;
  sent_ = core.member.now();
  if (!still || !core.lookup.broker()) {
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
  // KIP-559; a broker that does not know the fields does not get them.
  constexpr int16_t kNamesProtocol = 5;
  const auto version =
      core.network.version(*core.lookup.broker(), Lane::kGroupCoordinator, Rpc::kSyncGroup);
  if (version && *version >= kNamesProtocol) {
    request.protocol_type = protocol_type_;
    request.protocol = chosen_name_;
  }
  phase_ = Phase::kInFlight;
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
  const auto& response = reply.get<SyncGroupResponse>();
  synced_ = {response.assignment, response.user_data};
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

}  // namespace eosim::kafka
