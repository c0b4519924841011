// The causal story of a violation. The run is made once more, watched by a StoryObserver that knows
// what the violation is about and writes down what matters to it: faults on the processes involved,
// sessions missed, generations, positions taken by new owners, commits, fences, refusals. At most a
// dozen lines are told; the last one is the violation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/check/check_config.h"
#include "models/check/ledger.h"
#include "models/check/violation.h"
#include "sim/trace.h"

namespace eosim::check {

class StoryObserver : public sim::Observer {
 public:
  static constexpr size_t kLinesMax = 12;

  StoryObserver(CheckConfig config, Violation violation);

  void on_event(const sim::World& world, const sim::TraceEvent& event) override;
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) override;
  bool wants_kernel_records() const override { return true; }

  // "12.003s  app-0 pauses for 15s", in order of time.
  std::vector<std::string> lines() const;

 private:
  // How much a line matters: when there are too many, the lesser and then the older go.
  enum class Weight : uint8_t { kDetail, kStep, kCause, kEffect };
  struct Line {
    int64_t at_ns = 0;
    Weight weight = Weight::kDetail;
    sim::ProcessId process;   // kNoProcess: whoever it is, it matters
    bool fault = false;       // begins here
    bool fault_ends = false;  // began at began_ns
    int64_t began_ns = 0;
    std::string text;
  };

  bool over(int64_t now_ns) const { return now_ns > violation_.time_ns; }
  int64_t begin_ns() const;
  bool involved(sim::ProcessId process) const;
  bool involved(Name tid) const;
  bool is_instance(uint64_t number) const;
  const Place* place(TopicPartition partition, Offset offset) const;
  void add(int64_t at_ns, Weight weight, sim::ProcessId process, std::string text);
  std::string open_work(const sim::World& world, sim::ProcessId process) const;
  std::string member(const sim::World& world, Name member) const;

  bool concerns(TopicPartition partition) const;
  void replica_facts(const sim::World& world, const sim::TraceEvent& event);
  void log_facts(const sim::World& world, const sim::TraceEvent& event);
  void transaction_facts(const sim::World& world, const sim::TraceEvent& event);
  void group_facts(const sim::World& world, const sim::TraceEvent& event);
  void consumer_facts(const sim::World& world, const sim::TraceEvent& event);

  Violation violation_;
  Ledger ledger_;
  std::vector<sim::ProcessId> processes_;       // involved
  std::vector<std::pair<Name, Name>> clients_;  // of members
  std::vector<Line> lines_;
};

}  // namespace eosim::check
