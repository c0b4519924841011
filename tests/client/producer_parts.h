// The parts of a producer without a world: accumulator, metadata, transaction manager.
#pragma once

#include "catch.h"
#include "models/client/accumulator.h"
#include "models/client/transaction_manager.h"

namespace eosim::kafka {

inline constexpr BrokerId kBroker{1};
constexpr sim::SteadyTime at(int64_t ms) { return sim::SteadyTime{} + sim::milliseconds(ms); }

// A producer's parts, with one broker that leads both partitions of one topic.
struct Parts {
  explicit Parts(const char* preset = "2.5", bool transactional = true)
      : config(make(preset, transactional)),
        metadata(300'000, 100),
        accumulator(config),
        manager(config) {
    MetadataImage image;
    image.topics.resize(1);
    image.topics[0].topic = TopicId{0};
    image.topics[0].partitions.assign(2, {kBroker, LeaderEpoch{0}, {}});
    metadata.update(image);
  }
  static ProducerConfig make(const char* preset, bool transactional) {
    ProducerConfig config;
    if (transactional) config.transactional_id = Name{7};
    config.switches = preset_switches(*find_preset(preset));
    config.linger_ms = 5;
    return config;
  }
  TopicPartition p(int32_t number) const { return {TopicId{0}, number}; }
  uint64_t append(int32_t partition, int64_t now, uint32_t bytes = 100) {
    Record record;
    record.bytes = bytes;
    accumulator.append(p(partition), record, at(now));
    return accumulator.newest();
  }
  std::vector<uint64_t> drain(int64_t now) {
    const auto numbers = accumulator.drain(kBroker, metadata, manager, at(now));
    return {numbers.begin(), numbers.end()};
  }
  bool sendable(int64_t now, bool flush = false) {
    return !accumulator.ready(metadata, at(now), flush).brokers.empty();
  }
  void settle(uint64_t number, Error error, int64_t now, int64_t base_offset = 0) {
    accumulator.answered(number);
    ProducerBatch& batch = accumulator.batch(number);
    if (error == Error::kNone) {
      manager.acknowledged(batch, Offset{base_offset});
      accumulator.finish(number);
    } else if (manager.may_retry(batch, error, {}, accumulator.batches())) {
      accumulator.reenqueue(number, at(now));
    } else {
      manager.batch_failed(batch, error, true, accumulator.batches());
      accumulator.finish(number);
    }
  }
  // The next request, which must be this one.
  TxnRequest take(Rpc rpc, bool incomplete = false) {
    TransactionManager::Next next = manager.next_request(incomplete);
    REQUIRE(next.request.has_value());
    REQUIRE(next.request->rpc == rpc);
    return *next.request;
  }
  void initialize(int64_t id = 1000, int16_t epoch = 0) {
    const ApiAnswer init = manager.init_transactions();
    manager.on_init_producer_id(take(Rpc::kInitProducerId),
                                {{}, Error::kNone, {ProducerId{id}, ProducerEpoch{epoch}}});
    manager.seen(init.result);
  }
  // In a transaction with both partitions.
  void begin() {
    initialize();
    manager.coordinator_ready(int16_t{3});
    REQUIRE(manager.begin_transaction({}).ok());
    manager.register_partition(p(0));
    manager.register_partition(p(1));
    manager.on_add_partitions(take(Rpc::kAddPartitionsToTxn),
                              {{}, {{p(0), Error::kNone}, {p(1), Error::kNone}}});
  }

  ProducerConfig config;
  MetadataCache metadata;
  Accumulator accumulator;
  TransactionManager manager;
};

}  // namespace eosim::kafka
