#include "models/client/heartbeat.h"

#include "models/client/coordinator_reaction.h"

namespace eosim::kafka {

bool Heartbeat::beats(const ConsumerCore& core) {
  if (core.member.state == MemberState::kStable) return true;
  return core.member.state == MemberState::kCompleting &&
         core.config.switches.on(Switch::kHeartbeatAfterJoin);
}

void Heartbeat::enable(sim::Context& context, const ConsumerCore& core) {
  EOSIM_ASSERT(beats(core));
  const sim::SteadyTime now = context.steady();
  tag_ = 0;
  beat_at_ = now + sim::milliseconds(core.config.heartbeat_interval_ms);
  session_ends_at_ = now + sim::milliseconds(core.config.session_timeout_ms);
  poll_ends_at_ = now + sim::milliseconds(core.config.max_poll_interval_ms);
  arm_next(context, core);
}

void Heartbeat::polled(sim::Context& context, const ConsumerCore& core) {
  poll_ends_at_ = context.steady() + sim::milliseconds(core.config.max_poll_interval_ms);
}

void Heartbeat::coordinator_found(sim::Context& context, const ConsumerCore& core) {
  session_ends_at_ = context.steady() + sim::milliseconds(core.config.session_timeout_ms);
  if (beats(core)) arm_next(context, core);
}

void Heartbeat::stop(sim::Context& context) {
  if (armed_) context.cancel(timer_);
  armed_ = false;
  tag_ = 0;
}

void Heartbeat::run(sim::Context& context, ConsumerCore& core) {
  armed_ = false;
  if (!beats(core) || !core.member.fatal.ok()) return;
  const sim::SteadyTime now = context.steady();
  if (!core.lookup.ensure(context, core)) {
    // The order is Kafka's: while the coordinator is unknown the poll timer is not looked at.
    arm(context, core, core.backoff_end(context));
    return;
  }
  if (now >= session_ends_at_) {
    core.lookup.mark_unknown(context, core);
    arm(context, core, now);
    return;
  }
  if (now >= poll_ends_at_) {
    leave(context, core);
    return;
  }
  if (now >= beat_at_ && tag_ == 0) send_beat(context, core);
  arm_next(context, core);
}

void Heartbeat::send_beat(sim::Context& context, ConsumerCore& core) {
  EOSIM_ASSERT(core.lookup.broker() && core.member.generation.valid());
  HeartbeatRequest request;
  request.group = core.config.group;
  request.generation = core.member.generation;
  request.member_id = core.member.member_id;
  request.instance_id = core.config.instance_id;
  sent_ = core.member.now();
  tag_ = core.next_tag();
  beat_at_ = context.steady() + sim::milliseconds(core.config.heartbeat_interval_ms);
  core.network.send(context, *core.lookup.broker(), Lane::kGroupCoordinator, request, tag_);
}

void Heartbeat::leave(sim::Context& context, ConsumerCore& core) {
  send_leave(context, core);
  core.member.reset(GroupReaction::Reset::kGenerationAndMember);
  core.member.rejoin_needed = true;
  tag_ = 0;
}

uint64_t Heartbeat::send_leave(sim::Context& context, ConsumerCore& core) {
  const bool dynamic = !core.config.instance_id.valid();
  const bool member = core.member.state != MemberState::kUnjoined && core.member.member_id.valid();
  if (!dynamic || !member || !core.lookup.broker()) return 0;
  LeaveGroupRequest request;
  request.group = core.config.group;
  request.members.push_back({core.member.member_id, core.config.instance_id});
  const uint64_t tag = core.next_tag();
  core.network.send(context, *core.lookup.broker(), Lane::kGroupCoordinator, request, tag);
  return tag;
}

void Heartbeat::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  if (reply.how.tag != tag_) return;
  tag_ = 0;
  const Error transport = reply.transport_error();
  const Error error = transport != Error::kNone ? transport : reply.get<HeartbeatResponse>().error;
  if (error == Error::kNone) {
    succeeded(context, core);
    return;
  }
  const GroupReaction reaction =
      react_and_apply(context, core, GroupRequest::kHeartbeat, error, sent_, reply);
  switch (reaction.then) {
    case GroupReaction::Then::kCountsAsBeat:
      succeeded(context, core);
      break;
    case GroupReaction::Then::kThrow:
      core.member.fatal = {reaction.thrown, error};
      break;
    default:
      beat_at_ = core.backoff_end(context);
      if (beats(core)) arm_next(context, core);
  }
}

void Heartbeat::succeeded(sim::Context& context, const ConsumerCore& core) {
  session_ends_at_ = context.steady() + sim::milliseconds(core.config.session_timeout_ms);
  if (beats(core)) arm_next(context, core);
}

void Heartbeat::arm_next(sim::Context& context, const ConsumerCore& core) {
  sim::SteadyTime next = std::min(session_ends_at_, poll_ends_at_);
  if (tag_ == 0) next = std::min(next, beat_at_);
  arm(context, core, next);
}

void Heartbeat::arm(sim::Context& context, const ConsumerCore& core, sim::SteadyTime at) {
  if (armed_) context.cancel(timer_);
  armed_ = true;
  const sim::Duration delay = std::max(at - context.steady(), sim::Duration{});
  timer_ = context.set_timer(core.config.heartbeat, delay,
                             client_tag(ClientTimer::kHeartbeat, core.config.component));
}

}  // namespace eosim::kafka
