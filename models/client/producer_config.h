// What a producer is told when it is made: Kafka's settings by Kafka's names, its identity, where
// the brokers are, and the actors of its process that it works for.
#pragma once

#include <vector>

#include "models/client/broker_address.h"
#include "models/protocol/client_counters.h"
#include "models/protocol/messages.h"
#include "models/protocol/switches.h"
#include "sim/ids.h"

namespace eosim::kafka {

struct ProducerConfig {
  Name client_id;
  Name transactional_id;  // unset: idempotent only
  int32_t acks = -1;      // -1: all; 1. 0 is not modelled
  int32_t linger_ms = 0;
  int32_t batch_size = 16'384;
  int64_t buffer_memory = 33'554'432;
  int32_t max_request_size = 1'048'576;
  int32_t delivery_timeout_ms = 120'000;
  int32_t request_timeout_ms = 30'000;
  int32_t max_block_ms = 60'000;
  int32_t transaction_timeout_ms = 60'000;
  int32_t retries = INT32_MAX;
  int32_t retry_backoff_ms = 100;
  int32_t retry_backoff_max_ms = 1'000;
  int32_t reconnect_backoff_ms = 50;
  int32_t reconnect_backoff_max_ms = 1'000;
  int32_t metadata_max_age_ms = 300'000;
  int32_t max_in_flight = 5;
  // internal.auto.downgrade.txn.commit: to a coordinator that cannot read the membership in a
  // TxnOffsetCommit it is not told, instead of UnsupportedVersionException.
  bool downgrades_txn_commit = false;
  Switches switches;
  ApiVersionTable versions{};
  std::vector<BrokerAddress> brokers;
  sim::ActorId application;                 // the thread that calls
  sim::ActorId sender;                      // the I/O thread
  uint32_t component = 0;                   // TimerTag::small of this producer's timers
  ClientKind kind = ClientKind::kProducer;  // for the metrics: an application's, or a source

  bool transactional() const { return transactional_id.valid(); }
};

}  // namespace eosim::kafka
