// Numbers with units, from their text and without floating point: "250us", "16KiB", 0.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eosim::scenario {

// "-?digits", nothing else; nothing when it does not fit.
std::optional<int64_t> parse_integer(std::string_view text);
// Decimal or 0x hex, up to 2^64 - 1: seeds.
std::optional<uint64_t> parse_unsigned(std::string_view text);
// Digits with at most `decimals` after the point, times 10^decimals: ("0.25", 3) is 250.
std::optional<int64_t> parse_decimal(std::string_view text, int decimals);
// A number with ns, us, ms, s, min or h, in nanoseconds: "1.5s". "0" needs a unit, too.
std::optional<int64_t> parse_duration(std::string_view text);
// Bytes: digits alone, or with B, kB, KB, MB, GB (powers of 1000), KiB, MiB, GiB (of 1024).
std::optional<int64_t> parse_size(std::string_view text);

// The shortest exact form: 1500000 -> "1500us", 60000000000 -> "60s".
std::string duration_text(int64_t ns);
std::string size_text(int64_t bytes);
// 2500 thousandths -> "2.5", or "2.500" where zeros are kept; a whole number has no point.
enum class TrailingZeros : uint8_t { kDropped, kKept };
std::string thousandths_text(int64_t thousandths, TrailingZeros zeros = TrailingZeros::kDropped);

}  // namespace eosim::scenario
