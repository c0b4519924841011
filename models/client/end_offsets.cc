#include "models/client/end_offsets.h"

#include <map>

namespace eosim::kafka {

void EndOffsets::begin(List<TopicPartition> partitions, IsolationLevel isolation) {
  // What is in flight was asked by an earlier call, which has given up.
  for (InFlight& request : in_flight_) request.partitions.clear();
  found_.clear();
  retry_at_ = {};
  missing_ = std::move(partitions);
  std::sort(missing_.begin(), missing_.end());
  isolation_ = isolation;
}

bool EndOffsets::asked(TopicPartition partition) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(), [&](const InFlight& request) {
    return std::find(request.partitions.begin(), request.partitions.end(), partition) !=
           request.partitions.end();
  });
}

bool EndOffsets::advance(sim::Context& context, ConsumerCore& core) {
  if (missing_.empty()) return true;
  if (context.steady() < retry_at_) {
    core.wake_at(retry_at_);
    return false;
  }
  std::map<BrokerId, ListOffsetsRequest> requests;
  for (const TopicPartition partition : missing_) {
    if (asked(partition)) continue;
    const MetadataCache::Leader leader = core.usable_leader(context, partition);
    if (!leader.broker.valid()) continue;
    requests[leader.broker].partitions.push_back({partition, kLatestTimestamp, leader.epoch});
  }
  for (auto& [broker, request] : requests) {
    request.isolation = isolation_;
    InFlight& sent = in_flight_.emplace_back();
    sent.tag = core.next_tag();
    for (const auto& entry : request.partitions) sent.partitions.push_back(entry.partition);
    core.network.send(context, broker, Lane::kData, std::move(request), sent.tag);
  }
  return false;
}

bool EndOffsets::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  const std::optional<InFlight> request = take_request(in_flight_, reply.how.tag);
  if (!request) return false;
  if (request->partitions.empty()) return true;
  if (reply.transport_error() != Error::kNone) {
    core.metadata.request_update();
    retry_at_ = core.backoff_end(context);
    return true;
  }
  for (const auto& answer : reply.get<ListOffsetsResponse>().partitions) {
    if (answer.error != Error::kNone) {
      if (answer.error != Error::kUnknownLeaderEpoch) core.metadata.request_update();
      retry_at_ = core.backoff_end(context);
      continue;
    }
    const auto place = std::find(missing_.begin(), missing_.end(), answer.partition);
    if (place == missing_.end()) continue;
    missing_.erase(place);
    found_.push_back({answer.partition, answer.offset, answer.leader_epoch});
  }
  return true;
}

}  // namespace eosim::kafka
