// What a run did, in numbers (cli-and-scenarios.md 2.7): fed by facts like the checkers, and
// judging nothing. Counts are of the whole run; rates and latencies of the window between warm-up
// and the end of `duration`, by the simulation's clock.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/check/check_config.h"
#include "models/check/facts.h"
#include "models/protocol/shared.h"
#include "sim/trace.h"
#include "sim/world.h"

namespace eosim::check {

// A value in thousandths, so that rates keep their fraction without floating point.
struct Metric {
  std::string name;  // "transactions.committed"
  int64_t thousandths = 0;
};

struct MetricsConfig {
  std::vector<kafka::TopicId> input_topics;  // written by sources
  std::vector<kafka::TopicId> output_topics;
  kafka::TopicId transaction_topic;
  std::vector<sim::ProcessId> auditors;    // whose deliveries count,
  std::vector<std::string> reader_groups;  // with those of groups that write nothing
  sim::Time window_begin{};
  sim::Time window_end{};
};

class Metrics : public sim::Observer {
 public:
  explicit Metrics(MetricsConfig config) : config_(std::move(config)) {}

  void on_event(const sim::World& world, const sim::TraceEvent& event) override;
  // In the order of their names.
  std::vector<Metric> all(const sim::World& world) const;

 private:
  struct Arrivals {
    TopicPartition partition;
    std::vector<int64_t> at_ns;  // by offset
  };
  struct Takeover {
    Name group;
    TopicPartition partition;
    Name owner;             // who has it now
    int64_t since_ns = -1;  // since when it waits for its first commit; -1: has committed
  };

  // Producers of a process, and of which life of it.
  struct Living {
    uint32_t incarnation = 0;
    uint64_t producers = 0;
  };

  // The controller's record of a partition, as it was last.
  struct Leadership {
    int64_t leader_epoch = 0;
    uint64_t isr = 0;
    int copies = 0;  // that began before the first change: all of them in sync
    bool changed = false;
  };

  Living& living(const sim::World& world, sim::ProcessId process);
  void on_partition_changed(const sim::TraceEvent& event);
  bool in_window(sim::Time at) const {
    return at >= config_.window_begin && at < config_.window_end;
  }
  bool is_input(TopicPartition partition) const;
  bool is_output(TopicPartition partition) const;
  void on_appended(const sim::TraceEvent& event);
  void on_delivered(const kafka::KafkaShared& shared, const sim::TraceEvent& event);
  void on_assigned(const sim::TraceEvent& event);
  void on_offset_committed(const sim::TraceEvent& event);
  void on_transition(const sim::TraceEvent& event);
  Takeover& takeover(Name group, TopicPartition partition);

  MetricsConfig config_;
  std::vector<Arrivals> arrivals_;
  std::vector<Takeover> takeovers_;
  std::vector<int64_t> latencies_ns_;
  std::vector<int64_t> takeover_ns_;
  std::set<uint32_t> transactional_ids_;  // ever used by an application
  std::set<std::pair<uint32_t, uint16_t>> plain_producers_;
  std::vector<Living> living_;  // by process
  uint64_t records_in_ = 0;
  uint64_t records_in_window_ = 0;
  uint64_t records_out_ = 0;
  uint64_t records_delivered_ = 0;
  uint64_t delivered_window_ = 0;
  uint64_t appends_leader_ = 0;
  uint64_t appends_state_log_ = 0;
  uint64_t markers_ = 0;
  uint64_t begun_ = 0;
  uint64_t committed_ = 0;
  uint64_t aborted_ = 0;
  uint64_t timed_out_ = 0;
  uint64_t initialised_ = 0;
  uint64_t offsets_committed_ = 0;
  uint64_t rebalances_ = 0;
  uint64_t fencings_ = 0;
  uint64_t elections_ = 0;
  uint64_t unclean_ = 0;
  uint64_t isr_shrinks_ = 0;
  uint64_t isr_expands_ = 0;
  uint64_t truncations_ = 0;
  uint64_t truncated_ = 0;  // records
  uint64_t replicated_ = 0;
  PartitionMap<Leadership> leaderships_;
};

}  // namespace eosim::check
