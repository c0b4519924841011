// The application's calls, the state and the queue of requests. Responses:
// transaction_responses.cc; batches: transaction_batches.cc.
#include "models/client/transaction_manager.h"

#include <algorithm>
#include <utility>

#include "models/client/producer_state.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using S = ProducerClientState;

// transactions.md 5.3.
int32_t priority_of(const TxnRequest& request) {
  switch (request.rpc) {
    case Rpc::kFindCoordinator:
      return 0;
    case Rpc::kInitProducerId:
      return request.epoch_bump ? 4 : 1;
    case Rpc::kEndTxn:
      return 3;
    default:
      return 2;
  }
}

bool contains(const std::vector<TopicPartition>& partitions, TopicPartition partition) {
  return std::binary_search(partitions.begin(), partitions.end(), partition);
}

void insert_sorted(std::vector<TopicPartition>& partitions, TopicPartition partition) {
  const auto place = std::lower_bound(partitions.begin(), partitions.end(), partition);
  if (place == partitions.end() || *place != partition) partitions.insert(place, partition);
}

}  // namespace

TransactionManager::TransactionManager(const ProducerConfig& config)
    : tid_(config.transactional_id),
      retry_backoff_ms_(config.retry_backoff_ms),
      switches_(config.switches) {}

// --- state
// ----------------------------------------------------------------------------------------

bool TransactionManager::try_transition(S target, CallResult error) {
  if (!legal_transition(state_, target, v2_)) return false;
  const bool to_error = target == S::kAbortableError || target == S::kFatalError;
  EOSIM_ASSERT(to_error == !error.ok());
  last_error_ = error;
  events_.push_back(make_event(Event::kProducerTransition,
                               {static_cast<int64_t>(tid_.id), producer_.id.value,
                                producer_.epoch.value, static_cast<int64_t>(state_),
                                static_cast<int64_t>(target), static_cast<int64_t>(error.error)}));
  state_ = target;
  return true;
}

void TransactionManager::transition(S target, CallResult error) {
  const bool legal = try_transition(target, error);
  EOSIM_ASSERT(legal);
}

// Up to 3.5 an illegal transition of the I/O loop is logged and changes nothing.
bool TransactionManager::io_transition(S target, CallResult error) {
  if (try_transition(target, error)) return true;
  if (switches_.on(Switch::kPoisonOnIllegalTransition)) to_fatal(kIllegal);
  return false;
}

void TransactionManager::to_abortable(CallResult error) {
  // It is being aborted already, or lost for another reason that came first.
  if (is_aborting() || has_fatal_error()) return;
  io_transition(S::kAbortableError, error);
}

void TransactionManager::to_fatal(CallResult error) {
  transition(S::kFatalError, error);
  for (const QueuedRequest& queued : queue_) end_result(queued.request.result, error);
  queue_.clear();
  if (pending_) end_result(pending_->result, error);
}

CallResult TransactionManager::thrown_by_state() const {
  if (!has_error()) return {};
  switch (last_error_.thrown) {
    case Thrown::kProducerFenced:
    case Thrown::kInvalidProducerEpoch:
    case Thrown::kIllegalState:
      return last_error_;
    default:
      return wrapped_error();
  }
}

CallResult TransactionManager::wrapped_error() const {
  return {has_fatal_error() ? Thrown::kFatal : Thrown::kAbortable, last_error_.error, true};
}

bool TransactionManager::can_recover() const {
  return knows_bumps() && (!transactional() || coordinator_supports_bump_ || v2_);
}

bool TransactionManager::can_bump_epoch() const {
  return can_recover() && !(transactional() && v2_);
}

// TransactionManager.maybeUpdateTransactionV2Enabled: a transaction is ended as it was begun, and
// the next one may be of the other kind. After an upgrade the first of the new kind begins with an
// epoch of its own (KAFKA-18227); a downgrade needs none.
void TransactionManager::choose_protocol(bool at_initialization) {
  const bool knows_v2 = switches_.as<ExplicitRegistration>(Switch::kExplicitRegistration) ==
                        ExplicitRegistration::kNotWithTv2;
  const bool before = v2_;
  v2_ = knows_v2 && told_version_ >= 2;
  if (!at_initialization && !before && v2_) epoch_bump_required_ = true;
}

// --- results
// --------------------------------------------------------------------------------------

uint64_t TransactionManager::new_result() {
  std::erase_if(results_, [&](const auto& entry) {
    return entry.second.done && (!pending_ || pending_->result != entry.first);
  });
  results_[++last_result_] = {};
  return last_result_;
}

void TransactionManager::end_result(uint64_t result, CallResult outcome) {
  const auto place = results_.find(result);
  if (place == results_.end() || place->second.done) return;
  place->second.done = true;
  place->second.outcome = outcome;
}

std::optional<CallResult> TransactionManager::outcome(uint64_t result) const {
  const auto place = results_.find(result);
  EOSIM_ASSERT(place != results_.end());
  if (!place->second.done) return std::nullopt;
  return place->second.outcome;
}

void TransactionManager::seen(uint64_t result) { results_.at(result).seen = true; }

// --- calls
// ----------------------------------------------------------------------------------------

TransactionManager::Start TransactionManager::start(std::optional<Operation> operation) {
  if (!pending_) return {};
  const Result& result = results_.at(pending_->result);
  if (switches_.on(Switch::kLateResultKept)) {
    // 3.1.1+: only the same call, until the application has seen how the first one ended.
    if (result.seen) {
      pending_.reset();
      return {};
    }
    if (operation != pending_->operation) return {kIllegal, 0};
    return {{}, pending_->result};
  }
  // Before: the result is found again only while the operation still goes on.
  if (!operation) return {};
  constexpr S kDuring[] = {S::kInitializing, S::kCommittingTransaction, S::kAbortingTransaction};
  if (state_ != kDuring[static_cast<size_t>(*operation)]) return {};
  const uint64_t reuse = pending_->result;
  if (result.done) pending_.reset();
  return {{}, reuse};
}

ApiAnswer TransactionManager::init_transactions() {
  if (!transactional()) return {kIllegal, 0};
  const Start begun = start(Operation::kInit);
  if (!begun.thrown.ok() || begun.reuse != 0) return {begun.thrown, begun.reuse};
  if (const CallResult thrown = thrown_by_state(); !thrown.ok()) return {thrown, 0};
  if (!try_transition(S::kInitializing)) return {kIllegal, 0};
  const uint64_t result = new_result();
  pending_ = Pending{Operation::kInit, result};
  enqueue_init_producer_id(result, {});
  return {{}, result};
}

CallResult TransactionManager::begin_transaction(Ghost<TransactionInstance> instance) {
  if (!transactional()) return kIllegal;
  if (const Start begun = start(std::nullopt); !begun.thrown.ok()) return begun.thrown;
  if (const CallResult thrown = thrown_by_state(); !thrown.ok()) return thrown;
  if (!try_transition(S::kInTransaction)) return kIllegal;
  instance_ = instance;
  transaction_v2_ = v2_;
  end_sent_ = false;
  return {};
}

CallResult TransactionManager::check_send() const {
  // Even where a transactional method would throw the error itself.
  if (has_error()) return wrapped_error();
  if (transactional() && state_ != S::kInTransaction) return kIllegal;
  return {};
}

bool TransactionManager::register_partition(TopicPartition partition) {
  if (!transactional() || contains(partitions_, partition) ||
      contains(pending_partitions_, partition) || contains(new_partitions_, partition)) {
    return false;
  }
  if (transaction_v2_) {
    // The leader announces it at the first write (KIP-890).
    insert_sorted(partitions_, partition);
    transaction_started_ = true;
    return false;
  }
  insert_sorted(new_partitions_, partition);
  return true;
}

void TransactionManager::send_failed(Error error) {
  if (!transactional() || !switches_.on(Switch::kSendApiErrorChangesState)) return;
  // Outside a transaction it is misuse.
  if (legal_transition(state_, S::kAbortableError, v2_)) fail_transaction(error);
}

ApiAnswer TransactionManager::send_offsets(const List<OffsetAndEpoch>& offsets,
                                           const GroupMetadata& group) {
  if (!transactional()) return {kIllegal, 0};
  if (const Start begun = start(std::nullopt); !begun.thrown.ok()) return {begun.thrown, 0};
  if (const CallResult thrown = thrown_by_state(); !thrown.ok()) return {thrown, 0};
  // IllegalArgumentException for a generation without a member.
  if (group.generation.value > 0 && !group.member_id.valid()) return {kIllegal, 0};
  if (state_ != S::kInTransaction) return {kIllegal, 0};
  const uint64_t result = new_result();
  GroupMetadata carried;
  carried.group = group.group;
  if (switches_.on(Switch::kGroupMetadata)) carried = group;
  if (transaction_v2_) {
    transaction_started_ = true;
    enqueue_txn_offset_commit(result, carried, offsets);
    return {{}, result};
  }
  TxnRequest request;
  request.rpc = Rpc::kAddOffsetsToTxn;
  request.result = result;
  request.group = carried;
  request.offsets = offsets;
  enqueue(std::move(request));
  return {{}, result};
}

ApiAnswer TransactionManager::begin_completing(bool commit) {
  if (!transactional()) return {kIllegal, 0};
  const Operation operation = commit ? Operation::kCommit : Operation::kAbort;
  const Start begun = start(operation);
  if (!begun.thrown.ok() || begun.reuse != 0) return {begun.thrown, begun.reuse};
  if (commit || !has_abortable_error()) {
    if (const CallResult thrown = thrown_by_state(); !thrown.ok()) return {thrown, 0};
  }
  // The coordinator would refuse the EndTxn: only the InitProducerId follows (5.9).
  const bool skip_end = has_abortable_error() &&
                        last_error_.error == Error::kInvalidProducerIdMapping &&
                        epoch_bump_required_;
  if (!try_transition(commit ? S::kCommittingTransaction : S::kAbortingTransaction)) {
    return {kIllegal, 0};
  }
  if (!commit) new_partitions_.clear();
  if (!new_partitions_.empty()) enqueue_add_partitions();
  choose_protocol(false);
  const uint64_t result = new_result();
  pending_ = Pending{operation, result};
  if (!skip_end) {
    TxnRequest end;
    end.rpc = Rpc::kEndTxn;
    end.result = epoch_bump_required_ ? 0 : result;
    end.committed = commit;
    end.v2 = transaction_v2_;
    enqueue(std::move(end));
  }
  if (epoch_bump_required_) enqueue_init_producer_id(result, producer_);
  return {{}, result};
}

void TransactionManager::fail_everything(CallResult error) {
  queue_.clear();
  for (auto& [number, result] : results_) end_result(number, error);
}

std::vector<EmittedEvent> TransactionManager::take_events() { return std::exchange(events_, {}); }

// --- the queue
// ------------------------------------------------------------------------------------

void TransactionManager::enqueue(TxnRequest request) {
  if (request.rpc != Rpc::kInitProducerId) request.producer = producer_;
  request.instance = instance_;
  request.backoff_ms = retry_backoff_ms_;
  insert(std::move(request));
}

void TransactionManager::insert(TxnRequest request) {
  const int32_t priority = priority_of(request);
  auto place = queue_.begin();
  while (place != queue_.end() && place->priority <= priority) ++place;
  queue_.insert(place, {priority, std::move(request)});
}

void TransactionManager::enqueue_init_producer_id(uint64_t result, ProducerIdAndEpoch expected) {
  TxnRequest request;
  request.rpc = Rpc::kInitProducerId;
  request.result = result;
  request.producer = expected;
  request.epoch_bump = expected.id.valid();
  enqueue(std::move(request));
}

// The handler carries every offset that was not acknowledged, also those of earlier calls (5.4).
void TransactionManager::enqueue_txn_offset_commit(uint64_t result, const GroupMetadata& group,
                                                   const List<OffsetAndEpoch>& offsets) {
  for (const OffsetAndEpoch& offset : offsets) {
    const auto place = std::lower_bound(
        pending_offsets_.begin(), pending_offsets_.end(), offset,
        [](const OffsetAndEpoch& a, const OffsetAndEpoch& b) { return a.partition < b.partition; });
    if (place != pending_offsets_.end() && place->partition == offset.partition) {
      *place = offset;
    } else {
      pending_offsets_.insert(place, offset);
    }
  }
  if (group.group != group_) group_coordinator_.reset();
  group_ = group.group;
  TxnRequest commit;
  commit.rpc = Rpc::kTxnOffsetCommit;
  commit.result = result;
  commit.group = group;
  commit.offsets = pending_offsets_;
  commit.v2 = transaction_v2_;
  enqueue(std::move(commit));
}

void TransactionManager::enqueue_add_partitions() {
  for (const TopicPartition partition : new_partitions_) {
    insert_sorted(pending_partitions_, partition);
  }
  new_partitions_.clear();
  TxnRequest request;
  request.rpc = Rpc::kAddPartitionsToTxn;
  request.partitions = pending_partitions_;
  enqueue(std::move(request));
}

TransactionManager::Next TransactionManager::next_request(bool incomplete_batches) {
  if (!new_partitions_.empty()) enqueue_add_partitions();
  Next next;
  if (queue_.empty()) return next;
  if (queue_.front().request.rpc == Rpc::kEndTxn && incomplete_batches) return next;
  TxnRequest request = std::move(queue_.front().request);
  queue_.erase(queue_.begin());
  // Asking for a coordinator does no harm when the transaction is about to be aborted. Of offsets
  // whose commit fails here nothing is taken back, as in TxnRequestHandler.fail(): they go with the
  // next TxnOffsetCommit, of whatever transaction (models/README.md).
  if (has_error() && !(has_abortable_error() && request.rpc == Rpc::kFindCoordinator)) {
    end_result(request.result, last_error_);
    next.progress = true;
    return next;
  }
  if (request.rpc == Rpc::kEndTxn && !transaction_started_) {
    // No coordinator knows of this transaction.
    end_result(request.result, {});
    complete_transaction();
    next.progress = true;
    return next;
  }
  next.request = std::move(request);
  return next;
}

std::optional<CoordinatorType> TransactionManager::coordinator_type(const TxnRequest& request,
                                                                    bool transactional) {
  switch (request.rpc) {
    case Rpc::kFindCoordinator:
      return std::nullopt;
    case Rpc::kTxnOffsetCommit:
      return CoordinatorType::kGroup;
    default:
      if (!transactional) return std::nullopt;
      return CoordinatorType::kTransaction;
  }
}

std::optional<BrokerId> TransactionManager::coordinator(CoordinatorType type) const {
  return type == CoordinatorType::kGroup ? group_coordinator_ : transaction_coordinator_;
}

void TransactionManager::coordinator_ready(std::optional<int16_t> init_producer_id_version) {
  coordinator_supports_bump_ = init_producer_id_version && *init_producer_id_version >= 3;
}

void TransactionManager::retry(TxnRequest request) {
  request.retry = true;
  insert(std::move(request));
}

void TransactionManager::rediscover(TxnRequest request) {
  const std::optional<CoordinatorType> type = coordinator_type(request, transactional());
  if (type) look_up(*type, request.group.group);
  retry(std::move(request));
}

void TransactionManager::look_up(CoordinatorType type, Name group) {
  TxnRequest request;
  request.rpc = Rpc::kFindCoordinator;
  request.lookup = type;
  if (type == CoordinatorType::kGroup) {
    group_coordinator_.reset();
    request.group.group = group;
  } else {
    transaction_coordinator_.reset();
  }
  enqueue(std::move(request));
}

// A commit that timed out while a batch of it failed stays queued, and the abort is queued behind
// it (before 3.1.1, which makes the application see the commit's end first). The one that goes
// first ends the transaction; for the other there is no way from the state that is then reached.
// Kafka's I/O thread logs the exception and goes on.
void TransactionManager::complete_transaction() {
  if (!io_transition(epoch_bump_required_ ? S::kInitializing : S::kReady)) return;
  forget_transaction();
}

bool TransactionManager::start_over_if_refused() {
  const bool refused = last_error_.error == Error::kTransactionalIdAuthorizationFailed ||
                       last_error_.error == Error::kClusterAuthorizationFailed;
  if (!has_abortable_error() || !refused) return false;
  for (const QueuedRequest& queued : queue_) end_result(queued.request.result, last_error_);
  queue_.clear();
  transition(S::kUninitialized);
  return true;
}

void TransactionManager::forget_transaction() {
  epoch_bump_required_ = false;
  transaction_started_ = false;
  new_partitions_.clear();
  pending_partitions_.clear();
  partitions_.clear();
}

bool TransactionManager::in_transaction(TopicPartition partition) const {
  return contains(partitions_, partition);
}

}  // namespace eosim::kafka
