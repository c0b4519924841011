#include "models/protocol/names.h"

#include "catch.h"
#include "sim/digest.h"

namespace eosim::kafka {
namespace {

struct HashRow {
  const char* text;
  int32_t hash;
  int32_t mod_50;
  int32_t mod_3;
};

// groups-streams-replication.md 6.9.
constexpr HashRow kHashRows[] = {
    {"a", 97, 47, 1},
    {"group", 98629247, 47, 2},
    {"my-group", -1906497762, 12, 0},
    {"eos-app", -1565930659, 9, 1},
    {"app-0_1", -795167178, 28, 0},
    {"polygenelubricants", INT32_MIN, 0, 0},
};

TEST_CASE("a name belongs to the partition that Kafka's hash rule gives it") {
  Names names;
  for (const HashRow& row : kHashRows) {
    CAPTURE(row.text);
    CHECK(java_string_hash(row.text) == row.hash);
    const Name name = names.intern(row.text);
    CHECK(names.partition_for(name, 50) == row.mod_50);
    CHECK(names.partition_for(name, 3) == row.mod_3);
  }
}

TEST_CASE("a text is hashed by its UTF-16 code units") {
  CHECK(java_string_hash("") == 0);
  CHECK(java_string_hash("\xc3\xa9") == 0xe9);
  CHECK(java_string_hash("\xe2\x82\xac") == 0x20ac);
  // U+1F600 is the pair d83d de00.
  CHECK(java_string_hash("\xf0\x9f\x98\x80") == 0xd83d * 31 + 0xde00);
  // What is not UTF-8 is read as U+FFFD, byte by byte.
  CHECK(java_string_hash("\xff") == 0xfffd);
  CHECK(java_string_hash("\xe2\x82") == 0xfffd * 31 + 0xfffd);
  CHECK(java_string_hash("\xed\xa0\x80") == (0xfffd * 31 + 0xfffd) * 31 + 0xfffd);
}

TEST_CASE("the same text is the same name, and its hash does not depend on when it came") {
  Names one;
  const Name first = one.intern("app-0");
  const Name second = one.intern("app-1");
  CHECK(one.intern("app-0") == first);
  CHECK_FALSE(first == second);
  CHECK(one.text(second) == "app-1");
  CHECK(one.find("app-1") == second);
  CHECK_FALSE(one.find("app-2").valid());

  Names other;
  CHECK(other.hash(other.intern("app-1")) == one.hash(second));
  CHECK(one.hash(second) == sim::hash_text("app-1"));
  CHECK(one.text(Name{}).empty());
}

TEST_CASE("a copy of the names is its own") {
  Names one;
  const Name first = one.intern("group");
  Names two = one;
  two.intern("other");
  CHECK(two.text(first) == "group");
  CHECK_FALSE(one.find("other").valid());
}

}  // namespace
}  // namespace eosim::kafka
