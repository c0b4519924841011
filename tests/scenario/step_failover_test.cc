// A failover in the middle of each step of a transaction: at every message that makes one, in every
// phase, and at every append, replication and decision, found in the trace of a run without faults.
// Each time the coordinator or a leader dies or has to hand over, and all ends right: nothing is
// torn, lost or doubled, nobody is misinformed, and nothing is owed in the end (transactions.md
// 3.11, 3.12).
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "loaded.h"

using namespace eosim;

namespace {

// A transaction every two seconds.
constexpr const char* kProducer = R"({
  "scenario_version": 1, "name": "steps", "kafka": "2.5", "calm": true,
  "duration": "22s", "settle": "120s",
  "topics": [{"name": "out", "partitions": 2, "config": {"min.insync.replicas": 2}}],
  "apps": [{"name": "app", "kind": "transactional-producer", "output": ["out"], "rate": 100,
            "transaction": {"records": 4, "partitions": 2, "gap": "2s", "abort": 0.1},
            "config": {"transaction.timeout.ms": 15000}}]
})";

// With offsets.
constexpr const char* kLoop = R"({
  "scenario_version": 1, "name": "steps", "kafka": "2.5", "calm": true,
  "duration": "22s", "settle": "120s",
  "brokers": {"config": {"group.initial.rebalance.delay.ms": 0}},
  "topics": [{"name": "in", "partitions": 1, "config": {"min.insync.replicas": 2}},
             {"name": "out", "partitions": 2, "config": {"min.insync.replicas": 2}}],
  "sources": [{"topic": "in", "rate": 1}],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "input": ["in"], "output": ["out"],
            "config": {"commit.interval.ms": 1000, "transaction.timeout.ms": 15000}}]
})";

enum class End { kCommit, kAbort, kCommitWithOffsets };

struct Base {
  std::string preset;
  End end = End::kCommit;
};

const char* name_of(End end) {
  constexpr const char* kNames[] = {"commit", "abort", "commit with offsets"};
  return kNames[static_cast<size_t>(end)];
}

struct Moment {
  std::string trigger;  // as a scenario says it
  sim::Time at{};
};

// What a transaction consists of, as messages and as facts.
constexpr const char* kRpcs[] = {"InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn",
                                 "Produce",        "TxnOffsetCommit",    "EndTxn",
                                 "WriteTxnMarkers"};
constexpr const char* kFacts[] = {"log.appended", "log.marker_appended", "replica.appended",
                                  "log.high_watermark", "transaction.transition"};

template <size_t size>
bool is_one_of(std::string_view word, const char* const (&words)[size]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// Numbers what happens as triggers do, and keeps what is within a transaction.
class Moments final : public sim::Observer {
 public:
  std::vector<Moment> all;

  bool wants_kernel_records() const override { return true; }
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) override {
    const bool sent = record.event == sim::KernelEvent::kSent;
    if (!sent && record.event != sim::KernelEvent::kDelivered) return;
    const std::string rpc(world.message_name(record.kind));
    if (!is_one_of(rpc, kRpcs)) return;
    const std::string phase = record.request ? sent ? "sent" : "delivered"
                              : sent         ? "handled"
                                             : "responded";
    note(R"("rpc":")" + rpc + R"(","phase":")" + phase + '"', record.at);
  }
  void on_event(const sim::World& world, const sim::TraceEvent& event) override {
    const std::string name(world.shared().event_kinds()[event.kind.index].name);
    if (is_one_of(name, kFacts)) note(R"("event":")" + name + '"', event.at);
  }

 private:
  void note(const std::string& what, sim::Time at) {
    const int nth = ++counts_[what];
    all.push_back({"{" + what + R"(,"nth":)" + std::to_string(nth) + "}", at});
  }
  std::map<std::string, int> counts_;
};

scenario::Scenario scenario_of(const Base& base, const std::string& faults) {
  scenario::Overrides overrides;
  overrides.preset = base.preset;
  if (!faults.empty()) overrides.sets = {"/faults=" + faults};
  const char* text = base.end == End::kCommitWithOffsets ? kLoop : kProducer;
  return scenario::testing::load_text(text, overrides).scenario;
}

scenario::RunOptions options_of(const Base& base) {
  scenario::RunOptions options;
  if (base.end != End::kAbort) return options;
  for (uint64_t i = 0; i < 20; ++i) options.overrides.push_back({"aborts of app-0/0", i, 1});
  return options;
}

// Of the run as it is without faults: InitProducerId, and everything of the first transactions up
// to their Complete record.
std::vector<Moment> moments_of(const Base& base) {
  const scenario::Scenario scenario = scenario_of(base, "");
  scenario::Simulation simulation(scenario, options_of(base));
  Moments moments;
  simulation.watch(&moments);
  const scenario::RunResult result = simulation.run();
  REQUIRE(result.verdict == scenario::Verdict::kPass);
  REQUIRE(result.quiet_ns);
  const sim::Time until = sim::Time{} + sim::seconds(5);
  std::erase_if(moments.all, [&](const Moment& moment) { return moment.at > until; });
  return moments.all;
}

struct Failover {
  const char* what;
  std::string text;  // a fault without its moment
};

std::vector<Failover> failovers(const Base& base) {
  const std::string coordinator = R"("target":"coordinator:txn:app-0-0")";
  std::vector<Failover> all = {
      {"the coordinator dies", R"("kind":"crash","for":"12s",)" + coordinator},
      {"the coordinator starts again", R"("kind":"crash","for":"500ms",)" + coordinator},
      {"the coordinator moves", R"("kind":"move_coordinator",)" + coordinator},
      {"a leader dies", R"("kind":"crash","for":"12s","target":"leader:out-0")"},
      {"a leader moves", R"("kind":"move_leader","partition":"out-0")"},
  };
  if (base.end == End::kCommitWithOffsets) {
    all.push_back({"the group's coordinator dies",
                   R"("kind":"crash","for":"12s","target":"coordinator:group:app")"});
    all.push_back({"the group's coordinator moves",
                   R"("kind":"move_coordinator","target":"coordinator:group:app")"});
  }
  return all;
}

// One of `stride` runs, others for each base.
void strike_everywhere(size_t stride) {
  size_t number = 0;
  size_t struck = 0;
  for (const char* preset : {"2.5", "3.6", "4.0", "4.2"}) {
    for (const End end : {End::kCommit, End::kAbort, End::kCommitWithOffsets}) {
      const Base base{preset, end};
      const std::vector<Moment> moments = moments_of(base);
      INFO(preset << ' ' << name_of(end));
      CHECK(moments.size() > 60);
      for (const Moment& moment : moments) {
        for (const Failover& failover : failovers(base)) {
          if (++number % stride != 0) continue;
          const std::string fault = R"([{"on":)" + moment.trigger + ',' + failover.text + "}]";
          INFO(failover.what << ": " << fault);
          const scenario::Scenario scenario = scenario_of(base, fault);
          const scenario::RunResult result = scenario::Simulation(scenario, options_of(base)).run();
          for (const auto& violation : result.violations) CHECK(violation.summary == "");
          for (const std::string& waiting : result.waiting) CHECK(waiting == "");
          CHECK(result.verdict == scenario::Verdict::kPass);
          CHECK(result.quiet_ns);
          struck += result.faults.at(0).struck ? 1 : 0;
        }
      }
    }
  }
  CHECK(struck == number / stride);
}

}  // namespace

TEST_CASE("a failover in the middle of a step of a transaction ends right: a sample of the steps") {
  strike_everywhere(61);
}

TEST_CASE("a failover in the middle of each step of a transaction ends right", "[.][full]") {
  strike_everywhere(1);
}
