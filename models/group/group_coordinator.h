// The classic group coordinator of one broker: membership, rebalances, committed offsets plain and
// transactional (groups-streams-replication.md 1 and 2; Kafka's GroupCoordinator and
// GroupMetadataManager). It keeps one log-backed table a partition of __consumer_offsets that its
// broker leads, and knows neither broker nor log: handlers return effects.
//
// Contract with the broker:
// - Carry out the effects in order, appends within the same step: between "generation ok" and the
//   append there is no point at which anything else may run (2.3).
// - The batch of an AppendEffect is the broker's, with its one count in the store, also when the
//   append fails.
// - Every token of an AppendEffect comes back once through on_append_done(), after the handler
//   returned. Tokens are unique in one object; after a restart start with a new object.
// - After every call look at next_deadline(); it may lie in the past (then call on_deadline() at
//   once). Calling on_deadline() too early does nothing.
// - A request may stay parked for long (Join, Sync, commits). A retry of a parked Join or Sync
//   replaces it, and so does eviction of a member whose Sync is parked: the old token is then never
//   answered, as in Kafka.
// - A new object owns no partition: begin_load() and finish_load() each partition that the broker
//   leads.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "models/group/group.h"
#include "models/group/group_appends.h"
#include "models/group/group_config.h"
#include "models/group/group_effects.h"
#include "models/group/group_step.h"
#include "models/group/offset_log.h"
#include "models/protocol/effects.h"

namespace eosim::kafka {

class GroupCoordinator {
 public:
  using Effect = GroupEffect;
  using Effects = GroupEffects;
  using LogEntry = OffsetsLogEntry;  // {Offset base_offset; BatchId batch}

  explicit GroupCoordinator(GroupCoordinatorConfig config);

  void on_request(const CoordinatorEnv& env, RequestToken token, const JoinGroupRequest& request,
                  Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token, const SyncGroupRequest& request,
                  Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token, const HeartbeatRequest& request,
                  Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token, const LeaveGroupRequest& request,
                  Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token, const OffsetCommitRequest& request,
                  Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token,
                  const TxnOffsetCommitRequest& request, Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token, const OffsetFetchRequest& request,
                  Effects& effects);

  // The result of an append that was asked for: acknowledged at base_offset, or an error.
  void on_append_done(const CoordinatorEnv& env, uint64_t token, Error error, Offset base_offset,
                      Effects& effects);

  // A marker on a partition of __consumer_offsets is below the high watermark. What it decides
  // shows in the cache only when the background worker gets to it, `delay` from now at the
  // earliest; the answer to WriteTxnMarkers does not wait for that (2.5). Where markers are atomic
  // it shows in this step.
  void on_marker_replicated(const CoordinatorEnv& env, int32_t offsets_partition,
                            ProducerId producer_id, ControlType type, sim::Duration delay,
                            Effects& effects);

  // Asked before a marker is appended to a partition of __consumer_offsets. Not kNone: the answer
  // to its sender, and nothing is appended. Where markers are atomic, the coordinator itself writes
  // them, and only into a partition that it has loaded (transactions.md 2.8, step 6).
  Error admit_marker(int32_t offsets_partition) const;
  // Where markers are atomic they skip the min-ISR test, as the coordinator's other writes do.
  bool writes_markers() const {
    return config_.switches.as<MarkerMaterialization>(Switch::kMarkerMaterialization) ==
           MarkerMaterialization::kAtomic;
  }

  sim::SteadyTime next_deadline() const;
  void on_deadline(const CoordinatorEnv& env, Effects& effects);

  // Leadership of a partition of __consumer_offsets. An epoch older than the last one is ignored.
  // The entries are the whole local log from its start to its end, uncommitted tail included.
  void begin_load(int32_t partition, LeaderEpoch epoch);
  void finish_load(const CoordinatorEnv& env, int32_t partition, LeaderEpoch epoch,
                   std::span<const LogEntry> log, Effects& effects);
  // After a load that has read beyond the high watermark: the new coordinator's stable fetches wait
  // for on_append_done() of this token, which says that it has passed what was loaded. None: nobody
  // waits for that.
  std::optional<uint64_t> wait_for_loaded(int32_t partition);
  void resign(int32_t partition, LeaderEpoch epoch, Effects& effects);

  // For checkers and tools.
  enum class Ownership : uint8_t { kNone, kLoading, kOwned };
  struct MarkerTask {
    sim::SteadyTime ready;
    int32_t partition = 0;
    ProducerId producer_id;
    ControlType type = ControlType::kAbort;
  };
  const GroupCoordinatorConfig& config() const { return config_; }
  Ownership ownership(int32_t partition) const { return partitions_.at(partition).ownership; }
  const std::vector<Group>& groups() const { return groups_; }  // in order of creation
  const Group* find_group(Name group) const;
  const std::deque<MarkerTask>& marker_tasks() const { return tasks_; }
  const GroupAppends& appends() const { return appends_; }
  std::vector<RequestToken> parked_requests() const;  // Joins, Syncs, commits, fetches that wait

 private:
  struct Partition {
    Ownership ownership = Ownership::kNone;
    LeaderEpoch epoch;
  };

  // A stable fetch of the new coordinator: behind the writes that were there when it came (1.14 e).
  struct ParkedFetch {
    RequestToken token;
    OffsetFetchRequest request;
    Name group;
    int32_t partition = 0;
    uint64_t behind = 0;  // appends up to this token
    sim::SteadyTime answer_by;
  };

  // The checks common to all requests, behind that of the group id (1.2). kNone: go on.
  Error admission(const CoordinatorEnv& env, Name group) const;
  Group* find(Name group);
  Group* find_by_uid(uint64_t uid);
  Group& create(const CoordinatorEnv& env, Name name);
  GroupStep step(const CoordinatorEnv& env, Effects& effects);
  bool loading() const { return loading_ > 0; }
  void own(Partition& partition, Ownership now);
  bool fire_group_deadline(const CoordinatorEnv& env, Effects& effects);
  void run_marker_task(const MarkerTask& task, Effects& effects);
  Error check_unknown_group(const OffsetCommitRequest& request) const;
  Error check_unknown_group(const TxnOffsetCommitRequest& request) const;
  void serve_fetches(const CoordinatorEnv& env, Effects& effects);
  void fail_fetches(Error error, std::predicate<const ParkedFetch&> auto which, Effects& effects);
  void give_up_answers(const CoordinatorEnv& env, Effects& effects);
  void expire_groups(const CoordinatorEnv& env, Effects& effects);

  GroupCoordinatorConfig config_;
  std::vector<Partition> partitions_;
  size_t loading_ = 0;  // of them
  std::vector<Group> groups_;
  GroupAppends appends_;
  std::deque<MarkerTask> tasks_;
  std::vector<ParkedFetch> fetches_;
  sim::SteadyTime expiration_deadline_ = sim::kSteadyNever;  // from the first load on
  uint64_t next_group_uid_ = 1;
  uint64_t next_member_number_ = 1;
};

}  // namespace eosim::kafka
