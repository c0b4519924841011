// Memory of a run is bounded (design.md 3): its end takes what its middle took. What logs have to
// keep is for ever, so that topics here forget and coordinators' logs are compacted.
#include <malloc.h>

#include <algorithm>
#include <vector>

#include "catch.h"
#include "models/protocol/shared.h"
#include "models/scenario/load.h"
#include "models/scenario/simulation.h"

using namespace eosim;
using namespace eosim::scenario;

namespace {

constexpr const char* kLongRun = R"({
  "scenario_version": 1, "name": "long-run", "kafka": "2.5", "duration": "1800s", "settle": "120s",
  "limits": {"events": 100000000},
  "brokers": {"count": 3, "config": {
    "log.retention.check.interval.ms": 10000, "log.cleaner.delete.retention.ms": 20000,
    "offsets.topic.segment.bytes": 16384, "transaction.state.log.segment.bytes": 16384}},
  "topics": [
    {"name": "in", "partitions": 2, "replication_factor": 3,
     "config": {"segment.bytes": 65536, "segment.ms": 20000, "retention.ms": 60000}},
    {"name": "out", "partitions": 2, "replication_factor": 3,
     "config": {"segment.bytes": 65536, "segment.ms": 20000, "retention.ms": 60000}}],
  "sources": [{"topic": "in", "rate": 20, "record_size": 100}], "auditors": ["read_committed"],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "instances": 2, "input": ["in"], "output": ["out"],
            "config": {"commit.interval.ms": 1000}}],
  "chaos": {"mean_interval": "5s", "kinds": {"pause": 3, "crash": 3, "reset_connection": 4,
                                             "delay": 4, "rebalance": 2}}
})";

struct Sample {
  uint64_t references = 0;  // to batches: in logs, on their way, in hands
  uint64_t world = 0;       // bytes, as limits.memory counts them
  uint64_t heap = 0;        // bytes; what a sanitizer's allocator does not tell is 0
  size_t ledger = 0;
};

// The most that there was in each sixth of the run.
class MemoryWatch final : public sim::Observer {
 public:
  explicit MemoryWatch(const check::CheckSuite& checks) : most(6), checks_(checks) {}
  void on_event(const sim::World& world, const sim::TraceEvent& event) override {
    if (event.at < next_) return;
    next_ = next_ + sim::seconds(10);
    const auto sixth = static_cast<size_t>(event.at.ns / sim::seconds(300).ns);
    if (sixth >= most.size()) return;
    const auto& shared = static_cast<const kafka::KafkaShared&>(world.shared());
    const struct mallinfo2 heap = mallinfo2();
    raise(most[sixth].references, shared.batches.references());
    raise(most[sixth].world, world.memory_bytes());
    raise(most[sixth].heap, uint64_t{heap.uordblks + heap.hblkhd});
    raise(most[sixth].ledger, checks_.ledger().kept());
  }
  std::vector<Sample> most;

 private:
  template <class T>
  static void raise(T& most, T seen) {
    most = std::max(most, seen);
  }
  const check::CheckSuite& checks_;
  sim::Time next_{};
};

}  // namespace

TEST_CASE("half an hour of chaos takes no more memory at its end than in its middle") {
  auto loaded = load_scenario(kLongRun, "long-run.json", {});
  if (!loaded) FAIL(loaded.problem().text());
  const Scenario scenario = std::move(*loaded).scenario;
  Simulation simulation(scenario, {});
  MemoryWatch watch(simulation.checks());
  simulation.watch(&watch);
  const RunResult result = simulation.run();
  CHECK(result.verdict == Verdict::kPass);
  CHECK(result.events > 250'000);
  for (const Sample& sample : watch.most) {
    UNSCOPED_INFO(sample.references << " references, world " << sample.world << ", heap "
                                    << sample.heap << ", ledger " << sample.ledger);
  }
  const Sample& middle = watch.most[2];
  const Sample& end = watch.most[5];
  CHECK(end.references < middle.references + middle.references / 4);
  CHECK(end.world < middle.world + middle.world / 4);
  CHECK(end.ledger < middle.ledger + middle.ledger / 4);
  // Metrics are made of two times of each record, in vectors that double.
  const uint64_t of_metrics = 4 * sizeof(int64_t) * 18'000;
  CHECK(end.heap <= middle.heap + middle.heap / 4 + of_metrics);
}
