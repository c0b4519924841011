// Processes, threads and selectors as a scenario names them: "app-0", "app-0/1", "broker-1",
// "leader:output-0". Here it is only decided whether such a name can mean something; what it means
// is found out when a fault strikes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/scenario/scenario.h"

namespace eosim::scenario {

enum class TargetKind : uint8_t { kUnknown, kProcess, kThread };

class Targets {
 public:
  explicit Targets(const Scenario& scenario);

  // A selector of a process counts as a process, "owner:" as a thread (it is the thread that
  // polls).
  TargetKind kind_of(std::string_view text) const;
  // Whether only applications can be meant.
  bool is_of_app(std::string_view text) const;
  bool is_of_broker(std::string_view text) const;
  bool is_partition(std::string_view text) const { return is_partition(text, false); }
  static bool is_broker(std::string_view text, int brokers);  // "broker-1"
  // Words near which a wrong one may lie.
  std::vector<std::string> examples() const;

 private:
  bool is_partition(std::string_view text, bool is_input) const;
  TargetKind process_kind(std::string_view text) const;

  const Scenario& scenario_;
  std::vector<std::pair<std::string, int>> counts_;  // "app" -> 3: app-0 to app-2
};

}  // namespace eosim::scenario
