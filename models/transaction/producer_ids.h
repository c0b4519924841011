// The producer ids that this broker may give out (transactions.md 1.6): the block in use and, with
// a controller as the source, one that was fetched ahead. Kafka: ZkProducerIdManager (a synchronous
// compare-and-set when a block is used up), RPCProducerIdManager (KIP-730).
#pragma once

#include <cstdint>
#include <optional>

#include "models/protocol/errors.h"
#include "models/protocol/switches.h"
#include "models/transaction/producer_id_block.h"
#include "sim/time.h"

namespace eosim::kafka {

// Carried out by the broker: AllocateProducerIds to the controller, one at a time.
struct FetchProducerIdsEffect {};
// What came of it. Any error will do for a connection that broke.
struct ProducerIdsResult {
  Error error = Error::kNone;
  int64_t first = 0;
  int32_t count = 0;
};

class ProducerIds {
 public:
  static constexpr sim::Duration kRetryBackoff = sim::milliseconds(50);
  static constexpr int kSwapsMax = 3;

  explicit ProducerIds(PidSource source) : source_(source) {}

  // None: the caller answers COORDINATOR_LOAD_IN_PROGRESS, which old and new clients repeat. True
  // in `fetch`: a FetchProducerIdsEffect is due.
  std::optional<ProducerId> generate(sim::SteadyTime now, bool& fetch);

  // From the store.
  bool needs_block() const { return source_ == PidSource::kStoreCas && current_.empty(); }
  void give(int64_t first, int32_t count);
  // From the controller.
  void on_fetched(sim::SteadyTime now, const ProducerIdsResult& result);

  bool in_flight() const { return in_flight_; }

 private:
  bool may_fetch(sim::SteadyTime now);

  PidSource source_;
  ProducerIdBlock current_;
  std::optional<ProducerIdBlock> next_;
  bool in_flight_ = false;
  sim::SteadyTime backoff_until_{INT64_MIN};
};

}  // namespace eosim::kafka
