// A producer that goes on through crashes, pauses and resets of brokers: whatever happens it ends
// every call, and what it was told is what the logs say.
#include <map>

#include "producer_world.h"

namespace eosim::kafka::producer_test {
namespace {

constexpr int32_t kTransactions = 40;

// Commits transactions one after the other, as an application should: repeats a call that timed
// out, aborts after an abortable error, and begins with a new producer after a fatal one.
class LoopApp final : public sim::Process {
 public:
  LoopApp(ProducerConfig config, std::vector<TopicPartition> partitions, Name group)
      : producer(config),
        config_(std::move(config)),
        partitions_(std::move(partitions)),
        group_(group) {}

  Producer producer;
  int32_t committed = 0;
  int32_t producers = 1;
  std::vector<uint64_t> committed_instances;

  bool finished() const { return committed == kTransactions; }

  void step(sim::Context& context, const sim::Step& step) override {
    producer.step(context, step);
    if (step.actor != config_.application || finished()) return;
    if (!started_) {
      started_ = true;
      call_ = producer.init_transactions(context);
      return;
    }
    const std::optional<CallResult> result = producer.result(call_);
    if (result) go_on(context, *result);
  }
  std::unique_ptr<sim::Process> clone() const override { return std::make_unique<LoopApp>(*this); }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<LoopApp>(config_, partitions_, group_);
  }
  std::string describe() const override { return producer.waits_for(); }

 private:
  enum class Phase : uint8_t { kInit, kOffsets, kCommit, kAbort, kClose };

  void go_on(sim::Context& context, CallResult result) {
    if (phase_ == Phase::kClose) return start_again(context);
    if (result.thrown == Thrown::kTimeout) return repeat(context);
    if (!result.ok()) return recover(context, result);
    switch (phase_) {
      case Phase::kCommit:
        ++committed;
        committed_instances.push_back(producer.instance().number);
        if (finished()) return;
        [[fallthrough]];
      case Phase::kInit:
      case Phase::kAbort:
        return transact(context);
      default:
        phase_ = Phase::kCommit;
        call_ = producer.commit_transaction(context);
    }
  }
  void transact(sim::Context& context) {
    const CallResult begun = producer.begin_transaction(context);
    if (!begun.ok()) return recover(context, begun);
    for (const TopicPartition partition : partitions_) {
      Record record;
      record.bytes = 100;
      producer.send(context, partition, record);
    }
    phase_ = Phase::kOffsets;
    call_ = producer.send_offsets_to_transaction(
        context, {{partitions_[0], Offset{committed}, LeaderEpoch{0}}}, {group_, {}, {}, {}});
  }
  void repeat(sim::Context& context) {
    if (phase_ == Phase::kInit) call_ = producer.init_transactions(context);
    if (phase_ == Phase::kOffsets) recover(context, {Thrown::kAbortable, Error::kNone});
    if (phase_ == Phase::kCommit) call_ = producer.commit_transaction(context);
    if (phase_ == Phase::kAbort) call_ = producer.abort_transaction(context);
  }
  void recover(sim::Context& context, CallResult result) {
    const bool abortable =
        result.thrown == Thrown::kAbortable || result.thrown == Thrown::kCommitFailed;
    if (abortable && phase_ != Phase::kAbort) {
      phase_ = Phase::kAbort;
      call_ = producer.abort_transaction(context);
    } else {
      phase_ = Phase::kClose;
      call_ = producer.close(context, 5'000);
    }
  }
  void start_again(sim::Context& context) {
    ++config_.component;
    ++producers;
    producer = Producer(config_);
    phase_ = Phase::kInit;
    call_ = producer.init_transactions(context);
  }

  ProducerConfig config_;
  std::vector<TopicPartition> partitions_;
  Name group_;
  CallId call_;
  Phase phase_ = Phase::kInit;
  bool started_ = false;
};

void add_faults(sim::World& world, uint64_t seed) {
  // Enough variety from the seed alone.
  uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  const auto draw = [&](uint64_t bound) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % bound;
  };
  const sim::FaultKind kinds[] = {sim::FaultKind::kCrash, sim::FaultKind::kPause,
                                  sim::FaultKind::kResetConnection, sim::FaultKind::kDropResponse};
  for (int i = 0; i < 12; ++i) {
    sim::FaultSpec fault;
    fault.kind = kinds[draw(4)];
    fault.at = sim::Time{} + sim::milliseconds(static_cast<int64_t>(draw(20'000)));
    fault.length = sim::milliseconds(1) * static_cast<int64_t>(1ULL << draw(14));
    fault.target = "broker-" + std::to_string(draw(3));
    if (fault.kind == sim::FaultKind::kResetConnection ||
        fault.kind == sim::FaultKind::kDropResponse) {
      fault.length = sim::Duration{-1};
      fault.from = "app";
      fault.to = fault.target;
    }
    world.add_fault(fault);
  }
}

}  // namespace

TEST_CASE("a producer goes on through faults of brokers") {
  const char* preset = GENERATE("2.4", "2.5");
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    Options options;
    options.brokers = preset;
    options.client = preset;
    options.calm = false;
    options.seed = seed;
    options.request_timeout_ms = 2'000;
    options.delivery_timeout_ms = 4'000;
    options.max_block_ms = 3'000;
    ProducerWorld w(options);
    add_faults(w.world(), seed);
    const auto process = w.world().add_process(
        "app",
        std::make_unique<LoopApp>(w.producer_config("app"),
                                  std::vector<TopicPartition>{w.data(0), w.data(1), w.data(2)},
                                  w.shared().names.intern("group")));
    auto& app = static_cast<LoopApp&>(w.world().process(process));
    const sim::Time end = sim::Time{} + sim::seconds(600);
    while (!app.finished() && w.world().next_time() <= end && w.world().step()) {
    }
    CAPTURE(preset, seed, app.committed, app.describe());
    REQUIRE(app.finished());
    // Nobody was told of a commit that the coordinator did not decide: an aborted transaction of a
    // committed instance would show as a refused or missing end.
    std::map<int64_t, int64_t> told;
    for (const auto& event : w.watcher.of(Event::kTransactionEnded)) {
      told[event.fields[0]] = event.fields[2];
    }
    for (const uint64_t instance : app.committed_instances) {
      CHECK(told.at(static_cast<int64_t>(instance)) ==
            static_cast<int64_t>(CommitOutcome::kCommitted));
    }
    // Within one epoch the leaders took every sequence once, in order.
    std::map<std::vector<int64_t>, int64_t> next;
    for (const auto& event : w.watcher.of(Event::kLogAppended)) {
      if (event.fields[6] < 0) continue;
      const std::vector<int64_t> key = {event.fields[0], event.fields[4], event.fields[5]};
      if (next.contains(key)) CHECK(event.fields[6] == next[key]);
      next[key] = event.fields[6] + event.fields[2] - event.fields[1] + 1;
    }
  }
}

}  // namespace eosim::kafka::producer_test
