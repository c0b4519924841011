// The table of groups-streams-replication.md 3.4, cell by cell.
#include "catch.h"
#include "models/client/group_error_reaction.h"

namespace eosim::kafka {
namespace {

using Reset = GroupReaction::Reset;
using Then = GroupReaction::Then;

constexpr GroupRequest kJoin = GroupRequest::kJoin;
constexpr GroupRequest kSync = GroupRequest::kSync;
constexpr GroupRequest kBeat = GroupRequest::kHeartbeat;
constexpr GroupRequest kCommit = GroupRequest::kOffsetCommit;

struct Cell {
  GroupRequest request;
  Error error;
  bool coordinator_unknown;
  Reset reset;
  bool rejoin;
  Then then;
  Thrown thrown = Thrown::kNothing;
};

// For a stable member whose generation is that of the request, before 3.2.
const Cell kTable[] = {
    {kJoin, Error::kNotCoordinator, true, Reset::kNothing, true, Then::kRetryLater},
    {kJoin, Error::kCoordinatorNotAvailable, true, Reset::kNothing, true, Then::kRetryLater},
    {kJoin, Error::kNetworkException, true, Reset::kNothing, true, Then::kRetryLater},
    {kJoin, Error::kCoordinatorLoadInProgress, false, Reset::kNothing, true, Then::kRetryLater},
    {kJoin, Error::kUnknownMemberId, false, Reset::kGenerationAndMember, true, Then::kRetryNow},
    {kJoin, Error::kRebalanceInProgress, false, Reset::kNothing, true, Then::kRetryNow},
    {kJoin, Error::kMemberIdRequired, false, Reset::kNothing, true, Then::kRetryNow},
    {kJoin, Error::kFencedInstanceId, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFencedInstanceId},
    {kJoin, Error::kInconsistentGroupProtocol, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFatal},
    {kJoin, Error::kInvalidSessionTimeout, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFatal},
    {kJoin, Error::kGroupMaxSizeReached, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFatal},
    {kJoin, Error::kInvalidGroupId, false, Reset::kNothing, false, Then::kThrow, Thrown::kFatal},

    {kSync, Error::kNotCoordinator, true, Reset::kNothing, true, Then::kRetryLater},
    {kSync, Error::kNetworkException, true, Reset::kNothing, true, Then::kRetryLater},
    {kSync, Error::kUnknownMemberId, false, Reset::kGenerationAndMember, true, Then::kRetryNow},
    {kSync, Error::kIllegalGeneration, false, Reset::kGenerationAndMember, true, Then::kRetryNow},
    {kSync, Error::kRebalanceInProgress, false, Reset::kNothing, true, Then::kRetryNow},
    {kSync, Error::kFencedInstanceId, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFencedInstanceId},
    {kSync, Error::kInconsistentGroupProtocol, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFatal},

    {kBeat, Error::kNotCoordinator, true, Reset::kNothing, false, Then::kRetryLater},
    {kBeat, Error::kCoordinatorNotAvailable, true, Reset::kNothing, false, Then::kRetryLater},
    {kBeat, Error::kNetworkException, true, Reset::kNothing, false, Then::kRetryLater},
    {kBeat, Error::kUnknownMemberId, false, Reset::kGenerationAndMember, true, Then::kIgnore},
    {kBeat, Error::kIllegalGeneration, false, Reset::kGenerationAndMember, true, Then::kIgnore},
    {kBeat, Error::kRebalanceInProgress, false, Reset::kNothing, true, Then::kCountsAsBeat},
    {kBeat, Error::kFencedInstanceId, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFencedInstanceId},

    {kCommit, Error::kNotCoordinator, true, Reset::kNothing, false, Then::kRetryLater},
    {kCommit, Error::kNetworkException, true, Reset::kNothing, false, Then::kRetryLater},
    {kCommit, Error::kRequestTimedOut, true, Reset::kNothing, false, Then::kRetryLater},
    {kCommit, Error::kCoordinatorLoadInProgress, false, Reset::kNothing, false, Then::kRetryLater},
    {kCommit, Error::kUnknownMemberId, false, Reset::kGenerationAndMember, true, Then::kThrow,
     Thrown::kCommitFailed},
    {kCommit, Error::kIllegalGeneration, false, Reset::kGenerationAndMember, true, Then::kThrow,
     Thrown::kCommitFailed},
    {kCommit, Error::kRebalanceInProgress, false, Reset::kNothing, true, Then::kThrow,
     Thrown::kRebalanceInProgress},
    {kCommit, Error::kFencedInstanceId, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFencedInstanceId},
    {kCommit, Error::kOffsetMetadataTooLarge, false, Reset::kNothing, false, Then::kThrow,
     Thrown::kFatal},
};

TEST_CASE("a group member reacts to every error as the table says") {
  for (const Cell& cell : kTable) {
    INFO("request " << static_cast<int>(cell.request) << " error " << static_cast<int>(cell.error));
    const GroupReaction reaction = react(cell.request, cell.error, {MemberState::kStable});
    CHECK(reaction.coordinator_unknown == cell.coordinator_unknown);
    CHECK(reaction.reset == cell.reset);
    CHECK(reaction.request_rejoin == cell.rejoin);
    CHECK(reaction.then == cell.then);
    CHECK(reaction.thrown == cell.thrown);
    CHECK(reaction.store_member_id == (cell.error == Error::kMemberIdRequired));
  }
}

TEST_CASE("since 3.2 an illegal generation costs the generation and not the member id") {
  for (const GroupRequest request : {kSync, kBeat, kCommit}) {
    const MemberSituation situation{MemberState::kStable, true, true};
    CHECK(react(request, Error::kIllegalGeneration, situation).reset == Reset::kGeneration);
    CHECK(react(request, Error::kUnknownMemberId, situation).reset == Reset::kGenerationAndMember);
  }
}

TEST_CASE("an answer about an earlier generation resets nothing") {
  for (const GroupRequest request : {kJoin, kSync, kBeat, kCommit}) {
    const MemberSituation past{MemberState::kStable, false, false};
    CHECK(react(request, Error::kUnknownMemberId, past).reset == Reset::kNothing);
  }
}

TEST_CASE("a heartbeat of an earlier generation that is fenced or unknown is ignored") {
  const MemberSituation past{MemberState::kStable, false, false};
  CHECK(react(kBeat, Error::kFencedInstanceId, past) == GroupReaction{});
  CHECK(react(kBeat, Error::kUnknownMemberId, past) == GroupReaction{});
  CHECK(react(kBeat, Error::kIllegalGeneration, past) == GroupReaction{});
}

TEST_CASE("a rebalance told by a heartbeat asks for a join only in a stable member") {
  for (const MemberState state :
       {MemberState::kUnjoined, MemberState::kPreparing, MemberState::kCompleting}) {
    const GroupReaction reaction = react(kBeat, Error::kRebalanceInProgress, {state});
    CHECK_FALSE(reaction.request_rejoin);
    CHECK(reaction.then == Then::kCountsAsBeat);
  }
}

TEST_CASE("a commit of an earlier generation throws by what the member is doing now") {
  for (const Error error :
       {Error::kUnknownMemberId, Error::kIllegalGeneration, Error::kFencedInstanceId}) {
    CHECK(react(kCommit, error, {MemberState::kPreparing, false}).thrown ==
          Thrown::kRebalanceInProgress);
    CHECK(react(kCommit, error, {MemberState::kStable, false}).thrown == Thrown::kCommitFailed);
  }
}

}  // namespace
}  // namespace eosim::kafka
