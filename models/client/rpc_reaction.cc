#include "models/client/rpc_reaction.h"

#include <array>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Columns in the order of the specification's table.
enum Column : size_t { kFind, kInit, kAddPartitions, kAddOffsets, kOffsetCommit, kEnd, kColumns };

struct ReactionRow {
  Error error;
  std::array<Reaction, kColumns> reactions;
};

// The letters of the specification's table.
constexpr Reaction R = Reaction::kRetry;
constexpr Reaction L = Reaction::kRediscover;
constexpr Reaction F = Reaction::kFatal;
constexpr Reaction FF = Reaction::kFatalFenced;
constexpr Reaction AB = Reaction::kAbortable;
constexpr Reaction ABE = Reaction::kAbortableAtEnd;
constexpr Reaction ABP = Reaction::kAbortableBump;
constexpr Reaction CF = Reaction::kCommitFailed;
constexpr Reaction FI = Reaction::kFencedInstance;

// Rows that hold in every generation; what depends on a switch is decided in reaction_to.
// clang-format off
constexpr std::array<ReactionRow, 15> kRows{{
    // Columns: FindCoordinator, InitProducerId, AddPartitions, AddOffsets, TxnOffsetCommit, EndTxn
    {Error::kCoordinatorNotAvailable,    {R,    L,    L,    L,    L,    L}},
    {Error::kNotCoordinator,             {R,    L,    L,    L,    L,    L}},
    {Error::kCoordinatorLoadInProgress,  {R,    R,    R,    R,    R,    R}},
    {Error::kInvalidProducerEpoch,       {F,    FF,   FF,   FF,   FF,   FF}},
    {Error::kProducerFenced,             {F,    FF,   FF,   FF,   FF,   FF}},
    {Error::kUnknownProducerId,          {F,    F,    ABP,  ABP,  F,    ABP}},
    {Error::kInvalidTxnState,            {F,    F,    F,    F,    F,    F}},
    {Error::kIllegalGeneration,          {F,    F,    ABE,  F,    CF,   F}},
    {Error::kUnknownMemberId,            {F,    F,    ABE,  F,    CF,   F}},
    {Error::kFencedInstanceId,           {F,    F,    ABE,  F,    FI,   F}},
    {Error::kGroupAuthorizationFailed,   {AB,   F,    ABE,  AB,   AB,   F}},
    {Error::kTopicAuthorizationFailed,   {F,    F,    ABE,  F,    F,    F}},
    // A client before 3.8 does not know this code, and no server sends it one.
    {Error::kTransactionAbortable,       {AB,   AB,   AB,   AB,   AB,   AB}},
    {Error::kOperationNotAttempted,      {F,    F,    ABE,  F,    F,    F}},
    {Error::kUnsupportedVersion,         {F,    F,    F,    F,    F,    F}},
}};
constexpr std::array<Reaction, kColumns> kOther{{F, F, ABE, F, F, F}};
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

// Code 49: fatal, or healed by an epoch bump from KIP-360 until every end bumps (TV2).
Reaction pid_mapping(Column column, const Switches& switches) {
  if (column == kFind || column == kInit || column == kOffsetCommit) return Reaction::kFatal;
  return pid_mapping_is_fatal(switches) ? Reaction::kFatal : Reaction::kAbortableBump;
}

// Not allowed to use the transactional id, or to be an idempotent producer at all.
Reaction unauthorized(Column column, Error error, const Switches& switches) {
  constexpr Error kOfId = Error::kTransactionalIdAuthorizationFailed;
  if (column == kAddPartitions) return error == kOfId ? Reaction::kFatal : kOther[column];
  if (column != kInit) return kOther[column];
  return switches.on(Switch::kInitAuthErrorRecoverable) ? Reaction::kAbortable : Reaction::kFatal;
}

// Retriable codes without a row of their own: REQUEST_TIMED_OUT and the rest.
Reaction generic_retriable(Column column, Error error, const Switches& switches) {
  const auto generic = switches.as<GenericRetriable>(Switch::kRpcGenericRetriable);
  if (error == Error::kConcurrentTransactions && column != kOffsetCommit) {
    return column == kFind ? Reaction::kFatal : Reaction::kRetry;
  }
  if (column == kFind) return Reaction::kRetry;
  // These two have always had a row of their own for it.
  const bool topics = column == kAddPartitions || column == kOffsetCommit;
  if (error == Error::kUnknownTopicOrPartition && topics) return Reaction::kRetry;
  if (column == kOffsetCommit) {
    if (error == Error::kRequestTimedOut) return Reaction::kRediscover;
    return generic == GenericRetriable::kAll ? Reaction::kRetry : Reaction::kFatal;
  }
  return generic == GenericRetriable::kOff ? kOther[column] : Reaction::kRetry;
}

}  // namespace

bool pid_mapping_is_fatal(const Switches& switches) {
  return switches.as<Severity>(Switch::kPidMappingError) == Severity::kFatal;
}

Reaction reaction_to(Rpc rpc, Error error, const Switches& switches, bool aborting) {
  if (error == Error::kNone) return Reaction::kDone;
  const Column column = column_of(rpc);
  if (error == Error::kInvalidProducerIdMapping) return pid_mapping(column, switches);
  if (error == Error::kTransactionalIdAuthorizationFailed ||
      error == Error::kClusterAuthorizationFailed) {
    return unauthorized(column, error, switches);
  }
  if (error == Error::kTransactionAbortable && column == kEnd && aborting &&
      switches.on(Switch::kAbortAbortableIsFatal)) {
    return Reaction::kFatal;
  }
  for (const ReactionRow& row : kRows) {
    if (row.error == error) return row.reactions[column];
  }
  if (is_retriable(error)) return generic_retriable(column, error, switches);
  return kOther[column];
}

}  // namespace eosim::kafka
