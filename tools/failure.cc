#include "tools/failure.h"

#include <algorithm>

#include <algorithm>

#include "models/check/signature.h"
#include "tools/version.h"

namespace eosim::tools {

std::string failure_signature(const scenario::RunResult& result) {
  const auto& kinds = result.unexpected;
  for (const check::Violation& violation : result.violations) {
    if (std::find(kinds.begin(), kinds.end(), violation.kind) == kinds.end()) continue;
    return check::signature(violation).text;
  }
  if (result.cut_reason.empty()) return {};
  return "cut " + result.cut_reason.substr(0, result.cut_reason.find(':'));
}

Bundle make_bundle(const scenario::Loaded& loaded, const scenario::RunOptions& options,
                   const scenario::RunResult& result, std::vector<std::string> story,
                   std::string command) {
  Bundle bundle;
  bundle.scenario = loaded.document;
  bundle.seed = options.seed;
  bundle.forks = options.forks;
  bundle.overrides = options.overrides;
  bundle.version = kVersion;
  bundle.digest = result.digest_text();
  for (const check::Violation& violation : result.violations) {
    bundle.kinds.push_back(violation.kind);
  }
  bundle.signature = failure_signature(result);
  bundle.story = std::move(story);
  bundle.command = std::move(command);
  return bundle;
}

}  // namespace eosim::tools
