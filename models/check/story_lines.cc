#include "models/check/story_lines.h"

namespace eosim::check {
namespace {

struct FaultWords {
  std::string_view word;
  std::string_view begins;
  std::string_view ends;
};

constexpr FaultWords kWords[] = {
    {"pause", "pauses", "resumes"},
    {"stall", "stalls: its polling thread stands still", "goes on polling"},
    {"crash", "crashes", "starts again"},
    {"restart", "is told to stop", "is told to start"},
    {"power_loss", "loses power", "starts again"},
    {"disk_loss", "loses its disk", "starts again"},
    {"slow_disk", "has a slow disk", "has its disk's speed again"},
    {"slow_cpu", "is slow", "is at its speed again"},
    {"slow_metadata", "learns of metadata late", "learns of metadata in time again"},
    {"slow_controller", "takes long to decide", "decides in time again"},
    {"partition", "is cut off", "is reached again"},
    {"slow_link", "is on slow links", "is on normal links again"},
    {"reset_connection", "loses connections", ""},
    {"clock_jump", "has its clock stepped", ""},
    {"clock_drift", "has a clock that drifts", "has a true clock again"},
};

}  // namespace

std::string time_text(int64_t ns) {
  const int64_t ms = ns / 1'000'000;
  std::string fraction = std::to_string(ms % 1'000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(ms / 1'000) + "." + fraction + "s";
}

std::string length_text(int64_t ns) {
  if (ns % 1'000'000'000 == 0) return std::to_string(ns / 1'000'000'000) + "s";
  if (ns >= 10'000'000'000) return time_text(ns);
  if (ns >= 1'000'000) return std::to_string(ns / 1'000'000) + "ms";
  return std::to_string(ns / 1'000) + "us";
}

std::string fault_begins(std::string_view word) {
  for (const FaultWords& words : kWords) {
    if (words.word == word) return std::string(words.begins);
  }
  return "meets " + std::string(word);
}

std::string fault_ends(std::string_view word) {
  for (const FaultWords& words : kWords) {
    if (words.word == word) return std::string(words.ends);
  }
  return "is past " + std::string(word);
}

}  // namespace eosim::check
