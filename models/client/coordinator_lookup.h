// Which broker coordinates the group (AbstractCoordinator.ensureCoordinatorReady,
// lookupCoordinator, markCoordinatorUnknown). Either thread of the consumer may ask; only one
// request is in flight.
#pragma once

#include <optional>

#include "models/client/consumer_reply.h"

namespace eosim::kafka {

struct ConsumerCore;

class CoordinatorLookup {
 public:
  // Known and not being reconnected to. Otherwise asks for it, at most once each retry.backoff.ms.
  bool ensure(sim::Context& context, ConsumerCore& core);
  std::optional<BrokerId> broker() const { return broker_; }
  // Gives the connection up: what is in flight on it has failed (coordinatorUnknown disconnects).
  void mark_unknown(sim::Context& context, ConsumerCore& core);
  // The same, unless another coordinator was found since the request was sent.
  void mark_unknown(sim::Context& context, ConsumerCore& core, const Reply& reply);
  // true: the coordinator is known now.
  bool on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

 private:
  std::optional<BrokerId> broker_;
  uint64_t tag_ = 0;  // of the request in flight
  sim::SteadyTime retry_at_;
  int32_t attempts_ = 0;  // since it was known last
};

}  // namespace eosim::kafka
