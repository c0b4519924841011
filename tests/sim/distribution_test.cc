// Quantiles of the integer distributions against the exact ones, worked out here with libm.
#include "sim/distribution.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "catch.h"
#include "sim/assert.h"
#include "sim/choices.h"

namespace eosim::sim {
namespace {

// The word whose probability is nearest to p.
uint32_t word_at(long double p) { return static_cast<uint32_t>(std::llround(p * 0x1p32L - 0.5L)); }
long double probability_of(uint32_t word) { return (2.0L * word + 1) / 0x1p33L; }

long double normal_cdf(long double z) { return std::erfc(-z / std::sqrt(2.0L)) / 2; }

// 20 000 words, spread evenly, and as many in each tail.
template <class Check>
void for_many_words(Check check) {
  for (uint32_t i = 0; i < 20'000; ++i) {
    check(i * 214'748u);
    check(i);
    check(UINT32_MAX - i);
  }
  for (int bit = 0; bit < 32; ++bit) {
    check(1u << bit);
    check((1u << bit) - 1);
    check(~(1u << bit));
  }
}

TEST_CASE("exponential quantiles are exact to 3e-6 of the mean") {
  const Duration mean = seconds(1'000);
  long double worst = 0;
  for_many_words([&](uint32_t word) {
    const long double exact = -std::log1p(-probability_of(word));
    const long double drawn =
        static_cast<long double>(exponential_from_word(word, mean).ns) / 1e12L;
    worst = std::max(worst, std::fabs(drawn - exact));
  });
  CHECK(worst < 3e-6L);
}

TEST_CASE("exponential draws have their mean, median, p99 and p99.9") {
  const Duration mean = milliseconds(1);
  long double sum = 0;
  const uint64_t count = 1'000'000;
  for (uint64_t i = 0; i < count; ++i) {
    const auto word = static_cast<uint32_t>(((2 * i + 1) << 31) / count);
    sum += static_cast<long double>(exponential_from_word(word, mean).ns);
  }
  CHECK(std::fabs(sum / count - 1e6L) < 5);
  CHECK(std::llabs(exponential_from_word(word_at(0.5L), mean).ns - 693'147) <= 4);
  CHECK(std::llabs(exponential_from_word(word_at(0.99L), mean).ns - 4'605'170) <= 4);
  CHECK(std::llabs(exponential_from_word(word_at(0.999L), mean).ns - 6'907'755) <= 4);
}

TEST_CASE("normal quantiles are exact to 1e-4") {
  long double worst = 0;
  for_many_words([&](uint32_t word) {
    const long double z = static_cast<long double>(normal_quantile_fixed(word)) / 0x1p28L;
    const long double p = probability_of(word);
    // The error in z is the error in probability over the density; in the nearer tail, where
    // probabilities are exact.
    const long double tail = std::min(p, 1 - p);
    const long double error = normal_cdf(-std::fabs(z)) - tail;
    const long double density = std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0L));
    worst = std::max(worst, std::fabs(error / density));
  });
  CHECK(worst < 1e-4L);
}

TEST_CASE("a log-normal meets its median, p99 and p99.9") {
  struct Row {
    Duration median;
    Duration p99;
  };
  const Row rows[] = {
      {microseconds(500), milliseconds(5)}, {milliseconds(1), milliseconds(2)},
      {milliseconds(1), seconds(4)},        {nanoseconds(100'000), nanoseconds(100'100)},
      {seconds(60), seconds(600)},          {milliseconds(7), milliseconds(7)}};
  for (const Row& row : rows) {
    const LogNormal distribution = LogNormal::from_median_p99(row.median, row.p99);
    const long double median = static_cast<long double>(row.median.ns);
    const long double sigma =
        std::log(static_cast<long double>(row.p99.ns) / median) / 2.3263478740408408L;
    const long double p999 = median * std::exp(sigma * 3.0902323061678135L);
    const auto near = [](Duration drawn, long double exact) {
      return std::fabs(static_cast<long double>(drawn.ns) - exact) <= exact * 2e-4L + 1;
    };
    INFO(row.median.ns << " " << row.p99.ns);
    CHECK(distribution.median() == row.median);
    CHECK(near(distribution.from_word(word_at(0.5L)), median));
    CHECK(near(distribution.from_word(word_at(0.99L)), static_cast<long double>(row.p99.ns)));
    CHECK(near(distribution.from_word(word_at(0.999L)), p999));
    CHECK(near(distribution.from_word(word_at(0.01L)),
               median * median / static_cast<long double>(row.p99.ns)));
  }
}

TEST_CASE("the logarithm to base 2 is exact to its last digits") {
  for (const uint64_t value : {1ull, 2ull, 3ull, 10ull, 1'000'003ull, 1ull << 62, ~0ull}) {
    const long double exact = std::log2(static_cast<long double>(value)) * 0x1p32L;
    CHECK(std::fabs(static_cast<long double>(log2_fixed(value)) - exact) < 2);
  }
}

TEST_CASE("log-uniform draws fall evenly on orders of magnitude") {
  const Duration min = microseconds(10);
  const Duration max = seconds(100);
  CHECK(log_uniform_from_word(0, min, max) == min);
  CHECK(std::llabs(log_uniform_from_word(UINT32_MAX, min, max).ns - max.ns) < 1'000);
  int64_t decade = min.ns;
  for (uint64_t i = 0; i < 7; ++i, decade *= 10) {
    const auto word = static_cast<uint32_t>((i << 32) / 7);
    const int64_t drawn = log_uniform_from_word(word, min, max).ns;
    CHECK(std::llabs(drawn - decade) <= decade / 100'000 + 1);
  }
  CHECK(log_uniform_from_word(123, max, max) == max);
}

TEST_CASE("a greater word never gives a smaller value") {
  const LogNormal latency = LogNormal::from_median_p99(milliseconds(1), milliseconds(50));
  const auto check = [&](uint32_t word) {
    if (word == UINT32_MAX) return;
    REQUIRE(exponential_from_word(word, seconds(1)) <= exponential_from_word(word + 1, seconds(1)));
    REQUIRE(latency.from_word(word) <= latency.from_word(word + 1));
    REQUIRE(log_uniform_from_word(word, {10}, seconds(1)) <=
            log_uniform_from_word(word + 1, {10}, seconds(1)));
  };
  for_many_words(check);
}

TEST_CASE("draws are what they were, on every machine and compiler") {
  const LogNormal latency = LogNormal::from_median_p99(microseconds(500), milliseconds(5));
  const uint32_t words[] = {0,          1,          0x12345678, 0x7fffffff,
                            0x80000000, 0xdeadbeef, 0xfffffffe, 0xffffffff};
  const int64_t exponential[] = {0,         0,          73766685,    693147181,
                                 693147181, 2038982178, 21775244671, 22873856960};
  const int64_t log_normal[] = {943, 1118, 116979, 500000, 500000, 1523522, 223697651, 265090566};
  const int64_t log_uniform[] = {1000,    1000,       3574,        7745974,
                                 7745974, 5830915056, 60000000000, 60000000000};
  for (int i = 0; i < 8; ++i) {
    CHECK(exponential_from_word(words[i], seconds(1)).ns == exponential[i]);
    CHECK(latency.from_word(words[i]).ns == log_normal[i]);
    CHECK(log_uniform_from_word(words[i], microseconds(1), seconds(60)).ns == log_uniform[i]);
  }
}

TEST_CASE("the ends of the ranges hold") {
  CHECK(exponential_from_word(UINT32_MAX, Duration{}) == Duration{});
  CHECK(exponential_from_word(UINT32_MAX, {(int64_t{1} << 57) - 1}).ns > 0);
  CHECK(LogNormal{}.from_word(UINT32_MAX) == Duration{});
  CHECK(LogNormal::from_median_p99({}, {}).from_word(0) == Duration{});
  const Duration longest{int64_t{1} << 62};
  const LogNormal wide = LogNormal::from_median_p99({int64_t{1} << 50}, longest);
  CHECK(wide.from_word(UINT32_MAX) == longest);
  CHECK(wide.from_word(0).ns > 0);
  CHECK(log_uniform_from_word(UINT32_MAX, {1}, longest) <= longest);
  CHECK_THROWS_AS(LogNormal::from_median_p99({2}, {1}), InvariantBroken);
  CHECK_THROWS_AS(LogNormal::from_median_p99({0}, {1}), InvariantBroken);
  CHECK_THROWS_AS(LogNormal::from_median_p99({1}, {4'097}), InvariantBroken);
}

}  // namespace
}  // namespace eosim::sim
