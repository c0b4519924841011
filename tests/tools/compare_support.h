// eosim compare, run inside of the test.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "models/scenario/document.h"
#include "tools/program.h"

namespace eosim::tools {

struct Compared {
  int code = 0;
  std::string out;
  std::string err;
};

inline Compared compare(std::vector<std::string> options,
                        const std::string& scenario = "zombies/after-rebalance") {
  std::ostringstream out, err;
  Console console{out, err, EOSIM_SOURCE_DIR "/build/release/eosim"};
  options.insert(options.begin(), {"compare", scenario});
  const int code = main_with(options, console);
  return {code, out.str(), err.str()};
}

inline scenario::Value compared_json(std::vector<std::string> options) {
  options.push_back("--json");
  const Compared compared = compare(std::move(options));
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
