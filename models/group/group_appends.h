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

// The record of a group that became empty: nobody waits for it (1.6).
struct EmptyGroupStore {};

// The record that the leader's SyncGroup makes (1.7).
struct AssignmentStore {
  uint64_t group_uid = 0;
  Generation generation;
  List<MemberAssignment> assignments;  // an entry for each member
};

// Offsets, plain or transactional (2.2, 2.4).
struct OffsetStore {
  struct Item {
    TopicPartition partition;
    OffsetEntry entry;
  };
  uint64_t group_uid = 0;
  Name group;
  RequestToken request;
  ProducerIdAndEpoch producer;  // unset: plain
  Generation generation;
  Name member_id;
  List<Item> items;
  List<PartitionError> statuses;  // all partitions of the request; an error is final

  bool transactional() const { return producer.id.valid(); }
};

using GroupStore = std::variant<EmptyGroupStore, AssignmentStore, OffsetStore>;

class GroupAppends {
 public:
  uint64_t add(GroupStore store);
  GroupStore take(uint64_t token);
  const std::map<uint64_t, GroupStore>& waiting() const { return waiting_; }

 private:
  std::map<uint64_t, GroupStore> waiting_;
  uint64_t next_token_ = 1;
};

// What the member of a group is told when the record of its assignment could not be written.
Error group_store_error(Error append_error);
// What the sender of a commit is told when its offsets could not be written.
Error offset_store_error(Error append_error);

}  // namespace eosim::kafka
