// What clients ask (transactions.md 2.3, 2.4, 2.5, 2.9): gates, then the rules, then an append or
// an answer.
#include <algorithm>

#include "models/transaction/add_partitions.h"
#include "models/transaction/end_txn.h"
#include "models/transaction/init_producer_id.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/assert.h"

namespace eosim::kafka {

namespace {

constexpr ProducerIdAndEpoch kNoProducer{};

bool is_empty(const Names& names, Name name) { return names.text(name).empty(); }

bool exists(const MetadataImage& metadata, TopicPartition partition) {
  if (partition.topic.value >= metadata.topics.size() || partition.partition < 0) return false;
  const auto& partitions = metadata.topics[partition.topic.value].partitions;
  return static_cast<size_t>(partition.partition) < partitions.size();
}

template <class Request>
Caller caller_of(RequestToken token, const Request& request, ProducerIdAndEpoch producer) {
  return {.is_client = true,
          .rpc = Request::kRpc,
          .version = request.header.version,
          .token = token,
          .producer = producer,
          .partitions = {}};
}

}  // namespace

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const InitProducerIdRequest& request, Effects& effects) {
  const ProducerIdAndEpoch expected =
      config_.switches.on(Switch::kInitExpectedPair) ? request.expected : kNoProducer;
  const Name tid = request.transactional_id;
  const Caller caller = caller_of(token, request, expected);
  const auto refuse = [&](Error error) { answer(caller, tid, error, kNoProducer, effects); };

  if (expected.id.valid() != expected.epoch.valid()) return refuse(Error::kInvalidRequest);
  if (!tid.valid()) {
    const auto id = producer_ids_.generate();
    if (!id) return refuse(Error::kCoordinatorLoadInProgress);
    return answer(caller, tid, Error::kNone, {*id, ProducerEpoch{0}}, effects);
  }
  if (is_empty(env.names, tid)) return refuse(Error::kInvalidRequest);
  const int32_t timeout_ms = request.transaction_timeout_ms;
  if (timeout_ms <= 0 || timeout_ms > config_.transaction_max_timeout_ms) {
    return refuse(Error::kInvalidTransactionTimeout);
  }
  const int32_t partition = partition_of(env.names, tid);
  TransactionCache::Found found = cache_.find(partition, tid);
  if (found.error != Error::kNone) return refuse(found.error);
  const int64_t now_ms = env.clock.wall.ms();
  if (found.metadata == nullptr) {
    const auto id = producer_ids_.generate();
    if (!id) return refuse(Error::kCoordinatorLoadInProgress);
    TransactionMetadata fresh;
    fresh.transactional_id = tid;
    fresh.producer = {*id, ProducerEpoch{}};
    fresh.timeout_ms = timeout_ms;
    fresh.last_update_ms = now_ms;
    found.metadata = &cache_.insert(partition, std::move(fresh));
  }

  InitDecision decision = decide_init(*found.metadata, expected);
  if (decision.step == InitDecision::Step::kRefuse) return refuse(decision.error);
  if (decision.step == InitDecision::Step::kFence) {
    return fence(env, caller, *found.metadata, effects);
  }
  if (decision.rotate) {
    const auto id = producer_ids_.generate();
    if (!id) return refuse(Error::kCoordinatorLoadInProgress);
    decision.producer.id = *id;
  }
  PendingAppend pending;
  pending.purpose = AppendPurpose::kInit;
  pending.partition = partition;
  pending.epoch = found.epoch;
  pending.transactional_id = tid;
  pending.transit = prepare_empty(*found.metadata, decision.producer, decision.last_producer_epoch,
                                  timeout_ms, now_ms);
  pending.caller = caller;
  append(env, std::move(pending), effects);
}

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const AddPartitionsToTxnRequest& request,
                                        Effects& effects) {
  Caller caller = caller_of(token, request, request.producer);
  caller.partitions = request.partitions;
  const bool all_exist =
      std::all_of(request.partitions.begin(), request.partitions.end(),
                  [&](TopicPartition partition) { return exists(env.metadata, partition); });
  if (all_exist) {
    return add_partitions(env, std::move(caller), request.transactional_id, request.partitions,
                          request.instance, effects);
  }
  // Step 2: one unknown partition keeps all others from being tried.
  AddPartitionsToTxnResponse response;
  for (const TopicPartition& partition : request.partitions) {
    response.partitions.push_back({partition, exists(env.metadata, partition)
                                                  ? Error::kOperationNotAttempted
                                                  : Error::kUnknownTopicOrPartition});
  }
  effects.push_back(
      make_event(Event::kTransactionRefused,
                 {request.transactional_id.id, static_cast<int64_t>(Rpc::kAddPartitionsToTxn),
                  static_cast<int64_t>(Error::kUnknownTopicOrPartition), request.producer.id.value,
                  request.producer.epoch.value}));
  effects.push_back(AnswerEffect<AddPartitionsToTxnResponse>{token, std::move(response)});
}

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const AddOffsetsToTxnRequest& request, Effects& effects) {
  const TopicPartition offsets{config_.offsets_topic,
                               env.names.partition_for(request.group, config_.offsets_partitions)};
  add_partitions(env, caller_of(token, request, request.producer), request.transactional_id,
                 {offsets}, request.instance, effects);
}

void TransactionCoordinator::add_partitions(const CoordinatorEnv& env, Caller caller,
                                            Name transactional_id,
                                            const List<TopicPartition>& partitions,
                                            const Ghost<TransactionInstance>& instance,
                                            Effects& effects) {
  const auto conclude = [&](Error error) {
    answer(caller, transactional_id, error, kNoProducer, effects);
  };
  if (is_empty(env.names, transactional_id)) return conclude(Error::kInvalidRequest);
  const int32_t partition = partition_of(env.names, transactional_id);
  const TransactionCache::Found found = cache_.find(partition, transactional_id);
  if (found.error != Error::kNone) return conclude(found.error);
  if (found.metadata == nullptr) return conclude(Error::kInvalidProducerIdMapping);
  const AddDecision decision = decide_add_partitions(*found.metadata, caller.producer, partitions);
  if (decision.already_registered) {
    found.metadata->instance = newer(found.metadata->instance, instance);
  }
  if (decision.error != Error::kNone || decision.already_registered) {
    return conclude(decision.error);
  }
  PendingAppend pending;
  pending.purpose = AppendPurpose::kAddPartitions;
  pending.partition = partition;
  pending.epoch = found.epoch;
  pending.transactional_id = transactional_id;
  pending.transit = prepare_ongoing(*found.metadata, partitions, env.clock.wall.ms(), instance);
  pending.caller = std::move(caller);
  append(env, std::move(pending), effects);
}

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const EndTxnRequest& request, Effects& effects) {
  end_transaction(env, caller_of(token, request, request.producer), request.transactional_id,
                  request.producer, EndOrigin::kClient,
                  request.committed ? ControlType::kCommit : ControlType::kAbort, effects);
}

void TransactionCoordinator::end_transaction(const CoordinatorEnv& env, Caller caller,
                                             Name transactional_id, ProducerIdAndEpoch ended,
                                             EndOrigin origin, ControlType result,
                                             Effects& effects) {
  const auto conclude = [&](Error error) {
    answer(caller, transactional_id, error, kNoProducer, effects);
  };
  if (is_empty(env.names, transactional_id)) return conclude(Error::kInvalidRequest);
  const int32_t partition = partition_of(env.names, transactional_id);
  const TransactionCache::Found found = cache_.find(partition, transactional_id);
  if (found.error != Error::kNone) return conclude(found.error);
  if (found.metadata == nullptr) return conclude(Error::kInvalidProducerIdMapping);
  TransactionMetadata& metadata = *found.metadata;
  const EndDecision decision =
      decide_end(metadata, ended, result, origin == EndOrigin::kClient,
                 config_.switches.as<ClientEndTxnEpoch>(Switch::kClientEndtxnEpoch));
  if (!decision.prepare) return conclude(decision.error);
  if (metadata.pending == TransactionState::kPrepareEpochFence) {
    EOSIM_ASSERT(origin == EndOrigin::kFence && result == ControlType::kAbort);
    raise_epoch_for_fence(metadata, ended.epoch,
                          config_.switches.as<FenceLastEpoch>(Switch::kFenceLastEpoch));
  }
  PendingAppend pending;
  pending.purpose = AppendPurpose::kPrepare;
  pending.partition = partition;
  pending.epoch = found.epoch;
  pending.transactional_id = transactional_id;
  pending.transit = prepare_end(metadata, result, env.clock.wall.ms());
  pending.caller = std::move(caller);
  pending.ended = ended;
  pending.fence = origin == EndOrigin::kFence;
  append(env, std::move(pending), effects);
}

// transactions.md 3.6: from PrepareEpochFence to the append of PrepareAbort it is one step.
void TransactionCoordinator::fence(const CoordinatorEnv& env, Caller caller,
                                   TransactionMetadata& metadata, Effects& effects) {
  EOSIM_ASSERT(!metadata.pending && metadata.state == TransactionState::kOngoing);
  const ProducerIdAndEpoch fenced = metadata.producer;
  const ProducerEpoch epoch = fence_epoch(metadata, config_.switches.on(Switch::kFailedFenceGuard));
  if (epoch.value < 0) {
    // Attempts that failed have used up all epochs (KAFKA-9666): an illegal state in Kafka.
    return answer(caller, metadata.transactional_id, Error::kUnknownServerError, kNoProducer,
                  effects);
  }
  metadata.pending = TransactionState::kPrepareEpochFence;
  if (epoch != fenced.epoch) {
    effects.push_back(make_event(Event::kTransactionFenced,
                                 {metadata.transactional_id.id, fenced.id.value, fenced.epoch.value,
                                  epoch.value, caller.is_client ? 0 : 1}));
  }
  end_transaction(env, std::move(caller), metadata.transactional_id, {fenced.id, epoch},
                  EndOrigin::kFence, ControlType::kAbort, effects);
}

Error TransactionCoordinator::visible_error(const Caller& caller, Error error) const {
  if (error != Error::kProducerFenced) return error;
  // The version from which a client understands code 90 (transactions.md 2.1).
  const int16_t first_version = caller.rpc == Rpc::kInitProducerId ? 4 : 2;
  const bool told =
      config_.switches.as<FenceCode>(Switch::kTcFenceCode) == FenceCode::kProducerFenced &&
      caller.version >= first_version;
  return told ? Error::kProducerFenced : Error::kInvalidProducerEpoch;
}

void TransactionCoordinator::answer(const Caller& caller, Name transactional_id, Error error,
                                    ProducerIdAndEpoch producer, Effects& effects) {
  if (!caller.is_client) return;  // a scan: errors are only logged, the next scan tries again
  const Error told = visible_error(caller, error);
  if (told != Error::kNone) {
    effects.push_back(make_event(
        Event::kTransactionRefused,
        {transactional_id.id, static_cast<int64_t>(caller.rpc), static_cast<int64_t>(told),
         caller.producer.id.value, caller.producer.epoch.value}));
    producer = kNoProducer;
  }
  switch (caller.rpc) {
    case Rpc::kInitProducerId: {
      EOSIM_ASSERT((told == Error::kNone) == producer.id.valid());
      EOSIM_ASSERT(told != Error::kNone || producer.epoch.value >= 0);
      InitProducerIdResponse response;
      response.error = told;
      response.producer = producer;
      effects.push_back(AnswerEffect<InitProducerIdResponse>{caller.token, response});
      return;
    }
    case Rpc::kAddPartitionsToTxn: {
      AddPartitionsToTxnResponse response;
      for (const TopicPartition& partition : caller.partitions) {
        response.partitions.push_back({partition, told});
      }
      effects.push_back(
          AnswerEffect<AddPartitionsToTxnResponse>{caller.token, std::move(response)});
      return;
    }
    case Rpc::kAddOffsetsToTxn: {
      AddOffsetsToTxnResponse response;
      response.error = told;
      effects.push_back(AnswerEffect<AddOffsetsToTxnResponse>{caller.token, response});
      return;
    }
    default: {
      EOSIM_ASSERT(caller.rpc == Rpc::kEndTxn);
      EndTxnResponse response;
      response.error = told;
      effects.push_back(AnswerEffect<EndTxnResponse>{caller.token, response});
    }
  }
}

}  // namespace eosim::kafka
