// A value that holds something polymorphic: copying it clones what it holds.
#pragma once

#include <memory>
#include <utility>

namespace eosim::sim {

template <class T>
class Cloned {
 public:
  Cloned() = default;
  Cloned(std::unique_ptr<T> held) : held_(std::move(held)) {}  // NOLINT: converts on purpose
  Cloned(const Cloned& other) : held_(other.held_ ? other.held_->clone() : nullptr) {}
  Cloned(Cloned&&) noexcept = default;
  Cloned& operator=(const Cloned& other) {
    if (this != &other) held_ = other.held_ ? other.held_->clone() : nullptr;
    return *this;
  }
  Cloned& operator=(Cloned&&) noexcept = default;

  T* operator->() { return held_.get(); }
  const T* operator->() const { return held_.get(); }
  T& operator*() { return *held_; }
  const T& operator*() const { return *held_; }
  explicit operator bool() const { return held_ != nullptr; }

 private:
  std::unique_ptr<T> held_;
};

}  // namespace eosim::sim
