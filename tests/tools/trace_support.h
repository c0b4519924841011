// A small world of Kafka's for tests of the trace, and the words that come out.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "models/scenario/load.h"
#include "models/scenario/world_builder.h"
#include "tools/trace_sink.h"

namespace eosim::tools {

// Calm, so that latencies and intervals are their medians: ten records through one instance, which
// sleeps for a second.
inline constexpr const char* kTinyScenario = R"({
  "scenario_version": 1,
  "name": "tiny",
  "kafka": "2.5",
  "duration": "4s",
  "settle": "4s",
  "calm": true,
  "brokers": { "count": 1 },
  "topics": [
    { "name": "input", "partitions": 1, "replication_factor": 1 },
    { "name": "output", "partitions": 1, "replication_factor": 1 }
  ],
  "sources": [{ "topic": "input", "rate": 10, "count": 10 }],
  "apps": [
    {
      "name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
      "instances": 1, "threads": 2, "input": ["input"], "output": ["output"]
    }
  ],
  "faults": [{ "at": "1500ms", "kind": "pause", "target": "app-0", "for": "1s" }]
})";

inline sim::World tiny_world() {
  const auto loaded = scenario::load_scenario(kTinyScenario, "tiny.json");
  INFO((loaded ? std::string() : loaded.problem().text()));
  REQUIRE(loaded);
  return scenario::build_world(loaded->scenario, {loaded->scenario.seed, {}});
}

inline void run_until(sim::World& world, sim::Time end) {
  while (world.next_time() < end) world.step();
}

inline TraceFilter filter_of(const std::vector<std::string>& words) {
  const auto arguments = Arguments::parse(words, trace_filter_options(), {});
  REQUIRE(arguments);
  const auto filter = TraceFilter::from(*arguments);
  REQUIRE(filter);
  return *filter;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The lines that a sink writes of the tiny world.
inline std::vector<std::string> traced(const std::string& format,
                                       const std::vector<std::string>& filter_words = {},
                                       sim::Time end = {4'000'000'000}) {
  std::ostringstream out;
  sim::World world = tiny_world();
  const auto sink = make_trace_sink(format, out, filter_of(filter_words));
  world.set_observers({sink.get()});
  run_until(world, end);
  sink->finish(world);
  auto lines = lines_of(out.str());
  CHECK(lines.size() == sink->written());
  return lines;
}

}  // namespace eosim::tools
