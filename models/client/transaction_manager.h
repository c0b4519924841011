// The rules of a transactional or idempotent producer (TransactionManager;
// transactions.md 5.1, 5.3, 5.4, 5.7-5.10): its state, its queue of requests to coordinators, the
// reactions to their answers, its sequences. Knows neither network nor time: the sender asks it
// what to send, and tells it what came back. Facts wait in it until the sender takes them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "models/client/calls.h"
#include "models/client/group_metadata.h"
#include "models/client/partition_sequences.h"
#include "models/client/produce_outcome.h"
#include "models/client/producer_config.h"
#include "models/client/rpc_reaction.h"
#include "models/protocol/events.h"
#include "models/protocol/messages.h"

namespace eosim::kafka {

// A request that waits for its turn, is being sent or is in flight.
struct TxnRequest {
  Rpc rpc = Rpc::kFindCoordinator;
  uint64_t result = 0;  // of the API call that waits for it; 0: none
  bool retry = false;   // sleeps before it is sent
  int32_t backoff_ms = 0;
  ProducerIdAndEpoch producer;
  bool epoch_bump = false;                           // InitProducerId after EndTxn (5.9)
  CoordinatorType lookup = CoordinatorType::kGroup;  // FindCoordinator
  List<TopicPartition> partitions;                   // AddPartitionsToTxn
  GroupMetadata group;                               // AddOffsetsToTxn, TxnOffsetCommit
  List<OffsetAndEpoch> offsets;                      // the same
  bool committed = false;                            // EndTxn
  bool v2 = false;  // EndTxn, TxnOffsetCommit: of a TV2 transaction
  Ghost<TransactionInstance> instance;
};

// What a transactional API call came to: it threw, or its result is this one.
struct ApiAnswer {
  CallResult thrown;
  uint64_t result = 0;
};

class TransactionManager {
 public:
  explicit TransactionManager(const ProducerConfig& config);

  // --- the application's calls (5.10) ---
  ApiAnswer init_transactions();
  CallResult begin_transaction(Ghost<TransactionInstance> instance);
  CallResult check_send() const;
  // true: the partition has to be announced.
  bool register_partition(TopicPartition partition);
  // send() met an error of its own. Since 3.2 that is an error of the transaction.
  void send_failed(Error error);
  ApiAnswer send_offsets(const List<OffsetAndEpoch>& offsets, const GroupMetadata& group);
  ApiAnswer begin_commit() { return begin_completing(true); }
  ApiAnswer begin_abort() { return begin_completing(false); }
  // None while it is not decided. The caller says when the application has seen it.
  std::optional<CallResult> outcome(uint64_t result) const;
  void seen(uint64_t result);

  // --- requests (5.3) ---
  struct Next {
    bool progress = false;  // something was popped and ended without being sent
    std::optional<TxnRequest> request;
  };
  Next next_request(bool incomplete_batches);
  // The coordinator that a request goes to; none for requests to any broker.
  static std::optional<CoordinatorType> coordinator_type(const TxnRequest& request,
                                                         bool transactional);
  std::optional<BrokerId> coordinator(CoordinatorType type) const;
  // Its connection is ready: what it speaks decides whether the epoch can be raised.
  void coordinator_ready(std::optional<int16_t> init_producer_id_version);
  void retry(TxnRequest request);
  // Forgets the request's coordinator, asks for it, and tries again.
  void rediscover(TxnRequest request);

  void on_find_coordinator(TxnRequest request, const FindCoordinatorResponse& response);
  void on_init_producer_id(TxnRequest request, const InitProducerIdResponse& response);
  void on_add_partitions(TxnRequest request, const AddPartitionsToTxnResponse& response);
  void on_add_offsets(TxnRequest request, const AddOffsetsToTxnResponse& response);
  void on_txn_offset_commit(TxnRequest request, const TxnOffsetCommitResponse& response);
  void on_end_txn(TxnRequest request, const EndTxnResponse& response);
  void on_unsupported_version(const TxnRequest& request);
  // The finalised transaction.version, as far as brokers have told it. Looked at when a transaction
  // ends and after the first initialisation only (5.12).
  void told_transaction_version(int16_t version) { told_version_ = version; }
  void end_sent() { end_sent_ = true; }
  // EndTxn of the present transaction was sent: its outcome may be unknown.
  bool was_end_sent() const { return end_sent_; }

  // --- batches (5.5, 5.7, 5.8) ---
  bool may_drain(const ProducerBatch& head, const BatchTable& batches) const;
  void assign_sequence(ProducerBatch& batch) {
    sequences_.assign(batch, producer_, !resets_at_completion());
  }
  bool may_retry(const ProducerBatch& batch, Error error, Offset log_start, BatchTable& batches);
  void acknowledged(const ProducerBatch& batch, Offset base_offset);
  void batch_failed(const ProducerBatch& batch, Error error, bool adjust, BatchTable& batches);
  void mark_unresolved(const ProducerBatch& expired);
  void batch_split(const ProducerBatch& batch, const std::vector<uint64_t>& pieces) {
    sequences_.split(batch, pieces);
  }
  bool resolve_sequences();  // true: something changed
  // Since 3.6: the id was refused by authorisation. Everything that waits is told so, and the
  // application may initialise again. true: the batches have to be failed too.
  bool start_over_if_refused();
  // Idempotent only: raises the epoch if that was asked for, and gets an id if there is none.
  void prepare_idempotent(BatchTable& batches);

  // --- what is the case ---
  bool transactional() const { return tid_.valid(); }
  ProducerClientState state() const { return state_; }
  CallResult last_error() const { return last_error_; }
  ProducerIdAndEpoch producer() const { return producer_; }
  Ghost<TransactionInstance> instance() const { return instance_; }
  bool has_error() const { return has_fatal_error() || has_abortable_error(); }
  bool has_fatal_error() const { return state_ == ProducerClientState::kFatalError; }
  bool has_abortable_error() const { return state_ == ProducerClientState::kAbortableError; }
  bool is_aborting() const { return state_ == ProducerClientState::kAbortingTransaction; }
  bool is_completing() const {
    return is_aborting() || state_ == ProducerClientState::kCommittingTransaction;
  }
  bool has_ongoing_transaction() const {
    return transactional() && (state_ == ProducerClientState::kInTransaction || is_completing() ||
                               has_abortable_error());
  }
  bool has_pending_requests() const { return !queue_.empty(); }
  const SequenceTable& sequences() const { return sequences_; }
  bool in_transaction(TopicPartition partition) const;
  // KIP-360.
  bool knows_bumps() const { return switches_.on(Switch::kClientCanBumpEpoch); }
  // The client raises its epoch by itself: locally, or through InitProducerId behind the EndTxn
  // (5.9). Not in TV2, where every end of a transaction does.
  bool can_bump_epoch() const;
  // An abort makes the producer usable again, by a client's bump or by the end itself.
  bool can_recover() const;
  // The present transaction registers nothing and tells so by its request versions (TV2, 5.12).
  bool in_v2_transaction() const { return transaction_v2_; }

  // close() by force: whatever waits has failed.
  void fail_everything(CallResult error);
  std::vector<EmittedEvent> take_events();

 private:
  enum class Operation : uint8_t { kInit, kCommit, kAbort };
  struct Result {
    bool done = false;
    bool seen = false;
    CallResult outcome;
  };
  struct Pending {
    Operation operation = Operation::kInit;
    uint64_t result = 0;
  };
  // Whether a call may start, waits on the result of an earlier one, or must not be made now.
  struct Start {
    CallResult thrown;
    uint64_t reuse = 0;
  };
  struct Unresolved {
    TopicPartition partition;
    Sequence next;  // after the highest batch that expired
  };
  struct QueuedRequest {
    int32_t priority = 0;
    TxnRequest request;
  };

  Start start(std::optional<Operation> operation);
  ApiAnswer begin_completing(bool commit);
  CallResult thrown_by_state() const;
  CallResult wrapped_error() const;
  uint64_t new_result();
  void end_result(uint64_t result, CallResult outcome);
  void enqueue(TxnRequest request);  // a new one; gets the present pair and instance
  void insert(TxnRequest request);
  void enqueue_add_partitions();
  void enqueue_init_producer_id(uint64_t result, ProducerIdAndEpoch expected);
  void enqueue_txn_offset_commit(uint64_t result, const GroupMetadata& group,
                                 const List<OffsetAndEpoch>& offsets);
  void choose_protocol(bool at_initialization);
  void take_pair(ProducerIdAndEpoch producer);
  void look_up(CoordinatorType type, Name group);
  void complete_transaction();
  void forget_transaction();

  void transition(ProducerClientState target, CallResult error = {});
  bool try_transition(ProducerClientState target, CallResult error = {});
  // Of the I/O thread: since 3.6 an illegal one is the end of the producer.
  bool io_transition(ProducerClientState target, CallResult error = {});
  void to_abortable(CallResult error);
  // A record is lost to the transaction: an abort has to follow, with a new epoch where clients
  // raise it (maybeTransitionToErrorState).
  void fail_transaction(Error error);
  void to_fatal(CallResult error);
  // true: the request's fate is settled by this reaction (everything but kDone, kAbortableAtEnd).
  bool react(TxnRequest& request, Reaction reaction, Error error);
  void abort_with(const TxnRequest& request, CallResult error);
  void fail_with(const TxnRequest& request, CallResult error);

  const Unresolved* find_unresolved(TopicPartition partition) const;
  void erase_unresolved(TopicPartition partition);
  void request_bump_for(TopicPartition partition);
  void restart_after_completion(TopicPartition partition);
  bool resets_at_completion() const;
  void restart_id();

  Name tid_;
  int32_t retry_backoff_ms_;
  Switches switches_;

  ProducerClientState state_ = ProducerClientState::kUninitialized;
  CallResult last_error_;
  ProducerIdAndEpoch producer_;
  Ghost<TransactionInstance> instance_;
  std::optional<BrokerId> transaction_coordinator_;
  std::optional<BrokerId> group_coordinator_;
  Name group_;  // whose coordinator that is
  bool coordinator_supports_bump_ = false;
  int16_t told_version_ = 0;
  bool v2_ = false;              // of the next transaction
  bool transaction_v2_ = false;  // of the present one

  std::vector<QueuedRequest> queue_;  // by priority, first come first served within one
  std::vector<TopicPartition> new_partitions_;
  std::vector<TopicPartition> pending_partitions_;
  std::vector<TopicPartition> partitions_;  // in the transaction
  bool transaction_started_ = false;
  bool end_sent_ = false;
  bool epoch_bump_required_ = false;
  List<OffsetAndEpoch> pending_offsets_;  // by partition

  SequenceTable sequences_;
  std::vector<Unresolved> unresolved_;
  std::vector<TopicPartition> to_rewrite_;  // idempotent only

  std::map<uint64_t, Result> results_;
  uint64_t last_result_ = 0;
  std::optional<Pending> pending_;
  std::vector<EmittedEvent> events_;
};

}  // namespace eosim::kafka
