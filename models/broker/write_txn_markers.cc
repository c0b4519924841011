// WriteTxnMarkers: a control batch into each partition of each marker, with acks=all. One answer,
// when all appends of all markers are decided (transactions.md 2.8). A success means that the
// marker is below the high watermark; what a marker on __consumer_offsets does to the offsets shows
// later (groups-streams-replication.md 2.5).
#include <algorithm>
#include <utility>

#include "models/broker/respond.h"
#include "models/log/marker.h"
#include "sim/assert.h"

namespace eosim::kafka {

namespace {

// WriteTxnMarkers carries the transaction's version from here on (KIP-1228).
constexpr int16_t kVersionOfVersion = 2;

}  // namespace

void Broker::handle(sim::Context& context, RequestToken token,
                    const WriteTxnMarkersRequest& request) {
  MarkerWrite write{token, request.markers, {}, request.markers.size()};
  for (const TxnMarkerEntry& marker : write.markers) {
    write.response.markers.push_back({marker.producer.id, {}});
  }
  const List<TxnMarkerEntry> markers = write.markers;
  const SlotId id = marker_writes_.put(std::move(write));
  const bool knows_version =
      config_.versions[static_cast<size_t>(Rpc::kWriteTxnMarkers)].max >= kVersionOfVersion;
  const auto timeout = sim::milliseconds(config_.request_timeout_ms);
  for (uint32_t i = 0; i < markers.size(); ++i) {
    AppendOwner owner;
    owner.kind = AppendOwner::Kind::kMarkers;
    owner.token = id.packed();
    owner.marker = i;
    PartitionBatches batches;
    List<PartitionError>& answers = marker_writes_.find(id)->response.markers[i].partitions;
    for (const TopicPartition partition : markers[i].partitions) {
      const bool offsets = partition.topic == config_.consumer_offsets;
      Error error = Error::kNone;
      if (replicas_.log(partition) == nullptr) {
        error = Error::kUnknownTopicOrPartition;
      } else if (offsets && replicas_.leads(partition)) {
        error = groups_->admit_marker(partition.partition);
      }
      if (error != Error::kNone) {
        answers.push_back({partition, error});
        continue;
      }
      const TxnMarkerEntry& from = markers[i];
      const Marker marker{from.result, from.coordinator_epoch,
                          knows_version ? from.transaction_version : int16_t{0}};
      const BatchId batch = shared(context).batches.put(
          make_marker(from.producer, marker, context.wall().ms(), from.instance));
      batches.push_back(
          {partition, batch, {}, Error::kNone, !offsets || !groups_->writes_markers()});
    }
    // Also without any partition: the outcome comes through settle() like all others.
    append(context, owner, batches, kCoordinatorTerms, timeout);
  }
  if (markers.empty()) respond(context, token, marker_writes_.take(id).response);
}

void Broker::finish_marker(sim::Context& context, const FinishedAppend& finished) {
  const SlotId id = SlotId::unpacked(finished.owner.token);
  MarkerWrite* write = marker_writes_.find(id);
  EOSIM_ASSERT(write != nullptr && write->undecided > 0);
  const TxnMarkerEntry marker = write->markers.at(finished.owner.marker);
  List<PartitionError>& answers = write->response.markers[finished.owner.marker].partitions;
  for (const PartitionAppend& append : finished.partitions) {
    answers.push_back({append.partition, append.error});
  }
  if (--write->undecided == 0) {
    MarkerWrite done = marker_writes_.take(id);
    respond(context, done.request, std::move(done.response));
  }
  for (const PartitionAppend& append : finished.partitions) {
    if (append.error == Error::kNone && append.partition.topic == config_.consumer_offsets) {
      materialise_offsets(context, append.partition, marker);
    }
  }
}

void Broker::materialise_offsets(sim::Context& context, TopicPartition partition,
                                 const TxnMarkerEntry& marker) {
  sim::Duration delay{};
  if (!groups_->writes_markers()) {
    delay = context.choices().log_normal(materialisation_stream_, materialisation_delay_);
  }
  GroupCoordinator::Effects effects;
  groups_->on_marker_replicated(environment(context), partition.partition, marker.producer.id,
                                marker.result, delay, effects);
  carry_out(context, effects);
}

}  // namespace eosim::kafka
