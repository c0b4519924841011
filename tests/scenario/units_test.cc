// Numbers with units become integers from their text.
#include "models/scenario/units.h"

#include "catch.h"

using namespace eosim::scenario;

TEST_CASE("durations are exact in every unit") {
  const std::pair<const char*, int64_t> kCases[] = {{"250us", 250'000},
                                                    {"10ms", 10'000'000},
                                                    {"4s", 4'000'000'000},
                                                    {"3min", 180'000'000'000},
                                                    {"1h", 3'600'000'000'000},
                                                    {"7ns", 7},
                                                    {"1.5s", 1'500'000'000},
                                                    {"0.1us", 100},
                                                    {"-2s", -2'000'000'000},
                                                    {"0s", 0},
                                                    {"1.000000001s", 1'000'000'001}};
  for (const auto& [text, ns] : kCases) CHECK(parse_duration(text) == ns);
}

TEST_CASE("what is no exact duration is refused") {
  for (const char* text : {"", "4", "s", "4 s", "4sec", "1e3s", "0.1ns", "1..5s", "--4s", "4S",
                           ".5s", "5.s", "99999999999h", "1.0000000000000s", "+4s", "0x4s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("sizes are bytes or have a unit") {
  CHECK(parse_size("16KiB") == 16384);
  CHECK(parse_size("1MB") == 1'000'000);
  CHECK(parse_size("2GiB") == int64_t{2} << 30);
  CHECK(parse_size("1.5KiB") == 1536);
  CHECK(parse_size("17") == 17);
  for (const char* text : {"", "KiB", "16 KiB", "16kib", "1.5", "99999999999999GiB", "0.3B"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("seeds are unsigned 64-bit numbers, decimal or hex") {
  CHECK(parse_unsigned("18446744073709551615") == UINT64_MAX);
  CHECK(parse_unsigned("0xFFFFffffFFFFffff") == UINT64_MAX);
  CHECK(parse_unsigned("0") == 0);
  for (const char* text :
       {"", "-1", "18446744073709551616", "0x", "0x10000000000000000", "1.0", "ff"}) {
    INFO(text);
    CHECK_FALSE(parse_unsigned(text));
  }
}

TEST_CASE("decimals keep three places and are never rounded") {
  CHECK(parse_decimal("0.3", 3) == 300);
  CHECK(parse_decimal("100", 3) == 100'000);
  CHECK(parse_decimal("-0.25", 3) == -250);
  CHECK(parse_decimal("1.5000", 3) == 1'500);
  for (const char* text : {"0.0001", "1e2", ".5", "1.", "9223372036854775807", ""}) {
    INFO(text);
    CHECK_FALSE(parse_decimal(text, 3));
  }
  for (const int64_t value : {0LL, 1LL, -250LL, 300LL, 1'000LL, 123'456LL}) {
    CHECK(parse_decimal(thousandths_text(value), 3) == value);
  }
}

TEST_CASE("durations are printed so that they read back") {
  for (const int64_t ns : {0LL, 1LL, 1'500LL, 2'000'000LL, 90'000'000'000LL, 7'200'000'000'000LL}) {
    CHECK(parse_duration(duration_text(ns)) == ns);
  }
}

TEST_CASE("thousandths are printed with a sign of their own, and zeros only where they are kept") {
  struct Case {
    int64_t thousandths;
    const char* dropped;
    const char* kept;
  };
  constexpr Case kCases[] = {{0, "0", "0"},
                             {1, "0.001", "0.001"},
                             {2'500, "2.5", "2.500"},
                             {12'340, "12.34", "12.340"},
                             {12'000, "12", "12"},
                             {100'000, "100", "100"},
                             {-250, "-0.25", "-0.250"},
                             {-1'000, "-1", "-1"},
                             {-1'500, "-1.5", "-1.500"},
                             {INT64_MIN, "-9223372036854775.808", "-9223372036854775.808"}};
  for (const Case& one : kCases) {
    CHECK(thousandths_text(one.thousandths) == one.dropped);
    CHECK(thousandths_text(one.thousandths, TrailingZeros::kKept) == one.kept);
  }
}
