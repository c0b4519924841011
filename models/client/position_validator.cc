#include "models/client/position_validator.h"

#include <map>

#include "models/client/offset_resetter.h"

namespace eosim::kafka {

// SubscriptionState.maybeCompleteValidation: an answer is of the past when the position, its epoch
// or its leader is another one by now.
bool PositionValidator::still_asked(const ConsumerCore& core, const InFlight& request,
                                    const PartitionPosition& asked) {
  const PartitionPosition* entry = core.subscriptions.find(asked.partition);
  return entry != nullptr && request.assignment_number >= entry->assigned_at &&
         entry->state == PositionState::kAwaitValidation && entry->position == asked.position &&
         entry->offset_epoch == asked.offset_epoch && entry->leader == asked.leader;
}

void PositionValidator::send(sim::Context& context, ConsumerCore& core) {
  core.subscriptions.meet_leaders(core.metadata);
  struct Question {
    OffsetForLeaderEpochRequest request;
    List<PartitionPosition> positions;
  };
  std::map<BrokerId, Question> questions;
  for (const PartitionPosition& entry : core.subscriptions.partitions()) {
    if (entry.state != PositionState::kAwaitValidation || context.steady() < entry.retry_at) {
      continue;
    }
    const MetadataCache::Leader leader = core.usable(context, entry.leader);
    if (!leader.broker.valid()) continue;
    Question& question = questions[leader.broker];
    question.request.partitions.push_back({entry.partition, leader.epoch, entry.offset_epoch});
    question.positions.push_back(entry);
  }
  const sim::SteadyTime expiry =
      context.steady() + sim::milliseconds(core.config.request_timeout_ms);
  for (auto& [broker, question] : questions) {
    for (const auto& entry : question.positions) {
      core.subscriptions.back_off(entry.partition, expiry);
    }
    const uint64_t tag = core.next_tag();
    in_flight_.push_back({tag, core.subscriptions.assignment_number(), question.positions});
    core.network.send(context, broker, Lane::kData, std::move(question.request), tag);
  }
}

void PositionValidator::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  const std::optional<InFlight> request = take_request(in_flight_, reply.how.tag);
  EOSIM_ASSERT(request.has_value());
  const bool answered = reply.transport_error() == Error::kNone;
  if (!answered) core.metadata.request_update();
  for (size_t i = 0; i < request->positions.size(); ++i) {
    const PartitionPosition& asked = request->positions[i];
    if (!still_asked(core, *request, asked)) continue;
    if (!answered) {
      core.back_off(context, asked.partition);
      continue;
    }
    const auto& answer = reply.get<OffsetForLeaderEpochResponse>().partitions.at(i);
    EOSIM_ASSERT(answer.partition == asked.partition);
    apply(context, core, answer);
  }
}

void PositionValidator::apply(sim::Context& context, ConsumerCore& core,
                              const OffsetForLeaderEpochResponse::Partition& answer) {
  const TopicPartition partition = answer.partition;
  if (answer.error != Error::kNone) {
    core.metadata.request_update();
    core.back_off(context, partition);
    return;
  }
  const bool known = answer.end_offset.valid() && answer.leader_epoch.valid();
  if (known && answer.end_offset >= core.subscriptions.find(partition)->position) {
    core.subscriptions.validated(partition);
  } else if (core.config.auto_offset_reset == OffsetReset::kNone) {
    failure_ = {Thrown::kFatal, Error::kOffsetOutOfRange};
  } else if (known) {
    core.subscriptions.truncated(partition, answer.end_offset, answer.leader_epoch);
    emit_position(context, core, partition, answer.end_offset, true);
  } else {
    core.subscriptions.request_reset(partition, core.config.auto_offset_reset);
  }
}

}  // namespace eosim::kafka
