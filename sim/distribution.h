// Distributions in integers alone, so that every machine and compiler draws the same. A 32-bit word
// w stands for the probability (2w + 1) / 2^33, which is never 0 and never 1, and a distribution is
// its quantile function there, read from checked-in tables (distribution_tables.inc, written by
// tools/tables/make_tables.py). A greater word gives a value that is not smaller.
//
// Errors against the exact quantile: exponential 3e-6 of the mean; log-normal 1e-4 of the value
// where the p99 is ten times the median.
#pragma once

#include <cstdint>

#include "sim/time.h"

namespace eosim::sim {

// Mean 0 <= mean < 2^57 ns (4.5 years). The greatest value is 22.9 means.
Duration exponential_from_word(uint32_t word, Duration mean);

// min * (max / min)^p for 1 ns <= min <= max: every order of magnitude is as likely.
Duration log_uniform_from_word(uint32_t word, Duration min, Duration max);

// Given by what an operator knows of a latency. A value.
class LogNormal {
 public:
  // Always 0.
  LogNormal() = default;

  // 0 <= median <= p99, with a ratio of at most 4 096; a median of 0 wants a p99 of 0. Values end
  // at 2^62 ns.
  static LogNormal from_median_p99(Duration median, Duration p99);

  Duration from_word(uint32_t word) const;
  Duration median() const { return median_; }

  friend bool operator==(const LogNormal&, const LogNormal&) = default;

 private:
  Duration median_;
  // Of the logarithm to base 2, in 2^-32.
  int64_t log_median_ = 0;
  int64_t sigma_ = 0;
};

// The parts, for tests: log2(value) in 2^-32 for value > 0; the standard normal quantile in 2^-28.
int64_t log2_fixed(uint64_t value);
int64_t normal_quantile_fixed(uint32_t word);

}  // namespace eosim::sim
