#include "models/client/group_error_reaction.h"

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using Reset = GroupReaction::Reset;
using Then = GroupReaction::Then;

// Which rule of 3.4 holds for an error; several codes share one.
enum class Rule : uint8_t {
  kCoordinatorMoved,
  kLoading,
  kUnknownMember,
  kIllegalGeneration,
  kRebalanceInProgress,
  kMemberIdRequired,
  kFencedInstance,
  kBrokerTimedOut,
  kMissingTopic,
  kOther,
};

Rule rule_of(Error error) {
  switch (error) {
    case Error::kNotCoordinator:
    case Error::kCoordinatorNotAvailable:
    case Error::kNetworkException:
      return Rule::kCoordinatorMoved;
    case Error::kCoordinatorLoadInProgress:
      return Rule::kLoading;
    case Error::kUnknownMemberId:
      return Rule::kUnknownMember;
    case Error::kIllegalGeneration:
      return Rule::kIllegalGeneration;
    case Error::kRebalanceInProgress:
      return Rule::kRebalanceInProgress;
    case Error::kMemberIdRequired:
      return Rule::kMemberIdRequired;
    case Error::kFencedInstanceId:
      return Rule::kFencedInstance;
    case Error::kRequestTimedOut:
      return Rule::kBrokerTimedOut;
    case Error::kUnknownTopicOrPartition:
      return Rule::kMissingTopic;
    default:
      return Rule::kOther;
  }
}

// Columns: coordinator unknown, reset, rejoin, store the member id, then, thrown.
constexpr GroupReaction kFatal{false, Reset::kNothing, false, false, Then::kThrow, Thrown::kFatal};
constexpr GroupReaction kFenced{false, Reset::kNothing, false,
                                false, Then::kThrow,    Thrown::kFencedInstanceId};

GroupReaction react_to_join(Rule rule) {
  switch (rule) {
    case Rule::kCoordinatorMoved:
      return {.coordinator_unknown = true, .request_rejoin = true, .then = Then::kRetryLater};
    case Rule::kLoading:
      return {.request_rejoin = true, .then = Then::kRetryLater};
    case Rule::kUnknownMember:
      return {
          .reset = Reset::kGenerationAndMember, .request_rejoin = true, .then = Then::kRetryNow};
    case Rule::kRebalanceInProgress:
      return {.request_rejoin = true, .then = Then::kRetryNow};
    case Rule::kMemberIdRequired:
      return {.request_rejoin = true, .store_member_id = true, .then = Then::kRetryNow};
    case Rule::kFencedInstance:
      return kFenced;
    default:
      return kFatal;
  }
}

GroupReaction react_to_sync(Rule rule) {
  switch (rule) {
    case Rule::kCoordinatorMoved:
      return {.coordinator_unknown = true, .request_rejoin = true, .then = Then::kRetryLater};
    case Rule::kLoading:  // arrives as REBALANCE_IN_PROGRESS
    case Rule::kRebalanceInProgress:
      return {.request_rejoin = true, .then = Then::kRetryNow};
    case Rule::kUnknownMember:
      return {
          .reset = Reset::kGenerationAndMember, .request_rejoin = true, .then = Then::kRetryNow};
    case Rule::kIllegalGeneration:
      return {.reset = Reset::kGeneration, .request_rejoin = true, .then = Then::kRetryNow};
    case Rule::kFencedInstance:
      return kFenced;
    default:
      return kFatal;
  }
}

GroupReaction react_to_heartbeat(Rule rule, const MemberSituation& situation) {
  switch (rule) {
    case Rule::kCoordinatorMoved:
      return {.coordinator_unknown = true, .then = Then::kRetryLater};
    case Rule::kUnknownMember:
      return {.reset = Reset::kGenerationAndMember, .request_rejoin = true};
    case Rule::kIllegalGeneration:
      return {.reset = Reset::kGeneration, .request_rejoin = true};
    case Rule::kRebalanceInProgress:
      return {.request_rejoin = situation.state == MemberState::kStable,
              .then = Then::kCountsAsBeat};
    case Rule::kFencedInstance:
      return kFenced;
    default:
      return {.then = Then::kRetryLater};
  }
}

// What a commit throws when its generation is of the past.
Thrown stale_commit(const MemberSituation& situation) {
  return situation.state == MemberState::kPreparing ? Thrown::kRebalanceInProgress
                                                    : Thrown::kCommitFailed;
}

GroupReaction react_to_commit(Rule rule) {
  switch (rule) {
    case Rule::kCoordinatorMoved:
    case Rule::kBrokerTimedOut:
      return {.coordinator_unknown = true, .then = Then::kRetryLater};
    case Rule::kLoading:
    case Rule::kMissingTopic:
      return {.then = Then::kRetryLater};
    case Rule::kUnknownMember:
      return {.reset = Reset::kGenerationAndMember,
              .request_rejoin = true,
              .then = Then::kThrow,
              .thrown = Thrown::kCommitFailed};
    case Rule::kIllegalGeneration:
      return {.reset = Reset::kGeneration,
              .request_rejoin = true,
              .then = Then::kThrow,
              .thrown = Thrown::kCommitFailed};
    case Rule::kRebalanceInProgress:
      return {.request_rejoin = true, .then = Then::kThrow, .thrown = Thrown::kRebalanceInProgress};
    case Rule::kFencedInstance:
      return kFenced;
    default:
      return kFatal;
  }
}

// An answer about a generation of the past resets nothing; only a Join or Sync goes on with it.
GroupReaction about_the_past(GroupRequest request, GroupReaction reaction,
                             const MemberSituation& situation) {
  const bool fenced = reaction.thrown == Thrown::kFencedInstanceId;
  if (reaction.reset == Reset::kNothing && !fenced) return reaction;
  if (request == GroupRequest::kHeartbeat) return {};
  if (request == GroupRequest::kOffsetCommit) {
    return {.then = Then::kThrow, .thrown = stale_commit(situation)};
  }
  reaction.reset = Reset::kNothing;
  return reaction;
}

GroupReaction row(GroupRequest request, Rule rule, const MemberSituation& situation) {
  switch (request) {
    case GroupRequest::kJoin:
      return react_to_join(rule);
    case GroupRequest::kSync:
      return react_to_sync(rule);
    case GroupRequest::kHeartbeat:
      return react_to_heartbeat(rule, situation);
    case GroupRequest::kOffsetCommit:
      return react_to_commit(rule);
  }
  EOSIM_ASSERT(false);
  return {};
}

}  // namespace

GroupReaction react(GroupRequest request, Error error, const MemberSituation& situation) {
  EOSIM_ASSERT(error != Error::kNone);
  GroupReaction reaction = row(request, rule_of(error), situation);
  if (!situation.generation_unchanged) return about_the_past(request, reaction, situation);
  if (reaction.reset == Reset::kGeneration && !situation.keep_member_id) {
    reaction.reset = Reset::kGenerationAndMember;
  }
  return reaction;
}

}  // namespace eosim::kafka
