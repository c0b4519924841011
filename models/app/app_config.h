// What an application is told: which topics, which guarantee, the settings of its clients.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/app/mistakes.h"
#include "models/app/topology.h"
#include "models/client/consumer_config.h"
#include "models/protocol/settings.h"
#include "models/protocol/switches.h"
#include "models/protocol/types.h"
#include "sim/time.h"

namespace eosim::kafka {

// The four columns of cli-and-scenarios.md 2.2, as what they change: who has a producer, and how
// offsets are committed.
enum class ProducerScope : uint8_t { kThread, kInputPartition };
enum class OffsetCommitWay : uint8_t {
  kPlain,             // OffsetCommit of the consumer, after the outputs are acknowledged
  kTransaction,       // TxnOffsetCommit with the group id only
  kTransactionFenced  // TxnOffsetCommit with member id and generation (KIP-447)
};

enum class AppKind : uint8_t {
  kLoop,                   // consume-transform-produce
  kTransactionalProducer,  //
  kIdempotentProducer,
  kConsumerGroup,  // consumes and commits
  kStreams,
};

// What an application that only writes is to write (cli-and-scenarios.md 2.3).
struct WorkConfig {
  int64_t records_per_1000s = 20'000;  // of an instance
  uint32_t record_bytes = 100;
  int32_t records = 10;    // of a transaction
  int32_t partitions = 2;  // that a transaction writes to
  uint32_t abort_thousandths = 0;
  sim::Duration gap;  // between two transactions
  sim::Time end;      // no new work from then on
  // Names the work in RecordTruth, as if it had been read: no topic of the cluster.
  TopicId stream;
};

struct AppConfig {
  AppKind kind = AppKind::kLoop;
  WorkConfig work;    // of kinds that only write
  Topology topology;  // of Streams
  std::string name;   // of the application, also its group id
  uint32_t instance = 0;
  // Whose group.instance.id it takes: its own, unless it replaces another instance.
  uint32_t identity = 0;
  uint16_t threads = 1;
  ProducerScope scope = ProducerScope::kThread;
  OffsetCommitWay commit = OffsetCommitWay::kTransactionFenced;
  Mistakes mistakes;
  std::vector<TopicShape> input;
  std::vector<TopicShape> output;
  int32_t fan_out = 1;
  sim::Duration transform_cost;
  Settings settings;
  Switches switches;
  ApiVersionTable versions{};
  List<BrokerAddress> brokers;
  // How long a supervisor takes to start a thread's clients again after a fatal error.
  sim::Duration restart_backoff = sim::seconds(1);

  std::string instance_name() const { return name + "-" + std::to_string(instance); }
};

}  // namespace eosim::kafka
