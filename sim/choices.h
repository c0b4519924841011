// All randomness of a run (design.md section 2). A draw belongs to a stream, named by purpose and
// entity, and is a function of (seed, stream text, index of the draw in the stream): a draw more in
// one stream shifts nothing in another, and two protocols under one seed face the same weather.
//
// Every draw takes one index and settles in this order:
//   1. an override set for (stream, index), clamped to what the draw could return;
//   2. in a calm world, its calm value;
//   3. what the seed says.
//
// The streams' texts are what keys them: two parts that ask for the same text share the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/assert.h"
#include "sim/distribution.h"
#include "sim/philox.h"
#include "sim/time.h"

namespace eosim::sim {

struct StreamId {
  uint32_t index = UINT32_MAX;
  friend bool operator==(StreamId, StreamId) = default;
};

struct Ratio {
  uint32_t numerator = 0;
  uint32_t denominator = 1;
};

// One draw whose outcome is given. Durations count in nanoseconds, a chance is 0 or 1.
struct Override {
  std::string stream;
  uint64_t index = 0;
  int64_t value = 0;
  friend auto operator<=>(const Override&, const Override&) = default;
};

class Choices {
 public:
  explicit Choices(uint64_t seed, bool calm = false);

  // The stream of this text, made if it is new.
  StreamId stream(std::string_view text);
  // Valid until the next stream is made.
  std::string_view stream_text(StreamId id) const;
  // The index that the next draw of the stream will have.
  uint64_t next_index(StreamId id) const { return at(id).next_index; }

  // 32 even bits. Has no calm value: a calm world draws it too.
  uint32_t word(StreamId id);
  // 0 .. bound - 1, for 0 < bound < 2^63. The value is the high part of bits * bound, with 32 bits
  // and for bounds above 2^32 with 64: no value is likelier than another by more than a part of
  // bound / 2^32 (or 2^64).
  uint64_t below(StreamId id, uint64_t bound, uint64_t calm);
  bool chance(StreamId id, Ratio ratio, bool calm);
  Duration exponential(StreamId id, Duration mean, Duration calm);
  // Calm: the median.
  Duration log_normal(StreamId id, const LogNormal& distribution);
  // Evenly over orders of magnitude, for the lengths of faults. 0 < min <= max.
  Duration log_uniform(StreamId id, Duration min, Duration max, Duration calm);
  // Evenly over min .. max, both included.
  Duration uniform(StreamId id, Duration min, Duration max, Duration calm);

  // The last override of a draw holds. May name a stream that nobody has asked for.
  void override_draw(std::string_view stream_text, uint64_t index, int64_t value);
  // Overrides that no draw has asked for, by (text, index).
  std::vector<Override> unused_overrides() const;
  // From now on the draws are those of another seed; indices go on.
  void fork(uint64_t new_seed);

  uint64_t seed() const { return seed_; }
  bool calm() const { return calm_; }
  size_t stream_count() const { return streams_.size(); }

 private:
  static constexpr uint64_t kNoBlock = UINT64_MAX;
  static constexpr uint32_t kFree = UINT32_MAX;

  struct Stream {
    uint64_t key = 0;
    uint64_t next_index = 0;
    uint64_t cached_block = kNoBlock;
    PhiloxBlock words{};
    bool plain = true;  // neither calm nor overridden: the seed settles
    uint32_t text_end = 0;
  };
  struct OverrideEntry {
    Override what;
    bool used = false;
  };
  // What a draw may return, and its value in a calm world.
  struct Limits {
    int64_t min;
    int64_t max;
    int64_t calm;
  };

  Stream& at(StreamId id) {
    EOSIM_ASSERT(id.index < streams_.size());
    return streams_[id.index];
  }
  const Stream& at(StreamId id) const {
    EOSIM_ASSERT(id.index < streams_.size());
    return streams_[id.index];
  }
  uint32_t next_word(Stream& stream) {
    const uint64_t index = stream.next_index++;
    if (stream.cached_block != index / 4) refill(stream, index / 4);
    return stream.words[index % 4];
  }
  void refill(Stream& stream, uint64_t block);
  uint64_t high_part(const Stream& stream, uint32_t word, uint64_t bound) const;
  PhiloxBlock block_of(const Stream& stream, uint64_t block) const;
  uint32_t find_place(uint64_t key) const;
  void grow_table();
  // Settles the draw that was made last in a stream that is not plain.
  int64_t settle(StreamId id, int64_t drawn, Limits limits, bool has_calm = true);

  uint64_t seed_;
  bool calm_;
  std::vector<Stream> streams_;
  std::string texts_;                     // of all streams, one after another
  std::vector<uint32_t> table_;           // open addressing by key; an index of streams_ or kFree
  std::vector<OverrideEntry> overrides_;  // by (text, index)
};

inline uint32_t Choices::word(StreamId id) {
  Stream& stream = at(id);
  const uint32_t drawn = next_word(stream);
  if (stream.plain) return drawn;
  return static_cast<uint32_t>(settle(id, drawn, {0, UINT32_MAX, 0}, false));
}

inline uint64_t Choices::below(StreamId id, uint64_t bound, uint64_t calm) {
  EOSIM_ASSERT(bound > 0 && bound <= uint64_t{INT64_MAX} && calm < bound);
  Stream& stream = at(id);
  const uint32_t word = next_word(stream);
  const uint64_t drawn =
      bound <= (uint64_t{1} << 32) ? (word * bound) >> 32 : high_part(stream, word, bound);
  if (stream.plain) return drawn;
  const Limits limits{0, static_cast<int64_t>(bound - 1), static_cast<int64_t>(calm)};
  return static_cast<uint64_t>(settle(id, static_cast<int64_t>(drawn), limits));
}

inline bool Choices::chance(StreamId id, Ratio ratio, bool calm) {
  EOSIM_ASSERT(ratio.denominator > 0 && ratio.numerator <= ratio.denominator);
  Stream& stream = at(id);
  const uint64_t word = next_word(stream);
  const bool drawn = word * ratio.denominator < uint64_t{ratio.numerator} << 32;
  if (stream.plain) return drawn;
  return settle(id, drawn ? 1 : 0, {0, 1, calm ? 1 : 0}) != 0;
}

inline Duration Choices::log_normal(StreamId id, const LogNormal& distribution) {
  Stream& stream = at(id);
  const Duration drawn = distribution.from_word(next_word(stream));
  if (stream.plain) return drawn;
  return {settle(id, drawn.ns,
                 {distribution.from_word(0).ns, distribution.from_word(UINT32_MAX).ns,
                  distribution.median().ns})};
}

}  // namespace eosim::sim
