// What a coordinator asks of the broker that hosts it. A handler is one indivisible step: it
// checks, changes its own state and returns effects; the broker carries them out in order and hands
// results back with their token (design.md section 1). So a coordinator knows neither broker nor
// kernel, and a table of the spec can drive it directly.
#pragma once

#include <cstdint>

#include "models/protocol/batch.h"
#include "models/protocol/clock.h"
#include "models/protocol/coverage.h"
#include "models/protocol/events.h"
#include "models/protocol/messages.h"
#include "models/protocol/names.h"
#include "sim/ids.h"

namespace eosim::kafka {

// A request whose answer is owed: enough for the broker to respond to it at any later step.
struct RequestToken {
  sim::ConnectionId connection;
  uint32_t correlation = 0;
  Encounter met;  // for who counts; decides nothing

  friend constexpr bool operator==(RequestToken a, RequestToken b) {
    return a.connection == b.connection && a.correlation == b.correlation;
  }
};

// Append this batch to that partition with origin COORDINATOR and acks=all, wait at most `timeout`;
// on_append_done(token, error, base offset) follows in this or a later step, never inside the
// handler.
struct AppendEffect {
  TopicPartition partition;
  BatchId batch;
  sim::Duration timeout;
  uint64_t token = 0;
  // false: written also with too few replicas in sync, and well as soon as it is below the high
  // watermark (the new group coordinator; transactions.md 2.6, step 7).
  bool min_isr = true;
};

template <class Response>
struct AnswerEffect {
  RequestToken request;
  Response response;
};

// What a handler may look at beside its own state.
struct CoordinatorEnv {
  Clock clock;
  Names& names;
  BatchStore& batches;
  const MetadataImage& metadata;  // what this broker has applied
};

}  // namespace eosim::kafka
