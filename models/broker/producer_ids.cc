// Blocks of producer ids (transactions.md 1.6): before 3.0 a compare-and-set on a ZooKeeper node,
// which the broker waits for; since then a request to the controller.
#include <utility>

#include "models/broker/broker.h"
#include "models/broker/timers.h"

namespace eosim::kafka {

// The store's blocks, before a request that may take an id.
void Broker::take_producer_ids(sim::Context& context) {
  if (!transactions_->needs_producer_ids()) return;
  const int64_t block = shared(context).next_producer_id_block++;
  transactions_->give_producer_ids(block * ProducerIdBlock::kBlockSize,
                                   ProducerIdBlock::kBlockSize);
}

void Broker::carry_out_one(sim::Context& context, AppendOwner::Kind, FetchProducerIdsEffect&) {
  if (!has_controller()) {
    const int64_t block = shared(context).next_producer_id_block++;
    const ProducerIdsResult result{Error::kNone, block * ProducerIdBlock::kBlockSize,
                                   static_cast<int32_t>(ProducerIdBlock::kBlockSize)};
    return transactions_->on_producer_ids(environment(context), result);
  }
  AllocateProducerIdsRequest request;
  request.broker = config_.id;
  request.broker_epoch = broker_epoch_;
  controller_[kIdsLine].send(context, std::move(request));
}

// Null: no answer. What went wrong is the coordinator's to wait after.
void Broker::on_producer_ids(sim::Context& context, const AllocateProducerIdsResponse* response) {
  ProducerIdsResult result;
  if (response == nullptr) {
    result.error = Error::kNetworkException;
  } else {
    result = {response->error, response->first, response->count};
  }
  transactions_->on_producer_ids(environment(context), result);
  coordinators_touched_ = true;
}

}  // namespace eosim::kafka
