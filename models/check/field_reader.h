// The numbered fields of a trace event, read one after another into the members of a plain struct,
// in their order: the struct is the only place that says what the fields are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "models/protocol/events.h"
#include "models/protocol/types.h"
#include "sim/assert.h"
#include "sim/trace.h"

namespace eosim::check {

class FieldReader {
 public:
  explicit FieldReader(const sim::TraceEvent& event) : event_(event) {}

  template <class T>
  T next() {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return static_cast<T>(integer());
    } else if constexpr (std::is_same_v<T, kafka::TopicPartition>) {
      return T::unpacked(integer());
    } else if constexpr (std::is_same_v<T, kafka::ProducerIdAndEpoch>) {
      const auto id = next<kafka::ProducerId>();
      return {id, next<kafka::ProducerEpoch>()};
    } else {  // strong types and ids: a number each
      T made;
      auto& [number] = made;
      number = static_cast<decltype(number)>(integer());
      return made;
    }
  }

 private:
  int64_t integer() { return event_.fields.at(next_++); }

  const sim::TraceEvent& event_;
  size_t next_ = 0;
};

namespace internal {

// Becomes what a member is.
struct NextField {
  FieldReader& reader;
  template <class T>
  operator T() const {
    return reader.next<T>();
  }
};

template <size_t>
using AnyField = NextField;

template <class Fact, size_t... i>
constexpr bool has_members(std::index_sequence<i...>) {
  return requires(FieldReader & reader) { Fact{AnyField<i>{reader}...}; };
}

// With one more than it has, an aggregate cannot be made.
template <class Fact, size_t n = 1>
constexpr size_t member_count() {
  if constexpr (n < sim::kFieldsMax && has_members<Fact>(std::make_index_sequence<n + 1>())) {
    return member_count<Fact, n + 1>();
  } else {
    return n;
  }
}

// Braces: from left to right.
template <class Fact, size_t... i>
Fact read_members(FieldReader reader, std::index_sequence<i...>) {
  return Fact{AnyField<i>{reader}...};
}

}  // namespace internal

template <class Fact>
Fact read(const sim::TraceEvent& event) {
  static_assert(std::is_aggregate_v<Fact>);
  if constexpr (requires { Fact::kEvent; }) {
    EOSIM_ASSERT(event.kind == kafka::event_id(Fact::kEvent));
  }
  constexpr size_t kMembers = internal::member_count<Fact>();
  return internal::read_members<Fact>(FieldReader(event), std::make_index_sequence<kMembers>());
}

}  // namespace eosim::check
