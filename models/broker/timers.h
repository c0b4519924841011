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
  kHighWatermark,   // small: replica, large: offset (BrokerConfig::high_watermark_lag)
  kLoaded,          // the coordinators have read their logs
  kMarkerTimeout,   // small: destination; WriteTxnMarkers was not answered in time
};

constexpr sim::TimerTag timer_tag(BrokerTimer kind, uint32_t small = 0, uint64_t large = 0) {
  return {static_cast<uint32_t>(kind), small, large};
}
constexpr sim::TimerTag timer_tag(BrokerTimer kind, SlotId id) {
  return {static_cast<uint32_t>(kind), 0, id.packed()};
}

}  // namespace eosim::kafka
