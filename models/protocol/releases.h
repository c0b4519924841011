// The releases that have a preset, and values that changed from one release to another: what the
// tables of switches and settings are written in. A release stands for the last patch release of
// its minor version (design.md section 4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace eosim::kafka {

enum class Release : uint8_t { k24, k25, k26, k28, k35, k36, k37, k38, k39, k40, k41, k42 };
inline constexpr size_t kReleaseCount = 12;
inline constexpr Release kFirstRelease = Release::k24;
inline constexpr Release kLastRelease = Release::k42;

// A value at the first release, and the releases that brought another one, in their order.
template <class T>
class History {
 public:
  struct Change {
    Release in;
    T value;
  };
  constexpr History() = default;
  // Implicit: most values never changed, and a table reads better so.
  constexpr History(T always) : first_(always) {}  // NOLINT(google-explicit-constructor)
  constexpr History(T first, std::initializer_list<Change> changes) : first_(first) {
    for (const Change& change : changes) changes_.at(count_++) = change;
  }

  constexpr T at(Release release) const {
    T value = first_;
    for (size_t i = 0; i < count_; ++i) {
      if (changes_[i].in <= release) value = changes_[i].value;
    }
    return value;
  }
  constexpr T first() const { return first_; }
  constexpr const Change* begin() const { return changes_.data(); }
  constexpr const Change* end() const { return changes_.data() + count_; }

 private:
  T first_{};
  std::array<Change, 2> changes_{};
  uint8_t count_ = 0;
};

}  // namespace eosim::kafka
