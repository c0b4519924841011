#include "models/protocol/errors.h"

#include "sim/assert.h"

namespace eosim::kafka {

std::string_view error_name(Error error) {
  switch (error) {
    case Error::kUnknownServerError:
      return "UNKNOWN_SERVER_ERROR";
    case Error::kNone:
      return "NONE";
    case Error::kOffsetOutOfRange:
      return "OFFSET_OUT_OF_RANGE";
    case Error::kCorruptMessage:
      return "CORRUPT_MESSAGE";
    case Error::kUnknownTopicOrPartition:
      return "UNKNOWN_TOPIC_OR_PARTITION";
    case Error::kNotLeaderOrFollower:
      return "NOT_LEADER_OR_FOLLOWER";
    case Error::kRequestTimedOut:
      return "REQUEST_TIMED_OUT";
    case Error::kMessageTooLarge:
      return "MESSAGE_TOO_LARGE";
    case Error::kOffsetMetadataTooLarge:
      return "OFFSET_METADATA_TOO_LARGE";
    case Error::kNetworkException:
      return "NETWORK_EXCEPTION";
    case Error::kCoordinatorLoadInProgress:
      return "COORDINATOR_LOAD_IN_PROGRESS";
    case Error::kCoordinatorNotAvailable:
      return "COORDINATOR_NOT_AVAILABLE";
    case Error::kNotCoordinator:
      return "NOT_COORDINATOR";
    case Error::kRecordListTooLarge:
      return "RECORD_LIST_TOO_LARGE";
    case Error::kNotEnoughReplicas:
      return "NOT_ENOUGH_REPLICAS";
    case Error::kNotEnoughReplicasAfterAppend:
      return "NOT_ENOUGH_REPLICAS_AFTER_APPEND";
    case Error::kIllegalGeneration:
      return "ILLEGAL_GENERATION";
    case Error::kInconsistentGroupProtocol:
      return "INCONSISTENT_GROUP_PROTOCOL";
    case Error::kInvalidGroupId:
      return "INVALID_GROUP_ID";
    case Error::kUnknownMemberId:
      return "UNKNOWN_MEMBER_ID";
    case Error::kInvalidSessionTimeout:
      return "INVALID_SESSION_TIMEOUT";
    case Error::kRebalanceInProgress:
      return "REBALANCE_IN_PROGRESS";
    case Error::kInvalidCommitOffsetSize:
      return "INVALID_COMMIT_OFFSET_SIZE";
    case Error::kTopicAuthorizationFailed:
      return "TOPIC_AUTHORIZATION_FAILED";
    case Error::kGroupAuthorizationFailed:
      return "GROUP_AUTHORIZATION_FAILED";
    case Error::kClusterAuthorizationFailed:
      return "CLUSTER_AUTHORIZATION_FAILED";
    case Error::kTransactionalIdAuthorizationFailed:
      return "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";
    case Error::kUnsupportedVersion:
      return "UNSUPPORTED_VERSION";
    case Error::kInvalidRequest:
      return "INVALID_REQUEST";
    case Error::kOutOfOrderSequenceNumber:
      return "OUT_OF_ORDER_SEQUENCE_NUMBER";
    case Error::kDuplicateSequenceNumber:
      return "DUPLICATE_SEQUENCE_NUMBER";
    case Error::kInvalidProducerEpoch:
      return "INVALID_PRODUCER_EPOCH";
    case Error::kInvalidTxnState:
      return "INVALID_TXN_STATE";
    case Error::kInvalidProducerIdMapping:
      return "INVALID_PRODUCER_ID_MAPPING";
    case Error::kInvalidTransactionTimeout:
      return "INVALID_TRANSACTION_TIMEOUT";
    case Error::kConcurrentTransactions:
      return "CONCURRENT_TRANSACTIONS";
    case Error::kTransactionCoordinatorFenced:
      return "TRANSACTION_COORDINATOR_FENCED";
    case Error::kOperationNotAttempted:
      return "OPERATION_NOT_ATTEMPTED";
    case Error::kKafkaStorageError:
      return "KAFKA_STORAGE_ERROR";
    case Error::kUnknownProducerId:
      return "UNKNOWN_PRODUCER_ID";
    case Error::kGroupIdNotFound:
      return "GROUP_ID_NOT_FOUND";
    case Error::kFencedLeaderEpoch:
      return "FENCED_LEADER_EPOCH";
    case Error::kUnknownLeaderEpoch:
      return "UNKNOWN_LEADER_EPOCH";
    case Error::kOffsetNotAvailable:
      return "OFFSET_NOT_AVAILABLE";
    case Error::kMemberIdRequired:
      return "MEMBER_ID_REQUIRED";
    case Error::kGroupMaxSizeReached:
      return "GROUP_MAX_SIZE_REACHED";
    case Error::kFencedInstanceId:
      return "FENCED_INSTANCE_ID";
    case Error::kInvalidRecord:
      return "INVALID_RECORD";
    case Error::kUnstableOffsetCommit:
      return "UNSTABLE_OFFSET_COMMIT";
    case Error::kProducerFenced:
      return "PRODUCER_FENCED";
    case Error::kFetchSessionIdNotFound:
      return "FETCH_SESSION_ID_NOT_FOUND";
    case Error::kInvalidFetchSessionEpoch:
      return "INVALID_FETCH_SESSION_EPOCH";
    case Error::kStaleBrokerEpoch:
      return "STALE_BROKER_EPOCH";
    case Error::kNotController:
      return "NOT_CONTROLLER";
    case Error::kEligibleLeadersNotAvailable:
      return "ELIGIBLE_LEADERS_NOT_AVAILABLE";
    case Error::kInvalidUpdateVersion:
      return "INVALID_UPDATE_VERSION";
    case Error::kBrokerIdNotRegistered:
      return "BROKER_ID_NOT_REGISTERED";
    case Error::kDuplicateBrokerRegistration:
      return "DUPLICATE_BROKER_REGISTRATION";
    case Error::kTransactionalIdNotFound:
      return "TRANSACTIONAL_ID_NOT_FOUND";
    case Error::kIneligibleReplica:
      return "INELIGIBLE_REPLICA";
    case Error::kTransactionAbortable:
      return "TRANSACTION_ABORTABLE";
  }
  EOSIM_ASSERT(false && "a value that is no error code");
  return {};
}

bool is_retriable(Error error) {
  switch (error) {
    case Error::kCorruptMessage:
    case Error::kUnknownTopicOrPartition:
    case Error::kNotLeaderOrFollower:
    case Error::kRequestTimedOut:
    case Error::kNetworkException:
    case Error::kCoordinatorLoadInProgress:
    case Error::kCoordinatorNotAvailable:
    case Error::kNotCoordinator:
    case Error::kNotEnoughReplicas:
    case Error::kNotEnoughReplicasAfterAppend:
    case Error::kConcurrentTransactions:
    case Error::kKafkaStorageError:
    case Error::kFencedLeaderEpoch:
    case Error::kUnknownLeaderEpoch:
    case Error::kOffsetNotAvailable:
    case Error::kUnstableOffsetCommit:
      return true;
    default:
      return false;
  }
}

bool wants_metadata_refresh(Error error) {
  switch (error) {
    case Error::kUnknownTopicOrPartition:
    case Error::kNotLeaderOrFollower:
    case Error::kNetworkException:
    case Error::kKafkaStorageError:
    case Error::kFencedLeaderEpoch:
      return true;
    default:
      return false;
  }
}

}  // namespace eosim::kafka
