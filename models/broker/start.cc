// The first step of a life, and the moment from which a broker serves
// (groups-streams-replication.md 6.7, 6.8).
//
// Kafka opens its port when its logs have been recovered; that takes no time here.
#include <string>
#include <utility>

#include "models/broker/broker.h"
#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::kafka {

void Broker::start(sim::Context& context) {
  const std::string name(context.name(context.process()));
  metadata_stream_ = context.choices().stream("metadata " + name);
  metadata_delay_ =
      sim::LogNormal::from_median_p99(config_.metadata_delay_median, config_.metadata_delay_p99);
  load_stream_ = context.choices().stream("coordinator-load " + name);
  materialisation_stream_ = context.choices().stream("offsets-worker " + name);
  materialisation_delay_ = sim::LogNormal::from_median_p99(config_.offset_materialisation_median,
                                                           config_.offset_materialisation_p99);
  const auto patience = [&](uint32_t line) {
    switch (line) {
      case kMetadataLine:  // controller.quorum.request.timeout.ms
        return sim::milliseconds(2'000);
      case kLifecycleLine:  // BrokerLifecycleManager's channel
        return sim::milliseconds(config_.broker_session_timeout_ms / 2);
      default:
        return sim::milliseconds(config_.request_timeout_ms);
    }
  };
  for (uint32_t line = 0; line < kLineCount; ++line) {
    controller_[line] =
        PeerLine(line_number(LinePurpose::kController, line), config_.controller, patience(line));
  }
  if (!has_controller() || context.world().incarnation(context.process()) == 1) {
    // Registered since before time began.
    fenced_ = false;
    const MetadataImage& first = shared(context).metadata[config_.image];
    for (const BrokerMetadata& broker : first.brokers) {
      if (broker.id == config_.id) broker_epoch_ = broker.epoch;
    }
    known_version_ = first.version;
    shared(context).metadata.retain(config_.image);
    begin_serving(context, config_.image);
    // Others may not have had their first step; who had, and looked for them, would find nobody.
    context.wake(context.actor(), timer_tag(BrokerTimer::kAwake));
    return;
  }
  awake_ = true;
  stage_ = Stage::kRegistering;
  previous_epoch_ = read_clean_mark(context);
  say_hello(context);
}

void Broker::wake_up(sim::Context& context) {
  awake_ = true;
  if (!has_controller()) return;
  fetch_metadata(context);
  arm_hello(context);
}

void Broker::begin_serving(sim::Context& context, MetadataId first) {
  const MetadataImage& cluster = shared(context).metadata[first];
  const uint32_t incarnation = context.world().incarnation(context.process());
  EOSIM_ASSERT(stage_ != Stage::kServing && stage_ != Stage::kStopped);
  stage_ = Stage::kServing;
  replicas_ = ReplicaManager(config_);
  ReplicaFetchersConfig fetching;
  fetching.self = config_.id;
  fetching.version = config_.versions[static_cast<size_t>(Rpc::kFetch)].max;
  fetching.wait_max = sim::milliseconds(config_.replica_fetch_wait_max_ms);
  fetching.backoff = sim::milliseconds(config_.replica_fetch_backoff_ms);
  fetching.timeout = sim::milliseconds(config_.replica_socket_timeout_ms);
  fetching.min_bytes = config_.replica_fetch_min_bytes;
  fetching.max_bytes = static_cast<int32_t>(config_.replica_fetch_response_max_bytes);
  fetchers_ = ReplicaFetchers(fetching);
  fetchers_.set_broker_epoch(broker_epoch_);
  sessions_ = FollowerSessions({config_.replica_fetch_response_max_bytes});
  const int16_t version = config_.versions[static_cast<size_t>(Rpc::kWriteTxnMarkers)].max;
  marker_sender_ = MarkerSender({version, config_.request_timeout_ms}, cluster.brokers);
  verification_sender_ =
      VerificationSender(config_.versions[static_cast<size_t>(Rpc::kAddPartitionsToTxn)].max,
                         sim::milliseconds(config_.request_timeout_ms));
  transactions_.emplace(transaction_coordinator_config(config_, cluster));
  groups_.emplace(group_coordinator_config(config_, cluster, incarnation));
  coordinators_touched_ = true;
  replicas_.recover(context, cluster);
  if (previous_epoch_.valid()) write_clean_mark(context, {});  // good for one start
  shared(context).log_files = static_cast<uint32_t>(replicas_.partitions_in_cluster());
  applied_ = first;
  transactions_->on_start(environment(context));
  arm_producer_expiry(context);
  arm_maintenance(context);
  context.set_timer(context.actor(), isr_check_interval(), timer_tag(BrokerTimer::kIsrShrink));
  context.set_timer(context.actor(),
                    sim::milliseconds(config_.replica_high_watermark_checkpoint_interval_ms),
                    timer_tag(BrokerTimer::kCheckpoint));
  applied_ = {};
  apply_image(context, first);
}

void Broker::on_death(sim::Shared& world) {
  auto& kafka = static_cast<KafkaShared&>(world);
  if (applied_.valid()) kafka.metadata.release(applied_);
  for (const PendingImage& pending : pending_) kafka.metadata.release(pending.image);
  verifications_.each([&](const PendingVerification& pending) {
    if (!pending.produce) return;
    for (const auto& partition : pending.produce->partitions) {
      kafka.batches.release(partition.batch);
    }
  });
}

}  // namespace eosim::kafka
