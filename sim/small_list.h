// A list of things of which there is mostly one or two: up to N of them are kept in place, more in
// a vector. What is sent and answered thousands of times in a run names one partition, and then
// allocates nothing. For small T that can be made without arguments.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include "sim/assert.h"

namespace eosim::sim {

template <class T, size_t N>
class SmallList {
 public:
  using value_type = T;

  SmallList() = default;
  SmallList(std::initializer_list<T> values) {
    reserve(values.size());
    for (const T& value : values) push_back(value);
  }
  SmallList(const SmallList&) = default;
  SmallList& operator=(const SmallList&) = default;
  SmallList(SmallList&& other) noexcept
      : few_(std::move(other.few_)),
        count_(std::exchange(other.count_, 0)),
        many_(std::move(other.many_)) {}
  SmallList& operator=(SmallList&& other) noexcept {
    few_ = std::move(other.few_);
    count_ = std::exchange(other.count_, 0);
    many_ = std::move(other.many_);
    return *this;
  }
  ~SmallList() = default;

  // Room for so many: saves moves, changes nothing.
  void reserve(size_t size) {
    if (size > N) many_.reserve(size);
  }
  void push_back(T value) {
    if (many_.empty() && count_ < N) {
      few_[count_++] = std::move(value);
      return;
    }
    if (many_.empty()) {
      for (T& one : few_) many_.push_back(std::move(one));
      count_ = 0;
    }
    many_.push_back(std::move(value));
  }
  void clear() {
    count_ = 0;
    many_.clear();
  }

  void swap(SmallList& other) noexcept { std::swap(*this, other); }

  size_t size() const { return many_.empty() ? count_ : many_.size(); }
  bool empty() const { return size() == 0; }
  const T* begin() const { return many_.empty() ? few_.data() : many_.data(); }
  const T* end() const { return begin() + size(); }
  T* begin() { return many_.empty() ? few_.data() : many_.data(); }
  T* end() { return begin() + size(); }
  const T& operator[](size_t index) const {
    EOSIM_ASSERT(index < size());
    return begin()[index];
  }
  T& operator[](size_t index) {
    EOSIM_ASSERT(index < size());
    return begin()[index];
  }
  const T& at(size_t index) const { return (*this)[index]; }
  T& at(size_t index) { return (*this)[index]; }
  const T& front() const { return (*this)[0]; }
  T& front() { return (*this)[0]; }
  const T& back() const { return (*this)[size() - 1]; }
  T& back() { return (*this)[size() - 1]; }

  friend bool operator==(const SmallList& a, const SmallList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<T, N> few_{};  // the first count_ of it, while `many_` is empty
  size_t count_ = 0;
  std::vector<T> many_;
};

}  // namespace eosim::sim
