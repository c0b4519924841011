// The broker's timers: TimerTag::kind, and what the tag's arguments are.
#pragma once

#include <cstdint>

#include "models/broker/slots.h"
#include "sim/process.h"

namespace eosim::kafka {

enum class BrokerTimer : uint32_t {
  kCoordinators,    // the earliest deadline of either coordinator
  kProducerExpiry,  // producer.id.expiration.check.interval.ms
  kProduceTimeout,  // large: SlotId of a parked append
  kFetchTimeout,    // large: SlotId of a parked fetch
  kAwake,           // everybody has had its first step
  kLoaded,          // small: replica, large: leader epoch; a coordinator has read its log
  kMarkerTimeout,   // small: destination; WriteTxnMarkers was not answered in time
  kLine,            // small: PeerLine; its request may be overdue
  kSessionWait,     // small: follower; a parked fetch of its may be due
  kFetcherBackoff,  // small: fetcher; it may ask again
  kFetchRetry,      // small: replica, large: attempt; its partition may be fetched again
  kIsrShrink,       // replica.lag.time.max.ms / 2
  kCheckpoint,      // replica.high.watermark.checkpoint.interval.ms
  kMetadata,        // the first image of the queue is applied
  kMetadataRetry,   // the controller is asked for metadata again
  kHeartbeat,       // broker.heartbeat.interval.ms, or the retry of a registration
  kAlterRetry,      // AlterPartition is sent again
  kVerification,    // large: SlotId of a verification that is tried again
  kMaintenance,     // log.retention.check.interval.ms
  kCleaner,         // log.cleaner.backoff.ms
  kFlushed,         // a flush has ended
  kShutdown,        // the controller does not let go: stop all the same
};

constexpr sim::TimerTag timer_tag(BrokerTimer kind, uint32_t small = 0, uint64_t large = 0) {
  return {static_cast<uint32_t>(kind), small, large};
}
constexpr sim::TimerTag timer_tag(BrokerTimer kind, SlotId id) {
  return {static_cast<uint32_t>(kind), 0, id.packed()};
}

}  // namespace eosim::kafka
