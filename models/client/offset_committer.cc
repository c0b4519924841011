#include "models/client/offset_committer.h"

#include "models/client/retry_count.h"

#include "models/client/coordinator_reaction.h"

namespace eosim::kafka {

void OffsetCommitter::begin(List<OffsetAndEpoch> offsets) {
  *this = OffsetCommitter();
  offsets_ = std::move(offsets);
  if (offsets_.empty()) result_ = CallResult{};
}

std::optional<CallResult> OffsetCommitter::advance(sim::Context& context, ConsumerCore& core) {
  if (result_ || tag_ != 0) return result_;
  if (!core.lookup.ensure(context, core)) return result_;
  if (context.steady() < retry_at_) {
    core.wake_at(retry_at_);
    return result_;
  }
  send(context, core);
  return result_;
}

void OffsetCommitter::send(sim::Context& context, ConsumerCore& core) {
  const Membership& member = core.member;
  if (core.subscriptions.group_managed() && member.state != MemberState::kStable) {
    // generationIfStable() has none. A member that is on its way back may try again later.
    const bool joining =
        member.state == MemberState::kPreparing || member.state == MemberState::kCompleting;
    result_ = joining ? CallResult{Thrown::kRebalanceInProgress, Error::kRebalanceInProgress}
                      : CallResult{Thrown::kCommitFailed, Error::kUnknownMemberId};
    return;
  }
  OffsetCommitRequest request;
  request.group = core.config.group;
  if (core.subscriptions.group_managed()) {
    request.generation = member.generation;
    request.member_id = member.member_id;
    request.instance_id = core.config.instance_id;
  }
  request.offsets = offsets_;
  sent_ = member.now();
  tag_ = core.next_tag();
  core.network.send(context, *core.lookup.broker(), Lane::kGroupCoordinator, std::move(request),
                    tag_);
}

void OffsetCommitter::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  if (tag_ == 0 || reply.how.tag != tag_) return;
  tag_ = 0;
  Error error = reply.transport_error();
  if (error == Error::kNone) {
    for (const PartitionError& partition : reply.get<OffsetCommitResponse>().partitions) {
      if (error == Error::kNone) error = partition.error;
    }
  }
  if (error == Error::kNone) {
    result_ = CallResult{};
    return;
  }
  const GroupReaction reaction =
      react_and_apply(context, core, GroupRequest::kOffsetCommit, error, sent_, reply);
  if (reaction.then == GroupReaction::Then::kThrow) {
    result_ = CallResult{reaction.thrown, error};
    return;
  }
  EOSIM_ASSERT(reaction.then == GroupReaction::Then::kRetryLater);
  count_retry(context, Rpc::kOffsetCommit);
  retry_at_ = core.backoff_end(context, ++attempts_);
}

}  // namespace eosim::kafka
