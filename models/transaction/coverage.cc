#include "models/transaction/coverage.h"

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

enum Row : uint8_t {
  kInit,
  kInitPair,  // names the producer that it goes on from (KIP-360)
  kAdd,
  kAddOffsets,
  kRegister,  // by a partition leader, for a client of version 2
  kVerify,    // by a partition leader, reads only
  kCommit,
  kAbort,
  kCommitBumping,  // version 5: table two of 3.5
  kAbortBumping,
  kDescribe,
};
constexpr std::string_view kRows[] = {"InitProducerId",
                                      "InitProducerId(pair)",
                                      "AddPartitionsToTxn",
                                      "AddOffsetsToTxn",
                                      "register",
                                      "verify",
                                      "EndTxn(commit)",
                                      "EndTxn(abort)",
                                      "EndTxn5(commit)",
                                      "EndTxn5(abort)",
                                      "DescribeTransactions"};

constexpr std::string_view kStates[] = {"not-coordinator",
                                        "loading",
                                        "unknown-id",
                                        "Empty",
                                        "Ongoing",
                                        "PrepareCommit",
                                        "PrepareAbort",
                                        "CompleteCommit",
                                        "CompleteAbort",
                                        "pending-Empty",
                                        "pending-Ongoing",
                                        "pending-PrepareCommit",
                                        "pending-PrepareAbort",
                                        "pending-CompleteCommit",
                                        "pending-CompleteAbort",
                                        "pending-Dead"};
constexpr std::string_view kHeads[] = {"-",  "ld", "?",  "E",   "O",   "PC",  "PA",  "CC",
                                       "CA", ">E", ">O", ">PC", ">PA", ">CC", ">CA", ">D"};

constexpr CoverageLine kLines[] = {
    // l?EOPACAeopacad
    {"..xx...xx.......", kInit, Error::kNone},
    {"....xxx..xxxxxxx", kInit, Error::kConcurrentTransactions},
    {"x.xxx..xx.......", kInit, Error::kNotCoordinator},
    {".xxxx..xx.......", kInit, Error::kCoordinatorLoadInProgress},
    {"..xxx..xx.......", kInit, Error::kCoordinatorNotAvailable},
    {"..xxx..xx.......", kInit, Error::kUnknownServerError},
    {"*", kInit, Error::kInvalidRequest},
    {"*", kInit, Error::kInvalidTransactionTimeout},

    {"..xx...xx.......", kInitPair, Error::kNone},
    {"....xxx..xxxxxxx", kInitPair, Error::kConcurrentTransactions},
    {"...xxxxxx.......", kInitPair, Error::kProducerFenced},
    {"...xxxxxx.......", kInitPair, Error::kInvalidProducerEpoch},
    {"x.xxx..xx.......", kInitPair, Error::kNotCoordinator},
    {".xxxx..xx.......", kInitPair, Error::kCoordinatorLoadInProgress},
    {"..xxx..xx.......", kInitPair, Error::kCoordinatorNotAvailable},
    {"..xxx..xx.......", kInitPair, Error::kUnknownServerError},
    {"*", kInitPair, Error::kInvalidRequest},
    {"*", kInitPair, Error::kInvalidTransactionTimeout},

    {"...xx..xx.......", kAdd, Error::kNone},
    {".....xx..xxxxxxx", kAdd, Error::kConcurrentTransactions},
    {"..xxxxxxxxxxxxxx", kAdd, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kAdd, Error::kProducerFenced},
    {"...xxxxxxxxxxxxx", kAdd, Error::kInvalidProducerEpoch},
    {"x..xx..xx.......", kAdd, Error::kNotCoordinator},
    {".x.xx..xx.......", kAdd, Error::kCoordinatorLoadInProgress},
    {"...xx..xx.......", kAdd, Error::kCoordinatorNotAvailable},
    {"...xx..xx.......", kAdd, Error::kUnknownServerError},
    {"*", kAdd, Error::kInvalidRequest},
    {"*", kAdd, Error::kUnknownTopicOrPartition},
    {"*", kAdd, Error::kOperationNotAttempted},

    {"...xx..xx.......", kAddOffsets, Error::kNone},
    {".....xx..xxxxxxx", kAddOffsets, Error::kConcurrentTransactions},
    {"..xxxxxxxxxxxxxx", kAddOffsets, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kAddOffsets, Error::kProducerFenced},
    {"...xxxxxxxxxxxxx", kAddOffsets, Error::kInvalidProducerEpoch},
    {"x..xx..xx.......", kAddOffsets, Error::kNotCoordinator},
    {".x.xx..xx.......", kAddOffsets, Error::kCoordinatorLoadInProgress},
    {"...xx..xx.......", kAddOffsets, Error::kCoordinatorNotAvailable},
    {"...xx..xx.......", kAddOffsets, Error::kUnknownServerError},
    {"*", kAddOffsets, Error::kInvalidRequest},

    // l?EOPACAeopacad
    {"...xx..xx.......", kRegister, Error::kNone},
    {".....xx..xxxxxxx", kRegister, Error::kConcurrentTransactions},
    {"..xxxxxxxxxxxxxx", kRegister, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kRegister, Error::kProducerFenced},
    {"x..xx..xx.......", kRegister, Error::kNotCoordinator},
    {".x.xx..xx.......", kRegister, Error::kCoordinatorLoadInProgress},
    {"...xx..xx.......", kRegister, Error::kCoordinatorNotAvailable},
    {"...xx..xx.......", kRegister, Error::kUnknownServerError},
    {"*", kRegister, Error::kInvalidRequest},
    {"*", kRegister, Error::kUnknownTopicOrPartition},
    {"*", kRegister, Error::kOperationNotAttempted},

    {"....x.....xxx...", kVerify, Error::kNone},
    {".....xx......xx.", kVerify, Error::kConcurrentTransactions},
    {"...xx..xxxxxx..x", kVerify, Error::kInvalidTxnState},
    {"...xx..xxxxxx..x", kVerify, Error::kTransactionAbortable},
    {"..xxxxxxxxxxxxxx", kVerify, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kVerify, Error::kProducerFenced},
    {"x...............", kVerify, Error::kNotCoordinator},
    {".x..............", kVerify, Error::kCoordinatorLoadInProgress},
    {"*", kVerify, Error::kInvalidRequest},
    {"*", kVerify, Error::kUnknownTopicOrPartition},
    {"*", kVerify, Error::kOperationNotAttempted},

    {"....x..x........", kCommit, Error::kNone},
    {".....x...xxxxxxx", kCommit, Error::kConcurrentTransactions},
    {"...x..x.x.......", kCommit, Error::kInvalidTxnState},
    {"..xxxxxxxxxxxxxx", kCommit, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kCommit, Error::kProducerFenced},
    {"...xxxxxxxxxxxxx", kCommit, Error::kInvalidProducerEpoch},
    {"x...x...........", kCommit, Error::kNotCoordinator},
    {".x..x...........", kCommit, Error::kCoordinatorLoadInProgress},
    {"....x...........", kCommit, Error::kCoordinatorNotAvailable},
    {"....x...........", kCommit, Error::kUnknownServerError},
    {"*", kCommit, Error::kInvalidRequest},

    {"....x...x.......", kAbort, Error::kNone},
    {"......x..xxxxxxx", kAbort, Error::kConcurrentTransactions},
    {"...x.x.x........", kAbort, Error::kInvalidTxnState},
    {"..xxxxxxxxxxxxxx", kAbort, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kAbort, Error::kProducerFenced},
    {"...xxxxxxxxxxxxx", kAbort, Error::kInvalidProducerEpoch},
    {"x...x...........", kAbort, Error::kNotCoordinator},
    {".x..x...........", kAbort, Error::kCoordinatorLoadInProgress},
    {"....x...........", kAbort, Error::kCoordinatorNotAvailable},
    {"....x...........", kAbort, Error::kUnknownServerError},
    {"*", kAbort, Error::kInvalidRequest},

    // l?EOPACAeopacad
    {"....x..x........", kCommitBumping, Error::kNone},
    {".....x...xxxxxxx", kCommitBumping, Error::kConcurrentTransactions},
    {"...x..xxx.......", kCommitBumping, Error::kInvalidTxnState},
    {"..xxxxxxxxxxxxxx", kCommitBumping, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kCommitBumping, Error::kProducerFenced},
    {"x...x...........", kCommitBumping, Error::kNotCoordinator},
    {".x..x...........", kCommitBumping, Error::kCoordinatorLoadInProgress},
    {"....x...........", kCommitBumping, Error::kCoordinatorNotAvailable},
    {"....x...........", kCommitBumping, Error::kUnknownServerError},
    {"*", kCommitBumping, Error::kInvalidRequest},

    {"...xx..xx.......", kAbortBumping, Error::kNone},
    {"......x..xxxxxxx", kAbortBumping, Error::kConcurrentTransactions},
    {".....x.x........", kAbortBumping, Error::kInvalidTxnState},
    {"..xxxxxxxxxxxxxx", kAbortBumping, Error::kInvalidProducerIdMapping},
    {"...xxxxxxxxxxxxx", kAbortBumping, Error::kProducerFenced},
    {"x..xx..xx.......", kAbortBumping, Error::kNotCoordinator},
    {".x.xx..xx.......", kAbortBumping, Error::kCoordinatorLoadInProgress},
    {"...xx..xx.......", kAbortBumping, Error::kCoordinatorNotAvailable},
    {"...xx..xx.......", kAbortBumping, Error::kUnknownServerError},
    {"*", kAbortBumping, Error::kInvalidRequest},

    {"...xxxxxxxxxxxxx", kDescribe, Error::kNone},
    {"..x.............", kDescribe, Error::kTransactionalIdNotFound},
    {"x...............", kDescribe, Error::kNotCoordinator},
    {".x..............", kDescribe, Error::kCoordinatorLoadInProgress},
    {"*", kDescribe, Error::kInvalidRequest},
};

constexpr CoverageTable kTable{CoverageRole::kTransaction,
                               "transaction",
                               "transaction coordinator",
                               kRows,
                               kStates,
                               kHeads,
                               kLines};

constexpr size_t kNotCoordinator = 0;
constexpr size_t kLoading = 1;
constexpr size_t kUnknownId = 2;
constexpr size_t kFirstState = 3;
constexpr size_t kFirstPending = 9;

size_t column_of(const TransactionCoordinator& coordinator, const Names& names, Name id) {
  const TransactionCache& cache = coordinator.cache();
  const int32_t partition = coordinator.partition_of(names, id);
  if (cache.is_loading(partition)) return kLoading;
  if (!cache.partitions().contains(partition)) return kNotCoordinator;
  const TransactionMetadata* metadata = cache.peek(partition, id);
  if (metadata == nullptr) return kUnknownId;
  // PrepareEpochFence begins and ends within a step (3.3).
  EOSIM_ASSERT(metadata->pending != TransactionState::kPrepareEpochFence);
  if (metadata->pending) return kFirstPending + static_cast<size_t>(*metadata->pending);
  EOSIM_ASSERT(metadata->state <= TransactionState::kCompleteAbort);  // Dead is pending only (1.3)
  return kFirstState + static_cast<size_t>(metadata->state);
}

Encounter met(const TransactionCoordinator& coordinator, const Names& names, Row row, Name id) {
  if (!id.valid()) return {};
  return {CoverageRole::kTransaction, row, column_of(coordinator, names, id)};
}

}  // namespace

const CoverageTable& transaction_coverage() { return kTable; }

Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const InitProducerIdRequest& request) {
  const bool pair = request.expected.id.valid() || request.expected.epoch.valid();
  return met(coordinator, names, pair ? kInitPair : kInit, request.transactional_id);
}

Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const AddPartitionsToTxnRequest& request) {
  if (request.transactions.empty()) {
    return met(coordinator, names, kAdd, request.transactional_id);
  }
  if (request.transactions.size() > 1) return {};
  const AddPartitionsToTxnRequest::Transaction& only = request.transactions.front();
  return met(coordinator, names, only.verify_only ? kVerify : kRegister, only.transactional_id);
}

Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const AddOffsetsToTxnRequest& request) {
  return met(coordinator, names, kAddOffsets, request.transactional_id);
}

Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const EndTxnRequest& request) {
  constexpr int16_t kFirstBumping = 5;
  const bool bumping = request.header.version >= kFirstBumping;
  const Row row = request.committed ? bumping ? kCommitBumping : kCommit
                  : bumping         ? kAbortBumping
                                    : kAbort;
  return met(coordinator, names, row, request.transactional_id);
}

Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const DescribeTransactionsRequest& request) {
  if (request.transactional_ids.size() != 1) return {};
  return met(coordinator, names, kDescribe, request.transactional_ids.front());
}

// Of all of them at once.
Encounter met_by(const TransactionCoordinator&, const Names&, const ListTransactionsRequest&) {
  return {};
}

}  // namespace eosim::kafka
