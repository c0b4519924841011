// The words after `eosim CMD`, parsed once against the options that the command offers. Values are
// checked here, so that a command reads only what is right.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/scenario/problem.h"
#include "sim/time.h"

namespace eosim::tools {

enum class OptionType : uint8_t {
  kFlag,
  kText,
  kUnsigned,  // 64 bit, decimal or 0x hex, within min to max
  kRange,     // A..B of such numbers, inclusive, A <= B
  kDuration,  // with a unit
  kWord,      // one of `words`
};

struct Option {
  std::string name;  // without dashes
  char letter = 0;   // -q; 0: none
  OptionType type = OptionType::kFlag;
  std::string value;  // what help calls its value
  std::string help;
  bool repeats = false;
  std::vector<std::string> words = {};
  uint64_t min = 0;
  uint64_t max = UINT64_MAX;
};

struct Positional {
  std::string name;  // "SCENARIO"
  size_t min = 0;
  size_t max = 0;
};

class Arguments {
 public:
  // Never throws; `words` are what follows the name of the command. With --help or -h the number of
  // positional arguments is not looked at.
  static scenario::Result<Arguments> parse(const std::vector<std::string>& words,
                                           const std::vector<Option>& options,
                                           const Positional& positional);

  bool has(const std::string& option) const { return values_.contains(option); }
  std::string text(const std::string& option, const std::string& fallback = {}) const;
  std::vector<std::string> all(const std::string& option) const;
  std::optional<uint64_t> number(const std::string& option) const;
  std::optional<std::pair<uint64_t, uint64_t>> range(const std::string& option) const;
  std::optional<sim::Duration> duration(const std::string& option) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> positional_;
};

// -h, -q, -v and --color: every command has them.
std::vector<Option> common_options();
Option json_option();
Option seed_option();
// --set, --preset, --guarantee, --variant.
std::vector<Option> override_options();

}  // namespace eosim::tools
