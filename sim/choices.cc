#include "sim/choices.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sim/digest.h"

namespace eosim::sim {

__extension__ using Wide = unsigned __int128;

namespace {

// The low halves of wide draws are blocks of their own, apart from all that an index can reach.
constexpr uint64_t kLowHalves = uint64_t{1} << 63;

}  // namespace

Choices::Choices(uint64_t seed, bool calm) : seed_(seed), calm_(calm), table_(64, kFree) {}

StreamId Choices::stream(std::string_view text) {
  const uint64_t key = hash_text(text);
  uint32_t place = find_place(key);
  if (table_[place] != kFree) {
    const StreamId found{table_[place]};
    EOSIM_ASSERT(stream_text(found) == text);  // or two texts have one hash
    return found;
  }
  if (2 * (streams_.size() + 1) > table_.size()) {
    grow_table();
    place = find_place(key);
  }
  table_[place] = static_cast<uint32_t>(streams_.size());
  texts_ += text;
  Stream made;
  made.key = key;
  made.text_end = static_cast<uint32_t>(texts_.size());
  const bool overridden =
      std::any_of(overrides_.begin(), overrides_.end(),
                  [&](const OverrideEntry& entry) { return entry.what.stream == text; });
  made.plain = !calm_ && !overridden;
  streams_.push_back(made);
  return {table_[place]};
}

std::string_view Choices::stream_text(StreamId id) const {
  const size_t start = id.index == 0 ? 0 : streams_[id.index - 1].text_end;
  return std::string_view(texts_).substr(start, at(id).text_end - start);
}

uint32_t Choices::find_place(uint64_t key) const {
  const auto mask = static_cast<uint32_t>(table_.size() - 1);
  auto place = static_cast<uint32_t>(key) & mask;
  while (table_[place] != kFree && streams_[table_[place]].key != key) place = (place + 1) & mask;
  return place;
}

void Choices::grow_table() {
  table_.assign(2 * table_.size(), kFree);
  for (uint32_t i = 0; i < streams_.size(); ++i) table_[find_place(streams_[i].key)] = i;
}

PhiloxBlock Choices::block_of(const Stream& stream, uint64_t block) const {
  return philox4x32({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                     static_cast<uint32_t>(stream.key), static_cast<uint32_t>(stream.key >> 32)},
                    {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)});
}

void Choices::refill(Stream& stream, uint64_t block) {
  stream.words = block_of(stream, block);
  stream.cached_block = block;
}

uint64_t Choices::high_part(const Stream& stream, uint32_t word, uint64_t bound) const {
  const uint64_t index = stream.next_index - 1;
  const uint32_t low = block_of(stream, (index / 4) | kLowHalves)[index % 4];
  return static_cast<uint64_t>((Wide{(uint64_t{word} << 32) | low} * bound) >> 64);
}

Duration Choices::exponential(StreamId id, Duration mean, Duration calm) {
  Stream& stream = at(id);
  const Duration drawn = exponential_from_word(next_word(stream), mean);
  if (stream.plain) return drawn;
  const Limits limits{exponential_from_word(0, mean).ns, exponential_from_word(UINT32_MAX, mean).ns,
                      calm.ns};
  return {settle(id, drawn.ns, limits)};
}

Duration Choices::log_uniform(StreamId id, Duration min, Duration max, Duration calm) {
  Stream& stream = at(id);
  const Duration drawn = log_uniform_from_word(next_word(stream), min, max);
  if (stream.plain) return drawn;
  return {settle(id, drawn.ns, {min.ns, max.ns, calm.ns})};
}

Duration Choices::uniform(StreamId id, Duration min, Duration max, Duration calm) {
  EOSIM_ASSERT(min <= max && (min.ns >= 0 || max.ns < INT64_MAX + min.ns));
  Stream& stream = at(id);
  const uint64_t bound = static_cast<uint64_t>(max.ns - min.ns) + 1;
  EOSIM_ASSERT(bound <= uint64_t{INT64_MAX});
  const uint32_t word = next_word(stream);
  const uint64_t offset =
      bound <= (uint64_t{1} << 32) ? (word * bound) >> 32 : high_part(stream, word, bound);
  const Duration drawn{min.ns + static_cast<int64_t>(offset)};
  if (stream.plain) return drawn;
  return {settle(id, drawn.ns, {min.ns, max.ns, calm.ns})};
}

void Choices::override_draw(std::string_view stream_text, uint64_t index, int64_t value) {
  OverrideEntry entry{{std::string(stream_text), index, value}, false};
  const auto place = std::lower_bound(overrides_.begin(), overrides_.end(), entry,
                                      [](const OverrideEntry& a, const OverrideEntry& b) {
                                        return std::tie(a.what.stream, a.what.index) <
                                               std::tie(b.what.stream, b.what.index);
                                      });
  const bool replaces =
      place != overrides_.end() && place->what.stream == stream_text && place->what.index == index;
  if (replaces) {
    *place = std::move(entry);
  } else {
    overrides_.insert(place, std::move(entry));
  }
  const uint32_t known = table_[find_place(hash_text(stream_text))];
  if (known != kFree) streams_[known].plain = false;
}

std::vector<Override> Choices::unused_overrides() const {
  std::vector<Override> unused;
  for (const OverrideEntry& entry : overrides_) {
    if (!entry.used) unused.push_back(entry.what);
  }
  return unused;
}

void Choices::fork(uint64_t new_seed) {
  seed_ = new_seed;
  for (Stream& stream : streams_) stream.cached_block = kNoBlock;
}

int64_t Choices::settle(StreamId id, int64_t drawn, Limits limits, bool has_calm) {
  const std::string_view text = stream_text(id);
  const uint64_t index = at(id).next_index - 1;
  const auto place =
      std::lower_bound(overrides_.begin(), overrides_.end(), std::tie(text, index),
                       [](const OverrideEntry& entry,
                          const std::tuple<const std::string_view&, const uint64_t&>& k) {
                         const std::string_view stream = entry.what.stream;
                         return std::tie(stream, entry.what.index) < k;
                       });
  if (place != overrides_.end() && place->what.stream == text && place->what.index == index) {
    place->used = true;
    return std::clamp(place->what.value, limits.min, limits.max);
  }
  return calm_ && has_calm ? limits.calm : drawn;
}

}  // namespace eosim::sim
