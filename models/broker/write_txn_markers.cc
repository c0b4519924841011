// WriteTxnMarkers: a control batch into each partition of each marker, with acks=all. One answer,
// when all appends of all markers are decided (transactions.md 2.8). A success means that the
// marker is below the high watermark; what a marker on __consumer_offsets does to the offsets shows
// later (groups-streams-replication.md 2.5).
#include <algorithm>
#include <utility>

#include "models/broker/respond.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// An end-transaction control record: a key of 4 bytes and a value of 6 in a batch of its own.
constexpr uint32_t kMarkerBytes = kBatchOverheadBytes + 17;

RecordBatch control_batch(const TxnMarkerEntry& marker, int64_t timestamp_ms) {
  RecordBatch batch;
  batch.producer = marker.producer;
  batch.transactional = true;
  batch.count = 1;
  batch.bytes = kMarkerBytes;
  batch.max_timestamp_ms = timestamp_ms;
  batch.payload = Marker{marker.result, marker.coordinator_epoch};
  batch.instance = marker.instance;
  return batch;
}

}  // namespace

void Broker::handle(sim::Context& context, RequestToken token,
                    const WriteTxnMarkersRequest& request) {
  MarkerWrite write{token, request.markers, {}, request.markers.size()};
  for (const TxnMarkerEntry& marker : write.markers) {
    write.response.markers.push_back({marker.producer.id, {}});
  }
  const List<TxnMarkerEntry> markers = write.markers;
  const SlotId id = marker_writes_.put(std::move(write));
  const auto timeout = sim::milliseconds(config_.request_timeout_ms);
  for (uint32_t i = 0; i < markers.size(); ++i) {
    AppendOwner owner;
    owner.kind = AppendOwner::Kind::kMarkers;
    owner.token = id.packed();
    owner.marker = i;
    List<PartitionBatch> batches;
    List<PartitionError>& answers = marker_writes_.find(id)->response.markers[i].partitions;
    for (const TopicPartition partition : markers[i].partitions) {
      if (replicas_.log(partition) == nullptr) {
        answers.push_back({partition, Error::kUnknownTopicOrPartition});
        continue;
      }
      const BatchId batch =
          shared(context).batches.put(control_batch(markers[i], context.wall().ms()));
      batches.push_back({partition, batch});
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
  const sim::Duration delay =
      context.choices().log_normal(materialisation_stream_, materialisation_delay_);
  GroupCoordinator::Effects effects;
  groups_->on_marker_replicated(environment(context), partition.partition, marker.producer.id,
                                marker.result, delay, effects);
  carry_out(context, effects);
}

}  // namespace eosim::kafka
