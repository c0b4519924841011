// What a rebalance does to the assignment, and the calls to the application around it:
// onJoinPrepare before the JoinGroup, onJoinComplete after the SyncGroup (ConsumerCoordinator;
// groups-streams-replication.md 3.3).
#include "models/client/consumer_coordinator.h"
#include "models/protocol/events.h"

namespace eosim::kafka {
namespace {

using Partitions = List<TopicPartition>;

bool subscribed(const ConsumerCore& core, TopicPartition partition) {
  const auto& topics = core.subscriptions.topics();
  return std::find(topics.begin(), topics.end(), partition.topic) != topics.end();
}

}  // namespace

void ConsumerCoordinator::call(Callback::Kind kind, Partitions partitions) {
  EOSIM_ASSERT(callback_.kind == Callback::Kind::kNone);
  callback_ = {kind, std::move(partitions), {}};
}

// onJoinPrepare. Whether the application must be called.
bool ConsumerCoordinator::prepare(ConsumerCore& core) {
  const bool lost = !core.member.generation.valid() || !core.member.member_id.valid();
  Partitions owned = core.subscriptions.assignment();
  if (lost) {
    if (owned.empty()) return false;
    call(Callback::Kind::kLost, std::move(owned));
    return true;
  }
  if (protocol_ == RebalanceProtocol::kEager) {
    call(Callback::Kind::kRevoked, std::move(owned));
    return true;
  }
  // Everything else goes on being read during the rebalance.
  owned.erase(std::remove_if(owned.begin(), owned.end(),
                             [&](TopicPartition partition) { return subscribed(core, partition); }),
              owned.end());
  if (owned.empty()) return false;
  call(Callback::Kind::kRevoked, std::move(owned));
  return true;
}

// onJoinComplete: the triple for producers first, before any callback.
void ConsumerCoordinator::complete(sim::Context& context, ConsumerCore& core) {
  Membership& member = core.member;
  member.needs_prepare = true;
  member.last_completed = {core.config.group, member.generation, member.member_id,
                           core.config.instance_id};
  context.emit(
      event_id(Event::kConsumerGeneration),
      {name_field(core.config.group), member.generation.value, name_field(member.member_id)});
  if (!std::all_of(synced_.partitions.begin(), synced_.partitions.end(),
                   [&](TopicPartition partition) { return subscribed(core, partition); })) {
    member.rejoin_needed = true;
    return;
  }
  std::sort(synced_.partitions.begin(), synced_.partitions.end());
  phase_ = Phase::kRevoked;
  Partitions revoked = without(core.subscriptions.assignment(), synced_.partitions);
  EOSIM_ASSERT(protocol_ == RebalanceProtocol::kCooperative || revoked.empty());
  // While they are still assigned.
  if (!revoked.empty()) call(Callback::Kind::kRevoked, std::move(revoked));
}

void ConsumerCoordinator::tell_assignor(ConsumerCore& core) {
  const Generation generation = core.member.last_completed.generation;
  on_assignment(memories_.at(chosen_), synced_, generation);
  phase_ = Phase::kTaken;
  if (core.config.assignors.at(chosen_) != Assignor::kApplication) return;
  call(Callback::Kind::kOnAssignment, synced_.partitions);
  callback_.user_data = synced_.user_data;
}

void ConsumerCoordinator::take(sim::Context& context, ConsumerCore& core) {
  const Partitions owned = core.subscriptions.assignment();
  const GroupMetadata& as = core.member.last_completed;
  drop(context, core, without(owned, synced_.partitions), false);
  core.subscriptions.assign(synced_.partitions);
  Partitions added = without(synced_.partitions, owned);
  for (const TopicPartition partition : added) {
    context.emit(event_id(Event::kConsumerAssigned),
                 {name_field(core.config.group), as.generation.value, name_field(as.member_id),
                  partition.packed()});
  }
  synced_ = {};
  phase_ = Phase::kAssigned;
  call(Callback::Kind::kAssigned, std::move(added));
}

void ConsumerCoordinator::callback_done(sim::Context& context, ConsumerCore& core) {
  EOSIM_ASSERT(callback_.kind != Callback::Kind::kNone);
  const Callback done = std::exchange(callback_, Callback{});
  switch (done.kind) {
    case Callback::Kind::kRevoked:
    case Callback::Kind::kLost:
      if (phase_ == Phase::kRevoked) {
        // What was taken away is free for its next owner once we have joined again.
        core.member.rejoin_needed = true;
      } else {
        drop(context, core, done.partitions, done.kind == Callback::Kind::kLost);
      }
      break;
    case Callback::Kind::kAssigned:
      phase_ = Phase::kIdle;
      break;
    case Callback::Kind::kSubscriptionUserData:
      EOSIM_ASSERT(user_data_.has_value());
      break;
    case Callback::Kind::kAssign:
      EOSIM_ASSERT(assignments_.has_value());
      group_ = {};
      break;
    case Callback::Kind::kOnAssignment:
    case Callback::Kind::kNone:
      break;
  }
}

void ConsumerCoordinator::give_up_assignment(sim::Context& context, ConsumerCore& core, bool lost) {
  drop(context, core, core.subscriptions.assignment(), lost);
}

void ConsumerCoordinator::drop(sim::Context& context, ConsumerCore& core,
                               const Partitions& partitions, bool lost) {
  for (const TopicPartition partition : partitions) {
    context.emit(event_id(Event::kConsumerRevoked),
                 {name_field(core.config.group), name_field(core.member.last_completed.member_id),
                  partition.packed(), lost ? 1 : 0});
  }
  core.subscriptions.assign(without(core.subscriptions.assignment(), partitions));
}

}  // namespace eosim::kafka
