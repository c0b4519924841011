// Runs of the program in the process of a test.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "tools/program.h"

namespace eosim::tools {

struct ProgramRun {
  int code = 0;
  std::string out;
  std::string err;
};

inline ProgramRun run_program(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  Console console{out, err, EOSIM_SOURCE_DIR "/build/release/eosim"};
  const int code = main_with(args, console);
  return {code, out.str(), err.str()};
}

// Wrong input: one message and nothing else.
inline void check_refused(const ProgramRun& run) {
  CHECK(run.code == kExitWrongInput);
  CHECK(run.out.empty());
  REQUIRE_FALSE(run.err.empty());
  CHECK(run.err.find('\n') == run.err.size() - 1);
}

// The message says what is allowed, and the nearest right word if there is one.
inline void check_help(const ProgramRun& run, const std::string& allowed,
                       const std::string& nearest) {
  CHECK_THAT(run.err, contains_text(allowed));
  if (!nearest.empty()) {
    CHECK_THAT(run.err, contains_text("did you mean \"" + nearest + "\"?"));
  }
}

}  // namespace eosim::tools
