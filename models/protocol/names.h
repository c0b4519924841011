// Names are interned: models compare 32-bit ids, text lives here. A name's hash is that of its
// text, so that a digest does not depend on the order in which names first appeared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/protocol/types.h"

namespace eosim::kafka {

class Names {
 public:
  Name intern(std::string_view text);
  // The name if the text is known; otherwise unset.
  Name find(std::string_view text) const;
  std::string_view text(Name name) const;  // "" for unset
  uint64_t hash(Name name) const;          // of the text
  // Kafka's String.hashCode, and the partition of an internal topic that a key belongs to:
  // abs(hash) mod partitions, with abs(INT_MIN) = 0 (groups-streams-replication.md 6.9).
  int32_t partition_for(Name key, int32_t partitions) const;

 private:
  struct Entry {
    std::string text;
    uint64_t hash = 0;
    int32_t java_hash = 0;
  };
  std::vector<Entry> entries_;
  std::unordered_map<std::string, uint32_t> index_;  // looked up, never iterated
};

// h = 31 h + c over UTF-16 code units, 32-bit wrap.
int32_t java_string_hash(std::string_view utf8);

}  // namespace eosim::kafka
