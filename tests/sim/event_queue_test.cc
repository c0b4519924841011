// The event queue against an independent reference: a std::set of (time, sequence, slot).
#include "sim/event_queue.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "allocations.h"
#include "catch.h"
#include "sim/choices.h"

namespace eosim::sim {
namespace {

class Reference {
 public:
  void push(Time at, uint32_t slot) {
    if (slot >= entries_.size()) entries_.resize(slot + 1);
    entries_[slot] = {at.ns, sequence_++, slot};
    order_.insert(entries_[slot]);
  }
  void cancel(uint32_t slot) { REQUIRE(order_.erase(entries_[slot]) == 1); }
  std::tuple<int64_t, uint64_t, uint32_t> pop() {
    const auto first = *order_.begin();
    order_.erase(order_.begin());
    return first;
  }
  size_t size() const { return order_.size(); }
  Time next_time() const { return order_.empty() ? kNever : Time{std::get<0>(*order_.begin())}; }

 private:
  std::set<std::tuple<int64_t, uint64_t, uint32_t>> order_;
  std::vector<std::tuple<int64_t, uint64_t, uint32_t>> entries_;
  uint64_t sequence_ = 0;
};

// Both queues and what drives them; a value, so that a copy can go on by itself.
struct Pair {
  EventQueue queue;
  Reference reference;
  Choices choices{1};
  std::vector<uint32_t> queued;
  std::vector<uint32_t> unused;
  uint32_t slots = 0;
  Time now{};

  uint64_t draw(uint64_t bound) { return choices.below(choices.stream("test"), bound, 0); }

  void push(Duration delay) {
    uint32_t slot = slots;
    if (unused.empty()) {
      ++slots;
    } else {
      slot = unused.back();
      unused.pop_back();
    }
    queue.push(now + delay, slot);
    reference.push(now + delay, slot);
    queued.push_back(slot);
  }

  void forget(size_t position) {
    unused.push_back(queued[position]);
    queued[position] = queued.back();
    queued.pop_back();
  }

  void cancel() {
    const size_t position = draw(queued.size());
    const uint32_t slot = queued[position];
    queue.cancel(slot);
    reference.cancel(slot);
    REQUIRE_FALSE(queue.contains(slot));
    forget(position);
  }

  void pop() {
    const EventQueue::Item item = queue.pop();
    const auto [at, sequence, slot] = reference.pop();
    if (item.at.ns != at || item.sequence != sequence || item.slot != slot) {
      FAIL("popped " << item.at.ns << "/" << item.sequence << ", not " << at << "/" << sequence);
    }
    now = item.at;
    forget(std::find(queued.begin(), queued.end(), slot) - queued.begin());
  }

  void check() {
    REQUIRE(queue.size() == reference.size());
    REQUIRE(queue.next_time() == reference.next_time());
  }

  void drain() {
    while (!queued.empty()) pop();
    REQUIRE(queue.empty());
    REQUIRE(queue.next_time() == kNever);
  }
};

struct Weather {
  const char* name;
  int64_t delay_max;  // drawn below 10 to the power of a draw, up to this power
  uint64_t push_weight;
  uint64_t cancel_weight;
  uint64_t pop_weight;
  bool peeks;
};

Duration draw_delay(Pair& pair, const Weather& weather) {
  uint64_t bound = 1;
  const uint64_t power = pair.draw(static_cast<uint64_t>(weather.delay_max) + 1);
  for (uint64_t i = 0; i < power; ++i) bound *= 10;
  return {static_cast<int64_t>(pair.draw(bound))};
}

void go_on(Pair& pair, const Weather& weather, int steps) {
  const uint64_t all = weather.push_weight + weather.cancel_weight + weather.pop_weight;
  for (int step = 0; step < steps; ++step) {
    const uint64_t kind = pair.draw(all);
    if (kind < weather.push_weight) {
      pair.push(draw_delay(pair, weather));
    } else if (pair.queued.empty()) {
      continue;
    } else if (kind < weather.push_weight + weather.cancel_weight) {
      pair.cancel();
    } else {
      pair.pop();
    }
    if (weather.peeks && pair.draw(10) == 0) pair.check();
  }
  pair.check();
}

constexpr Weather kWeathers[] = {
    {"hold", 6, 10, 0, 10, false},          {"hold, looked at", 6, 10, 0, 10, true},
    {"growing", 9, 14, 2, 8, true},         {"same times", 0, 10, 2, 9, true},
    {"few times", 1, 12, 3, 8, true},       {"mostly cancelled", 10, 20, 17, 4, true},
    {"seldom popped", 12, 20, 15, 1, true}, {"all orders of magnitude", 17, 11, 3, 8, true},
};

TEST_CASE("the queue pops what a sorted set pops") {
  for (const Weather& weather : kWeathers) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      INFO(weather.name << ", seed " << seed);
      Pair pair;
      pair.choices = Choices(seed);
      go_on(pair, weather, 3'000);
      pair.drain();
    }
  }
}

TEST_CASE("items of one time come in the order of their push") {
  EventQueue queue;
  for (uint32_t slot = 0; slot < 5'000; ++slot) queue.push(Time{1'000}, 4'999 - slot);
  for (uint32_t slot = 0; slot < 2'500; ++slot) {
    REQUIRE(queue.pop().slot == 4'999 - slot);
    queue.push(Time{1'000}, 5'000 + slot);
  }
  for (uint32_t slot = 2'500; slot < 5'000; ++slot) REQUIRE(queue.pop().slot == 4'999 - slot);
  for (uint32_t slot = 0; slot < 2'500; ++slot) REQUIRE(queue.pop().slot == 5'000 + slot);
  REQUIRE(queue.empty());
}

TEST_CASE("much may be pushed before the item that was looked at") {
  Pair pair;
  pair.push(seconds(10));
  pair.check();
  for (int i = 0; i < 1'000; ++i) {
    pair.push(Duration{static_cast<int64_t>(pair.draw(1'000'000))});
    if (i % 100 == 0) pair.check();
  }
  for (int i = 0; i < 500; ++i) pair.cancel();
  pair.drain();
}

TEST_CASE("many of one time may be pushed before the item that was looked at") {
  Pair pair;
  pair.push(seconds(10));
  pair.check();
  for (int i = 0; i < 1'000; ++i) pair.push(milliseconds(1));
  pair.drain();
}

TEST_CASE("near and far items are cancelled in place") {
  Pair pair;
  for (int i = 0; i < 2'000; ++i) {
    pair.push(Duration{i % 7});
    pair.push(seconds(i));
  }
  pair.pop();
  while (!pair.queued.empty()) {
    pair.cancel();
    if (pair.queued.size() % 64 == 0) pair.check();
  }
  REQUIRE(pair.queue.empty());
}

TEST_CASE("a copy of a queue goes on by itself") {
  for (const Weather& weather : kWeathers) {
    INFO(weather.name);
    auto original = std::make_unique<Pair>();
    go_on(*original, weather, 1'000);
    Pair copy = *original;
    go_on(*original, weather, 500);
    original->drain();
    original.reset();
    go_on(copy, weather, 1'000);
    copy.drain();
  }
}

TEST_CASE("a queue that has seen its slots allocates nothing") {
  EventQueue queue;
  Choices choices(1);
  const StreamId stream = choices.stream("delay");
  const uint32_t timers = 1'000;
  queue.reserve(2 * timers);
  const uint64_t before = allocation_count();
  for (uint32_t slot = 0; slot < timers; ++slot) queue.push(Time{slot}, slot);
  for (int i = 0; i < 100'000; ++i) {
    const EventQueue::Item item = queue.pop();
    const uint32_t timer = timers + item.slot % timers;
    if (queue.contains(timer)) queue.cancel(timer);
    if (item.slot >= timers) continue;
    queue.push(item.at + seconds(1), timer);
    queue.push(item.at + choices.exponential(stream, milliseconds(100), Duration{}), item.slot);
  }
  CHECK(allocation_count() == before);
}

TEST_CASE("the last instant can be queued") {
  EventQueue queue;
  queue.push(kNever, 0);
  queue.push(Time{0}, 1);
  queue.push(Time{INT64_MAX - 1}, 2);
  REQUIRE(queue.pop().slot == 1);
  REQUIRE(queue.pop().slot == 2);
  queue.push(kNever, 3);
  REQUIRE(queue.pop().slot == 0);
  REQUIRE(queue.pop().slot == 3);
}

TEST_CASE("the queue refuses what would break its order") {
  EventQueue queue;
  queue.push(Time{10}, 0);
  queue.push(Time{20}, 1);
  CHECK(queue.time_of(1) == Time{20});
  CHECK_THROWS_AS(queue.push(Time{30}, 1), InvariantBroken);  // queued already
  CHECK_THROWS_AS(queue.push(Time{-1}, 2), InvariantBroken);
  CHECK_THROWS_AS(queue.push(Time{30}, UINT32_MAX), InvariantBroken);
  CHECK(queue.pop().slot == 0);
  CHECK_THROWS_AS(queue.push(Time{9}, 0), InvariantBroken);  // before the last popped
  CHECK_THROWS_AS(queue.cancel(0), InvariantBroken);
  CHECK_THROWS_AS(queue.time_of(0), InvariantBroken);
  queue.cancel(1);
  CHECK_THROWS_AS(queue.cancel(1), InvariantBroken);
  CHECK_THROWS_AS(queue.pop(), InvariantBroken);
}

}  // namespace
}  // namespace eosim::sim
