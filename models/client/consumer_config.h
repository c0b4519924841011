// What a consumer is made with: Kafka's settings under Kafka's names, the switches and versions of
// its release, and its place in the client process.
#pragma once

#include <cstdint>

#include "models/client/broker_address.h"
#include "models/client/partition_assignor.h"
#include "models/protocol/client_counters.h"
#include "models/protocol/messages.h"
#include "models/protocol/switches.h"
#include "sim/ids.h"

namespace eosim::kafka {

enum class OffsetReset : uint8_t { kEarliest, kLatest, kNone };

// Defaults: groups-streams-replication.md 9 (for 2.4 and 2.5), but for the reset policy, which is
// "earliest" for applications that must not lose input.
struct ConsumerConfig {
  Name client_id;
  Name group;        // unset: only assign() may be used, nothing is committed (auditors)
  Name instance_id;  // unset: a dynamic member
  IsolationLevel isolation = IsolationLevel::kReadUncommitted;
  OffsetReset auto_offset_reset = OffsetReset::kEarliest;
  List<Assignor> assignors{Assignor::kRange};  // partition.assignment.strategy, by preference
  // Of Assignor::kApplication, where it is listed: its name ("stream") and the best protocol that
  // it supports.
  Name application_assignor;
  RebalanceProtocol application_protocol = RebalanceProtocol::kEager;
  bool leave_group_on_close = true;  // internal.leave.group.on.close
  int32_t session_timeout_ms = 10'000;
  int32_t heartbeat_interval_ms = 3'000;
  int32_t max_poll_interval_ms = 300'000;
  int32_t max_poll_records = 500;
  int32_t request_timeout_ms = 30'000;
  int32_t default_api_timeout_ms = 60'000;
  int32_t retry_backoff_ms = 100;
  int32_t retry_backoff_max_ms = 1'000;
  int32_t reconnect_backoff_ms = 50;
  int32_t reconnect_backoff_max_ms = 1'000;
  int32_t fetch_max_wait_ms = 500;
  int32_t fetch_min_bytes = 1;
  int32_t metadata_max_age_ms = 300'000;
  Switches switches{};
  ApiVersionTable versions{};
  List<BrokerAddress> brokers;
  sim::ActorId application;                 // the thread that polls
  sim::ActorId heartbeat;                   // of its own; not used without a group
  uint32_t component = 0;                   // TimerTag::small of every timer of this consumer
  ClientKind kind = ClientKind::kConsumer;  // for the metrics: an application's, or an auditor
};

}  // namespace eosim::kafka
