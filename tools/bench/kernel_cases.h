// The kernel as a whole: the ping-pong model of tests/support, with so many messages in flight on
// as many connections. An event is one item taken from the queue: half of them are requests that
// reach the server, half are responses that reach the client. Each takes a keyed latency draw, goes
// into the digest as a fact when it is sent and when it arrives, and is stepped by its process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness.h"
#include "ping_pong.h"

namespace eosim::tools {

inline BenchCase kernel_case(uint32_t in_flight, const std::string& reference) {
  auto world = std::make_shared<std::unique_ptr<sim::World>>();
  return {"(c) ping-pong through the kernel, " + std::to_string(in_flight) + " in flight",
          [world, in_flight] {
            *world = std::make_unique<sim::World>(sim::ping_pong::make_world(1, in_flight));
            for (uint64_t i = 0; i < 20 * uint64_t{in_flight}; ++i) (*world)->step();
          },
          [world](uint64_t events) {
            for (uint64_t i = 0; i < events; ++i) (*world)->step();
            keep((*world)->digest());
            return events;
          },
          reference};
}

// Beside the bare queue of 10 000 entries, which is the scale for all of them.
inline void add_kernel_cases(Bench& bench) {
  for (const uint32_t in_flight : {1'000u, 100u, 10'000u}) {
    bench.add(kernel_case(in_flight, "(a) std::priority_queue, hold, 10000"));
  }
}

}  // namespace eosim::tools
