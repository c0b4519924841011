// What a producer does when brokers and connections fail.
#include "producer_world.h"

namespace eosim::kafka::producer_test {
namespace {

using C = Command;
using Words = std::vector<std::string>;

sim::FaultSpec crash(const std::string& broker, sim::Time at, sim::Duration length) {
  sim::FaultSpec fault;
  fault.kind = sim::FaultKind::kCrash;
  fault.word = "crash";
  fault.at = at;
  fault.length = length;
  fault.target = broker;
  return fault;
}

sim::FaultSpec pause(const std::string& broker, sim::Time at, sim::Duration length) {
  sim::FaultSpec fault = crash(broker, at, length);
  fault.kind = sim::FaultKind::kPause;
  fault.word = "pause";
  return fault;
}

std::string broker_name(int32_t number) { return "broker-" + std::to_string(number); }

// Sequences of what was appended, by partition, in order.
std::vector<int64_t> sequences(ProducerWorld& w, TopicPartition partition) {
  std::vector<int64_t> found;
  for (const auto& event : w.watcher.of(Event::kLogAppended)) {
    if (event.fields[0] == partition.packed()) found.push_back(event.fields[6]);
  }
  return found;
}

}  // namespace

TEST_CASE("a leader that restarts gets the batches again, once and in order") {
  for (const bool calm : {true, false}) {
    Options options;
    options.calm = calm;
    ProducerWorld w(options);
    const TopicPartition p = w.data(0);
    std::vector<Command> script = {{C::kInit, {}}, {C::kBegin, {}}};
    for (int i = 0; i < 40; ++i) {
      script.push_back({C::kSend, p, 1});
      script.push_back({C::kWait, {}, 10});
    }
    script.push_back({C::kCommit, {}});
    const auto app = w.add_app("app", script);
    w.world().add_fault(
        crash(broker_name(w.leader(p)), sim::Time{} + sim::milliseconds(300), sim::seconds(2)));
    REQUIRE(w.run(app));
    CHECK(w.app(app).log.back() == "ok");
    std::vector<int64_t> expected;
    for (const auto& event : w.watcher.of(Event::kLogAppended)) {
      if (event.fields[0] == p.packed()) expected.push_back(event.fields[1]);
    }
    // Offsets without gap are sequences without gap: one transaction, no marker in between.
    CHECK(sequences(w, p) == expected);
    CHECK(w.app(app).producer.failed_records() == 0);
  }
}

TEST_CASE("a transaction coordinator that is away is looked for until it is back") {
  ProducerWorld w;
  const auto app = w.add_app("app", {{C::kInit, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, w.data(0), 1},
                                     {C::kFlush, {}},
                                     {C::kWait, {}, 1'000},
                                     {C::kCommit, {}}});
  w.world().add_fault(crash(broker_name(w.transaction_coordinator()),
                            sim::Time{} + sim::milliseconds(700), sim::seconds(5)));
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok", "ok"});
  CHECK(w.world().now() > sim::Time{} + sim::seconds(5));
}

TEST_CASE("a call that times out goes on, and the same call finds its end") {
  // Before 3.1.1 only while the operation still goes on.
  Options options;
  options.max_block_ms = 2'000;
  ProducerWorld w(options);
  const auto app = w.add_app("app", {{C::kInit, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, w.data(0), 1},
                                     {C::kFlush, {}},
                                     {C::kWait, {}, 1'000},
                                     {C::kCommit, {}},
                                     {C::kAbort, {}},
                                     {C::kCommit, {}},
                                     {C::kCommit, {}},
                                     {C::kBegin, {}}});
  w.world().add_fault(pause(broker_name(w.transaction_coordinator()),
                            sim::Time{} + sim::milliseconds(800), sim::milliseconds(3'500)));
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok", "timeout", "illegal", "ok", "illegal", "ok"});
  const auto ended = w.watcher.of(Event::kTransactionEnded);
  REQUIRE(ended.size() == 2);
  CHECK(ended[0].fields[2] == static_cast<int64_t>(CommitOutcome::kUnknown));
  CHECK(ended[1].fields[2] == static_cast<int64_t>(CommitOutcome::kCommitted));
}

TEST_CASE("batches that expire abort the transaction; since KIP-360 the abort heals") {
  struct Row {
    const char* client;
    Words log;
  };
  const Row rows[] = {
      {"2.5", {"ok", "ok", "abortable REQUEST_TIMED_OUT", "ok", "ok", "ok"}},
      {"2.4",
       {"ok", "ok", "fatal REQUEST_TIMED_OUT", "fatal REQUEST_TIMED_OUT", "fatal REQUEST_TIMED_OUT",
        "fatal REQUEST_TIMED_OUT"}},
  };
  for (const Row& row : rows) {
    Options options;
    options.client = row.client;
    options.delivery_timeout_ms = 3'000;
    options.request_timeout_ms = 1'000;
    ProducerWorld w(options);
    // A partition whose leader is not the coordinator: AddPartitions goes through.
    int32_t number = 0;
    while (w.leader(w.data(number)) == w.transaction_coordinator()) ++number;
    const TopicPartition p = w.data(number);
    const auto app = w.add_app("app", {{C::kInit, {}},
                                       {C::kBegin, {}},
                                       {C::kWait, {}, 1'000},
                                       {C::kSend, p, 1},
                                       {C::kCommit, {}},
                                       {C::kAbort, {}},
                                       {C::kBegin, {}},
                                       {C::kCommit, {}}});
    w.world().add_fault(
        pause(broker_name(w.leader(p)), sim::Time{} + sim::milliseconds(900), sim::seconds(6)));
    REQUIRE(w.run(app));
    CAPTURE(row.client);
    CHECK(w.app(app).log == row.log);
    CHECK(w.app(app).producer.failed_records() == 1);
    if (std::string(row.client) == "2.5") {
      CHECK(w.app(app).producer.producer().epoch == ProducerEpoch{1});
    }
  }
}

TEST_CASE("a producer's timers also work on a host whose clock drifts") {
  for (const int64_t ppm : {333, 77'777, -333}) {
    Options options;
    options.linger_ms = 100;
    ProducerWorld w(options);
    std::vector<Command> script = {{C::kInit, {}}, {C::kBegin, {}}};
    for (int i = 0; i < 5; ++i) {
      script.push_back({C::kSend, w.data(i % 4), 1});
      script.push_back({C::kWait, {}, 300});
    }
    script.push_back({C::kCommit, {}});
    const auto app = w.add_app("app", script);
    sim::FaultSpec drift = pause("app", sim::Time{} + sim::milliseconds(1), sim::seconds(60));
    drift.kind = sim::FaultKind::kClockDrift;
    drift.word = "clock_drift";
    drift.ppm = ppm;
    w.world().add_fault(drift);
    REQUIRE(w.run(app));
    CHECK(w.app(app).log == Words{"ok", "ok", "ok"});
  }
}

TEST_CASE("close ends after a commit that timed out, failed, and was not repeated") {
  for (const bool kept : {false, true}) {
    Options options;
    options.max_block_ms = 500;
    options.delivery_timeout_ms = 3'000;
    options.request_timeout_ms = 1'000;
    ProducerWorld w(options);
    int32_t number = 0;
    while (w.leader(w.data(number)) == w.transaction_coordinator()) ++number;
    const TopicPartition p = w.data(number);
    ProducerConfig config = w.producer_config("app");
    config.switches.set(Switch::kLateResultKept, kept ? uint8_t{1} : uint8_t{0});
    auto scripted = std::make_unique<ScriptedApp>(config, w.shared().names.intern("group"));
    scripted->script = {{C::kInit, {}},        {C::kBegin, {}},  {C::kWait, {}, 1'000},
                        {C::kSend, p, 1},      {C::kCommit, {}}, {C::kWait, {}, 10'000},
                        {C::kClose, {}, 5'000}};
    const auto app = w.world().add_process("app", std::move(scripted), w.world().now());
    w.world().add_fault(
        pause(broker_name(w.leader(p)), sim::Time{} + sim::milliseconds(900), sim::seconds(20)));
    REQUIRE(w.run(app));
    CHECK(w.app(app).log == Words{"ok", "ok", "timeout", "ok"});
    CHECK(w.app(app).producer.closed());
  }
}

TEST_CASE("a copied producer goes on as the original does") {
  Options options;
  options.calm = false;
  ProducerWorld w(options);
  std::vector<Command> script = {{C::kInit, {}}};
  for (int i = 0; i < 20; ++i) {
    script.push_back({C::kBegin, {}});
    script.push_back({C::kSend, w.data(i % 4), 2});
    script.push_back({C::kOffsets, w.data(1), 0});
    script.push_back({C::kCommit, {}});
  }
  const auto app = w.add_app("app", script);
  w.run_for(sim::milliseconds(400));
  REQUIRE_FALSE(w.app(app).finished());
  sim::World copy = w.world();
  copy.set_observers({});
  REQUIRE(w.run(app));
  while (copy.steps() < w.world().steps() && copy.step()) {
  }
  CHECK(copy.digest() == w.world().digest());
  CHECK(w.app(app).log.size() == 61);
}

}  // namespace eosim::kafka::producer_test
