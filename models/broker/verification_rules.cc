#include "models/broker/verification_rules.h"

#include "models/protocol/features.h"

namespace eosim::kafka {
namespace {

constexpr int16_t kProduceAbortable = 11;
constexpr int16_t kProduceAdds = 12;
constexpr int16_t kOffsetsAbortable = 4;
constexpr int16_t kOffsetsAdd = 5;

VerificationMode mode_of(const Switches& switches, TransactionalWrite write, bool enabled,
                         int16_t version, int16_t abortable, int16_t adds) {
  if (version >= adds && switches.on(Switch::kImplicitRegistration)) return VerificationMode::kAdd;
  if (!enabled || !verifies(switches, write)) return VerificationMode::kNone;
  return version >= abortable ? VerificationMode::kAbortable : VerificationMode::kDefault;
}

// A lost connection to the coordinator is told as something that passes.
bool to_be_retried(const Switches& switches, Error error) {
  return error == Error::kNetworkException && switches.on(Switch::kVerifyNetworkError);
}

}  // namespace

VerificationMode produce_verification(const Switches& switches, bool enabled, int16_t version) {
  return mode_of(switches, TransactionalWrite::kProduce, enabled, version, kProduceAbortable,
                 kProduceAdds);
}

VerificationMode offset_verification(const Switches& switches, bool enabled, int16_t version) {
  return mode_of(switches, TransactionalWrite::kOffsetCommit, enabled, version, kOffsetsAbortable,
                 kOffsetsAdd);
}

Error verification_error(VerificationMode mode, Error error) {
  if (error == Error::kProducerFenced) return Error::kInvalidProducerEpoch;
  if (error == Error::kTransactionAbortable && mode == VerificationMode::kDefault) {
    return Error::kInvalidTxnState;
  }
  return error;
}

Error produce_error_of_verification(const Switches& switches, VerificationMode mode, Error error) {
  switch (error) {
    case Error::kConcurrentTransactions:
      return mode == VerificationMode::kAdd ? error : Error::kNotEnoughReplicas;
    case Error::kCoordinatorLoadInProgress:
    case Error::kCoordinatorNotAvailable:
    case Error::kNotCoordinator:
      return Error::kNotEnoughReplicas;
    case Error::kNetworkException:
      return to_be_retried(switches, error) ? Error::kNotEnoughReplicas : error;
    default:
      return error;
  }
}

Error offset_error_of_verification(const Switches& switches, VerificationMode mode, int16_t version,
                                   Error error) {
  if (switches.on(Switch::kVerifyOffsetErrorsMapped) && error != Error::kNetworkException) {
    error = produce_error_of_verification(switches, mode, error);
  }
  if (to_be_retried(switches, error)) error = Error::kCoordinatorLoadInProgress;
  switch (error) {
    case Error::kUnknownTopicOrPartition:
    case Error::kNotEnoughReplicas:
      return Error::kCoordinatorNotAvailable;
    case Error::kNotLeaderOrFollower:
    case Error::kKafkaStorageError:
      return Error::kNotCoordinator;
    case Error::kCoordinatorLoadInProgress:
      return version <= 1 ? Error::kCoordinatorNotAvailable : error;
    default:
      return error;
  }
}

}  // namespace eosim::kafka
