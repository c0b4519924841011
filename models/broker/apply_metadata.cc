// What a broker does with a new image (groups-streams-replication.md 6.9), in this order: its
// answers to Metadata and FindCoordinator, roles of partitions, coordinators. Images are applied in
// their order, each after a time of its own.
#include <utility>
#include <vector>

#include "models/broker/broker.h"
#include "models/protocol/features.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

bool knows(const MetadataImage& image, BrokerId id, BrokerEpoch epoch) {
  for (const BrokerMetadata& broker : image.brokers) {
    if (broker.id == id) return broker.epoch == epoch;
  }
  return false;
}

}  // namespace

void Broker::on_image(sim::Context& context, MetadataId image) {
  const sim::Duration delay =
      context.choices().log_normal(metadata_stream_, metadata_delay_) + slow_metadata_;
  sim::SteadyTime due = context.steady() + delay;
  if (!pending_.empty()) due = std::max(due, pending_.back().due);
  shared(context).metadata.retain(image);
  pending_.push_back({image, due});
  context.set_timer(context.actor(), due - context.steady(), timer_tag(BrokerTimer::kMetadata));
}

void Broker::on_image_due(sim::Context& context) {
  EOSIM_ASSERT(!pending_.empty());
  const MetadataId image = pending_.front().image;
  pending_.erase(pending_.begin());
  if (stage_ == Stage::kServing) return apply_image(context, image);
  // The first image of a life is one that knows of it.
  if (!knows(shared(context).metadata[image], config_.id, broker_epoch_)) {
    return shared(context).metadata.release(image);
  }
  begin_serving(context, image);
  say_hello(context);  // unfenced as soon as it has caught up
}

void Broker::apply_image(sim::Context& context, MetadataId id) {
  if (applied_.valid()) shared(context).metadata.release(applied_);
  applied_ = id;
  const MetadataImage& cluster = image(context);
  EOSIM_ASSERT(cluster.version > applied_version_);
  applied_version_ = cluster.version;
  context.emit(event_id(Event::kMetadataApplied), {applied_version_});
  if (cluster.features.epoch > features_epoch_) {
    features_epoch_ = cluster.features.epoch;
    finalise(cluster.features, config_.switches);
    transactions_->finalise(cluster.features);
  }
  replicas_.apply(context, cluster);
  apply_roles(context);
  TransactionCoordinator::Effects effects;
  transactions_->on_metadata(environment(context), effects);
  carry_out(context, effects);
}

void Broker::apply_roles(sim::Context& context) {
  const List<RoleChange> changes = replicas_.take_role_changes();
  std::vector<sim::TimerId> timers;
  for (const RoleChange& change : changes) {
    const Replica& replica = replicas_.at(change.replica);
    fetchers_.assign(replicas_, change.replica);
    if (!change.led) continue;
    if (!replica.leads()) {
      delayed_produces_.lost_leadership(replica.partition, finished_.waiting(), timers);
    }
    // Readers are told of the other leader, or of the other epoch.
    wake_fetches(context, replica.partition);
  }
  for (const sim::TimerId timer : timers) context.cancel(timer);
  // Who waited for an append hears of its end before its coordinator is gone.
  for (const FinishedAppend& append : finished_.take()) complete(context, append);
  for (const RoleChange& change : changes) {
    const Replica& replica = replicas_.at(change.replica);
    if (!is_coordinator_log(replica.partition)) continue;
    if (replica.leads()) {
      begin_load(context, replica);
    } else if (change.led) {
      resign(context, replica);
    }
  }
}

}  // namespace eosim::kafka
