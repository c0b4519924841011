#include "models/scenario/units.h"

#include <array>

namespace eosim::scenario {
namespace {

struct Unit {
  std::string_view name;
  int64_t size;
};

constexpr std::array<Unit, 6> kTimeUnits{{{"ns", 1},
                                          {"us", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", 1'000'000'000},
                                          {"min", 60'000'000'000},
                                          {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 8> kSizeUnits{{{"B", 1},
                                          {"kB", 1'000},
                                          {"KB", 1'000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000},
                                          {"KiB", 1 << 10},
                                          {"MiB", 1 << 20},
                                          {"GiB", 1 << 30}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool times(int64_t& value, int64_t factor) {
  return !__builtin_mul_overflow(value, factor, &value);
}

bool push_digit(int64_t& value, char c) {
  return times(value, 10) && !__builtin_add_overflow(value, static_cast<int64_t>(c - '0'), &value);
}

// "12.5" and a unit: exact, or nothing.
template <size_t N>
std::optional<int64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units) {
  size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
  const std::string_view number = text.substr(0, end);
  const std::string_view name = text.substr(end);
  for (const Unit& unit : units) {
    if (name != unit.name) continue;
    const size_t point = number.find('.');
    const int decimals =
        point == std::string_view::npos ? 0 : static_cast<int>(number.size() - point) - 1;
    if (decimals > 12) return std::nullopt;
    auto value = parse_decimal(number, decimals);
    int64_t power = 1;
    for (int i = 0; i < decimals; ++i) power *= 10;
    if (!value || !times(*value, unit.size) || *value % power != 0) return std::nullopt;
    return *value / power;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c) || !push_digit(value, c)) return std::nullopt;
  }
  return negative ? -value : value;
}

std::optional<uint64_t> parse_unsigned(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  if (text.empty()) return std::nullopt;
  const uint64_t base = hex ? 16 : 10;
  uint64_t value = 0;
  for (const char c : text) {
    uint64_t digit = 16;
    if (is_digit(c)) digit = static_cast<uint64_t>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<uint64_t>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<uint64_t>(c - 'A') + 10;
    if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      return std::nullopt;
    }
  }
  return value;
}

std::optional<int64_t> parse_decimal(std::string_view text, int decimals) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view part = point == std::string_view::npos ? "" : text.substr(point + 1);
  const bool part_missing = point != std::string_view::npos && part.empty();
  if (whole.empty() || part_missing) return std::nullopt;
  while (part.size() > static_cast<size_t>(decimals) && part.ends_with('0')) part.remove_suffix(1);
  if (part.size() > static_cast<size_t>(decimals)) return std::nullopt;
  int64_t value = 0;
  for (const std::string_view digits : {whole, part}) {
    for (const char c : digits) {
      if (!is_digit(c) || !push_digit(value, c)) return std::nullopt;
    }
  }
  for (size_t i = part.size(); i < static_cast<size_t>(decimals); ++i) {
    if (!times(value, 10)) return std::nullopt;
  }
  return negative ? -value : value;
}

std::optional<int64_t> parse_duration(std::string_view text) {
  return parse_with_unit(text, kTimeUnits);
}

std::optional<int64_t> parse_size(std::string_view text) {
  if (const auto bytes = parse_integer(text)) return bytes;
  return parse_with_unit(text, kSizeUnits);
}

std::string duration_text(int64_t ns) {
  if (ns == 0) return "0s";
  if (ns % 3'600'000'000'000 == 0) return std::to_string(ns / 3'600'000'000'000) + "h";
  if (ns % 1'000'000'000 == 0) return std::to_string(ns / 1'000'000'000) + "s";
  if (ns % 1'000'000 == 0) return std::to_string(ns / 1'000'000) + "ms";
  if (ns % 1'000 == 0) return std::to_string(ns / 1'000) + "us";
  return std::to_string(ns) + "ns";
}

std::string size_text(int64_t bytes) {
  if (bytes != 0 && bytes % (1 << 30) == 0) return std::to_string(bytes >> 30) + "GiB";
  if (bytes != 0 && bytes % (1 << 20) == 0) return std::to_string(bytes >> 20) + "MiB";
  if (bytes != 0 && bytes % (1 << 10) == 0) return std::to_string(bytes >> 10) + "KiB";
  return std::to_string(bytes);
}

std::string thousandths_text(int64_t thousandths, TrailingZeros zeros) {
  // Unsigned, for the smallest number has no opposite.
  const auto bits = static_cast<uint64_t>(thousandths);
  const uint64_t size = thousandths < 0 ? 0 - bits : bits;
  std::string out(thousandths < 0 ? "-" : "");
  out += std::to_string(size / 1'000);
  if (size % 1'000 == 0) return out;
  out += '.' + std::to_string(1'000 + size % 1'000).substr(1);
  while (zeros == TrailingZeros::kDropped && out.ends_with('0')) out.pop_back();
  return out;
}

}  // namespace eosim::scenario
