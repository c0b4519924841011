#include "models/protocol/names.h"

#include <array>

#include "sim/assert.h"
#include "sim/digest.h"

namespace eosim::kafka {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

struct CodePoint {
  uint32_t value;
  size_t bytes;
};

// The code point at the start of `text`; what is not UTF-8 becomes U+FFFD, byte by byte.
CodePoint decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {kReplacement, 1};
  uint32_t value = first & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {kReplacement, 1};
    value = value << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < kSmallest[length] || value > 0x10ffff || surrogate) return {kReplacement, 1};
  return {value, length};
}

}  // namespace

Name Names::intern(std::string_view text) {
  const auto [at, added] =
      index_.try_emplace(std::string(text), static_cast<uint32_t>(entries_.size()));
  if (added) {
    entries_.push_back({std::string(text), sim::hash_text(text), java_string_hash(text)});
  }
  return Name{at->second};
}

Name Names::find(std::string_view text) const {
  const auto at = index_.find(std::string(text));
  return at == index_.end() ? Name{} : Name{at->second};
}

std::string_view Names::text(Name name) const {
  return name.valid() ? std::string_view(entries_.at(name.id).text) : std::string_view();
}

uint64_t Names::hash(Name name) const {
  return name.valid() ? entries_.at(name.id).hash : sim::hash_text({});
}

int32_t Names::partition_for(Name key, int32_t partitions) const {
  EOSIM_ASSERT(key.valid() && partitions > 0);
  const int32_t hash = entries_.at(key.id).java_hash;
  if (hash == INT32_MIN) return 0;
  return (hash < 0 ? -hash : hash) % partitions;
}

int32_t java_string_hash(std::string_view utf8) {
  uint32_t hash = 0;
  while (!utf8.empty()) {
    const CodePoint point = decode(utf8);
    utf8.remove_prefix(point.bytes);
    if (point.value < 0x10000) {
      hash = hash * 31 + point.value;
    } else {
      const uint32_t above = point.value - 0x10000;
      hash = hash * 31 + (0xd800 + (above >> 10));
      hash = hash * 31 + (0xdc00 + (above & 0x3ff));
    }
  }
  return static_cast<int32_t>(hash);
}

}  // namespace eosim::kafka
