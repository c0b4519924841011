#include "models/group/group_coordinator.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "models/group/join.h"
#include "models/group/membership.h"
#include "models/group/offset_requests.h"
#include "models/group/rebalance.h"
#include "models/group/sync.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Below this version a TxnOffsetCommit's sender does not know COORDINATOR_LOAD_IN_PROGRESS (2.6).
constexpr int16_t kTxnOffsetCommitLoadInProgressVersion = 2;
// Below this version a LeaveGroup is about one member, and its error is that of the response.
constexpr int16_t kLeaveGroupBatchVersion = 3;

Error check_group_id(const Names& names, Name group) {
  return names.text(group).empty() ? Error::kInvalidGroupId : Error::kNone;
}

void answer_heartbeat(GroupEffects& effects, RequestToken token, Error error) {
  HeartbeatResponse response;
  response.error = error;
  answer(effects, token, response);
}

void answer_leave(GroupEffects& effects, RequestToken token, const LeaveGroupRequest& request,
                  LeaveGroupResponse response) {
  if (request.header.version < kLeaveGroupBatchVersion && response.error == Error::kNone &&
      !response.members.empty()) {
    response.error = response.members.front();
  }
  answer(effects, token, std::move(response));
}

}  // namespace

GroupCoordinator::GroupCoordinator(GroupCoordinatorConfig config)
    : config_(std::move(config)), partitions_(config_.offsets_partitions) {
  EOSIM_ASSERT(config_.offsets_partitions > 0);
  EOSIM_ASSERT(config_.initial_rebalance_delay_ms >= 0);
}

Error GroupCoordinator::admission(const CoordinatorEnv& env, Name group) const {
  const int32_t partition = env.names.partition_for(group, config_.offsets_partitions);
  switch (partitions_[partition].ownership) {
    case Ownership::kNone:
      return Error::kNotCoordinator;
    case Ownership::kLoading:
      return Error::kCoordinatorLoadInProgress;
    case Ownership::kOwned:
      return Error::kNone;
  }
  return Error::kNotCoordinator;
}

void GroupCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                  const JoinGroupRequest& request, Effects& effects) {
  Error error = check_group_id(env.names, request.group);
  if (error == Error::kNone) error = admission(env, request.group);
  if (error == Error::kNone) error = check_session_timeout(config_, request);
  if (error != Error::kNone) return refuse_join(effects, token, request.member_id, error);
  Group* group = find(request.group);
  if (group == nullptr) {
    if (request.member_id.valid()) {
      return refuse_join(effects, token, request.member_id, Error::kUnknownMemberId);
    }
    group = &create(env, request.group);
  }
  GroupStep now = step(env, effects);
  handle_join(now, *group, token, request);
}

void GroupCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                  const SyncGroupRequest& request, Effects& effects) {
  Error error = check_group_id(env.names, request.group);
  if (error == Error::kNone) error = admission(env, request.group);
  // Whoever was in a join phase must begin again: that phase was never written (1.2).
  if (error == Error::kCoordinatorLoadInProgress) error = Error::kRebalanceInProgress;
  if (error != Error::kNone) return refuse_sync(effects, token, error);
  Group* group = find(request.group);
  if (group == nullptr) return refuse_sync(effects, token, Error::kUnknownMemberId);
  GroupStep now = step(env, effects);
  handle_sync(now, *group, token, request);
}

void GroupCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                  const HeartbeatRequest& request, Effects& effects) {
  Error error = check_group_id(env.names, request.group);
  if (error == Error::kNone) error = admission(env, request.group);
  // Sessions start anew when the load is done; until then a heartbeat is simply well (1.2).
  if (error == Error::kCoordinatorLoadInProgress) {
    return answer_heartbeat(effects, token, Error::kNone);
  }
  if (error != Error::kNone) return answer_heartbeat(effects, token, error);
  Group* group = find(request.group);
  if (group == nullptr) return answer_heartbeat(effects, token, Error::kUnknownMemberId);
  GroupStep now = step(env, effects);
  answer_heartbeat(effects, token, handle_heartbeat(now, *group, request));
}

void GroupCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                  const LeaveGroupRequest& request, Effects& effects) {
  LeaveGroupResponse response;
  response.error = check_group_id(env.names, request.group);
  if (response.error == Error::kNone) response.error = admission(env, request.group);
  if (response.error != Error::kNone) return answer_leave(effects, token, request, response);
  Group* group = find(request.group);
  if (group == nullptr) {
    response.members.assign(request.members.size(), Error::kUnknownMemberId);
    return answer_leave(effects, token, request, std::move(response));
  }
  GroupStep now = step(env, effects);
  response = handle_leave(now, *group, request);
  answer_leave(effects, token, request, std::move(response));
}

void GroupCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                  const OffsetCommitRequest& request, Effects& effects) {
  List<PartitionError> statuses = commit_statuses(env.metadata, request.offsets);
  if (nothing_left(statuses)) {
    return refuse_offset_commit(effects, token, request, std::move(statuses), Error::kNone);
  }
  // The empty group id is allowed here, for consumers of old.
  const Name name = request.group.valid() ? request.group : env.names.intern("");
  Error error = admission(env, name);
  Group* group = find(name);
  if (error == Error::kNone && group == nullptr && request.generation.value >= 0) {
    error = Error::kIllegalGeneration;
  }
  if (error != Error::kNone) {
    return refuse_offset_commit(effects, token, request, std::move(statuses), error);
  }
  if (group == nullptr) group = &create(env, name);
  GroupStep now = step(env, effects);
  handle_offset_commit(now, *group, token, request, std::move(statuses));
}

void GroupCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                  const TxnOffsetCommitRequest& request, Effects& effects) {
  List<PartitionError> statuses = commit_statuses(env.metadata, request.offsets);
  if (nothing_left(statuses)) {
    return refuse_txn_offset_commit(effects, token, request, std::move(statuses), Error::kNone);
  }
  Error error = check_group_id(env.names, request.group);
  if (error == Error::kNone) error = admission(env, request.group);
  if (error == Error::kCoordinatorLoadInProgress &&
      request.header.version < kTxnOffsetCommitLoadInProgressVersion) {
    error = Error::kCoordinatorNotAvailable;
  }
  if (error != Error::kNone) {
    return refuse_txn_offset_commit(effects, token, request, std::move(statuses), error);
  }
  Group* group = find(request.group);
  if (group == nullptr) group = &create(env, request.group);
  GroupStep now = step(env, effects);
  handle_txn_offset_commit(now, *group, token, request, std::move(statuses));
}

void GroupCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                  const OffsetFetchRequest& request, Effects& effects) {
  const Name name = request.group.valid() ? request.group : env.names.intern("");
  OffsetFetchResponse response;
  response.error = admission(env, name);
  if (response.error == Error::kNone) {
    response = fetch_offsets(effects, config_.switches, name, find(name), request);
  }
  answer(effects, token, std::move(response));
}

void GroupCoordinator::on_append_done(const CoordinatorEnv& env, uint64_t token, Error error,
                                      Offset base_offset, Effects& effects) {
  EOSIM_ASSERT(error != Error::kNone || base_offset.valid());
  GroupStore store = appends_.take(token);
  if (auto* offsets = std::get_if<OffsetStore>(&store)) {
    Group* group = find_by_uid(offsets->group_uid);
    on_offsets_stored(effects, group, std::move(*offsets), error, base_offset);
  } else if (const auto* assignment = std::get_if<AssignmentStore>(&store)) {
    Group* group = find_by_uid(assignment->group_uid);
    if (group == nullptr) return;  // unloaded: whoever waited was answered then
    GroupStep now = step(env, effects);
    on_assignment_stored(now, *group, *assignment, error);
  }
}

void GroupCoordinator::on_marker_replicated(const CoordinatorEnv& env, int32_t offsets_partition,
                                            ProducerId producer_id, ControlType type,
                                            sim::Duration delay, Effects& effects) {
  EOSIM_ASSERT(producer_id.valid() && delay >= sim::Duration{});
  EOSIM_ASSERT(offsets_partition >= 0 && offsets_partition < config_.offsets_partitions);
  tasks_.push_back({env.clock.steady + delay, offsets_partition, producer_id, type});
  on_deadline(env, effects);  // a delay of 0 shows at once
}

sim::SteadyTime GroupCoordinator::next_deadline() const {
  sim::SteadyTime next = sim::kSteadyNever;
  for (const Group& group : groups_) next = std::min(next, group.next_deadline());
  if (!tasks_.empty() && !loading()) next = std::min(next, tasks_.front().ready);
  return next;
}

void GroupCoordinator::on_deadline(const CoordinatorEnv& env, Effects& effects) {
  // One worker, in the order of the markers: a task never overtakes another one, nor a load (2.5).
  while (!tasks_.empty() && !loading() && tasks_.front().ready <= env.clock.steady) {
    run_marker_task(tasks_.front(), effects);
    tasks_.pop_front();
  }
  while (fire_group_deadline(env, effects)) {
  }
}

void GroupCoordinator::begin_load(int32_t partition, LeaderEpoch epoch) {
  Partition& state = partitions_.at(partition);
  if (epoch < state.epoch) return;
  state.epoch = epoch;
  // Elected again without having resigned: what is in the cache is what the log says.
  if (state.ownership == Ownership::kOwned) return;
  state.ownership = Ownership::kLoading;
  // Of markers that lie in the log already: the worker would have come to them before the load.
  std::erase_if(tasks_, [&](const MarkerTask& task) { return task.partition == partition; });
}

void GroupCoordinator::finish_load(const CoordinatorEnv& env, int32_t partition, LeaderEpoch epoch,
                                   std::span<const LogEntry> log, Effects& effects) {
  Partition& state = partitions_.at(partition);
  if (state.ownership != Ownership::kLoading || epoch != state.epoch) return;
  state.ownership = Ownership::kOwned;
  GroupStep now = step(env, effects);
  for (FoldedGroup& folded : fold_offsets_log(env.batches, log)) {
    EOSIM_ASSERT(find(folded.name) == nullptr);
    Group& group = create(env, folded.name);
    EOSIM_ASSERT(group.partition() == partition);
    if (folded.has_record) group.restore(folded.record);
    group.offsets = std::move(folded.offsets);
    for (Member& member : group.mutable_members()) restart_session(now, member);
    announce_loaded_group(effects, group);
  }
}

void GroupCoordinator::resign(int32_t partition, LeaderEpoch epoch, Effects& effects) {
  Partition& state = partitions_.at(partition);
  if (epoch < state.epoch) return;
  state.epoch = epoch;
  state.ownership = Ownership::kNone;
  for (Group& group : groups_) {
    if (group.partition() == partition) unload_group(group, effects);
  }
  std::erase_if(groups_, [&](const Group& group) { return group.partition() == partition; });
}

const Group* GroupCoordinator::find_group(Name group) const {
  const auto at = std::ranges::find(groups_, group, &Group::name);
  return at == groups_.end() ? nullptr : &*at;
}

std::vector<RequestToken> GroupCoordinator::parked_requests() const {
  std::vector<RequestToken> parked;
  for (const Group& group : groups_) {
    for (const Member& member : group.members()) {
      if (member.awaiting_join) parked.push_back(*member.awaiting_join);
      if (member.awaiting_sync) parked.push_back(*member.awaiting_sync);
    }
  }
  for (const auto& [token, store] : appends_.waiting()) {
    if (const auto* offsets = std::get_if<OffsetStore>(&store)) parked.push_back(offsets->request);
  }
  return parked;
}

Group* GroupCoordinator::find(Name group) {
  const auto at = std::ranges::find(groups_, group, &Group::name);
  return at == groups_.end() ? nullptr : &*at;
}

Group* GroupCoordinator::find_by_uid(uint64_t uid) {
  const auto at = std::ranges::find(groups_, uid, &Group::uid);
  return at == groups_.end() ? nullptr : &*at;
}

Group& GroupCoordinator::create(const CoordinatorEnv& env, Name name) {
  EOSIM_ASSERT(find(name) == nullptr);
  return groups_.emplace_back(next_group_uid_++, name,
                              env.names.partition_for(name, config_.offsets_partitions));
}

GroupStep GroupCoordinator::step(const CoordinatorEnv& env, Effects& effects) {
  return {config_, env, appends_, next_member_number_, effects};
}

bool GroupCoordinator::loading() const {
  return std::ranges::any_of(partitions_,
                             [](const Partition& p) { return p.ownership == Ownership::kLoading; });
}

bool GroupCoordinator::fire_group_deadline(const CoordinatorEnv& env, Effects& effects) {
  if (groups_.empty()) return false;
  Group& group = *std::ranges::min_element(groups_, {}, &Group::next_deadline);
  if (group.next_deadline() > env.clock.steady) return false;
  GroupStep now = step(env, effects);
  fire_group_timer(now, group);
  return true;
}

void GroupCoordinator::run_marker_task(const MarkerTask& task, Effects& effects) {
  for (Group& group : groups_) {
    if (group.partition() != task.partition) continue;
    complete_offsets(effects, group, task.producer_id, task.type);
  }
}

}  // namespace eosim::kafka
