// eosim compare, run inside of the test.
#pragma once

#include <string>
#include <vector>

#include "models/scenario/document.h"
#include "program_run.h"

namespace eosim::tools {

inline ProgramRun compare(std::vector<std::string> options,
                          const std::string& scenario = "zombies/after-rebalance") {
  options.insert(options.begin(), {"compare", scenario});
  return run_program(options);
}

inline scenario::Value compared_json(std::vector<std::string> options) {
  options.push_back("--json");
  const ProgramRun compared = compare(std::move(options));
  INFO(compared.err);
  REQUIRE(compared.code == kExitOk);
  const auto parsed = scenario::parse_document(compared.out, "compare");
  REQUIRE(parsed);
  return parsed->root;
}

inline std::string text_at(const scenario::Value& object, const std::string& name) {
  INFO(name);
  const scenario::Value* found = object.find(name);
  REQUIRE(found != nullptr);
  return found->text;
}

}  // namespace eosim::tools
