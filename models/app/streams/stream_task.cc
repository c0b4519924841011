#include "models/app/streams/stream_task.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

std::string_view word(TaskState state) {
  constexpr std::array<std::string_view, 5> kWords = {"CREATED", "RESTORING", "RUNNING",
                                                      "SUSPENDED", "CLOSED"};
  return kWords.at(static_cast<size_t>(state));
}

// Task.State: CREATED -> RESTORING -> RUNNING -> SUSPENDED -> {RESTORING, CLOSED}; a corrupted task
// is closed and revived.
bool legal_transition(TaskState from, TaskState to) {
  using enum TaskState;
  switch (from) {
    case kCreated:
      return to == kRestoring || to == kSuspended;
    case kRestoring:
      return to == kRunning || to == kSuspended;
    case kRunning:
      return to == kSuspended;
    case kSuspended:
      return to == kRestoring || to == kClosed;
    case kClosed:
      return to == kCreated;
  }
  EOSIM_ASSERT(false);
  return false;
}

StreamTask::StreamTask(TaskId of, List<TopicPartition> inputs, bool active)
    : id_(of), active_(active) {
  std::sort(inputs.begin(), inputs.end());
  for (const TopicPartition input : inputs) queues_.push_back({input, {}, {}});
}

void StreamTask::enter(TaskState to) {
  EOSIM_ASSERT(legal_transition(state_, to));
  state_ = to;
}

List<TopicPartition> StreamTask::inputs() const {
  List<TopicPartition> all;
  for (const Queue& queue : queues_) all.push_back(queue.partition);
  return all;
}

StreamTask::Queue* StreamTask::find(TopicPartition partition) {
  return const_cast<Queue*>(std::as_const(*this).find(partition));
}

const StreamTask::Queue* StreamTask::find(TopicPartition partition) const {
  for (const Queue& queue : queues_) {
    if (queue.partition == partition) return &queue;
  }
  return nullptr;
}

bool StreamTask::reads(TopicPartition partition) const { return find(partition) != nullptr; }

void StreamTask::add(const BufferedRecord& record) {
  Queue* queue = find(record.partition);
  EOSIM_ASSERT(active_ && queue != nullptr);
  EOSIM_ASSERT(queue->records.empty() || queue->records.back().offset < record.offset);
  queue->records.push_back(record);
}

std::optional<BufferedRecord> StreamTask::take() {
  Queue* next = nullptr;
  for (Queue& queue : queues_) {
    if (queue.records.empty()) continue;
    const bool earlier = next == nullptr || queue.records.front().record.timestamp_ms <
                                                next->records.front().record.timestamp_ms;
    if (earlier) next = &queue;
  }
  if (next == nullptr) return std::nullopt;
  EOSIM_ASSERT(state_ == TaskState::kRunning);
  BufferedRecord taken = std::move(next->records.front());
  next->records.pop_front();
  next->last_processed = taken.offset;
  commit_needed_ = true;
  return taken;
}

size_t StreamTask::buffered(TopicPartition partition) const {
  const Queue* queue = find(partition);
  return queue == nullptr ? 0 : queue->records.size();
}

bool StreamTask::has_records() const {
  return std::any_of(queues_.begin(), queues_.end(),
                     [](const Queue& q) { return !q.records.empty(); });
}

void StreamTask::clear() {
  for (Queue& queue : queues_) {
    queue.records.clear();
    queue.last_processed = {};
  }
  commit_needed_ = false;
}

List<OffsetAndEpoch> StreamTask::committable(const List<OffsetAndEpoch>& positions,
                                             CommitPosition way) const {
  List<OffsetAndEpoch> offsets;
  for (const Queue& queue : queues_) {
    if (!queue.last_processed.valid()) continue;
    OffsetAndEpoch next{queue.partition, queue.last_processed + 1, {}};
    if (way != CommitPosition::kLastRecord) {
      const auto position =
          std::find_if(positions.begin(), positions.end(),
                       [&](const OffsetAndEpoch& of) { return of.partition == queue.partition; });
      if (!queue.records.empty()) {
        const BufferedRecord& head = queue.records.front();
        next = {queue.partition, head.offset, head.leader_epoch};
      } else if (position != positions.end() && position->offset >= next.offset) {
        next = *position;
      }
    }
    if (way != CommitPosition::kPositionAndEpoch) next.leader_epoch = {};
    offsets.push_back(next);
  }
  return offsets;
}

}  // namespace eosim::kafka
