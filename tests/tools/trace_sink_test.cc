// What holds for every format.
#include "models/protocol/events.h"
#include "models/scenario/simulation.h"
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;

TEST_CASE("a run with sinks has the digest of a run without") {
  sim::World bare = tiny_world();
  run_until(bare, {4'000'000'000});
  for (const TraceFormat& format : trace_formats()) {
    INFO(format.name);
    std::ostringstream out;
    sim::World watched = tiny_world();
    const auto sink = make_trace_sink(format.name, out, {});
    watched.set_observers({sink.get()});
    run_until(watched, {4'000'000'000});
    sink->finish(watched);
    CHECK(watched.digest() == bare.digest());
    CHECK(watched.steps() == bare.steps());
    CHECK_FALSE(out.str().empty());
  }
}

TEST_CASE("a whole run to its quiet end does not notice that it is watched") {
  const auto loaded = scenario::load_scenario(kTinyScenario, "tiny.json");
  REQUIRE(loaded);
  scenario::Simulation bare(loaded->scenario, {});
  scenario::Simulation watched(loaded->scenario, {});
  std::ostringstream out;
  const auto sink = make_trace_sink("jsonl", out, {});
  watched.watch(sink.get());
  const auto expected = bare.run();
  const auto result = watched.run();
  CHECK(result.digest_text() == expected.digest_text());
  CHECK(result.events == expected.events);
  CHECK(result.quiet_ns == expected.quiet_ns);
  CHECK(sink->written() > 0);
}

TEST_CASE("two traces of a run are the same") {
  for (const TraceFormat& format : trace_formats()) {
    CHECK(traced(std::string(format.name)) == traced(std::string(format.name)));
  }
}

TEST_CASE("the formats differ in timers and flushes only") {
  size_t background = 0;
  const auto lines = traced("jsonl");
  for (const std::string& line : lines) {
    background += line.find("\"event\":\"timer.fired\"") != std::string::npos;
    background += line.find("\"event\":\"disk.flushed\"") != std::string::npos;
  }
  CHECK(traced("text").size() + background == lines.size());
}

TEST_CASE("names of the kernel's events are none of the model's") {
  for (const std::string& name : kernel_event_names()) {
    for (const sim::EventKind& kind : kafka::event_kinds()) CHECK(kind.name != name);
  }
}
