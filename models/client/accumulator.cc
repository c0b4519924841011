#include "models/client/accumulator.h"

#include <algorithm>
#include <utility>

#include "models/client/transaction_manager.h"
#include "sim/assert.h"

namespace eosim::kafka {
Accumulator::Accumulator(const ProducerConfig& config)
    : linger_(sim::milliseconds(config.linger_ms)),
      retry_backoff_(sim::milliseconds(config.retry_backoff_ms)),
      delivery_timeout_(sim::milliseconds(config.delivery_timeout_ms)),
      batch_size_(static_cast<uint32_t>(config.batch_size)),
      max_request_size_(static_cast<uint32_t>(config.max_request_size)),
      one_in_flight_(config.max_in_flight == 1),
      new_leader_ends_backoff_(backoff_grows(config.switches)),
      split_halves_(config.switches.on(Switch::kSplitHalves)),
      memory_(config.buffer_memory) {}

const ProducerBatch* Accumulator::open_batch(TopicPartition partition, const Record& record) const {
  const Queue* q = queues_.find(partition);
  if (q == nullptr || q->waiting.empty()) return nullptr;
  const ProducerBatch& last = batches_.at(q->waiting.back());
  return last.open && last.bytes + record.bytes <= batch_size_ ? &last : nullptr;
}

int64_t Accumulator::buffer_for(const Record& record) const {
  return std::max<int64_t>(batch_size_, int64_t{record.bytes} + kBatchOverheadBytes);
}

bool Accumulator::has_room(TopicPartition partition, const Record& record) const {
  return open_batch(partition, record) != nullptr || memory_used_ + buffer_for(record) <= memory_;
}

void Accumulator::release_buffer(ProducerBatch& batch) {
  EOSIM_ASSERT(batch.buffer <= memory_used_);
  memory_used_ -= std::exchange(batch.buffer, 0);
}

bool Accumulator::append(TopicPartition partition, const Record& record, sim::SteadyTime now) {
  Queue& q = queues_[partition];
  bool news = false;
  if (!q.waiting.empty()) {
    ProducerBatch& last = batches_.at(q.waiting.back());
    if (last.open && last.bytes + record.bytes > batch_size_) {
      last.open = false;
      news = true;
    }
  }
  if (q.waiting.empty() || !batches_.at(q.waiting.back()).open) {
    const uint64_t number = next_number_;
    next_number_ += kBatchNumberStride;
    ProducerBatch& made = batches_[number];
    made.number = number;
    made.partition = partition;
    made.buffer = buffer_for(record);
    memory_used_ += made.buffer;
    made.created = now;
    made.last_attempt = now;
    q.waiting.push_back(number);
    ++undrained_;
    ++incomplete_;
    news = true;
  }
  ProducerBatch& batch = batches_.at(q.waiting.back());
  batch.records.push_back(record);
  batch.bytes += record.bytes;
  ++batch.count;
  if (batch.bytes >= batch_size_) {
    batch.open = false;
    news = true;
  }
  return news;
}

bool Accumulator::backing_off(const ProducerBatch& head, MetadataCache::Leader leader,
                              sim::SteadyTime now) const {
  if (head.attempts == 0 || now >= head.last_attempt + head.backoff) return false;
  return !(new_leader_ends_backoff_ && leader.epoch > head.leader_epoch);
}

Accumulator::Ready Accumulator::ready(const MetadataCache& metadata, sim::SteadyTime now,
                                      bool flush) const {
  Ready result;
  if (undrained_ == 0) return result;
  for (const auto& [partition, q] : queues_) {
    if (q.waiting.empty()) continue;
    const MetadataCache::Leader leader = metadata.leader(partition);
    if (!leader.broker.valid()) {
      result.unknown_leaders = true;
      continue;
    }
    if (one_in_flight_ && q.in_requests > 0) continue;
    const ProducerBatch& head = batches_.at(q.waiting.front());
    const bool full = q.waiting.size() > 1 || !head.open || exhausted_;
    const bool waits_for_backoff = backing_off(head, leader, now);
    const sim::Duration wait = waits_for_backoff ? head.backoff : linger_;
    const bool waited = now >= head.last_attempt + wait;
    if ((full || waited || flush) && !waits_for_backoff) {
      const auto& known = result.brokers;
      const bool first = std::find(known.begin(), known.end(), leader.broker) == known.end();
      if (first) result.brokers.push_back(leader.broker);
    } else {
      result.next = std::min(result.next, head.last_attempt + wait);
    }
  }
  std::sort(result.brokers.begin(), result.brokers.end());
  return result;
}

BatchNumbers Accumulator::drain(BrokerId broker, const MetadataCache& metadata,
                                TransactionManager& manager, sim::SteadyTime now) {
  BatchNumbers drained;
  sim::SmallList<TopicPartition, 8> partitions;
  for (const auto& [partition, q] : queues_) {
    if (metadata.leader(partition).broker == broker) partitions.push_back(partition);
  }
  uint32_t bytes = 0;
  for (size_t i = 0; i < partitions.size(); ++i) {
    const TopicPartition partition = partitions[drain_index_++ % partitions.size()];
    Queue& q = queues_[partition];
    if (q.waiting.empty() || (one_in_flight_ && q.in_requests > 0)) continue;
    ProducerBatch& head = batches_.at(q.waiting.front());
    const MetadataCache::Leader leader = metadata.leader(partition);
    if (backing_off(head, leader, now)) continue;
    if (!drained.empty() && bytes + head.bytes > max_request_size_) break;
    // Ends the pass for this broker: the next one starts behind this partition.
    if (!manager.may_drain(head, batches_)) break;
    if (!head.has_sequence()) {
      // Not before: a record that send() had refused goes with the transaction that sends it.
      head.instance = manager.instance();
      manager.assign_sequence(head);
    }
    head.open = false;
    head.in_request = true;
    head.last_attempt = now;
    head.leader_epoch = leader.epoch;
    ++q.in_requests;
    bytes += head.bytes;
    drained.push_back(head.number);
    q.waiting.pop_front();
    --undrained_;
  }
  return drained;
}

void Accumulator::reenqueue(uint64_t number, sim::SteadyTime now,
                            std::optional<sim::Duration> backoff) {
  ProducerBatch& batch = batches_.at(number);
  EOSIM_ASSERT(batch.has_sequence() && !batch.done && !batch.in_request);
  ++batch.attempts;
  batch.last_attempt = now;
  batch.backoff = backoff.value_or(retry_backoff_);
  insert_in_order(number);
}

void Accumulator::insert_in_order(uint64_t number) {
  Queue& q = queues_[batches_.at(number).partition];
  auto place = q.waiting.begin();
  while (place != q.waiting.end() && *place < number) ++place;
  q.waiting.insert(place, number);
  ++undrained_;
}

std::vector<uint64_t> Accumulator::split(uint64_t number, const List<Record>& records) {
  ProducerBatch whole = batches_.at(number);
  EOSIM_ASSERT(whole.has_sequence() && !whole.done && !whole.in_request && whole.count > 1);
  EOSIM_ASSERT(records.size() == static_cast<size_t>(whole.count));
  const uint32_t size = split_halves_ && whole.piece ? whole.bytes / 2 : batch_size_;
  release_buffer(whole);
  if (whole.stored.valid()) settled_.push_back(whole.stored);
  ProducerBatch empty = whole;
  empty.bytes = kBatchOverheadBytes;
  empty.count = 0;
  empty.attempts = 0;
  empty.last_attempt = whole.created;
  empty.rewritten = false;
  empty.stored = {};
  empty.stored_stale = false;
  empty.piece = true;
  empty.records.clear();
  batches_.erase(number);
  --incomplete_;
  std::vector<uint64_t> pieces;
  for (size_t i = 0; i < records.size(); ++i) {
    const bool fits =
        !pieces.empty() && batches_.at(pieces.back()).bytes + records[i].bytes <= size;
    if (!fits) {
      pieces.push_back(number + i);
      ProducerBatch& made = batches_[number + i] = empty;
      made.number = number + i;
      made.base_sequence = sequence_plus(whole.base_sequence, static_cast<int32_t>(i));
      ++incomplete_;
    }
    ProducerBatch& piece = batches_.at(pieces.back());
    piece.records.push_back(records[i]);
    piece.bytes += records[i].bytes;
    ++piece.count;
  }
  for (const uint64_t piece : pieces) insert_in_order(piece);
  return pieces;
}

std::vector<uint64_t> Accumulator::expired(sim::SteadyTime now) const {
  std::vector<uint64_t> numbers;
  for (const auto& [number, batch] : batches_) {
    if (!batch.done && now >= batch.created + delivery_timeout_) numbers.push_back(number);
  }
  return numbers;
}

sim::SteadyTime Accumulator::next_expiry() const {
  for (const auto& [number, batch] : batches_) {
    if (!batch.done) return batch.created + delivery_timeout_;  // they are in order of creation
  }
  return sim::kSteadyNever;
}

std::vector<uint64_t> Accumulator::unsent() const {
  std::vector<uint64_t> numbers;
  for (const auto& [number, batch] : batches_) {
    if (!batch.done && !batch.has_sequence()) numbers.push_back(number);
  }
  return numbers;
}

std::vector<uint64_t> Accumulator::incomplete_numbers() const {
  std::vector<uint64_t> numbers;
  for (const auto& [number, batch] : batches_) {
    if (!batch.done) numbers.push_back(number);
  }
  return numbers;
}

void Accumulator::finish(uint64_t number) {
  ProducerBatch& batch = batches_.at(number);
  if (!batch.done) {
    EOSIM_ASSERT(incomplete_ > 0);
    --incomplete_;
    batch.done = true;
    release_buffer(batch);
    std::deque<uint64_t>& waiting = queues_[batch.partition].waiting;
    undrained_ -= std::erase(waiting, number);
  }
  if (batch.in_request) return;
  if (batch.stored.valid()) settled_.push_back(batch.stored);
  batches_.erase(number);
}

void Accumulator::drop_all() {
  for (const auto& [number, batch] : batches_) {
    if (batch.stored.valid()) settled_.push_back(batch.stored);
  }
  queues_.clear();
  undrained_ = 0;
  batches_.clear();
  incomplete_ = 0;
  memory_used_ = 0;
}

void Accumulator::answered(uint64_t number) {
  ProducerBatch& batch = batches_.at(number);
  EOSIM_ASSERT(batch.in_request);
  batch.in_request = false;
  Queue& q = queues_[batch.partition];
  EOSIM_ASSERT(q.in_requests > 0);
  --q.in_requests;
}

bool Accumulator::complete_up_to(uint64_t number) const {
  for (const auto& [n, batch] : batches_) {
    if (n > number) break;
    if (!batch.done) return false;
  }
  return true;
}

}  // namespace eosim::kafka
