#include "models/client/exceptions.h"

namespace eosim::kafka {
namespace {

Exception raw_exception(Error error) {
  switch (error) {
    case Error::kRequestTimedOut:
      return Exception::kTimeout;
    case Error::kOutOfOrderSequenceNumber:
      return Exception::kOutOfOrderSequence;
    case Error::kTopicAuthorizationFailed:
    case Error::kGroupAuthorizationFailed:
    case Error::kClusterAuthorizationFailed:
    case Error::kTransactionalIdAuthorizationFailed:
      return Exception::kAuthorization;
    case Error::kUnsupportedVersion:
      return Exception::kUnsupportedVersion;
    case Error::kInvalidProducerIdMapping:
      return Exception::kInvalidPidMapping;
    case Error::kInvalidTxnState:
      return Exception::kInvalidTxnState;
    case Error::kTransactionAbortable:
      return Exception::kTransactionAbortable;
    default:
      return Exception::kOther;
  }
}

}  // namespace

Exception exception_of(const CallResult& result) {
  switch (result.thrown) {
    case Thrown::kNothing:
      return Exception::kNone;
    case Thrown::kTimeout:
      return Exception::kTimeout;
    case Thrown::kProducerFenced:
      return Exception::kProducerFenced;
    case Thrown::kInvalidProducerEpoch:
      return Exception::kInvalidProducerEpoch;
    case Thrown::kOutOfOrderSequence:
      return Exception::kOutOfOrderSequence;
    case Thrown::kCommitFailed:
      return Exception::kCommitFailed;
    case Thrown::kRebalanceInProgress:
      return Exception::kRebalanceInProgress;
    case Thrown::kFencedInstanceId:
      return Exception::kFencedInstanceId;
    case Thrown::kIllegalState:
      return Exception::kIllegalState;
    case Thrown::kAbortable:
    case Thrown::kFatal:
      // A producer that was closed by force has no code to tell.
      if (result.wrapped || result.error == Error::kNone) return Exception::kKafka;
      return raw_exception(result.error);
  }
  return Exception::kKafka;
}

}  // namespace eosim::kafka
