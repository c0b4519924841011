// FindCoordinator: the leader, in this broker's view, of the internal topic's partition that the
// key belongs to (transactions.md 2.2, groups-streams-replication.md 6.9). The answer may be stale.
#include <algorithm>

#include "models/broker/respond.h"

namespace eosim::kafka {
namespace {

BrokerId leader_of_key(const MetadataImage& image, const Names& names, TopicId topic, Name key) {
  if (topic.value >= image.topics.size()) return {};
  const List<PartitionMetadata>& partitions = image.topics[topic.value].partitions;
  if (partitions.empty()) return {};
  const int32_t partition = names.partition_for(key, static_cast<int32_t>(partitions.size()));
  const BrokerId leader = partitions.at(static_cast<size_t>(partition)).leader;
  const bool alive = std::any_of(image.brokers.begin(), image.brokers.end(),
                                 [&](const auto& b) { return b.id == leader && b.alive; });
  return alive ? leader : BrokerId{};
}

}  // namespace

void Broker::handle(sim::Context& context, RequestToken token,
                    const FindCoordinatorRequest& request) {
  const TopicId topic = request.type == CoordinatorType::kGroup ? config_.consumer_offsets
                                                                : config_.transaction_state;
  FindCoordinatorResponse response;
  response.broker = leader_of_key(image(context), shared(context).names, topic, request.key);
  if (!response.broker.valid()) response.error = Error::kCoordinatorNotAvailable;
  respond(context, token, std::move(response));
}

}  // namespace eosim::kafka
