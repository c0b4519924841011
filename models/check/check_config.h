// What the checkers are told of a run, as plain data: who reads and writes what, what brokers and
// clients speak. They know no scenario, defect or guarantee; the guarantee's word is carried
// through to the signature and the report, and nothing looks at it.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/protocol/switches.h"
#include "sim/ids.h"

namespace eosim::check {

enum class Checker : uint8_t {
  kK1,
  kK2,
  kK3,
  kK4,
  kK5,
  kK6,
  kK7,
  kK8,
  kK9,
  kK10,
  kK11,
  kK12,
  kK13,
  kK14
};
inline constexpr size_t kCheckerCount = 14;

// An application: instances "<name>-<index>". One without a group and inputs only writes.
struct AppDescription {
  std::string name;       // RecordTruth::application
  std::string group;      // "": none
  std::string guarantee;  // data for signature and report
  std::vector<std::string> input_topics;
  std::vector<std::string> output_topics;
  int32_t effects_per_record = 1;  // output topics times fan_out
  // Where it differs from one input topic to another.
  std::vector<std::pair<std::string, int32_t>> effects_of_input;
  // Changelogs of its tables: an update counts one record of its input (K14).
  std::vector<std::string> tables;
  kafka::Switches switches;                     // of its clients
  std::vector<kafka::Switches> other_switches;  // of some of them, at some time
};

struct CheckConfig {
  std::string era;          // "E2"
  kafka::Switches cluster;  // of the brokers
  // Of brokers that speak otherwise, each once: those of a mixed cluster, or of an upgrade.
  std::vector<kafka::Switches> other_brokers;
  std::vector<AppDescription> apps;
  std::vector<std::string> source_topics;  // written by sources
  std::vector<sim::ProcessId> brokers;
  // Readers outside groups that read to the end: processes "<name>" (auditors).
  std::vector<sim::ProcessId> auditors;
  std::string offsets_topic = "__consumer_offsets";
  std::string transaction_topic = "__transaction_state";
  std::bitset<kCheckerCount> checkers = std::bitset<kCheckerCount>().set();
  size_t violations_max = 100;
  // A partition may have forgotten a producer that was silent for so long (transactions.md 4.9).
  int64_t producer_expiration_ms = 86'400'000;

  bool on(Checker checker) const { return checkers.test(static_cast<size_t>(checker)); }
};

}  // namespace eosim::check
