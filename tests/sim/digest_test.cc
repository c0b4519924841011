// The digest: what it covers, and that it is the same everywhere.
#include "sim/digest.h"

#include <set>
#include <string>

#include "catch.h"

namespace eosim::sim {
namespace {

// Two thousand records, enough for some blocks.
void write_records(Digest& digest, uint32_t count, bool at_once) {
  for (uint32_t i = 0; i < count; ++i) {
    if (at_once) {
      digest.record(uint64_t{i} * 1'000, i, static_cast<uint16_t>(i), static_cast<uint8_t>(3),
                    uint64_t{7});
    } else {
      digest.u64(uint64_t{i} * 1'000);
      digest.u32(i);
      digest.u16(static_cast<uint16_t>(i));
      digest.u8(3);
      digest.i64(7);
    }
  }
}

TEST_CASE("a text's hash is XXH3") {
  CHECK(hash_text("") == 0x2d06800538d394c2);
  CHECK(hash_text("EndTxn") != hash_text("endTxn"));
}

TEST_CASE("looking at the value changes nothing") {
  Digest looked;
  Digest blind;
  for (int i = 0; i < 500; ++i) {
    looked.u64(5);
    blind.u64(5);
    const uint64_t value = looked.value();
    REQUIRE(looked.value() == value);
    REQUIRE(blind.value() == value);
  }
}

TEST_CASE("a record at once is the same as its fields one after another") {
  Digest at_once;
  Digest by_field;
  write_records(at_once, 2'000, true);
  write_records(by_field, 2'000, false);
  CHECK(at_once.value() == by_field.value());
  CHECK(at_once.bytes() == 2'000 * 23);
  CHECK(by_field.bytes() == 2'000 * 23);
}

TEST_CASE("each length of what was written has its own value") {
  Digest digest;
  std::set<uint64_t> values = {digest.value()};
  for (int i = 0; i < 10'000; ++i) {
    digest.u8(0);
    REQUIRE(values.insert(digest.value()).second);
  }
}

TEST_CASE("a change in any record changes the value") {
  Digest plain;
  for (uint32_t i = 0; i < 1'500; ++i) plain.u64(i);
  for (uint32_t changed = 0; changed < 1'500; changed += 50) {
    Digest other;
    for (uint32_t i = 0; i < 1'500; ++i) other.u64(i == changed ? i ^ 1 : i);
    CHECK(other.value() != plain.value());
  }
}

TEST_CASE("a copy of a digest goes on by itself") {
  Digest original;
  write_records(original, 300, false);
  Digest copy = original;
  original.u8(1);
  CHECK(copy.value() != original.value());
  copy.u8(1);
  CHECK(copy.value() == original.value());
}

TEST_CASE("fields are written little-endian and texts by their hash") {
  Digest wide;
  wide.u64(0x0807060504030201);
  Digest bytes;
  for (uint8_t i = 1; i <= 8; ++i) bytes.u8(i);
  CHECK(wide.value() == bytes.value());
  Digest text;
  text.text("EndTxn");
  Digest hash;
  hash.u64(hash_text("EndTxn"));
  CHECK(text.value() == hash.value());
  Digest negative;
  negative.i64(-1);
  Digest ones;
  ones.u64(UINT64_MAX);
  CHECK(negative.value() == ones.value());
}

TEST_CASE("a digest is what it was, on every machine and compiler") {
  Digest digest;
  write_records(digest, 2'000, false);
  digest.text("the end");
  CHECK(digest.value() == 0xf20828a0b2132803);
}

}  // namespace
}  // namespace eosim::sim
