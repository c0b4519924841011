// What "expect" makes of the violations of a run (cli-and-scenarios.md 2.5).
#include "models/scenario/expectation.h"
#include "catch.h"
#include "models/check/signature.h"

using namespace eosim;
using scenario::Expect;
using scenario::RunResult;
using scenario::Verdict;

namespace {

check::Violation violation(const std::string& kind, const std::string& rule) {
  check::Violation made;
  made.kind = kind;
  made.name = "K1";
  made.rule = rule;
  return made;
}

const check::Violation kTorn = violation("torn_transaction", "all or none");
const check::Violation kStuck = violation("no_progress", "nothing waits for ever");

RunResult judged(const Expect& expect, std::vector<check::Violation> violations) {
  RunResult result;
  result.violations = std::move(violations);
  scenario::judge(expect, true, result);
  return result;
}

}  // namespace

TEST_CASE("what is allowed by its kind, its signature or the hash of that fails no run") {
  for (const std::string& name :
       {kTorn.kind, check::signature(kTorn).text, check::signature(kTorn).hex()}) {
    CAPTURE(name);
    Expect expect;
    expect.allow[name] = "why";
    const RunResult result = judged(expect, {kTorn});
    CHECK(result.verdict == Verdict::kPass);
    CHECK(result.allowed == std::vector<std::string>{check::signature(kTorn).text});
    CHECK(judged(expect, {kStuck}).unexpected == std::vector<std::string>{kStuck.kind});
  }
}

TEST_CASE("a consequence is allowed only in a run that shows its cause") {
  for (const std::string& cause : {kTorn.kind, check::signature(kTorn).text}) {
    CAPTURE(cause);
    Expect expect;
    expect.allow = {{kTorn.kind, "why"}, {kStuck.kind, "it follows"}};
    expect.only_with[kStuck.kind] = cause;
    CHECK(judged(expect, {kStuck, kTorn}).verdict == Verdict::kPass);
    const RunResult alone = judged(expect, {kStuck});
    CHECK(alone.verdict == Verdict::kFail);
    CHECK(alone.unexpected == std::vector<std::string>{kStuck.kind});
    CHECK(alone.allowed.empty());
  }
}
