#include "models/group/coverage.h"

#include "models/group/offset_requests.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

enum Row : uint8_t {
  kJoinNew,     // without a member id
  kJoinStatic,  // without a member id, with that of an instance
  kJoinKnown,
  kSync,
  kHeartbeat,
  kLeave,
  kCommit,      // names a generation, a member or an instance
  kCommitBare,  // names none
  kTxnCommit,
  kTxnCommitBare,
  kFetch,
  kFetchStable,
};
constexpr std::string_view kRows[] = {"JoinGroup(new)",   "JoinGroup(static)",
                                      "JoinGroup(known)", "SyncGroup",
                                      "Heartbeat",        "LeaveGroup",
                                      "OffsetCommit",     "OffsetCommit(bare)",
                                      "TxnOffsetCommit",  "TxnOffsetCommit(bare)",
                                      "OffsetFetch",      "OffsetFetch(stable)"};

// There is no Dead: a group that is unloaded or expires is forgotten in the same step.
constexpr std::string_view kStates[] = {
    "not-coordinator",     "loading", "no-group", "Empty", "PreparingRebalance",
    "CompletingRebalance", "Stable"};
constexpr std::string_view kHeads[] = {"-", "ld", "?", "E", "P", "C", "S"};

constexpr CoverageLine kLines[] = {
    // l?EPCS
    {"..xxxxx", kJoinNew, Error::kNone},
    {"..xxxxx", kJoinNew, Error::kMemberIdRequired},
    {"..xxxxx", kJoinNew, Error::kInconsistentGroupProtocol},
    {"....xxx", kJoinNew, Error::kGroupMaxSizeReached},
    {"....xxx", kJoinNew, Error::kUnknownMemberId},
    {"x.xxxxx", kJoinNew, Error::kNotCoordinator},
    {".x.....", kJoinNew, Error::kCoordinatorLoadInProgress},
    {"*", kJoinNew, Error::kInvalidSessionTimeout},
    {"*", kJoinNew, Error::kInvalidGroupId},

    {"..xxxxx", kJoinStatic, Error::kNone},
    {"..xxxxx", kJoinStatic, Error::kInconsistentGroupProtocol},
    {"....xxx", kJoinStatic, Error::kGroupMaxSizeReached},
    {"..xxxxx", kJoinStatic, Error::kUnknownMemberId},
    {"..xxxxx", kJoinStatic, Error::kFencedInstanceId},
    {"x.xxxxx", kJoinStatic, Error::kNotCoordinator},
    {".x.....", kJoinStatic, Error::kCoordinatorLoadInProgress},
    {"......x", kJoinStatic, Error::kCoordinatorNotAvailable},
    {"......x", kJoinStatic, Error::kRebalanceInProgress},
    {"......x", kJoinStatic, Error::kUnknownServerError},
    {"*", kJoinStatic, Error::kInvalidSessionTimeout},
    {"*", kJoinStatic, Error::kInvalidGroupId},

    {"...xxxx", kJoinKnown, Error::kNone},
    {"..xxxxx", kJoinKnown, Error::kUnknownMemberId},
    {"....xxx", kJoinKnown, Error::kFencedInstanceId},
    {"...xxxx", kJoinKnown, Error::kInconsistentGroupProtocol},
    {"....xxx", kJoinKnown, Error::kGroupMaxSizeReached},
    {"x..xxxx", kJoinKnown, Error::kNotCoordinator},
    {".x.....", kJoinKnown, Error::kCoordinatorLoadInProgress},
    {"*", kJoinKnown, Error::kInvalidSessionTimeout},
    {"*", kJoinKnown, Error::kInvalidGroupId},

    {".....xx", kSync, Error::kNone},
    {".x..xx.", kSync, Error::kRebalanceInProgress},
    {"..xxxxx", kSync, Error::kUnknownMemberId},
    {"....xxx", kSync, Error::kIllegalGeneration},
    {"....xxx", kSync, Error::kFencedInstanceId},
    {"....xxx", kSync, Error::kInconsistentGroupProtocol},
    {"x....x.", kSync, Error::kNotCoordinator},
    {".....x.", kSync, Error::kCoordinatorNotAvailable},
    {".....x.", kSync, Error::kUnknownServerError},
    {"*", kSync, Error::kInvalidGroupId},

    {".x...xx", kHeartbeat, Error::kNone},
    {"....xx.", kHeartbeat, Error::kRebalanceInProgress},
    {"..xxxxx", kHeartbeat, Error::kUnknownMemberId},
    {"....xxx", kHeartbeat, Error::kIllegalGeneration},
    {"....xxx", kHeartbeat, Error::kFencedInstanceId},
    {"x......", kHeartbeat, Error::kNotCoordinator},
    {"*", kHeartbeat, Error::kInvalidGroupId},

    {"...xxxx", kLeave, Error::kNone},
    {"..xxxxx", kLeave, Error::kUnknownMemberId},
    {"....xxx", kLeave, Error::kFencedInstanceId},
    {"x......", kLeave, Error::kNotCoordinator},
    {".x.....", kLeave, Error::kCoordinatorLoadInProgress},
    {"*", kLeave, Error::kInvalidGroupId},

    // l?EPCS
    {"..xxx.x", kCommit, Error::kNone},
    {"..xxxxx", kCommit, Error::kUnknownMemberId},
    {"..x.xxx", kCommit, Error::kIllegalGeneration},
    {"..x....", kCommit, Error::kGroupIdNotFound},
    {"....xxx", kCommit, Error::kFencedInstanceId},
    {".....x.", kCommit, Error::kRebalanceInProgress},
    {"x.xxx.x", kCommit, Error::kNotCoordinator},
    {".x.....", kCommit, Error::kCoordinatorLoadInProgress},
    {"..xxx.x", kCommit, Error::kCoordinatorNotAvailable},
    {"..xxx.x", kCommit, Error::kRequestTimedOut},
    {"..xxx.x", kCommit, Error::kInvalidCommitOffsetSize},
    {"..xxx.x", kCommit, Error::kUnknownServerError},
    {"*", kCommit, Error::kUnknownTopicOrPartition},

    {"..xx...", kCommitBare, Error::kNone},
    {"....xxx", kCommitBare, Error::kUnknownMemberId},
    {"x.xx...", kCommitBare, Error::kNotCoordinator},
    {".x.....", kCommitBare, Error::kCoordinatorLoadInProgress},
    {"..xx...", kCommitBare, Error::kCoordinatorNotAvailable},
    {"..xx...", kCommitBare, Error::kRequestTimedOut},
    {"..xx...", kCommitBare, Error::kInvalidCommitOffsetSize},
    {"..xx...", kCommitBare, Error::kUnknownServerError},
    {"*", kCommitBare, Error::kUnknownTopicOrPartition},

    // Verification (KIP-890) comes before any state, and takes its time.
    {"..xxxxx", kTxnCommit, Error::kNone},
    {"..xxxxx", kTxnCommit, Error::kUnknownMemberId},
    {"..xxxxx", kTxnCommit, Error::kIllegalGeneration},
    {"....xxx", kTxnCommit, Error::kFencedInstanceId},
    {"xxxxxxx", kTxnCommit, Error::kNotCoordinator},
    {"xxxxxxx", kTxnCommit, Error::kCoordinatorLoadInProgress},
    {"xxxxxxx", kTxnCommit, Error::kCoordinatorNotAvailable},
    {"..xxxxx", kTxnCommit, Error::kRequestTimedOut},
    {"..xxxxx", kTxnCommit, Error::kInvalidCommitOffsetSize},
    {"..xxxxx", kTxnCommit, Error::kUnknownServerError},
    {"xxxxxxx", kTxnCommit, Error::kInvalidProducerEpoch},
    {"xxxxxxx", kTxnCommit, Error::kInvalidTxnState},
    {"xxxxxxx", kTxnCommit, Error::kTransactionAbortable},
    {"xxxxxxx", kTxnCommit, Error::kInvalidProducerIdMapping},
    {"xxxxxxx", kTxnCommit, Error::kConcurrentTransactions},
    {"*", kTxnCommit, Error::kInvalidGroupId},
    {"*", kTxnCommit, Error::kUnknownTopicOrPartition},

    {"..xxxxx", kTxnCommitBare, Error::kNone},
    {"xxxxxxx", kTxnCommitBare, Error::kNotCoordinator},
    {"xxxxxxx", kTxnCommitBare, Error::kCoordinatorLoadInProgress},
    {"xxxxxxx", kTxnCommitBare, Error::kCoordinatorNotAvailable},
    {"..xxxxx", kTxnCommitBare, Error::kRequestTimedOut},
    {"..xxxxx", kTxnCommitBare, Error::kInvalidCommitOffsetSize},
    {"..xxxxx", kTxnCommitBare, Error::kUnknownServerError},
    {"xxxxxxx", kTxnCommitBare, Error::kInvalidProducerEpoch},
    {"xxxxxxx", kTxnCommitBare, Error::kInvalidTxnState},
    {"xxxxxxx", kTxnCommitBare, Error::kTransactionAbortable},
    {"xxxxxxx", kTxnCommitBare, Error::kInvalidProducerIdMapping},
    {"xxxxxxx", kTxnCommitBare, Error::kConcurrentTransactions},
    {"*", kTxnCommitBare, Error::kInvalidGroupId},
    {"*", kTxnCommitBare, Error::kUnknownTopicOrPartition},

    {"..xxxxx", kFetch, Error::kNone},
    {"x......", kFetch, Error::kNotCoordinator},
    {".x.....", kFetch, Error::kCoordinatorLoadInProgress},

    {"..xxxxx", kFetchStable, Error::kNone},
    {"...xxxx", kFetchStable, Error::kUnstableOffsetCommit},
    {"x.xxxxx", kFetchStable, Error::kNotCoordinator},
    {".x.....", kFetchStable, Error::kCoordinatorLoadInProgress},
    {"..xxxxx", kFetchStable, Error::kCoordinatorNotAvailable},
};

constexpr CoverageTable kTable{
    CoverageRole::kGroup, "group", "group coordinator", kRows, kStates, kHeads, kLines};

constexpr size_t kNotCoordinator = 0;
constexpr size_t kLoading = 1;
constexpr size_t kNoGroup = 2;
constexpr size_t kFirstState = 3;

Encounter met(const GroupCoordinator& coordinator, const Names& names, Row row, Name name) {
  if (!name.valid()) return {};
  const auto at = [row](size_t column) { return Encounter{CoverageRole::kGroup, row, column}; };
  const int32_t partition = names.partition_for(name, coordinator.config().offsets_partitions);
  switch (coordinator.ownership(partition)) {
    case GroupCoordinator::Ownership::kNone:
      return at(kNotCoordinator);
    case GroupCoordinator::Ownership::kLoading:
      return at(kLoading);
    case GroupCoordinator::Ownership::kOwned:
      break;
  }
  const Group* group = coordinator.find_group(name);
  if (group == nullptr) return at(kNoGroup);
  EOSIM_ASSERT(!group->is(GroupState::kDead));
  return at(kFirstState + static_cast<size_t>(group->state()));
}

// Whether a commit names what it can be fenced by.
template <class Request>
bool names_committer(const Request& request) {
  return request.generation.value >= 0 || request.member_id.valid() || request.instance_id.valid();
}

}  // namespace

const CoverageTable& group_coverage() { return kTable; }

Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const JoinGroupRequest& request) {
  const Row row = request.member_id.valid()     ? kJoinKnown
                  : request.instance_id.valid() ? kJoinStatic
                                                : kJoinNew;
  return met(coordinator, names, row, request.group);
}

Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const SyncGroupRequest& request) {
  return met(coordinator, names, kSync, request.group);
}

Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const HeartbeatRequest& request) {
  return met(coordinator, names, kHeartbeat, request.group);
}

Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const LeaveGroupRequest& request) {
  return met(coordinator, names, kLeave, request.group);
}

Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const OffsetCommitRequest& request) {
  return met(coordinator, names, names_committer(request) ? kCommit : kCommitBare, request.group);
}

Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const TxnOffsetCommitRequest& request) {
  const bool named =
      request.header.version >= kTxnOffsetCommitMembershipVersion && names_committer(request);
  return met(coordinator, names, named ? kTxnCommit : kTxnCommitBare, request.group);
}

Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const OffsetFetchRequest& request) {
  return met(coordinator, names, request.require_stable ? kFetchStable : kFetch, request.group);
}

}  // namespace eosim::kafka
