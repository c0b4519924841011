// Groups and their offsets (groups-streams-replication.md 1-3).
#pragma once

#include <cstdint>

#include "models/protocol/errors.h"
#include "models/protocol/rpc.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

struct JoinGroupRequest : RequestOf<Rpc::kJoinGroup> {
  struct Protocol {
    Name name;
    Subscription subscription;
    friend bool operator==(const Protocol&, const Protocol&) = default;
  };
  Name group;
  int32_t session_timeout_ms = 10'000;
  int32_t rebalance_timeout_ms = 300'000;
  Name member_id;
  Name instance_id;
  Name protocol_type;
  List<Protocol> protocols;
};
struct JoinGroupResponse : ResponseOf<Rpc::kJoinGroup> {
  struct Member {
    Name member_id;
    Name instance_id;
    Subscription subscription;
  };
  Error error = Error::kNone;
  Generation generation;
  Name protocol;
  Name leader;
  Name member_id;
  List<Member> members;          // for the leader only; in join order
  Name protocol_type;            // v7+
  bool skip_assignment = false;  // v9+: a leader that came back assigns nothing (KIP-814)
};

struct MemberAssignment {
  Name member_id;
  List<TopicPartition> partitions;
  UserData user_data;
};
struct SyncGroupRequest : RequestOf<Rpc::kSyncGroup> {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
  List<MemberAssignment> assignments;
  Name protocol_type;  // v5+, as the protocol: what the member was told when it joined
  Name protocol;
};
struct SyncGroupResponse : ResponseOf<Rpc::kSyncGroup> {
  Error error = Error::kNone;
  List<TopicPartition> assignment;
  Name protocol_type;  // v5+
  Name protocol;       // v5+
  UserData user_data;
};

struct HeartbeatRequest : RequestOf<Rpc::kHeartbeat> {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
};
struct HeartbeatResponse : ResponseOf<Rpc::kHeartbeat> {
  Error error = Error::kNone;
};

struct LeaveGroupRequest : RequestOf<Rpc::kLeaveGroup> {
  struct Member {
    Name member_id;
    Name instance_id;
  };
  Name group;
  List<Member> members;
};
struct LeaveGroupResponse : ResponseOf<Rpc::kLeaveGroup> {
  Error error = Error::kNone;
  List<Error> members;
};

struct OffsetCommitRequest : RequestOf<Rpc::kOffsetCommit> {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
  List<OffsetAndEpoch> offsets;
};
struct OffsetCommitResponse : ResponseOf<Rpc::kOffsetCommit> {
  List<PartitionError> partitions;
};

struct OffsetFetchRequest : RequestOf<Rpc::kOffsetFetch> {
  Name group;
  bool require_stable = false;  // v7+
  List<TopicPartition> partitions;
};
struct OffsetFetchResponse : ResponseOf<Rpc::kOffsetFetch> {
  struct Partition {
    TopicPartition partition;
    Offset offset;  // unset: none committed
    LeaderEpoch leader_epoch;
    Error error = Error::kNone;
  };
  Error error = Error::kNone;
  List<Partition> partitions;
};

}  // namespace eosim::kafka
