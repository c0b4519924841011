// The transaction coordinator of one broker: variants A to E2 of transactions.md 6.1, by switches
// and by the versions of requests. A value without pointers. Each public function is one
// indivisible step (transactions.md 0.4): it looks at its state and the environment, changes its
// state and appends effects, which the broker carries out in order after the function has returned.
// Results come back in a later call, by token.
//
// The broker's part of the contract:
// - on_start() once, before anything else; next_deadline() may change with every call.
// - Producer ids from the store (kPidSource store_cas): while needs_producer_ids(),
//   give_producer_ids() before the next request. From the controller: FetchProducerIdsEffect, at
//   most one at any time, exactly one on_producer_ids() each; an error will do for a lost
//   connection. Without ids the coordinator answers COORDINATOR_LOAD_IN_PROGRESS (1.6).
// - AppendEffect: the one reference to the batch that the store counts goes with the effect; the
//   log (or, after a failed append, the broker) releases it. Exactly one on_append_done() for each,
//   also when leadership is lost in between. Errors are those of the partition leader, unmapped.
// - SendMarkersEffect: at most one in flight per destination at any time, exactly one
//   on_markers_done() each; null when disconnected or not answered within request.timeout.ms, after
//   which an answer must not be handed in any more. The coordinator keeps the reconnect backoff.
//   A destination that speaks only WriteTxnMarkers below 2 gets transaction_version 0.
// - begin_load() when this broker is elected for a partition, finish_load() when its log has been
//   read; resign() when it follows (with the epoch of the new leader) or has lost the replica. A
//   load that was cancelled in between may still be finished: nothing happens.
// - A crash destroys the coordinator; begin_load() and finish_load() bring it back from the log.
//
// Files: rules in transaction_metadata, init_producer_id, add_partitions, end_txn, bumping_end_txn,
// append_errors, describe_transactions; plumbing in transaction_cache, marker_channel,
// producer_ids; the steps in coordinator_*.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "models/protocol/effects.h"
#include "models/protocol/features.h"
#include "models/protocol/switches.h"
#include "models/transaction/marker_channel.h"
#include "models/transaction/pending_work.h"
#include "models/transaction/producer_ids.h"
#include "models/transaction/transaction_cache.h"

namespace eosim::kafka {

// kTransactionStuck: nothing here will end this transaction before its partition is loaded again.
EmittedEvent stuck_event(Name transactional_id, ProducerIdAndEpoch producer, Error error);

template <class Request>
Caller caller_of(RequestToken token, const Request& request, ProducerIdAndEpoch producer) {
  Caller caller;
  caller.is_client = true;
  caller.rpc = Request::kRpc;
  caller.version = request.header.version;
  caller.token = token;
  caller.producer = producer;
  return caller;
}

struct TransactionCoordinatorConfig {
  BrokerId self;
  TopicId transaction_topic;
  TopicId offsets_topic;
  int32_t transaction_partitions = 50;
  int32_t offsets_partitions = 50;
  int64_t transaction_max_timeout_ms = 900'000;
  int64_t transactional_id_expiration_ms = 604'800'000;
  int64_t abort_timed_out_interval_ms = 10'000;
  int64_t remove_expired_interval_ms = 3'600'000;
  int64_t request_timeout_ms = 30'000;  // the broker's
  Switches switches;
};

class TransactionCoordinator {
 public:
  using Effect =
      std::variant<AppendEffect, AnswerEffect<InitProducerIdResponse>,
                   AnswerEffect<AddPartitionsToTxnResponse>, AnswerEffect<AddOffsetsToTxnResponse>,
                   AnswerEffect<EndTxnResponse>, AnswerEffect<DescribeTransactionsResponse>,
                   AnswerEffect<ListTransactionsResponse>, SendMarkersEffect,
                   FetchProducerIdsEffect, EmittedEvent>;
  using Effects = std::vector<Effect>;

  explicit TransactionCoordinator(TransactionCoordinatorConfig config);

  // The timers of the two scans begin to run.
  void on_start(const CoordinatorEnv& env);

  void on_request(const CoordinatorEnv& env, RequestToken token,
                  const InitProducerIdRequest& request, Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token,
                  const AddPartitionsToTxnRequest& request, Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token,
                  const AddOffsetsToTxnRequest& request, Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token, const EndTxnRequest& request,
                  Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token,
                  const DescribeTransactionsRequest& request, Effects& effects);
  void on_request(const CoordinatorEnv& env, RequestToken token,
                  const ListTransactionsRequest& request, Effects& effects);

  void on_append_done(const CoordinatorEnv& env, uint64_t token, Error error, Effects& effects);
  void on_markers_done(const CoordinatorEnv& env, uint64_t token,
                       const WriteTxnMarkersResponse* response, Effects& effects);
  // This broker has applied new metadata.
  void on_metadata(const CoordinatorEnv& env, Effects& effects);

  sim::SteadyTime next_deadline() const;
  void on_deadline(const CoordinatorEnv& env, Effects& effects);

  bool needs_producer_ids() const { return producer_ids_.needs_block(); }
  void give_producer_ids(int64_t first, int32_t count);
  void on_producer_ids(const CoordinatorEnv& env, const ProducerIdsResult& result);

  // Leadership of a partition of __transaction_state (3.11). `log` is the whole log up to its end
  // in offset order, also what is not replicated yet.
  void begin_load(int32_t partition, CoordinatorEpoch epoch);
  void finish_load(const CoordinatorEnv& env, int32_t partition, CoordinatorEpoch epoch,
                   std::span<const BatchId> log, Effects& effects);
  void resign(int32_t partition, CoordinatorEpoch epoch, Effects& effects);

  // --- for checkers, tools and tests; const, no order beyond what each says -------------------

  int32_t partition_of(const Names& names, Name transactional_id) const;
  // visit(int32_t partition, CoordinatorEpoch, const TransactionMetadata&), by (partition,
  // Name::id).
  template <class Visit>
  void visit_transactions(Visit visit) const {
    for (const auto& [number, partition] : cache_.partitions()) {
      for (const TransactionMetadata& metadata : partition.transactions) {
        visit(number, partition.epoch, metadata);
      }
    }
  }
  const TransactionMetadata* find(const Names& names, Name transactional_id) const;
  const TransactionCache& cache() const { return cache_; }
  const MarkerChannel& markers() const { return channel_; }
  // Transactions whose markers are not all acknowledged, by Name::id.
  const std::map<uint32_t, PendingCompletion>& pending_completions() const { return completions_; }
  // Complete records whose append is to be tried again.
  const std::vector<PendingCompletion>& append_retries() const { return append_retries_; }
  // Appends whose outcome is not known, by token.
  const std::map<uint64_t, PendingAppend>& appends() const { return appends_; }
  size_t appends_in_flight() const { return appends_.size(); }
  bool fetches_producer_ids() const { return producer_ids_.in_flight(); }
  // AddPartitionsToTxn of partition leaders that is not answered.
  size_t open_batches() const { return batches_.size(); }
  // What every id that is not idle waits for, in the order of their text.
  std::vector<TransactionDebt> debts(const Names& names) const;

  void finalise(const FinalisedFeatures& features) { kafka::finalise(features, config_.switches); }
  const TransactionCoordinatorConfig& config() const { return config_; }

 private:
  // Switches that are looked at in more than one place.
  bool pending_first() const { return config_.switches.on(Switch::kPendingCheckFirst); }
  TxnLogValueVersion value_version() const { return log_value_version(config_.switches); }

  // Producer ids (coordinator_init.cc).
  std::optional<ProducerId> generate_producer_id(const CoordinatorEnv& env, Effects& effects);

  // Partitions of a transaction (coordinator_partitions.cc).
  void ask_for(const CoordinatorEnv& env, RequestToken token,
               const AddPartitionsToTxnRequest& request, Effects& effects);
  void add_partitions(const CoordinatorEnv& env, Caller caller, Name transactional_id,
                      const List<TopicPartition>& partitions,
                      const Ghost<TransactionInstance>& instance, Effects& effects);
  void verify(const CoordinatorEnv& env, const Caller& caller, Name transactional_id,
              Effects& effects);

  // Ends (coordinator_ends.cc).
  struct EndAsked {
    Name transactional_id;
    ProducerIdAndEpoch producer;
    ControlType result = ControlType::kAbort;
    EndPath path = EndPath::kPlain;
    bool fence = false;                // the abort inside a fence, not a client's request
    bool raises_cached_epoch = false;  // a fence: before the append
    Ghost<TransactionInstance> instance;
  };
  EndDecision decide(const TransactionMetadata& metadata, const EndAsked& asked) const;
  // Both false: Kafka's handler has died of an illegal state, UNKNOWN_SERVER_ERROR is answered.
  bool end_transaction(const CoordinatorEnv& env, Caller caller, const EndAsked& asked,
                       Effects& effects);
  bool fence(const CoordinatorEnv& env, Caller caller, TransactionMetadata& metadata,
             Effects& effects);
  void clear_for_abort(TransactionMetadata& metadata, const EndAsked& asked);

  // Answers (coordinator_answers.cc). Errors are as the rules name them; which code the caller
  // understands is found here.
  void answer(const Caller& caller, Name transactional_id, Error error, ProducerIdAndEpoch producer,
              Effects& effects);
  void answer_partitions(const Caller& caller, Name transactional_id, List<PartitionError> results,
                         Effects& effects);
  void note_refusal(const Caller& caller, Name transactional_id, Error told, Effects& effects);
  Error visible_error(const Caller& caller, Error error) const;

  // Appends to the transaction log (coordinator_appends.cc).
  void append(const CoordinatorEnv& env, PendingAppend pending, Effects& effects);
  Error finish_transition(const PendingAppend& pending, Error append_error, Effects& effects);
  void finish_prepare(const CoordinatorEnv& env, const PendingAppend& pending, Error error,
                      Effects& effects);
  void finish_complete(const CoordinatorEnv& env, const PendingAppend& pending, Error error,
                       Effects& effects);
  void finish_tombstones(const PendingAppend& pending, Error append_error, Effects& effects);

  // Markers (coordinator_markers.cc).
  void start_markers(const CoordinatorEnv& env, int32_t partition, CoordinatorEpoch epoch,
                     const TransactionMetadata& metadata, const TransactionTransit& complete,
                     Effects& effects);
  void enqueue_markers(const CoordinatorEnv& env, MarkerEntry entry, Effects& effects);
  void maybe_complete(const CoordinatorEnv& env, Name transactional_id, uint64_t completion,
                      Effects& effects);
  void append_complete(const CoordinatorEnv& env, PendingCompletion pending, Effects& effects);
  Error on_marker_answer(const CoordinatorEnv& env, const MarkerEntry& entry,
                         const WriteTxnMarkersResponse::Marker& answer, Effects& effects);
  bool forget_completion(Name transactional_id, uint64_t completion);
  bool still_ours(const MarkerEntry& entry);
  void wake_sender(const CoordinatorEnv& env, Effects& effects);
  void drop_markers(int32_t partition);

  // Scans (coordinator_scans.cc).
  void abort_timed_out(const CoordinatorEnv& env, Effects& effects);
  void remove_expired(const CoordinatorEnv& env, Effects& effects);

  TransactionCoordinatorConfig config_;
  TransactionCache cache_;
  ProducerIds producer_ids_;
  MarkerChannel channel_;
  std::map<uint64_t, PendingAppend> appends_;          // by token
  std::map<uint32_t, PendingCompletion> completions_;  // by Name::id of the transactional id
  std::vector<PendingCompletion> append_retries_;
  std::map<uint64_t, PendingBatch> batches_;  // by number
  uint64_t next_append_token_ = 1;
  uint64_t next_marker_token_ = 1;
  uint64_t next_completion_ = 1;
  uint64_t next_batch_ = 1;
  sim::SteadyTime next_abort_scan_ = sim::kSteadyNever;
  sim::SteadyTime next_expiry_scan_ = sim::kSteadyNever;
  sim::SteadyTime last_wake_{};  // of the marker sender
};

}  // namespace eosim::kafka
