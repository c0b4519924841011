// Appends to __consumer_offsets whose result is not known yet, and what waits for each
// (GroupMetadataManager.storeGroup and storeOffsets). They name the group object by its uid: a
// result that comes after the group was unloaded, or loaded anew, changes nothing in it.
#pragma once

#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "models/group/group_effects.h"
#include "models/group/group_offsets.h"
#include "models/protocol/messages.h"

namespace eosim::kafka {

// A record that nobody waits for: of a group that became empty (1.6), tombstones of what expired.
struct QuietStore {
  uint64_t group_uid = 0;
};

// The record that the leader's SyncGroup makes (1.7).
struct AssignmentStore {
  uint64_t group_uid = 0;
  Generation generation;
  List<MemberAssignment> assignments;  // an entry for each member
};

// The record of a group in which a static member came back (1.12), and what undoes that.
struct StaticSwapStore {
  uint64_t group_uid = 0;
  RequestToken request;
  Name old_id;
  Name new_id;
  Name old_leader;
  bool may_skip_assignment = false;
  Name old_client_id;
  List<JoinGroupRequest::Protocol> old_protocols;
  int32_t old_session_timeout_ms = 0;
  int32_t old_rebalance_timeout_ms = 0;
};

// Offsets, plain or transactional (2.2, 2.4).
struct OffsetStore {
  struct Item {
    TopicPartition partition;
    OffsetEntry entry;
    std::optional<OffsetEntry> replaced;  // what was pending of the same producer
  };
  uint64_t group_uid = 0;
  Name group;
  RequestToken request;
  ProducerIdAndEpoch producer;  // unset: plain
  Generation generation;
  Name member_id;
  List<Item> items;
  List<PartitionError> statuses;  // all partitions of the request; an error is final
  bool answered = false;          // time was up; the write goes on

  bool transactional() const { return producer.id.valid(); }
};

using GroupStore = std::variant<QuietStore, AssignmentStore, StaticSwapStore, OffsetStore>;

class GroupAppends {
 public:
  struct Waiting {
    int32_t partition = 0;  // of __consumer_offsets
    GroupStore store;
    sim::SteadyTime answer_by = sim::kSteadyNever;
  };

  uint64_t add(int32_t partition, GroupStore store, sim::SteadyTime answer_by);
  GroupStore take(uint64_t token);
  const std::map<uint64_t, Waiting>& waiting() const { return waiting_; }
  std::map<uint64_t, Waiting>& waiting() { return waiting_; }

  uint64_t newest() const { return next_token_ - 1; }
  // An append of this partition that was asked for up to this token is undecided.
  bool undecided(int32_t partition, uint64_t up_to) const;

 private:
  std::map<uint64_t, Waiting> waiting_;
  uint64_t next_token_ = 1;
};

// What the member of a group is told when the record of its assignment could not be written.
Error group_store_error(Error append_error);
// What the sender of a commit is told when its offsets could not be written.
Error offset_store_error(Error append_error);
// The same of the new coordinator, where it differs (transactions.md 2.6).
Error new_offset_store_error(Error append_error);

}  // namespace eosim::kafka
