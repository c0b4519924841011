#include "sim/distribution.h"

#include <algorithm>
#include <bit>

#include "sim/assert.h"

namespace eosim::sim {

__extension__ using Wide = unsigned __int128;

namespace {

#include "sim/distribution_tables.inc"

constexpr int64_t kOne = int64_t{1} << 32;
constexpr int64_t kLongest = int64_t{1} << 62;

// Between two entries of a table, at `fraction` of 2^-32.
constexpr int64_t between(int64_t from, int64_t to, uint64_t fraction) {
  return from + (((to - from) * static_cast<int64_t>(fraction)) >> 32);
}

// 2^exponent, the exponent in 2^-32; rounded and at most kLongest.
int64_t power_of_two(int64_t exponent) {
  const int64_t whole = exponent >> 32;
  const uint64_t index = static_cast<uint64_t>(exponent) >> 24 & 0xFF;
  const uint64_t rest = static_cast<uint64_t>(exponent) << 8 & 0xFFFFFFFF;
  const int64_t mantissa = between(static_cast<int64_t>(kExp2[index]),
                                   static_cast<int64_t>(kExp2[index + 1]), rest);  // in 2^-32
  if (whole >= 32) return whole < 62 ? mantissa << (whole - 32) : kLongest;
  if (whole < -1) return 0;
  return ((mantissa >> (31 - whole)) + 1) >> 1;
}

}  // namespace

Duration exponential_from_word(uint32_t word, Duration mean) {
  EOSIM_ASSERT(mean.ns >= 0 && mean.ns < int64_t{1} << 57);
  // -ln(v / 2^33), where v / 2^33 = 1 - p and v = 2^octave (1 + fraction).
  const uint64_t v = 2 * uint64_t{~word} + 1;
  const int octave = 63 - std::countl_zero(v);
  const uint64_t mantissa = (v << (63 - octave)) << 1;  // the fraction, in 2^-64
  const uint64_t index = mantissa >> 56;
  const uint64_t rest = (mantissa >> 24) & 0xFFFFFFFF;
  const auto log = static_cast<uint64_t>(between(kLog[index], kLog[index + 1], rest));
  const uint64_t means = static_cast<uint64_t>(33 - octave) * kLn2 - log;  // in 2^-32
  return {static_cast<int64_t>((Wide{means} * static_cast<uint64_t>(mean.ns) + kOne / 2) >> 32)};
}

// The binary digits of the logarithm, one a squaring: slow and exact, for parameters.
int64_t log2_fixed(uint64_t value) {
  EOSIM_ASSERT(value > 0);
  const int whole = 63 - std::countl_zero(value);
  uint64_t mantissa = value << (63 - whole);  // 1 <= mantissa < 2, in 2^-63
  int64_t result = whole;
  for (int digit = 0; digit < 32; ++digit) {
    const Wide square = Wide{mantissa} * mantissa;  // in 2^-126
    const bool at_least_two = (square >> 127) != 0;
    mantissa = static_cast<uint64_t>(square >> (at_least_two ? 64 : 63));
    result = 2 * result + (at_least_two ? 1 : 0);
  }
  return result;
}

Duration log_uniform_from_word(uint32_t word, Duration min, Duration max) {
  EOSIM_ASSERT(min.ns > 0 && min <= max && max.ns <= kLongest);
  const int64_t from = log2_fixed(static_cast<uint64_t>(min.ns));
  const int64_t span = log2_fixed(static_cast<uint64_t>(max.ns)) - from;
  const auto part = static_cast<int64_t>((Wide{static_cast<uint64_t>(span)} * word) >> 32);
  return {std::clamp(power_of_two(from + part), min.ns, max.ns)};
}

int64_t normal_quantile_fixed(uint32_t word) {
  // All ones in the lower half. Half of all words are there, so a branch would be mispredicted.
  const int64_t lower = static_cast<int64_t>(word >> 31) - 1;
  const uint32_t from_end = word ^ ~static_cast<uint32_t>(lower);
  const uint64_t v = 2 * uint64_t{from_end} + 1;  // the nearer tail, in 2^-33
  const auto octave = static_cast<uint32_t>(63 - std::countl_zero(v));
  const uint64_t mantissa = (v << (63 - octave)) << 1;
  const uint64_t index = octave * 32 + (mantissa >> 59);
  const uint64_t rest = (mantissa >> 27) & 0xFFFFFFFF;
  const int64_t distance = between(kNormal[index], kNormal[index + 1], rest);
  return (distance ^ lower) - lower;
}

LogNormal LogNormal::from_median_p99(Duration median, Duration p99) {
  EOSIM_ASSERT(median.ns >= 0 && median <= p99 && p99.ns <= kLongest);
  EOSIM_ASSERT(median.ns > 0 || p99.ns == 0);
  LogNormal made;
  made.median_ = median;
  if (median == p99) return made;
  made.log_median_ = log2_fixed(static_cast<uint64_t>(median.ns));
  const int64_t span = log2_fixed(static_cast<uint64_t>(p99.ns)) - made.log_median_;
  EOSIM_ASSERT(span >= 0 && span <= 12 * kOne);
  made.sigma_ = (span << 26) / kNormal99 << 2;
  return made;
}

Duration LogNormal::from_word(uint32_t word) const {
  if (sigma_ == 0) return median_;
  // sigma is below 5.2 * 2^32 and |z| below 6.5 * 2^28: 4 bits of z go, to stay in 64 bits.
  const int64_t deviation = (sigma_ * (normal_quantile_fixed(word) >> 4)) >> 24;
  return {power_of_two(log_median_ + deviation)};
}

}  // namespace eosim::sim
