#include "models/client/offset_resetter.h"

#include <map>

#include "models/protocol/events.h"

namespace eosim::kafka {
namespace {

int64_t timestamp_of(OffsetReset reset) {
  EOSIM_ASSERT(reset != OffsetReset::kNone);
  return reset == OffsetReset::kEarliest ? kEarliestTimestamp : kLatestTimestamp;
}

}  // namespace

void emit_position(sim::Context& context, const ConsumerCore& core, TopicPartition partition,
                   Offset offset, bool reset) {
  context.emit(event_id(Event::kConsumerPosition),
               {name_field(core.config.group), partition.packed(), offset.value, reset ? 1 : 0});
}

bool OffsetResetter::asked(TopicPartition partition) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(), [&](const InFlight& request) {
    return std::any_of(request.partitions.begin(), request.partitions.end(),
                       [&](const auto& p) { return p.partition == partition; });
  });
}

bool OffsetResetter::still_asked(const ConsumerCore& core, const InFlight& request,
                                 TopicPartition partition) {
  const PartitionPosition* entry = core.subscriptions.find(partition);
  return entry != nullptr && request.assignment_number >= entry->assigned_at;
}

void OffsetResetter::send(sim::Context& context, ConsumerCore& core) {
  std::map<BrokerId, ListOffsetsRequest> requests;
  for (const PartitionPosition& entry : core.subscriptions.partitions()) {
    if (entry.state != PositionState::kAwaitReset || asked(entry.partition)) continue;
    if (context.steady() < entry.retry_at) {
      core.wake_at(entry.retry_at);
      continue;
    }
    const MetadataCache::Leader leader = core.usable_leader(context, entry.partition);
    if (!leader.broker.valid()) continue;
    requests[leader.broker].partitions.push_back(
        {entry.partition, timestamp_of(entry.reset), leader.epoch});
  }
  for (auto& [broker, request] : requests) {
    request.isolation = core.config.isolation;
    const uint64_t tag = core.next_tag();
    in_flight_.push_back({tag, core.subscriptions.assignment_number(), request.partitions});
    core.network.send(context, broker, Lane::kData, std::move(request), tag);
  }
}

void OffsetResetter::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  const std::optional<InFlight> request = take_request(in_flight_, reply.how.tag);
  EOSIM_ASSERT(request.has_value());
  if (reply.transport_error() != Error::kNone) {
    core.metadata.request_update();
    for (const auto& asked : request->partitions) {
      if (!still_asked(core, *request, asked.partition)) continue;
      core.back_off(context, asked.partition);
    }
    return;
  }
  for (const auto& answer : reply.get<ListOffsetsResponse>().partitions) {
    apply(context, core, *request, answer);
  }
}

void OffsetResetter::apply(sim::Context& context, ConsumerCore& core, const InFlight& request,
                           const ListOffsetsResponse::Partition& answer) {
  const PartitionPosition* entry = core.subscriptions.find(answer.partition);
  const auto asked = std::find_if(request.partitions.begin(), request.partitions.end(),
                                  [&](const auto& p) { return p.partition == answer.partition; });
  EOSIM_ASSERT(asked != request.partitions.end());
  // A seek, or a reset to the other end, since the request was sent: the answer is of the past.
  if (!still_asked(core, request, answer.partition) || entry->state != PositionState::kAwaitReset ||
      timestamp_of(entry->reset) != asked->timestamp) {
    return;
  }
  if (answer.error != Error::kNone) {
    core.metadata.request_update();
    core.back_off(context, answer.partition);
    return;
  }
  // Without an epoch: what a leader says of its own log needs no validation.
  core.subscriptions.seek(answer.partition, answer.offset);
  core.metadata.saw_epoch(answer.partition, answer.leader_epoch);
  emit_position(context, core, answer.partition, answer.offset, true);
}

}  // namespace eosim::kafka
