// An operator with Kafka's tool for hanging transactions (KIP-664; kafka-transactions.sh
// find-hanging and abort). Told of a partition, it asks in this order: who leads it (Metadata),
// what is open there (DescribeProducers, of the leader), who runs a transaction of those producers
// (ListTransactions, of all brokers), and whether the partition is in it (DescribeTransactions).
// What is open and in no transaction hangs: it writes the abort marker itself (WriteTxnMarkers to
// the leader), with the epochs that DescribeProducers told. One partition after another. Brokers
// that know no such requests end it at once; what fails otherwise is begun anew, for a minute
// (default.api.timeout.ms).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/client/broker_address.h"
#include "models/client/network_client.h"

#include "sim/process.h"

namespace eosim::kafka {

// TimerTag::kind of its control steps; TimerTag::large is the packed partition.
enum class OperatorControl : uint32_t { kAbortHanging };

struct OperatorConfig {
  std::string name;
  ApiVersionTable versions{};
  std::vector<BrokerAddress> brokers;
};

class OperatorProcess final : public sim::Process {
 public:
  explicit OperatorProcess(OperatorConfig config)
      : config_(std::move(config)), network_(NetworkClientConfig{}) {}

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  std::string describe() const override;

 private:
  enum class Phase : uint8_t { kIdle, kLeader, kProducers, kLists, kTransactions, kMarkers, kRest };
  struct Open {
    DescribeProducersResponse::Producer producer;
    bool known = false;  // a coordinator has it, and the partition in it
  };
  struct Running {
    BrokerId coordinator;
    Name transactional_id;
  };

  void start(sim::Context& context);
  void next(sim::Context& context);
  void begin(sim::Context& context);
  void rest(sim::Context& context);
  void finish(sim::Context& context);
  void on_ended(sim::Context& context, const Completions& ended);
  void on_leader(sim::Context& context, const MetadataResponse& response);
  void on_producers(sim::Context& context, const DescribeProducersResponse& response);
  void on_list(sim::Context& context, BrokerId broker, const ListTransactionsResponse& response);
  void on_transactions(sim::Context& context, const DescribeTransactionsResponse& response);
  void on_marker(sim::Context& context, const WriteTxnMarkersResponse& response);
  void ask_next_coordinator(sim::Context& context);
  void abort_next(sim::Context& context);
  template <class Request>
  void send(sim::Context& context, BrokerId broker, Request request);

  OperatorConfig config_;
  NetworkClient network_;
  std::vector<TopicPartition> wanted_;  // the first one is being looked at, unless idle
  Phase phase_ = Phase::kIdle;
  sim::SteadyTime give_up_at_;
  uint64_t question_ = 0;  // answers to older ones are not waited for any more
  BrokerId leader_;
  std::vector<BrokerId> to_list_;
  std::vector<Running> running_;
  std::vector<Open> open_;
};

}  // namespace eosim::kafka
