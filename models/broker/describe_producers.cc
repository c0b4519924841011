// DescribeProducers: what a leader knows of the producers of its partitions (KIP-664,
// transactions.md 2.11). With it an operator finds a hanging transaction, and ends it with a
// WriteTxnMarkers of his own.
#include <utility>

#include "models/broker/respond.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token,
                    const DescribeProducersRequest& request) {
  DescribeProducersResponse response;
  for (const TopicPartition partition : request.partitions) {
    DescribeProducersResponse::Partition described{partition, replicas_.leadership(partition), {}};
    if (described.error == Error::kNone) {
      for (const ProducerEntry& entry : replicas_.log(partition)->producers()) {
        described.producers.push_back({{entry.id, entry.epoch},
                                       entry.last_sequence(),
                                       entry.last_timestamp_ms,
                                       entry.coordinator_epoch,
                                       entry.open_transaction});
      }
    }
    response.partitions.push_back(std::move(described));
  }
  respond(context, token, std::move(response));
}

}  // namespace eosim::kafka
