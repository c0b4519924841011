// Requests that brokers have been handed and not answered yet, with what a checker keeps of each:
// an answer has nothing of its request but connection and correlation.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "sim/trace.h"

namespace eosim::check {

template <class Kept>
class Exchanges {
 public:
  void asked(const sim::KernelRecord& record, Kept kept) {
    if (open_.size() >= kOpenMax) open_.pop_front();
    open_.push_back({record.connection, record.correlation, std::move(kept)});
  }
  // Of the request that this answers; none if that was too long ago.
  std::optional<Kept> answered(const sim::KernelRecord& record) {
    for (auto it = open_.rbegin(); it != open_.rend(); ++it) {
      if (it->connection != record.connection || it->correlation != record.correlation) continue;
      std::optional<Kept> kept = std::move(it->kept);
      open_.erase(std::next(it).base());
      return kept;
    }
    return {};
  }
  template <class Visit>
  void each(const Visit& visit) {
    for (Open& one : open_) visit(one.kept);
  }
  size_t open() const { return open_.size(); }

 private:
  // Whose connection has ended, or whose broker has died, is never answered.
  static constexpr size_t kOpenMax = 256;
  struct Open {
    sim::ConnectionId connection;
    uint32_t correlation = 0;
    Kept kept;
  };
  std::deque<Open> open_;
};

}  // namespace eosim::check
