#include "models/client/accumulator.h"

#include <algorithm>

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
      new_leader_ends_backoff_(backoff_grows(config)) {}

Accumulator::Queue& Accumulator::queue(TopicPartition partition) {
  auto place =
      std::lower_bound(queues_.begin(), queues_.end(), partition,
                       [](const Queue& q, TopicPartition wanted) { return q.partition < wanted; });
  if (place == queues_.end() || place->partition != partition) {
    place = queues_.insert(place, Queue{});
    place->partition = partition;
  }
  return *place;
}

bool Accumulator::append(TopicPartition partition, const Record& record,
                         Ghost<TransactionInstance> instance, sim::SteadyTime now) {
  Queue& q = queue(partition);
  bool news = false;
  if (!q.waiting.empty()) {
    ProducerBatch& last = batches_.at(q.waiting.back());
    if (last.open && last.bytes + record.bytes > batch_size_) {
      last.open = false;
      news = true;
    }
  }
  if (q.waiting.empty() || !batches_.at(q.waiting.back()).open) {
    const uint64_t number = next_number_++;
    ProducerBatch& made = batches_[number];
    made.number = number;
    made.partition = partition;
    made.instance = instance;
    made.created = now;
    made.last_attempt = now;
    q.waiting.push_back(number);
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
  for (const Queue& q : queues_) {
    if (q.waiting.empty()) continue;
    const MetadataCache::Leader leader = metadata.leader(q.partition);
    if (!leader.broker.valid()) {
      result.unknown_leaders = true;
      continue;
    }
    if (one_in_flight_ && q.in_requests > 0) continue;
    const ProducerBatch& head = batches_.at(q.waiting.front());
    const bool full = q.waiting.size() > 1 || !head.open;
    const bool waits_for_backoff = backing_off(head, leader, now);
    const sim::Duration wait = waits_for_backoff ? head.backoff : linger_;
    const bool waited = now >= head.last_attempt + wait;
    if ((full || waited || flush) && !waits_for_backoff) {
      result.brokers.push_back(leader.broker);
    } else {
      result.next = std::min(result.next, head.last_attempt + wait);
    }
  }
  std::sort(result.brokers.begin(), result.brokers.end());
  result.brokers.erase(std::unique(result.brokers.begin(), result.brokers.end()),
                       result.brokers.end());
  return result;
}

std::vector<uint64_t> Accumulator::drain(BrokerId broker, const MetadataCache& metadata,
                                         TransactionManager& manager, sim::SteadyTime now) {
  std::vector<uint64_t> drained;
  std::vector<TopicPartition> partitions;
  for (const Queue& q : queues_) {
    if (metadata.leader(q.partition).broker == broker) partitions.push_back(q.partition);
  }
  uint32_t bytes = 0;
  for (size_t i = 0; i < partitions.size(); ++i) {
    Queue& q = queue(partitions[drain_index_++ % partitions.size()]);
    if (q.waiting.empty() || (one_in_flight_ && q.in_requests > 0)) continue;
    ProducerBatch& head = batches_.at(q.waiting.front());
    const MetadataCache::Leader leader = metadata.leader(q.partition);
    if (backing_off(head, leader, now)) continue;
    if (!drained.empty() && bytes + head.bytes > max_request_size_) break;
    // Ends the pass for this broker: the next one starts behind this partition.
    if (!manager.may_drain(head, batches_)) break;
    if (!head.has_sequence()) manager.assign_sequence(head);
    head.open = false;
    head.in_request = true;
    head.last_attempt = now;
    head.leader_epoch = leader.epoch;
    ++q.in_requests;
    bytes += head.bytes;
    drained.push_back(head.number);
    q.waiting.pop_front();
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
  Queue& q = queue(batch.partition);
  // Numbers are in order of creation, which is the order of sequences within a partition.
  auto place = q.waiting.begin();
  while (place != q.waiting.end() && *place < number) ++place;
  q.waiting.insert(place, number);
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
    std::deque<uint64_t>& waiting = queue(batch.partition).waiting;
    waiting.erase(std::remove(waiting.begin(), waiting.end(), number), waiting.end());
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
  batches_.clear();
  incomplete_ = 0;
}

void Accumulator::answered(uint64_t number) {
  ProducerBatch& batch = batches_.at(number);
  EOSIM_ASSERT(batch.in_request);
  batch.in_request = false;
  Queue& q = queue(batch.partition);
  EOSIM_ASSERT(q.in_requests > 0);
  --q.in_requests;
}

bool Accumulator::has_undrained() const {
  return std::any_of(queues_.begin(), queues_.end(),
                     [](const Queue& q) { return !q.waiting.empty(); });
}

bool Accumulator::complete_up_to(uint64_t number) const {
  for (const auto& [n, batch] : batches_) {
    if (n > number) break;
    if (!batch.done) return false;
  }
  return true;
}

}  // namespace eosim::kafka
