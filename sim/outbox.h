// What one part of a step leaves for another: filled here and taken there, over and over. What was
// taken is lent until the next take(), and filling may go on meanwhile. The two lists behind it
// keep their memory, so nothing is allocated once they have grown.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace eosim::sim {

template <class T>
class Outbox {
 public:
  void push_back(T value) { waiting_.push_back(std::move(value)); }
  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }
  // To be filled by somebody who fills vectors.
  std::vector<T>& waiting() { return waiting_; }
  std::vector<T>& take() {
    taken_.clear();
    taken_.swap(waiting_);
    return taken_;
  }

 private:
  std::vector<T> waiting_;
  std::vector<T> taken_;
};

}  // namespace eosim::sim
