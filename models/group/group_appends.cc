#include "models/group/group_appends.h"

#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

uint64_t GroupAppends::add(int32_t partition, GroupStore store, sim::SteadyTime answer_by) {
  const uint64_t token = next_token_++;
  waiting_.emplace_hint(waiting_.end(), token, Waiting{partition, std::move(store), answer_by});
  return token;
}

GroupStore GroupAppends::take(uint64_t token) {
  auto taken = waiting_.extract(token);
  EOSIM_ASSERT(!taken.empty());
  return std::move(taken.mapped().store);
}

bool GroupAppends::undecided(int32_t partition, uint64_t up_to) const {
  for (const auto& [token, append] : waiting_) {
    if (token > up_to) return false;
    if (append.partition == partition) return true;
  }
  return false;
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

Error new_offset_store_error(Error append_error) {
  using enum Error;
  switch (append_error) {
    case kRequestTimedOut:
      return kCoordinatorNotAvailable;
    case kMessageTooLarge:
    case kRecordListTooLarge:
      return kUnknownServerError;
    default:
      return offset_store_error(append_error);
  }
}

}  // namespace eosim::kafka
