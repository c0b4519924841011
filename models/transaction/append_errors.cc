#include "models/transaction/append_errors.h"

namespace eosim::kafka {

Error transaction_append_error(Error append) {
  switch (append) {
    case Error::kUnknownTopicOrPartition:
    case Error::kNotEnoughReplicas:
    case Error::kNotEnoughReplicasAfterAppend:
    case Error::kRequestTimedOut:
      return Error::kCoordinatorNotAvailable;
    case Error::kNotLeaderOrFollower:
    case Error::kKafkaStorageError:
      return Error::kNotCoordinator;
    case Error::kMessageTooLarge:
    case Error::kRecordListTooLarge:
      return Error::kUnknownServerError;
    default:
      return append;
  }
}

bool may_be_in_log(Error append) {
  return append == Error::kRequestTimedOut || append == Error::kNotEnoughReplicasAfterAppend ||
         append == Error::kNotLeaderOrFollower || append == Error::kKafkaStorageError;
}

}  // namespace eosim::kafka
