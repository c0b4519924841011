#include "models/log/verification.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

const VerificationEntry* VerificationTable::find(ProducerId producer) const {
  const auto at = std::ranges::lower_bound(entries_, producer, {}, &VerificationEntry::producer);
  return at == entries_.end() || at->producer != producer ? nullptr : &*at;
}

VerificationGuard VerificationTable::begin(const VerificationRequest& request) {
  EOSIM_ASSERT(request.producer.id.valid() && request.producer.epoch.valid());
  const auto at =
      std::ranges::lower_bound(entries_, request.producer.id, {}, &VerificationEntry::producer);
  if (at == entries_.end() || at->producer != request.producer.id) {
    const VerificationGuard guard{++last_guard_};
    entries_.insert(at, {request.producer.id, request.producer.epoch, request.first_sequence, guard,
                         request.now_ms, request.supports_epoch_bump});
    return guard;
  }
  if (request.producer.epoch > at->epoch) {
    at->epoch = request.producer.epoch;
    at->lowest_sequence = request.first_sequence;
  } else if (request.producer.epoch == at->epoch) {
    at->lowest_sequence = std::min(at->lowest_sequence, request.first_sequence);
  }
  return at->guard;
}

void VerificationTable::appended(ProducerIdAndEpoch producer, bool marker) {
  if (entries_.empty()) return;
  const auto at = std::ranges::lower_bound(entries_, producer.id, {}, &VerificationEntry::producer);
  if (at == entries_.end() || at->producer != producer.id) return;
  const bool of_next = marker && at->supports_epoch_bump && at->epoch == producer.epoch;
  if (!of_next) entries_.erase(at);
}

void VerificationTable::expire(int64_t now_ms, int64_t expiration_ms) {
  std::erase_if(entries_, [&](const VerificationEntry& entry) {
    return now_ms - entry.timestamp_ms >= expiration_ms;
  });
}

}  // namespace eosim::kafka
