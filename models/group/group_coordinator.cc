#include "models/group/group_coordinator.h"

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "models/group/expiration.h"
#include "models/group/join.h"
#include "models/group/membership.h"
#include "models/group/offset_requests.h"
#include "models/group/rebalance.h"
#include "models/group/static_member.h"
#include "models/group/sync.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Below this version a TxnOffsetCommit's sender does not know COORDINATOR_LOAD_IN_PROGRESS (2.6).
constexpr int16_t kTxnOffsetCommitLoadInProgressVersion = 2;
constexpr int16_t kOffsetCommitGroupIdNotFoundVersion = 9;
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
    // The new coordinator's group exists by its record, which says nothing yet (1.14 b).
    if (config_.new_coordinator()) {
      GroupRecord record;
      record.group = request.group;
      record.generation = {0};
      GroupStep now = step(env, effects);
      append_group_record(now, *group, std::move(record), QuietStore{group->uid()});
    }
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
  if (error == Error::kNone && group == nullptr) error = check_unknown_group(request);
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
  Group* group = find(request.group);
  if (error == Error::kNone && group == nullptr) error = check_unknown_group(request);
  if (error != Error::kNone) {
    return refuse_txn_offset_commit(effects, token, request, std::move(statuses), error);
  }
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
    const int32_t partition = env.names.partition_for(name, config_.offsets_partitions);
    if (config_.new_coordinator() && wants_stable(request, config_.switches) &&
        appends_.undecided(partition, appends_.newest())) {
      const sim::SteadyTime by =
          env.clock.steady + sim::milliseconds(config_.offsets_commit_timeout_ms);
      fetches_.push_back({token, request, name, partition, appends_.newest(), by});
      return;
    }
    GroupStep now = step(env, effects);
    response = fetch_offsets(now, name, find(name), request);
  }
  answer(effects, token, std::move(response));
}

Error GroupCoordinator::check_unknown_group(const OffsetCommitRequest& request) const {
  if (request.generation.value < 0) return Error::kNone;
  const bool tells =
      config_.new_coordinator() && request.header.version >= kOffsetCommitGroupIdNotFoundVersion;
  return tells ? Error::kGroupIdNotFound : Error::kIllegalGeneration;
}

Error GroupCoordinator::check_unknown_group(const TxnOffsetCommitRequest& request) const {
  const bool member =
      request.header.version >= kTxnOffsetCommitMembershipVersion && request.generation.value >= 0;
  return config_.new_coordinator() && member ? Error::kIllegalGeneration : Error::kNone;
}

void GroupCoordinator::on_append_done(const CoordinatorEnv& env, uint64_t token, Error error,
                                      Offset base_offset, Effects& effects) {
  EOSIM_ASSERT(error != Error::kNone || base_offset.valid());
  // Who reads behind a write is not answered by a coordinator that has lost its log with it.
  if (error == Error::kNotLeaderOrFollower) {
    const int32_t lost = appends_.waiting().at(token).partition;
    fail_fetches(
        Error::kNotCoordinator, [&](const ParkedFetch& fetch) { return fetch.partition == lost; },
        effects);
  }
  GroupStore store = appends_.take(token);
  GroupStep now = step(env, effects);
  std::visit(
      [&](auto& done) {
        using Done = std::decay_t<decltype(done)>;
        Group* group = find_by_uid(done.group_uid);
        if constexpr (std::is_same_v<Done, OffsetStore>) {
          on_offsets_stored(now, group, std::move(done), error, base_offset);
        } else if (group == nullptr) {
          return;  // unloaded: whoever waited was answered then
        } else if constexpr (std::is_same_v<Done, AssignmentStore>) {
          on_assignment_stored(now, *group, done, error);
        } else if constexpr (std::is_same_v<Done, StaticSwapStore>) {
          on_static_swap_stored(now, *group, done, error);
        } else if (error != Error::kNone) {
          group->record_in_doubt = true;
        }
      },
      store);
  serve_fetches(env, effects);
}

Error GroupCoordinator::admit_marker(int32_t offsets_partition) const {
  const bool loaded = partitions_.at(offsets_partition).ownership == Ownership::kOwned;
  return loaded || !writes_markers() ? Error::kNone : Error::kNotLeaderOrFollower;
}

void GroupCoordinator::on_marker_replicated(const CoordinatorEnv& env, int32_t offsets_partition,
                                            ProducerId producer_id, ControlType type,
                                            sim::Duration delay, Effects& effects) {
  EOSIM_ASSERT(producer_id.valid() && delay >= sim::Duration{});
  EOSIM_ASSERT(offsets_partition >= 0 && offsets_partition < config_.offsets_partitions);
  if (writes_markers()) {
    // A load that goes on now reads it from the log.
    return run_marker_task({env.clock.steady, offsets_partition, producer_id, type}, effects);
  }
  tasks_.push_back({env.clock.steady + delay, offsets_partition, producer_id, type});
  on_deadline(env, effects);  // a delay of 0 shows at once
}

sim::SteadyTime GroupCoordinator::next_deadline() const {
  sim::SteadyTime next = sim::kSteadyNever;
  for (const Group& group : groups_) next = std::min(next, group.next_deadline());
  for (const ParkedFetch& fetch : fetches_) next = std::min(next, fetch.answer_by);
  for (const auto& [token, append] : appends_.waiting()) next = std::min(next, append.answer_by);
  if (loading()) return next;  // what follows is the worker's, who loads
  if (!tasks_.empty()) next = std::min(next, tasks_.front().ready);
  return std::min(next, expiration_deadline_);
}

void GroupCoordinator::on_deadline(const CoordinatorEnv& env, Effects& effects) {
  // One worker, in the order of the markers: a task never overtakes another one, nor a load (2.5).
  while (!tasks_.empty() && !loading() && tasks_.front().ready <= env.clock.steady) {
    run_marker_task(tasks_.front(), effects);
    tasks_.pop_front();
  }
  while (fire_group_deadline(env, effects)) {
  }
  give_up_answers(env, effects);
  if (!loading() && expiration_deadline_ <= env.clock.steady) expire_groups(env, effects);
}

void GroupCoordinator::serve_fetches(const CoordinatorEnv& env, Effects& effects) {
  std::erase_if(fetches_, [&](const ParkedFetch& fetch) {
    if (appends_.undecided(fetch.partition, fetch.behind)) return false;
    GroupStep now = step(env, effects);
    answer(effects, fetch.token, fetch_offsets(now, fetch.group, find(fetch.group), fetch.request));
    return true;
  });
}

void GroupCoordinator::fail_fetches(Error error, std::predicate<const ParkedFetch&> auto which,
                                    Effects& effects) {
  std::erase_if(fetches_, [&](const ParkedFetch& fetch) {
    if (!which(fetch)) return false;
    OffsetFetchResponse response;
    response.error = error;
    answer(effects, fetch.token, std::move(response));
    return true;
  });
}

void GroupCoordinator::give_up_answers(const CoordinatorEnv& env, Effects& effects) {
  const auto due = [&](const auto& waits) { return waits.answer_by <= env.clock.steady; };
  GroupStep now = step(env, effects);
  for (auto& [token, append] : appends_.waiting()) {
    if (!due(append)) continue;
    append.answer_by = sim::kSteadyNever;
    on_commit_timeout(now, std::get<OffsetStore>(append.store));
  }
  fail_fetches(Error::kCoordinatorNotAvailable, due, effects);
}

void GroupCoordinator::expire_groups(const CoordinatorEnv& env, Effects& effects) {
  expiration_deadline_ = env.clock.steady + sim::milliseconds(config_.retention_check_interval_ms);
  GroupStep now = step(env, effects);
  std::vector<uint64_t> gone;
  for (Group& group : groups_) {
    if (expire_group(now, group)) gone.push_back(group.uid());
  }
  for (const uint64_t uid : gone) std::erase_if(groups_, [&](auto& g) { return g.uid() == uid; });
}

void GroupCoordinator::begin_load(int32_t partition, LeaderEpoch epoch) {
  Partition& state = partitions_.at(partition);
  if (epoch < state.epoch) return;
  state.epoch = epoch;
  // Elected again without having resigned: what is in the cache is what the log says.
  if (state.ownership == Ownership::kOwned) return;
  own(state, Ownership::kLoading);
  // Of markers that lie in the log already: the worker would have come to them before the load.
  std::erase_if(tasks_, [&](const MarkerTask& task) { return task.partition == partition; });
}

void GroupCoordinator::finish_load(const CoordinatorEnv& env, int32_t partition, LeaderEpoch epoch,
                                   std::span<const LogEntry> log, Effects& effects) {
  Partition& state = partitions_.at(partition);
  if (state.ownership != Ownership::kLoading || epoch != state.epoch) return;
  own(state, Ownership::kOwned);
  GroupStep now = step(env, effects);
  for (FoldedGroup& folded : fold_offsets_log(env.batches, log)) {
    EOSIM_ASSERT(find(folded.name) == nullptr);
    Group& group = create(env, folded.name);
    EOSIM_ASSERT(group.partition() == partition);
    if (folded.has_record) group.restore(folded.record);
    group.offsets = std::move(folded.offsets);
    for (Member& member : group.mutable_members()) restart_session(now, member);
    announce_loaded_group(effects, group);
    const size_t size = group.members().size();
    if (size > static_cast<size_t>(config_.max_size)) maybe_start_rebalance(now, group);
  }
  if (expiration_deadline_ == sim::kSteadyNever) {
    expiration_deadline_ =
        env.clock.steady + sim::milliseconds(config_.retention_check_interval_ms);
  }
}

std::optional<uint64_t> GroupCoordinator::wait_for_loaded(int32_t partition) {
  if (!config_.new_coordinator() || ownership(partition) != Ownership::kOwned) return std::nullopt;
  return appends_.add(partition, QuietStore{}, sim::kSteadyNever);
}

void GroupCoordinator::resign(int32_t partition, LeaderEpoch epoch, Effects& effects) {
  Partition& state = partitions_.at(partition);
  if (epoch < state.epoch) return;
  state.epoch = epoch;
  own(state, Ownership::kNone);
  for (Group& group : groups_) {
    if (group.partition() == partition) unload_group(group, effects);
  }
  std::erase_if(groups_, [&](const Group& group) { return group.partition() == partition; });
  fail_fetches(
      Error::kNotCoordinator,
      [&](const ParkedFetch& fetch) { return fetch.partition == partition; }, effects);
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
  for (const auto& [token, append] : appends_.waiting()) {
    const auto* offsets = std::get_if<OffsetStore>(&append.store);
    if (offsets != nullptr && !offsets->answered) parked.push_back(offsets->request);
  }
  for (const ParkedFetch& fetch : fetches_) parked.push_back(fetch.token);
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

void GroupCoordinator::own(Partition& partition, Ownership now) {
  if (partition.ownership == Ownership::kLoading) --loading_;
  if (now == Ownership::kLoading) ++loading_;
  partition.ownership = now;
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
  using enum GroupOffsets::Unacknowledged;
  for (Group& group : groups_) {
    if (group.partition() != task.partition) continue;
    complete_offsets(effects, group, task.producer_id, task.type,
                     writes_markers() ? kStays : kLost);
  }
}

}  // namespace eosim::kafka
