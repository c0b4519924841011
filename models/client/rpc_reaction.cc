#include "models/client/rpc_reaction.h"

#include <array>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Columns in the order of the specification's table.
enum Column : size_t { kFind, kInit, kAddPartitions, kAddOffsets, kOffsetCommit, kEnd, kColumns };

struct Row {
  Error error;
  std::array<Reaction, kColumns> reactions;
};

// The letters of the specification's table.
constexpr Reaction R = Reaction::kRetry;
constexpr Reaction L = Reaction::kRediscover;
constexpr Reaction F = Reaction::kFatal;
constexpr Reaction FF = Reaction::kFatalFenced;
constexpr Reaction AB = Reaction::kAbortableAtEnd;
constexpr Reaction ABP = Reaction::kAbortableBump;
constexpr Reaction CF = Reaction::kCommitFailed;
constexpr Reaction FI = Reaction::kFencedInstance;

// Rows that hold in every generation; what depends on a switch is decided in reaction_to.
// clang-format off
constexpr std::array<Row, 14> kRows{{
    // Columns: FindCoordinator, InitProducerId, AddPartitions, AddOffsets, TxnOffsetCommit, EndTxn
    {Error::kCoordinatorNotAvailable,    {R,    L,    L,    L,    L,    L}},
    {Error::kNotCoordinator,             {R,    L,    L,    L,    L,    L}},
    {Error::kCoordinatorLoadInProgress,  {R,    R,    R,    R,    R,    R}},
    {Error::kConcurrentTransactions,     {F,    R,    R,    R,    F,    R}},
    {Error::kInvalidProducerEpoch,       {F,    FF,   FF,   FF,   FF,   FF}},
    {Error::kProducerFenced,             {F,    FF,   FF,   FF,   FF,   FF}},
    {Error::kUnknownProducerId,          {F,    F,    ABP,  ABP,  F,    ABP}},
    {Error::kInvalidTxnState,            {F,    F,    F,    F,    F,    F}},
    {Error::kIllegalGeneration,          {F,    F,    AB,   F,    CF,   F}},
    {Error::kUnknownMemberId,            {F,    F,    AB,   F,    CF,   F}},
    {Error::kFencedInstanceId,           {F,    F,    AB,   F,    FI,   F}},
    // Explicit rows of retriable codes, before the generic rule.
    {Error::kUnknownTopicOrPartition,    {R,    F,    R,    F,    R,    F}},
    {Error::kOperationNotAttempted,      {F,    F,    AB,   F,    F,    F}},
    {Error::kUnsupportedVersion,         {F,    F,    F,    F,    F,    F}},
}};
constexpr std::array<Reaction, kColumns> kOther{{F, F, AB, F, F, F}};
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
  if (column == kFind || column == kInit || column == kOffsetCommit) return Reaction::kFatal;
  const bool recoverable =
      switches.as<Severity>(Switch::kPidMappingError) == Severity::kRecoverable;
  return recoverable ? Reaction::kAbortableBump : Reaction::kFatal;
}

// Retriable codes without a row of their own: REQUEST_TIMED_OUT and the rest.
Reaction generic_retriable(Column column, Error error, const Switches& switches) {
  if (column == kFind) return Reaction::kRetry;
  if (column == kOffsetCommit) {
    return error == Error::kRequestTimedOut ? Reaction::kRediscover : Reaction::kFatal;
  }
  return switches.on(Switch::kRpcGenericRetriable) ? Reaction::kRetry : kOther[column];
}

}  // namespace

Reaction reaction_to(Rpc rpc, Error error, const Switches& switches) {
  if (error == Error::kNone) return Reaction::kDone;
  const Column column = column_of(rpc);
  if (error == Error::kInvalidProducerIdMapping) return pid_mapping(column, switches);
  for (const Row& row : kRows) {
    if (row.error == error) return row.reactions[column];
  }
  if (is_retriable(error)) return generic_retriable(column, error, switches);
  return kOther[column];
}

}  // namespace eosim::kafka
