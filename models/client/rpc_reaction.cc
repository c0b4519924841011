#include "models/client/rpc_reaction.h"

#include <array>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using R = Reaction;

// Columns in the order of the specification's table.
enum Column : size_t { kFind, kInit, kAddPartitions, kAddOffsets, kOffsetCommit, kEnd, kColumns };

struct Row {
  Error error;
  std::array<Reaction, kColumns> reactions;
};

// Rows that hold in every generation; what depends on a switch is decided in reaction_to.
// clang-format off
constexpr std::array<Row, 14> kRows{{
    //                                  FindCoordinator InitProducerId   AddPartitions       AddOffsets        TxnOffsetCommit     EndTxn
    {Error::kCoordinatorNotAvailable,  {R::kRetry,      R::kRediscover,  R::kRediscover,     R::kRediscover,   R::kRediscover,     R::kRediscover}},
    {Error::kNotCoordinator,           {R::kRetry,      R::kRediscover,  R::kRediscover,     R::kRediscover,   R::kRediscover,     R::kRediscover}},
    {Error::kCoordinatorLoadInProgress,{R::kRetry,      R::kRetry,       R::kRetry,          R::kRetry,        R::kRetry,          R::kRetry}},
    {Error::kConcurrentTransactions,   {R::kFatal,      R::kRetry,       R::kRetry,          R::kRetry,        R::kFatal,          R::kRetry}},
    {Error::kInvalidProducerEpoch,     {R::kFatal,      R::kFatalFenced, R::kFatalFenced,    R::kFatalFenced,  R::kFatalFenced,    R::kFatalFenced}},
    {Error::kProducerFenced,           {R::kFatal,      R::kFatalFenced, R::kFatalFenced,    R::kFatalFenced,  R::kFatalFenced,    R::kFatalFenced}},
    {Error::kUnknownProducerId,        {R::kFatal,      R::kFatal,       R::kAbortableBump,  R::kAbortableBump,R::kFatal,          R::kAbortableBump}},
    {Error::kInvalidTxnState,          {R::kFatal,      R::kFatal,       R::kFatal,          R::kFatal,        R::kFatal,          R::kFatal}},
    {Error::kIllegalGeneration,        {R::kFatal,      R::kFatal,       R::kAbortableAtEnd, R::kFatal,        R::kCommitFailed,   R::kFatal}},
    {Error::kUnknownMemberId,          {R::kFatal,      R::kFatal,       R::kAbortableAtEnd, R::kFatal,        R::kCommitFailed,   R::kFatal}},
    {Error::kFencedInstanceId,         {R::kFatal,      R::kFatal,       R::kAbortableAtEnd, R::kFatal,        R::kFencedInstance, R::kFatal}},
    // Explicit rows of retriable codes, before the generic rule.
    {Error::kUnknownTopicOrPartition,  {R::kRetry,      R::kFatal,       R::kRetry,          R::kFatal,        R::kRetry,          R::kFatal}},
    {Error::kOperationNotAttempted,    {R::kFatal,      R::kFatal,       R::kAbortableAtEnd, R::kFatal,        R::kFatal,          R::kFatal}},
    {Error::kUnsupportedVersion,       {R::kFatal,      R::kFatal,       R::kFatal,          R::kFatal,        R::kFatal,          R::kFatal}},
}};
constexpr std::array<Reaction, kColumns>
    kOther                            {{R::kFatal,      R::kFatal,       R::kAbortableAtEnd, R::kFatal,        R::kFatal,          R::kFatal}};
// clang-format on

Column column_of(Rpc rpc) {
  switch (rpc) {
    case Rpc::kFindCoordinator:
      return kFind;
    case Rpc::kInitProducerId:
      return kInit;
    case Rpc::kAddPartitionsToTxn:
      return kAddPartitions;
    case Rpc::kAddOffsetsToTxn:
      return kAddOffsets;
    case Rpc::kTxnOffsetCommit:
      return kOffsetCommit;
    default:
      EOSIM_ASSERT(rpc == Rpc::kEndTxn);
      return kEnd;
  }
}

// Code 49: fatal, or healed by an epoch bump since KIP-360.
Reaction pid_mapping(Column column, const Switches& switches) {
  if (column == kFind || column == kInit || column == kOffsetCommit) return R::kFatal;
  const bool recoverable =
      switches.as<Severity>(Switch::kPidMappingError) == Severity::kRecoverable;
  return recoverable ? R::kAbortableBump : R::kFatal;
}

// Retriable codes without a row of their own: REQUEST_TIMED_OUT and the rest.
Reaction generic_retriable(Column column, Error error, const Switches& switches) {
  if (column == kFind) return R::kRetry;
  if (column == kOffsetCommit) {
    return error == Error::kRequestTimedOut ? R::kRediscover : R::kFatal;
  }
  return switches.on(Switch::kRpcGenericRetriable) ? R::kRetry : kOther[column];
}

}  // namespace

Reaction reaction_to(Rpc rpc, Error error, const Switches& switches) {
  if (error == Error::kNone) return R::kDone;
  const Column column = column_of(rpc);
  if (error == Error::kInvalidProducerIdMapping) return pid_mapping(column, switches);
  for (const Row& row : kRows) {
    if (row.error == error) return row.reactions[column];
  }
  if (is_retriable(error)) return generic_retriable(column, error, switches);
  return kOther[column];
}

}  // namespace eosim::kafka
