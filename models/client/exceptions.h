// The exceptions of the Java client by which an application can tell results apart
// (transactions.md 5.11). Whether a KafkaException is the end of the producer or of the transaction
// alone is not among the things that it can see: that is Thrown, for the models and their reports.
#pragma once

#include "models/client/calls.h"

namespace eosim::kafka {

enum class Exception : uint8_t {
  kNone,
  kTimeout,               // TimeoutException: of the call, or of a batch that expired
  kProducerFenced,        //
  kInvalidProducerEpoch,  //
  kCommitFailed,          //
  kRebalanceInProgress,   //
  kFencedInstanceId,      //
  kIllegalState,          // IllegalStateException: misuse, or a poisoned producer
  kOutOfOrderSequence,    //
  kAuthorization,         // of the id, a topic, a group or the cluster
  kUnsupportedVersion,    //
  kInvalidPidMapping,     //
  kInvalidTxnState,       //
  kTransactionAbortable,  // since 3.8
  kOther,                 // any other subclass of KafkaException
  kKafka,                 // KafkaException itself, around an earlier error
};

Exception exception_of(const CallResult& result);

}  // namespace eosim::kafka
