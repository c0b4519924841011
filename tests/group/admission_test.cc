// The order of checks before and in a request: groups-streams-replication.md 1.2, 1.3, 1.5.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;

struct Answers {
  Error join;
  Error sync;
  Error heartbeat;
  Error leave;
  Error commit;
  Error txn_commit;
  Error old_txn_commit;
  Error fetch;
  friend bool operator==(const Answers&, const Answers&) = default;
};

Answers ask_all(Harness& h, Name group) {
  const Name m = h.name("m");
  const auto send = [&](auto request) {
    request.group = group;
    return h.send(request);
  };
  Answers answers{};
  JoinGroupRequest join = h.join_request(m);
  join.session_timeout_ms = 1;  // would be refused later
  answers.join = h.response<JoinGroupResponse>(send(join))->error;
  answers.sync = h.response<SyncGroupResponse>(send(h.sync_request(m, 1)))->error;
  answers.heartbeat = h.response<HeartbeatResponse>(send(HeartbeatRequest{}))->error;
  answers.leave = h.response<LeaveGroupResponse>(send(h.leave_request(m)))->error;
  answers.commit =
      h.response<OffsetCommitResponse>(send(h.commit_request(m, 1)))->partitions[0].error;
  TxnOffsetCommitRequest txn = h.txn_commit_request(7, 1);
  answers.txn_commit = h.response<TxnOffsetCommitResponse>(send(txn))->partitions[0].error;
  txn.header.version = 1;
  answers.old_txn_commit = h.response<TxnOffsetCommitResponse>(send(txn))->partitions[0].error;
  answers.fetch = h.response<OffsetFetchResponse>(send(OffsetFetchRequest{}))->error;
  return answers;
}

TEST_CASE("no group id, then a partition that loads, then one that is not here") {
  Harness h;
  h.resign(1);
  const Answers not_here{kNotCoordinator, kNotCoordinator, kNotCoordinator, kNotCoordinator,
                         kNotCoordinator, kNotCoordinator, kNotCoordinator, kNotCoordinator};
  CHECK(ask_all(h, h.group) == not_here);
  // Commits and fetches of plain offsets may have an empty group id.
  const Answers no_group{kInvalidGroupId, kInvalidGroupId, kInvalidGroupId, kInvalidGroupId,
                         kNotCoordinator, kInvalidGroupId, kInvalidGroupId, kNotCoordinator};
  CHECK(ask_all(h, Name{}) == no_group);
  CHECK(ask_all(h, h.names.intern("")) == no_group);
  h.gc.begin_load(0, {2});
  const Answers loading{
      kCoordinatorLoadInProgress, kRebalanceInProgress,       kNone,
      kCoordinatorLoadInProgress, kCoordinatorLoadInProgress, kCoordinatorLoadInProgress,
      kCoordinatorNotAvailable,   kCoordinatorLoadInProgress};
  CHECK(ask_all(h, h.group) == loading);
}

TEST_CASE("the session timeout of a Join is tested before its group is looked up") {
  Harness h;
  for (const auto& [timeout, error] : {std::pair{5'999, kInvalidSessionTimeout},
                                       {6'000, kUnknownMemberId},
                                       {1'800'000, kUnknownMemberId},
                                       {1'800'001, kInvalidSessionTimeout}}) {
    JoinGroupRequest request = h.join_request(h.name("m"));
    request.session_timeout_ms = timeout;
    CHECK(h.response<JoinGroupResponse>(h.send(request))->error == error);
  }
  CHECK(h.gc.groups().empty());
}

TEST_CASE("the protocol of a Join is tested before its member id") {
  Harness h;
  JoinGroupRequest none = h.join_request();
  none.protocols.clear();
  CHECK(h.response<JoinGroupResponse>(h.send(none))->error == kInconsistentGroupProtocol);
  JoinGroupRequest untyped = h.join_request();
  untyped.protocol_type = {};
  CHECK(h.response<JoinGroupResponse>(h.send(untyped))->error == kInconsistentGroupProtocol);
  const Name m1 = h.first_member();
  for (const Name id : {Name{}, h.name("unknown"), m1}) {
    JoinGroupRequest other = h.join_request(id, 4);
    other.protocols[0].name = h.name("roundrobin");
    CHECK(h.response<JoinGroupResponse>(h.send(other))->error == kInconsistentGroupProtocol);
    other = h.join_request(id, 4);
    other.protocol_type = h.name("connect");
    CHECK(h.response<JoinGroupResponse>(h.send(other))->error == kInconsistentGroupProtocol);
  }
}

TEST_CASE("only a dynamic member of version 4 and later is asked to come back with its id") {
  for (const auto& [version, instance, required] :
       {std::tuple{3, false, false}, {4, false, true}, {5, true, false}}) {
    Harness h;
    JoinGroupRequest request = h.join_request({}, static_cast<int16_t>(version));
    if (instance) request.instance_id = h.name("i1");
    const RequestToken token = h.send(request);
    CHECK(h.answered(token) == required);
    CHECK(h.the_group().is(required ? GroupState::kEmpty : GroupState::kPreparingRebalance));
    CHECK(h.the_group().pending_members().size() == (required ? 1 : 0));
  }
}

TEST_CASE(
    "checkMember tests the instance before the member, and the member before the generation") {
  Harness h;
  JoinGroupRequest request = h.join_request({}, 5);
  request.instance_id = h.name("i1");
  const RequestToken token = h.send(request);
  const RequestToken second = h.send(h.join_request());
  h.advance_ms(6'000);
  const Name owner = h.response<JoinGroupResponse>(token)->member_id;
  const Name other = h.response<JoinGroupResponse>(second)->member_id;
  h.sync_leader(owner, 1);
  struct Row {
    Name member;
    Name instance;
    int32_t generation;
    Error error;
  };
  const Name i1 = h.name("i1");
  const Row rows[] = {
      {owner, i1, 1, kNone},
      {owner, i1, 9, kIllegalGeneration},
      {other, i1, 9, kFencedInstanceId},
      {h.name("unknown"), i1, 9, kFencedInstanceId},
      {h.name("unknown"), {}, 9, kUnknownMemberId},
      {h.name("unknown"), h.name("iX"), 9, kUnknownMemberId},
      {other, h.name("iX"), 1, kNone},  // before 3.0 only JoinGroup minds
  };
  for (const Row& row : rows) {
    CHECK(h.heartbeat(row.member, row.generation, row.instance) == row.error);
    OffsetCommitRequest commit = h.commit_request(row.member, row.generation);
    commit.instance_id = row.instance;
    CHECK(h.response<OffsetCommitResponse>(h.send(commit))->partitions[0].error == row.error);
    SyncGroupRequest sync = h.sync_request(row.member, row.generation);
    sync.instance_id = row.instance;
    CHECK(h.response<SyncGroupResponse>(h.send(sync))->error == row.error);
  }
  JoinGroupRequest join = h.join_request(other, 5);
  join.instance_id = h.name("iX");
  CHECK(h.response<JoinGroupResponse>(h.send(join))->error == kUnknownMemberId);
  CHECK(h.response<LeaveGroupResponse>(h.send(h.leave_request(other, i1)))->members[0] ==
        kFencedInstanceId);
  CHECK(h.response<LeaveGroupResponse>(h.send(h.leave_request({}, i1)))->members[0] == kNone);
  CHECK(h.the_group().find_member(owner) == nullptr);
}

}  // namespace
}  // namespace eosim::kafka
