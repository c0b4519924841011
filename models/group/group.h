// One group: its state, its members in the order in which they joined, the ids handed out and not
// used yet, its timers and its offsets (groups-streams-replication.md 1.1). A plain value; the
// rules that change it are in join.h, sync.h, rebalance.h, membership.h and offset_requests.h.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "models/group/group_effects.h"
#include "models/group/group_offsets.h"
#include "models/protocol/messages.h"
#include "models/protocol/names.h"
#include "sim/time.h"

namespace eosim::kafka {

struct Member {
  using Protocols = List<JoinGroupRequest::Protocol>;

  Name id;
  Name instance_id;
  Name client_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = 0;
  Protocols protocols;  // in the client's order of preference
  List<TopicPartition> assignment;
  UserData assignment_user_data;
  std::optional<RequestToken> awaiting_join;
  std::optional<RequestToken> awaiting_sync;
  // Joined and not yet through a join phase: evicted by its deadline even while its Join is parked.
  bool is_new = false;
  bool pending_sync = false;
  sim::SteadyTime session_deadline = sim::kSteadyNever;

  bool awaiting() const { return awaiting_join.has_value() || awaiting_sync.has_value(); }
  // Empty if it does not list the protocol: a static member that came back with other ones, before
  // 2.6.1 tested that (1.12).
  Subscription subscription(Name protocol) const;
};

// An id that MEMBER_ID_REQUIRED handed out (KIP-394).
struct PendingMember {
  Name id;
  sim::SteadyTime deadline;
};

// The timer of the join phase. The initial delay never ends early (1.5).
enum class JoinTimer : uint8_t { kNone, kInitialDelay, kJoin };

// JoinGroup has always tested for an instance id that the group does not know; the other requests
// do so since 3.0 (1.3).
enum class UnknownInstance : uint8_t { kPasses, kRefused };

class Group {
 public:
  Group(uint64_t uid, Name name, int32_t partition)
      : uid_(uid), name_(name), partition_(partition) {}

  uint64_t uid() const { return uid_; }  // of this object: a reloaded group is another one
  Name name() const { return name_; }
  int32_t partition() const { return partition_; }  // of __consumer_offsets
  GroupState state() const { return state_; }
  bool is(GroupState state) const { return state_ == state; }
  Generation generation() const { return generation_; }
  Name protocol_type() const { return protocol_type_; }
  Name protocol() const { return protocol_; }
  Name leader() const { return leader_; }
  bool is_leader(Name member) const { return leader_.valid() && leader_ == member; }
  const std::vector<Member>& members() const { return members_; }
  const std::vector<PendingMember>& pending_members() const { return pending_members_; }

  Member* find_member(Name id);
  const Member* find_member(Name id) const;
  const Member* find_instance(Name instance_id) const;
  bool is_pending_member(Name id) const;
  // checkMember of 1.3.
  Error check_member(Name id, Name instance_id, UnknownInstance unknown) const;

  bool all_joined() const;  // every member waits for the end of the join, and nobody is expected
  int32_t rebalance_timeout_ms() const;
  int joining() const;  // members whose Join is parked
  bool supports(Name protocol_type, const Member::Protocols& protocols) const;
  // The protocol that most members prefer of those that all support; ties: the smallest name
  // (1.11).
  Name choose_protocol(const Names& names) const;

  // Only along legal edges (1.1).
  void transition(GroupState to, int64_t wall_ms, GroupEffects& effects);
  int64_t state_ms() const { return state_ms_; }  // when it came into its state; -1: never moved
  void start_generation(Name protocol);
  Member& add_member(Member member, Name protocol_type);
  void remove_member(Name id);
  // A static member's new id; leadership goes with it.
  Member& rekey(Name old_id, Name new_id);
  void add_pending_member(Name id, sim::SteadyTime deadline);
  bool remove_pending_member(Name id);
  // A leader that has not rejoined gives way to the first member that has. false: nobody joined.
  bool elect_joined_leader();
  std::vector<Member>& mutable_members() { return members_; }

  // What the record of the group says, and back (1.13).
  GroupRecord record() const;
  void restore(const GroupRecord& record);

  GroupOffsets offsets;

  // The last record in the log may say something else than this object, and Kafka lives with it: a
  // write with an unknown outcome, the second Sync of a leader, a static member's unwritten id.
  bool record_in_doubt = false;

  // Timers of the group; those of members are theirs.
  JoinTimer join_timer = JoinTimer::kNone;
  sim::SteadyTime join_deadline = sim::kSteadyNever;
  int32_t initial_delay_ms = 0;      // length of the running initial delay
  int32_t initial_remaining_ms = 0;  // what may still be added to it
  bool new_member_added = false;     // somebody joined while it ran
  sim::SteadyTime pending_sync_deadline = sim::kSteadyNever;

  sim::SteadyTime next_deadline() const;

 private:
  uint64_t uid_;
  Name name_;
  int32_t partition_;
  GroupState state_ = GroupState::kEmpty;
  int64_t state_ms_ = -1;
  Generation generation_{0};
  Name protocol_type_;
  Name protocol_;
  Name leader_;
  std::vector<Member> members_;
  std::vector<PendingMember> pending_members_;
};

}  // namespace eosim::kafka
