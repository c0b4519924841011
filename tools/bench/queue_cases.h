// The queue alone, against a bare loop over std::priority_queue. Two models:
//
//   hold      `pending` entries; an event is popped and pushed again after a delay.
//   timers    as hold, and each event starts a timer of 20 mean delays, as a request does. The next
//             event of the same actor cancels it nine times of ten, and leaves it to fire the
//             tenth. An event is what is popped and not skipped.
//
// Delays are exponential, from a table made beforehand.
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "harness.h"
#include "sim/choices.h"
#include "sim/event_queue.h"

namespace eosim::tools {

class DelayTable {
 public:
  DelayTable() : delays_(kSize) {
    sim::Choices choices(1);
    const sim::StreamId stream = choices.stream("delays");
    for (sim::Duration& delay : delays_) {
      delay = choices.exponential(stream, sim::milliseconds(1), sim::milliseconds(1));
    }
  }
  sim::Duration next() { return delays_[position_++ % kSize]; }

 private:
  static constexpr uint64_t kSize = 1 << 16;
  std::vector<sim::Duration> delays_;
  uint64_t position_ = 0;
};

inline constexpr sim::Duration kTimeout = sim::milliseconds(20);

struct QueueEntry {
  int64_t at;
  uint64_t sequence;
  uint32_t slot;
  bool operator>(const QueueEntry& other) const {
    return at > other.at || (at == other.at && sequence > other.sequence);
  }
};
static_assert(sizeof(QueueEntry) == 24);
using StandardQueue =
    std::priority_queue<QueueEntry, std::vector<QueueEntry>, std::greater<QueueEntry>>;

class StandardHold {
 public:
  static constexpr uint64_t kWarmDelays = 5;
  explicit StandardHold(uint32_t pending) {
    for (uint32_t slot = 0; slot < pending; ++slot) {
      queue_.push({delays_.next().ns, sequence_++, slot});
    }
  }
  uint64_t run(uint64_t events) {
    for (uint64_t i = 0; i < events; ++i) {
      const QueueEntry entry = queue_.top();
      queue_.pop();
      queue_.push({entry.at + delays_.next().ns, sequence_++, entry.slot});
    }
    keep(queue_.top().sequence);
    return events;
  }

 private:
  StandardQueue queue_;
  DelayTable delays_;
  uint64_t sequence_ = 0;
};

class WheelHold {
 public:
  static constexpr uint64_t kWarmDelays = 5;
  explicit WheelHold(uint32_t pending) {
    for (uint32_t slot = 0; slot < pending; ++slot) {
      queue_.push(sim::Time{delays_.next().ns}, slot);
    }
  }
  uint64_t run(uint64_t events) {
    for (uint64_t i = 0; i < events; ++i) {
      const sim::EventQueue::Item item = queue_.pop();
      queue_.push(item.at + delays_.next(), item.slot);
    }
    keep(queue_.top().sequence);
    return events;
  }

 private:
  sim::EventQueue queue_;
  DelayTable delays_;
};

// What both queues with timers share. Slots below `pending` are the actors' events, the others
// timers, taken from a list of free ones.
class Timers {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit Timers(uint32_t pending)
      : pending_(pending), slots_(pending), of_actor_(pending, kNone) {}

  bool is_timer(uint32_t slot) const { return slot >= pending_; }
  // The timer of the actor that is now to be cancelled, if any.
  uint32_t cancelled(uint32_t actor) {
    const uint32_t timer = of_actor_[actor];
    if (timer == kNone || ++turn_ % 10 == 0) return kNone;
    free_.push_back(timer);
    return timer;
  }
  uint32_t started(uint32_t actor) {
    uint32_t timer = slots_;
    if (free_.empty()) {
      ++slots_;
    } else {
      timer = free_.back();
      free_.pop_back();
    }
    return of_actor_[actor] = timer;
  }
  // It has been forgotten, unless its actor has been slow.
  void fired(uint32_t timer, uint32_t actor) {
    if (of_actor_[actor] == timer) of_actor_[actor] = kNone;
    free_.push_back(timer);
  }

 private:
  uint32_t pending_;
  uint32_t slots_;
  uint32_t turn_ = 0;
  std::vector<uint32_t> of_actor_;
  std::vector<uint32_t> free_;
};

class StandardTimers {
 public:
  // From then on as many timers fire as are left to.
  static constexpr uint64_t kWarmDelays = 25;
  explicit StandardTimers(uint32_t pending) : timers_(pending), sequences_(4 * pending) {
    for (uint32_t actor = 0; actor < pending; ++actor) push(delays_.next().ns, actor);
  }
  uint64_t run(uint64_t events) {
    for (uint64_t i = 0; i < events;) {
      const QueueEntry entry = queue_.top();
      queue_.pop();
      if (sequences_[entry.slot] != entry.sequence) continue;  // cancelled
      ++i;
      if (timers_.is_timer(entry.slot)) {
        timers_.fired(entry.slot, owner_[entry.slot]);
        continue;
      }
      const uint32_t cancelled = timers_.cancelled(entry.slot);
      if (cancelled != Timers::kNone) sequences_[cancelled] = UINT64_MAX;
      const uint32_t timer = timers_.started(entry.slot);
      if (timer >= owner_.size()) owner_.resize(timer + 1);
      owner_[timer] = entry.slot;
      push(entry.at + kTimeout.ns, timer);
      push(entry.at + delays_.next().ns, entry.slot);
    }
    keep(queue_.top().sequence);
    return events;
  }

 private:
  void push(int64_t at, uint32_t slot) {
    if (slot >= sequences_.size()) sequences_.resize(2 * slot);
    sequences_[slot] = sequence_;
    queue_.push({at, sequence_++, slot});
  }

  StandardQueue queue_;
  DelayTable delays_;
  Timers timers_;
  std::vector<uint64_t> sequences_;  // of the entry of a slot that counts
  std::vector<uint32_t> owner_;      // the actor of a timer
  uint64_t sequence_ = 0;
};

class WheelTimers {
 public:
  static constexpr uint64_t kWarmDelays = 25;
  explicit WheelTimers(uint32_t pending) : timers_(pending) {
    for (uint32_t actor = 0; actor < pending; ++actor) {
      queue_.push(sim::Time{delays_.next().ns}, actor);
    }
  }
  uint64_t run(uint64_t events) {
    for (uint64_t i = 0; i < events; ++i) {
      const sim::EventQueue::Item item = queue_.pop();
      if (timers_.is_timer(item.slot)) {
        timers_.fired(item.slot, owner_[item.slot]);
        continue;
      }
      const uint32_t cancelled = timers_.cancelled(item.slot);
      if (cancelled != Timers::kNone) queue_.cancel(cancelled);
      const uint32_t timer = timers_.started(item.slot);
      if (timer >= owner_.size()) owner_.resize(timer + 1);
      owner_[timer] = item.slot;
      queue_.push(item.at + kTimeout, timer);
      queue_.push(item.at + delays_.next(), item.slot);
    }
    keep(queue_.top().sequence);
    return events;
  }

 private:
  sim::EventQueue queue_;
  DelayTable delays_;
  Timers timers_;
  std::vector<uint32_t> owner_;
};

template <class Model>
BenchCase queue_case(const std::string& name, uint32_t actors, const std::string& reference) {
  auto model = std::make_shared<std::unique_ptr<Model>>();
  return {name,
          [model, actors] {
            *model = std::make_unique<Model>(actors);
            (*model)->run(Model::kWarmDelays * actors);
          },
          [model](uint64_t events) { return (*model)->run(events); }, reference};
}

inline void add_queue_cases(Bench& bench, bool quick) {
  for (const uint32_t pending : {10'000u, 100u, 1'000u, 1'000'000u}) {
    if (quick && pending > 10'000) continue;
    const std::string count = std::to_string(pending);
    const std::string hold = "(a) std::priority_queue, hold, " + count;
    const std::string timers = "(a) std::priority_queue, timers, " + count;
    bench.add(queue_case<StandardHold>(hold, pending, hold));
    bench.add(queue_case<WheelHold>("(b) EventQueue, hold, " + count, pending, hold));
    const uint32_t actors = pending / 4;
    bench.add(queue_case<StandardTimers>(timers, actors, timers));
    bench.add(queue_case<WheelTimers>("(b) EventQueue, timers, " + count, actors, timers));
  }
}

}  // namespace eosim::tools
