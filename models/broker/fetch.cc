// Fetch: batches from an offset up to what the reader may see: the high watermark, or the last
// stable offset for read_committed, with the aborted transactions it has to skip
// (groups-streams-replication.md 6.3, transactions.md 4.8). With too little there it waits for
// max.wait.ms; what moves the high watermark or the LSO looks at it again (Kafka's DelayedFetch).
//
// Followers have sessions of their own (follower_sessions.h). Left out for consumers: fetch
// sessions, which save bytes and change nothing, and the limit for each partition
// (max.partition.fetch.bytes).
#include <algorithm>
#include <utility>

#include "models/broker/respond.h"
#include "sim/assert.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token, const FetchRequest& request) {
  if (request.replica.valid()) {
    const auto ready = sessions_.on_request(context, replicas_, token, request);
    if (ready) respond(context, *ready, std::move(sessions_.response()));
    return;
  }
  // With nothing to wait for or no time to wait, the first look is the answer.
  const bool wait = request.max_wait_ms > 0 && request.min_bytes > 0 && !request.partitions.empty();
  if (try_fetch(context, token, request, wait ? FetchRead::kIfEnough : FetchRead::kAsItIs)) return;
  const sim::Duration patience = sim::milliseconds(request.max_wait_ms);
  const SlotId id = delayed_fetches_.park({token, request, sim::kNoTimer});
  delayed_fetches_.set_timer(
      id, context.set_timer(context.actor(), patience, timer_tag(BrokerTimer::kFetchTimeout, id)));
}

bool Broker::try_fetch(sim::Context& context, RequestToken token, const FetchRequest& request,
                       FetchRead read) {
  if (read == FetchRead::kIfEnough) {
    int64_t bytes = 0;
    bool error = false;
    for (const FetchRequest::Partition& partition : request.partitions) {
      const ReadableBytes readable =
          replicas_.readable(partition, request.isolation, request.min_bytes - bytes);
      bytes += readable.bytes;
      error = error || readable.error != Error::kNone;
    }
    if (!error && bytes < request.min_bytes) return false;
  }
  FetchResponse response;
  response.partitions.reserve(request.partitions.size());
  int64_t room = request.max_bytes;
  bool first = true;  // the first batch of an answer may be larger than the limit (KIP-74)
  for (const FetchRequest::Partition& partition : request.partitions) {
    response.partitions.push_back(replicas_.read(partition, request.isolation, room, first));
  }
  respond(context, token, std::move(response));
  return true;
}

void Broker::on_fetch_timeout(sim::Context& context, SlotId id) {
  if (delayed_fetches_.find(id) == nullptr) return;
  const ParkedFetch fetch = delayed_fetches_.take(id);
  const bool answered = try_fetch(context, fetch.request, fetch.body, FetchRead::kAsItIs);
  EOSIM_ASSERT(answered);
}

// Whether what this partition has to say ends a wait that the others could not end. A partition
// that moves comes here by itself, so a fetch for which any byte is enough need not look further.
bool Broker::may_be_enough(const FetchRequest& request, TopicPartition moved) const {
  if (request.min_bytes > 1) return true;
  for (const FetchRequest::Partition& asked : request.partitions) {
    if (asked.partition != moved) continue;
    const ReadableBytes readable = replicas_.readable(asked, request.isolation, 1);
    if (readable.bytes > 0 || readable.error != Error::kNone) return true;
  }
  return false;
}

void Broker::wake_fetches(sim::Context& context, TopicPartition partition) {
  const std::vector<SlotId>& watching = delayed_fetches_.watching(partition);
  for (size_t i = 0; i < watching.size();) {
    const SlotId id = watching[i];
    const ParkedFetch* fetch = delayed_fetches_.find(id);
    EOSIM_ASSERT(fetch != nullptr);
    if (may_be_enough(fetch->body, partition) &&
        try_fetch(context, fetch->request, fetch->body, FetchRead::kIfEnough)) {
      context.cancel(delayed_fetches_.take(id).timer);
    } else {
      ++i;
    }
  }
}

}  // namespace eosim::kafka
