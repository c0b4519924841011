// Strong types of the protocol: mixing an offset with an epoch must not compile. Sentinels are
// those of Kafka (transactions.md 1.1).
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace eosim::kafka {

template <class Tag, class Rep, Rep kUnset>
struct Strong {
  Rep value = kUnset;
  constexpr bool valid() const { return value != kUnset; }
  friend constexpr auto operator<=>(Strong, Strong) = default;
};

using Offset = Strong<struct OffsetTag, int64_t, -1>;
using LeaderEpoch = Strong<struct LeaderEpochTag, int32_t, -1>;
using ProducerId = Strong<struct ProducerIdTag, int64_t, -1>;
using ProducerEpoch = Strong<struct ProducerEpochTag, int16_t, -1>;
using Sequence = Strong<struct SequenceTag, int32_t, -1>;
using CoordinatorEpoch = Strong<struct CoordinatorEpochTag, int32_t, -1>;
using Generation = Strong<struct GenerationTag, int32_t, -1>;
using BrokerId = Strong<struct BrokerIdTag, int32_t, -1>;
// Of a partition's record at the controller: one more with every change of it, also of the ISR.
using PartitionEpoch = Strong<struct PartitionEpochTag, int32_t, -1>;
// Of a registration: the controller's number for one life of a broker.
using BrokerEpoch = Strong<struct BrokerEpochTag, int64_t, -1>;

constexpr Offset operator+(Offset a, int64_t n) { return {a.value + n}; }
constexpr int64_t operator-(Offset a, Offset b) { return a.value - b.value; }
constexpr ProducerEpoch next_epoch(ProducerEpoch e) { return {static_cast<int16_t>(e.value + 1)}; }
// An epoch that no client may get any more: MAXE - 1 (transactions.md 0.3).
constexpr bool exhausted(ProducerEpoch e) { return e.value >= 32766; }

// Sequences wrap: the successor of 2147483647 is 0.
constexpr Sequence sequence_plus(Sequence s, int32_t n) {
  const int64_t sum = static_cast<int64_t>(s.value) + n;
  return {static_cast<int32_t>(sum > INT32_MAX ? sum - INT32_MAX - 1 : sum)};
}
constexpr Sequence sequence_minus(Sequence s, int32_t n) {
  const int64_t difference = static_cast<int64_t>(s.value) - n;
  return {static_cast<int32_t>(difference < 0 ? difference + INT32_MAX + 1 : difference)};
}

// A text known to the world's Names; unset is null, or "" where Kafka uses the empty string for it.
// Never ordered by id where the order can be seen.
struct Name {
  uint32_t id = UINT32_MAX;
  constexpr bool valid() const { return id != UINT32_MAX; }
  friend constexpr bool operator==(Name, Name) = default;
};

// Topics are numbered in the order of their names when the world is built, so the order of ids is
// the order of the text.
struct TopicId {
  uint16_t value = UINT16_MAX;
  friend constexpr auto operator<=>(TopicId, TopicId) = default;
};

struct TopicPartition {
  TopicId topic;
  int32_t partition = -1;
  constexpr bool valid() const { return partition >= 0; }
  // By topic, then by number, in one comparison: tables of partitions are searched at every event.
  constexpr uint64_t rank() const {
    return static_cast<uint64_t>(topic.value) << 32 |
           (static_cast<uint32_t>(partition) ^ 0x8000'0000u);
  }
  friend constexpr auto operator<=>(TopicPartition a, TopicPartition b) {
    return a.rank() <=> b.rank();
  }
  friend constexpr bool operator==(TopicPartition a, TopicPartition b) {
    return a.rank() == b.rank();
  }
  // For fields of trace events.
  constexpr int64_t packed() const { return static_cast<int64_t>(topic.value) << 32 | partition; }
  static constexpr TopicPartition unpacked(int64_t v) {
    return {{static_cast<uint16_t>(v >> 32)}, static_cast<int32_t>(v & 0xffffffff)};
  }
};

// In messages and state; kept by value so that a copy of the world is a copy.
template <class T>
using List = std::vector<T>;

struct ProducerIdAndEpoch {
  ProducerId id;
  ProducerEpoch epoch;
  friend constexpr auto operator<=>(ProducerIdAndEpoch, ProducerIdAndEpoch) = default;
};

enum class IsolationLevel : uint8_t { kReadUncommitted, kReadCommitted };
enum class CoordinatorType : uint8_t { kGroup = 0, kTransaction = 1 };

}  // namespace eosim::kafka
