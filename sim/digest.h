// The running digest of a run: 64 bits that stand for everything that happened. Records are written
// field by field, little-endian, into a block; full blocks are folded with XXH3, each seeded by the
// fold before it. A field has no padding and no tag, so a reader of two digests can only say that
// they differ: writers put the kind of a record first.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "sim/assert.h"

namespace eosim::sim {

// The 64-bit XXH3 hash of a text: what stands for a name in a digest and for a stream's key.
uint64_t hash_text(std::string_view text);

class Digest {
 public:
  void u8(uint8_t v) { record(v); }
  void u16(uint16_t v) { record(v); }
  void u32(uint32_t v) { record(v); }
  void u64(uint64_t v) { record(v); }
  void i64(int64_t v) { record(static_cast<uint64_t>(v)); }
  void text(std::string_view v) { record(hash_text(v)); }

  // Several fields at once, the same as one after another and cheaper.
  template <std::unsigned_integral... Fields>
  void record(Fields... fields) {
    static_assert((sizeof(Fields) + ...) <= kSlack);
    size_t used = used_;
    (put(used, fields), ...);
    used_ = used;
    if (used_ >= kBlock) fold();
  }

  // A few fields whose number is known at run time only, as by u64() one after another.
  void words(std::span<const uint64_t> fields) {
    EOSIM_ASSERT(fields.size_bytes() <= kSlack);
    size_t used = used_;
    for (const uint64_t field : fields) put(used, field);
    used_ = used;
    if (used_ >= kBlock) fold();
  }

  // The digest of all that was written, and how many bytes that was. Neither changes the state.
  uint64_t value() const;
  uint64_t bytes() const { return folded_bytes_ + used_; }

 private:
  static constexpr size_t kBlock = 4096;
  static constexpr size_t kSlack = 96;

  // `used` is a copy of used_ that no write to the block can change.
  template <std::unsigned_integral Field>
  void put(size_t& used, Field field) {
    if constexpr (std::endian::native == std::endian::big) {
      for (size_t i = 0; i < sizeof(Field); ++i) {
        block_[used + i] = static_cast<unsigned char>(field >> (8 * i));
      }
    } else {
      std::memcpy(block_.data() + used, &field, sizeof(Field));
    }
    used += sizeof(Field);
  }
  void fold();

  uint64_t chain_ = 0;
  uint64_t folded_bytes_ = 0;
  size_t used_ = 0;
  std::array<unsigned char, kBlock + kSlack> block_{};
};

}  // namespace eosim::sim
