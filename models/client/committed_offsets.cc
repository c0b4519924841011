#include "models/client/committed_offsets.h"

#include "models/client/retry_count.h"

namespace eosim::kafka {
namespace {

// OffsetFetch can ask for stable offsets since this version (KIP-447).
constexpr int16_t kRequireStableVersion = 7;

// Dropped silently for a broker that does not know the flag, unless the application is to hear of
// it (groups-streams-replication.md 0.3). A connection whose versions are not known yet is taken
// for a new enough one; then the version of the answer tells.
bool knows_stable(std::optional<int16_t> version) {
  return !version || *version >= kRequireStableVersion;
}

}  // namespace

CommittedOffsets::Progress CommittedOffsets::advance(sim::Context& context, ConsumerCore& core,
                                                     const List<TopicPartition>& partitions,
                                                     uint64_t number) {
  EOSIM_ASSERT(!partitions.empty() && number != 0);
  if (number != number_ || partitions != asked_) {
    forget();
    wants_stable_ = core.config.switches.on(Switch::kRequireStable);
    asked_ = partitions;
    number_ = number;
  }
  if (!failure_.ok()) return Progress::kFailed;
  if (done_) return Progress::kDone;
  if (tag_ != 0) return Progress::kWaiting;
  if (context.steady() < retry_at_) {
    core.wake_at(retry_at_);
  } else if (core.lookup.ensure(context, core)) {
    send(context, core);
  }
  return Progress::kWaiting;
}

List<OffsetAndEpoch> CommittedOffsets::take() {
  EOSIM_ASSERT(done_);
  List<OffsetAndEpoch> found = std::move(found_);
  forget();
  return found;
}

void CommittedOffsets::forget() { *this = CommittedOffsets(); }

void CommittedOffsets::send(sim::Context& context, ConsumerCore& core) {
  const BrokerId broker = *core.lookup.broker();
  OffsetFetchRequest request;
  request.group = core.config.group;
  const auto version = core.network.version(broker, Lane::kGroupCoordinator, Rpc::kOffsetFetch);
  request.require_stable = wants_stable_ && knows_stable(version);
  request.partitions = asked_;
  tag_ = core.next_tag();
  core.network.send(context, broker, Lane::kGroupCoordinator, std::move(request), tag_);
}

bool CommittedOffsets::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  if (tag_ == 0 || reply.how.tag != tag_) return false;
  tag_ = 0;
  const Error transport = reply.transport_error();
  const bool answered = transport == Error::kNone;
  if (!answered) {
    on_error(context, core, transport, reply);
  } else if (wants_stable_ && !knows_stable(reply.how.version) &&
             core.config.switches.on(Switch::kFailIfStableUnsupported)) {
    failure_ = {Thrown::kFatal, Error::kUnsupportedVersion};
  } else {
    on_response(context, core, reply);
  }
  return true;
}

// OffsetFetchResponseHandler: one unstable partition spoils the whole answer, which is asked for
// again after a backoff.
void CommittedOffsets::on_response(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  const auto& response = reply.get<OffsetFetchResponse>();
  if (response.error != Error::kNone) {
    on_error(context, core, response.error, reply);
    return;
  }
  found_.clear();
  for (const auto& partition : response.partitions) {
    if (partition.error != Error::kNone) {
      on_error(context, core, partition.error, reply);
      return;
    }
  }
  for (const TopicPartition asked : asked_) {
    const auto it =
        std::find_if(response.partitions.begin(), response.partitions.end(),
                     [&](const auto& partition) { return partition.partition == asked; });
    EOSIM_ASSERT(it != response.partitions.end());
    found_.push_back({asked, it->offset, it->leader_epoch});
  }
  done_ = true;
}

void CommittedOffsets::on_error(sim::Context& context, ConsumerCore& core, Error error,
                                const Reply& reply) {
  switch (error) {
    case Error::kNetworkException:
    case Error::kNotCoordinator:
    case Error::kCoordinatorNotAvailable:
      core.lookup.mark_unknown(context, core, reply);
      count_retry(context, Rpc::kOffsetFetch);
      retry_at_ = core.backoff_end(context, ++attempts_);
      break;
    case Error::kCoordinatorLoadInProgress:
    case Error::kUnstableOffsetCommit:
      count_retry(context, Rpc::kOffsetFetch);
      retry_at_ = core.backoff_end(context, ++attempts_);
      break;
    default:
      // UNKNOWN_TOPIC_OR_PARTITION among them, though it is retriable elsewhere.
      failure_ = {Thrown::kFatal, error};
  }
}

}  // namespace eosim::kafka
