#include "models/client/partition_sequences.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

auto place_of(auto& partitions, TopicPartition partition) {
  return std::lower_bound(
      partitions.begin(), partitions.end(), partition,
      [](const PartitionSequences& p, TopicPartition wanted) { return p.partition < wanted; });
}

}  // namespace

PartitionSequences& SequenceTable::at(TopicPartition partition) {
  auto place = place_of(partitions_, partition);
  if (place == partitions_.end() || place->partition != partition) {
    place = partitions_.insert(place, PartitionSequences{});
    place->partition = partition;
  }
  return *place;
}

const PartitionSequences* SequenceTable::find(TopicPartition partition) const {
  const auto place = place_of(partitions_, partition);
  return place == partitions_.end() || place->partition != partition ? nullptr : &*place;
}

void SequenceTable::forget(TopicPartition partition) {
  const auto place = place_of(partitions_, partition);
  if (place != partitions_.end() && place->partition == partition) partitions_.erase(place);
}

bool SequenceTable::has_in_flight(TopicPartition partition) const {
  const PartitionSequences* p = find(partition);
  return p != nullptr && !p->in_flight.empty();
}

bool SequenceTable::is_next(TopicPartition partition, Sequence sequence) const {
  const PartitionSequences* p = find(partition);
  const Sequence last_acked = p == nullptr ? Sequence{} : p->last_acked;
  return sequence == (last_acked.valid() ? sequence_plus(last_acked, 1) : Sequence{0});
}

void SequenceTable::go_over(PartitionSequences& p, ProducerIdAndEpoch producer) {
  p.producer = producer;
  p.next = Sequence{0};
  p.last_acked = {};
  p.last_acked_offset = {};
}

void SequenceTable::go_over_if_idle(TopicPartition partition, ProducerIdAndEpoch producer) {
  PartitionSequences& p = at(partition);
  if (p.producer != producer && p.in_flight.empty()) go_over(p, producer);
}

void SequenceTable::assign(ProducerBatch& batch, ProducerIdAndEpoch producer, bool restart_stale) {
  EOSIM_ASSERT(!batch.has_sequence() && producer.id.valid());
  PartitionSequences& p = at(batch.partition);
  if (p.producer != producer && p.in_flight.empty()) {
    restart_stale ? go_over(p, producer) : static_cast<void>(p.producer = producer);
  }
  EOSIM_ASSERT(p.producer == producer);
  batch.producer = producer;
  batch.base_sequence = p.next;
  p.next = sequence_plus(p.next, batch.count);
  p.in_flight.push_back(batch.number);
}

void SequenceTable::acknowledged(const ProducerBatch& batch, Offset base_offset) {
  PartitionSequences& p = at(batch.partition);
  // What a dropped pair had sent says nothing of the sequences of this one.
  if (p.producer == batch.producer) {
    p.last_acked = std::max(p.last_acked, batch.last_sequence());
    if (base_offset.valid()) {
      p.last_acked_offset = std::max(p.last_acked_offset, base_offset + (batch.count - 1));
    }
  }
  remove_in_flight(batch);
}

void SequenceTable::remove_in_flight(const ProducerBatch& batch) {
  std::vector<uint64_t>& in_flight = at(batch.partition).in_flight;
  in_flight.erase(std::remove(in_flight.begin(), in_flight.end(), batch.number), in_flight.end());
}

void SequenceTable::split(const ProducerBatch& batch, const std::vector<uint64_t>& pieces) {
  std::vector<uint64_t>& in_flight = at(batch.partition).in_flight;
  EOSIM_ASSERT(!pieces.empty() && pieces.front() == batch.number);
  const auto place = std::find(in_flight.begin(), in_flight.end(), batch.number);
  if (place == in_flight.end()) return;  // of a pair that was dropped; nobody waits for its order
  in_flight.insert(place + 1, pieces.begin() + 1, pieces.end());
}

void SequenceTable::close_gap(BatchTable& batches, const ProducerBatch& refused) {
  PartitionSequences& p = at(refused.partition);
  p.next = sequence_minus(p.next, refused.count);
  for (const uint64_t number : p.in_flight) {
    ProducerBatch& batch = batches.at(number);
    EOSIM_ASSERT(batch.number != refused.number);
    if (batch.base_sequence < refused.base_sequence) continue;
    batch.rewrite(batch.producer, sequence_minus(batch.base_sequence, refused.count));
  }
}

void SequenceTable::restart(BatchTable& batches, TopicPartition partition,
                            ProducerIdAndEpoch producer) {
  PartitionSequences& p = at(partition);
  Sequence next{0};
  for (const uint64_t number : p.in_flight) {
    ProducerBatch& batch = batches.at(number);
    batch.rewrite(producer, next);
    next = sequence_plus(next, batch.count);
  }
  p.producer = producer;
  p.next = next;
  p.last_acked = {};
}

}  // namespace eosim::kafka
