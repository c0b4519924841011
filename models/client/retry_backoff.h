// The pause between two attempts of a client: to send a batch, to reach a coordinator
// (transactions.md 5.6, KIP-580). A config is a ProducerConfig or a ConsumerConfig.
#pragma once

#include <algorithm>

#include "models/protocol/switches.h"
#include "sim/choices.h"
#include "sim/time.h"

namespace eosim::kafka {

// Up to 3.6 it is the same each time; later it doubles, and a new leader ends it.
inline bool backoff_grows(const Switches& switches) {
  return switches.as<RetryBackoff>(Switch::kBatchRetryBackoff) == RetryBackoff::kExponential;
}

// After the attempt with this number, counted from 1.
template <class Config>
sim::Duration retry_backoff(const Config& config, int32_t attempt, sim::Choices& choices,
                            sim::StreamId jitter) {
  const sim::Duration first = sim::milliseconds(config.retry_backoff_ms);
  if (!backoff_grows(config.switches)) return first;
  const int32_t doublings = std::clamp(attempt - 1, 0, 20);
  const int64_t most = std::max(config.retry_backoff_ms, config.retry_backoff_max_ms);
  const sim::Duration backoff =
      sim::milliseconds(std::min(int64_t{config.retry_backoff_ms} << doublings, most));
  return choices.uniform(jitter, backoff * 4 / 5, backoff * 6 / 5, backoff);
}

}  // namespace eosim::kafka
