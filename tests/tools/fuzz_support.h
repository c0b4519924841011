// Small campaigns for tests: a zombie in a short story, whose guarantee the seed chooses, so that
// some seeds fail and others do not.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "models/scenario/document.h"
#include "program_run.h"

namespace eosim::tools {

inline constexpr const char* kZombieScenario = R"({
  "scenario_version": 1,
  "name": "small-zombie",
  "kafka": "2.5",
  "duration": "21s",
  "settle": "30s",
  "brokers": { "count": 1, "config": { "transaction.state.log.num.partitions": 1 } },
  "topics": [
    { "name": "input", "partitions": 2, "replication_factor": 1 },
    { "name": "output", "partitions": 1, "replication_factor": 1 }
  ],
  "sources": [{ "topic": "input", "rate": 20 }],
  "apps": [
    {
      "name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
      "instances": 2, "input": ["input"], "output": ["output"],
      "config": { "session.timeout.ms": 6000, "heartbeat.interval.ms": 2000 }
    }
  ],
  "faults": [{ "at": "9s", "kind": "pause", "target": "app-0", "for": "10s" }],
  "chaos": {
    "mean_interval": "1h",
    "kinds": { "pause": 1 },
    "vary": { "/apps/0/guarantee": ["exactly_once_unfenced", "exactly_once_v2"] }
  },
  "variants": [
    { "name": "cut", "set": { "/limits": { "events": 1000 } } },
    { "name": "expects", "set": {}, "expect": { "violations": ["torn_transaction"] } }
  ]
})";

// A folder of its own for a test, empty at first.
inline std::string fresh_folder(const std::string& name) {
  std::string path = std::string(EOSIM_BINARY_DIR) + "/fuzz_tests/" + name;
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

// File names in a folder, sorted.
inline std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& one : std::filesystem::directory_iterator(folder)) {
    names.push_back(one.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// The bundle of the first failing seed from `seed` on, as a path.
inline std::string a_bundle(const std::string& folder,
                            const std::vector<std::string>& more_words = {}) {
  const std::string scenario = write_text(folder + "/small.json", kZombieScenario);
  std::vector<std::string> words = {"fuzz", scenario, "--until-failure",
                                    "-j1",  "--out",  folder + "/out"};
  words.insert(words.end(), more_words.begin(), more_words.end());
  const ProgramRun fuzz = run_program(words);
  INFO(fuzz.err);
  REQUIRE(fuzz.code == kExitExpectationFailed);
  const auto files = files_in(folder + "/out");
  REQUIRE(files.size() == 1);
  return folder + "/out/" + files[0];
}

}  // namespace eosim::tools
