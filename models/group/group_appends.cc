#include "models/group/group_appends.h"

#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

uint64_t GroupAppends::add(GroupStore store) {
  const uint64_t token = next_token_++;
  waiting_.emplace_hint(waiting_.end(), token, std::move(store));
  return token;
}

GroupStore GroupAppends::take(uint64_t token) {
  auto taken = waiting_.extract(token);
  EOSIM_ASSERT(!taken.empty());
  return std::move(taken.mapped());
}

Error group_store_error(Error append_error) {
  using enum Error;
  switch (append_error) {
    case kUnknownTopicOrPartition:
    case kNotEnoughReplicas:
    case kNotEnoughReplicasAfterAppend:
      return kCoordinatorNotAvailable;
    case kNotLeaderOrFollower:
    case kKafkaStorageError:
      return kNotCoordinator;
    case kRequestTimedOut:
      return kRebalanceInProgress;
    case kMessageTooLarge:
    case kRecordListTooLarge:
      return kUnknownServerError;
    default:
      return append_error;
  }
}

Error offset_store_error(Error append_error) {
  using enum Error;
  switch (append_error) {
    case kNetworkException:
      return kCoordinatorLoadInProgress;
    case kUnknownTopicOrPartition:
    case kNotEnoughReplicas:
    case kNotEnoughReplicasAfterAppend:
      return kCoordinatorNotAvailable;
    case kNotLeaderOrFollower:
    case kKafkaStorageError:
      return kNotCoordinator;
    case kMessageTooLarge:
    case kRecordListTooLarge:
      return kInvalidCommitOffsetSize;
    default:
      return append_error;
  }
}

}  // namespace eosim::kafka
