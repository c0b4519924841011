#include "models/check/invariants_members.h"

#include <algorithm>

#include "models/check/invariants_groups.h"

namespace eosim::check {
namespace {

constexpr Rule kOwned = {"K12", "assign", "double_ownership",
                         "what a member still owns is given to nobody else in that generation"};
constexpr Rule kOffered = {"K11", "machine", "illegal_transition",
                           "the protocol of a generation is one that each member has offered"};

}  // namespace

void MemberInvariants::on_fact(const CheckContext& context) {
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kGroupAssigned:
      return on_assigned(context);
    case Event::kGroupMemberRemoved: {
      const auto fact = read<GroupMemberRemoved>(*context.event);
      completed_.erase(fact.member.id);
      if (Round* round = rounds_.find(fact.group.id)) {
        std::erase_if(round->claims, [&](const Claim& c) { return c.member == fact.member; });
      }
      return;
    }
    case Event::kConsumerGeneration: {
      const auto fact = read<ConsumerGeneration>(*context.event);
      completed_[fact.member.id] = fact.generation;
      return;
    }
    default:
      return;
  }
}

MemberInvariants::Round MemberInvariants::round_of(const CheckContext& context, Name group,
                                                   Generation generation) const {
  const sim::ProcessId coordinator = context.event->process;
  const PartitionTruth* log =
      context.ledger.partition(context.ledger.home_of_group(context.world, group));
  return {generation,
          coordinator,
          context.world.incarnation(coordinator),
          log == nullptr ? -1 : log->term().epoch,
          {},
          {}};
}

void MemberInvariants::on_message(const CheckContext& context, const sim::KernelRecord& record) {
  const auto& bodies = context.shared().bodies;
  if (record.request) {
    if (record.event != sim::KernelEvent::kDelivered) return;
    const auto& request = bodies.get<kafka::JoinGroupRequest>(record.body);
    return open_.asked(record, {request.group, request.protocols});
  }
  if (record.event != sim::KernelEvent::kSent) return;
  const std::optional<Asked> asked = open_.answered(record);
  if (asked) on_joined(context, *asked, bodies.get<kafka::JoinGroupResponse>(record.body));
}

void MemberInvariants::on_joined(const CheckContext& context, const Asked& asked,
                                 const kafka::JoinGroupResponse& told) {
  if (told.error != Error::kNone) return;
  if (!context.ledger.coordinates_group(context.world, asked.group, context.event->process)) return;
  Round now = round_of(context, asked.group, told.generation);
  Round& round = rounds_[asked.group.id];
  if (!round.same(now)) {
    round = std::move(now);
    round.protocol = told.protocol;
  }
  const auto chosen = std::find_if(asked.protocols.begin(), asked.protocols.end(),
                                   [&](const auto& one) { return one.name == told.protocol; });
  if (chosen == asked.protocols.end() || round.protocol != told.protocol) {
    report_of_group(context, kOffered, asked.group,
                    context.text(told.member_id) + " is told " + context.text(told.protocol) +
                        " in generation " + std::to_string(told.generation.value) +
                        (chosen == asked.protocols.end()
                             ? ", which it has not offered"
                             : ", and another one " + context.text(round.protocol)));
    return;
  }
  claims(round, told.member_id, chosen->subscription);
  // The leader deals out by what all have said, also those whom no answer reaches any more.
  for (const auto& member : told.members) claims(round, member.member_id, member.subscription);
}

void MemberInvariants::claims(Round& round, Name member, const kafka::Subscription& said) const {
  std::erase_if(round.claims, [&](const Claim& claim) { return claim.member == member; });
  const Generation* completed = completed_.find(member.id);
  const Generation since = said.generation.valid() ? said.generation
                           : completed != nullptr  ? *completed
                                                   : Generation{};
  for (const TopicPartition partition : said.owned) {
    const auto& topics = said.topics;
    if (std::find(topics.begin(), topics.end(), partition.topic) == topics.end()) continue;
    round.claims.push_back({member, partition, since});
  }
}

void MemberInvariants::on_assigned(const CheckContext& context) const {
  if (context.change().deposed) return;
  const auto fact = read<GroupAssigned>(*context.event);
  const Round* round = rounds_.find(fact.group.id);
  if (round == nullptr || !round->same(round_of(context, fact.group, fact.generation))) return;
  Generation newest;
  for (const Claim& claim : round->claims) newest = std::max(newest, claim.since);
  if (!newest.valid()) return;
  const Claim* owner = nullptr;
  for (const Claim& claim : round->claims) {
    if (claim.partition != fact.partition) continue;
    // Who does not say since when may have it, too.
    if (owner != nullptr || claim.since != newest) return;
    owner = &claim;
  }
  if (owner == nullptr || owner->member == fact.member) return;
  report_of_group(context, kOwned, fact.group,
                  context.text(fact.partition) + " is given to " + context.text(fact.member) +
                      " in generation " + std::to_string(fact.generation.value) + ", and " +
                      context.text(owner->member) + " has it since " +
                      std::to_string(newest.value));
}

}  // namespace eosim::check
