#include "models/client/coordinator_reaction.h"

namespace eosim::kafka {

GroupReaction react_and_apply(sim::Context& context, ConsumerCore& core, GroupRequest request,
                              Error error, const Membership::Snapshot& sent, const Reply& reply) {
  MemberSituation situation;
  situation.state = core.member.state;
  situation.generation_unchanged = sent == core.member.now();
  situation.keep_member_id = core.config.switches.on(Switch::kKeepMemberIdOnIllegalGeneration);
  const GroupReaction reaction = react(request, error, situation);
  if (reaction.coordinator_unknown) core.lookup.mark_unknown(context, core, reply);
  core.member.reset(reaction.reset);
  if (reaction.request_rejoin) core.member.rejoin_needed = true;
  if (reaction.store_member_id) {
    core.member.member_id = reply.get<JoinGroupResponse>().member_id;
    EOSIM_ASSERT(core.member.member_id.valid());
  }
  return reaction;
}

}  // namespace eosim::kafka
