// Jobs on several threads, their results taken in order. Jobs are numbered and begun in the order
// of their numbers; results are handed over in that order on the calling thread, so what is made of
// them cannot depend on how many threads there are or how fast each one was.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace eosim::tools {

struct PoolOptions {
  uint64_t jobs = 0;
  int threads = 1;
  std::function<bool()> stop;  // asked by every thread before it begins a job; may be empty
  std::function<void()> tick;  // on the calling thread, five times a second; may be empty
};

// `take` returns false to end: what was begun after that is thrown away. What is taken is always
// jobs 0 to n - 1 without a gap; the return value is n. An exception of a job is thrown here, when
// its turn has come.
template <typename T>
class OrderedPool {
 public:
  using Job = std::function<T(uint64_t)>;
  using Take = std::function<bool(uint64_t, T)>;

  OrderedPool(PoolOptions options, Job job) : options_(std::move(options)), job_(std::move(job)) {}

  uint64_t run(const Take& take) {
    const int threads =
        static_cast<int>(std::min<uint64_t>(static_cast<uint64_t>(std::max(options_.threads, 1)),
                                            std::max<uint64_t>(options_.jobs, 1)));
    working_ = threads;
    std::vector<std::jthread> pool;
    const Ender ender{*this};  // destroyed before the pool, which waits for its threads
    for (int i = 0; i < threads; ++i) pool.emplace_back([this] { work(); });
    consume(take);
    return taken_;
  }

 private:
  struct Slot {
    std::optional<T> result;
    std::exception_ptr thrown;
  };
  struct Ender {
    OrderedPool& pool;
    ~Ender() { pool.end(); }
  };

  // How far jobs may run ahead of the first that is not done: bounds what waits to be taken.
  static constexpr uint64_t kAhead = 1024;
  static constexpr std::chrono::milliseconds kTick{200};

  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  // Claims the next job; false when there is none left to do.
  bool begin(uint64_t& number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || next_ < taken_ + kAhead; });
    if (ended_ || next_ >= options_.jobs || (options_.stop && options_.stop())) return false;
    number = next_++;
    return true;
  }

  void work() {
    uint64_t number = 0;
    while (begin(number)) {
      Slot slot;
      try {
        slot.result.emplace(job_(number));
      } catch (...) {
        slot.thrown = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      done_.emplace(number, std::move(slot));
      changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    changed_.notify_all();
  }

  void consume(const Take& take) {
    auto next_tick = std::chrono::steady_clock::now() + kTick;
    for (;;) {
      std::optional<Slot> slot;
      {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, next_tick,
                            [this] { return done_.contains(taken_) || working_ == 0; });
        const auto found = done_.find(taken_);
        if (found != done_.end()) {
          slot.emplace(std::move(found->second));
          done_.erase(found);
        } else if (working_ == 0) {
          return;
        }
      }
      if (slot) {
        if (slot->thrown) std::rethrow_exception(slot->thrown);
        const bool more = take(taken_, std::move(*slot->result));
        const std::lock_guard lock(mutex_);
        ++taken_;
        changed_.notify_all();
        if (!more) return;
      }
      if (std::chrono::steady_clock::now() < next_tick) continue;
      if (options_.tick) options_.tick();
      next_tick = std::chrono::steady_clock::now() + kTick;
    }
  }

  const PoolOptions options_;
  const Job job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, Slot> done_;
  uint64_t next_ = 0;
  uint64_t taken_ = 0;  // written by the calling thread alone, under the lock
  int working_ = 0;
  bool ended_ = false;
};

}  // namespace eosim::tools
