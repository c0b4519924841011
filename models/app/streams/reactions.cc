#include "models/app/streams/reactions.h"

namespace eosim::kafka {
namespace {

using enum StreamsReaction;

// ProducerFenced, InvalidProducerEpoch, and what says that the coordinator or the partition knows
// another session: another instance has the task.
bool fenced(const CallResult& result) {
  if (result.thrown == Thrown::kProducerFenced || result.thrown == Thrown::kInvalidProducerEpoch) {
    return true;
  }
  switch (result.error) {
    case Error::kProducerFenced:
    case Error::kInvalidProducerEpoch:
    case Error::kInvalidProducerIdMapping:
    case Error::kUnknownProducerId:
    case Error::kOutOfOrderSequenceNumber:
      return true;
    default:
      return false;
  }
}

// A failed send: what could have been repeated corrupts the task, since its offset would be
// committed without its output.
StreamsReaction react_to_send(const CallResult& result) {
  if (fenced(result)) return kMigrated;
  if (result.thrown == Thrown::kIllegalState) return kDie;
  return is_retriable(result.error) || result.error == Error::kNone ? kCorrupted : kDie;
}

}  // namespace

StreamsReaction react(StreamsCall call, const CallResult& result) {
  if (result.ok()) return kGoOn;
  const bool timeout = result.thrown == Thrown::kTimeout;
  switch (call) {
    case StreamsCall::kInit:
      return timeout ? kTryLater : kDie;
    case StreamsCall::kSend:
      return react_to_send(result);
    case StreamsCall::kBegin:
      return fenced(result) ? kMigrated : kDie;
    case StreamsCall::kSendOffsets:
    case StreamsCall::kCommitTransaction:
      if (timeout) return kCorrupted;
      return fenced(result) || result.thrown == Thrown::kCommitFailed ? kMigrated : kDie;
    case StreamsCall::kCommitSync:
      if (timeout || result.thrown == Thrown::kRebalanceInProgress) return kTryLater;
      return result.thrown == Thrown::kCommitFailed ? kMigrated : kDie;
  }
  return kDie;
}

}  // namespace eosim::kafka
