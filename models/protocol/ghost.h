// Truth that Kafka's messages do not carry: where a record came from, which run of
// beginTransaction() a batch belongs to. It travels with records and messages; a model can make it,
// copy it on and keep the newer of two, and cannot read it. Only the checkers and the sinks can
// (check/ghost_access.h).
#pragma once

#include <cstdint>

#include "models/protocol/types.h"

namespace eosim::kafka {

template <class T>
class Ghost {
 public:
  Ghost() = default;
  explicit Ghost(T value) : value_(value) {}

  // What arrives late may be older than what is known. Nobody learns which it was.
  friend Ghost newer(const Ghost& a, const Ghost& b) { return a.value_ < b.value_ ? b : a; }

 private:
  friend struct GhostAccess;
  T value_{};
};

// One run of beginTransaction(): unique in a world, and a later run has a higher number. 0: not
// part of a transaction.
struct TransactionInstance {
  uint64_t number = 0;
  friend constexpr auto operator<=>(TransactionInstance, TransactionInstance) = default;
};

// What a record is. A source's record has no input; an application's output names the input record
// that it is the effect of, and its ordinal among the outputs of that record.
struct RecordTruth {
  uint64_t uid = 0;  // unique in a world: one call of send()
  TopicPartition input;
  Offset input_offset;
  int32_t ordinal = 0;
  Name application;
};

}  // namespace eosim::kafka
