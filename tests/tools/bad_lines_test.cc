// Wrong command lines: each gets exit code 2, nothing on stdout, and exactly one message on stderr
// that names the option, what is allowed and the nearest right word.
#include "program_run.h"

using namespace eosim::tools;

namespace {

struct LineCase {
  std::vector<std::string> args;
  std::string option;
  std::string message;
  std::string allowed;
  std::string nearest;
};

const char* const kExample = "zombies/after-rebalance";

const LineCase kLines[] = {
    {{}, "eosim", "a command is missing", "validate", ""},
    {{"validat"}, "\"validat\"", "unknown command", "schema", "validate"},
    {{"--vers"}, "\"--vers\"", "unknown option", "--version", "--version"},
    {{"help", "lst"}, "\"lst\"", "unknown command", "list", "list"},
    {{"help", "list", "x"}, "\"x\"", "too many", "help COMMAND", ""},
    {{"list"}, "WHAT", "is missing", "1", ""},
    {{"list", "fault"}, "\"fault\"", "nothing that can be listed", "faults", "faults"},
    {{"list", "faults", "events"}, "\"events\"", "too many", "1 WHAT", ""},
    {{"list", "--jsn", "faults"}, "--jsn", "unknown option", "--json", "--json"},
    {{"list", "--json=1", "faults"}, "--json", "takes no value", "", ""},
    {{"list", "--color", "blue", "faults"}, "--color", "unknown", "auto, always, never", ""},
    {{"list", "-q", "-v", "faults"}, "--quiet", "excludes --verbose", "one of them", ""},
    {{"list", "-x", "faults"}, "-x", "unknown option", "--json", ""},
    {{"schema", "x"}, "\"x\"", "too many", "options only", ""},
    {{"schema", "--set", "/a=1"}, "--set", "unknown option", "--help", ""},
    {{"validate"}, "SCENARIO", "is missing", "1 or more", ""},
    {{"validate", "zombies/after-rebalnce"},
     "\"zombies/after-rebalnce\"",
     "no such file",
     "eosim list scenarios",
     "zombies/after-rebalance"},
    {{"validate", EOSIM_SOURCE_DIR}, "\"" EOSIM_SOURCE_DIR "\"", "no such file", "a path", ""},
    {{"validate", kExample, "--seed", "-5"}, "--seed", "unknown option", "--set", "--set"},
    {{"validate", kExample, "--set"}, "--set", "needs a value", "", ""},
    {{"validate", kExample, "--preset", "2.7"}, "--preset", "unknown", "2.4, 2.5", "2.4"},
    {{"validate", kExample, "--preset", "2.4", "--preset", "2.5"},
     "--preset",
     "more than once",
     "once",
     ""},
    {{"validate", kExample, "--guarantee", "exactly_once_v"},
     "--guarantee",
     "unknown",
     "at_least_once",
     "exactly_once_v2"},
    {{"validate", kExample, "--variant", "misuse"},
     "--variant",
     "no variant",
     "pre447, misused",
     "misused"},
    {{"validate", kExample, "--set", "/kafka"}, "--set", "no override", "POINTER=VALUE", ""},
    {{"validate", kExample, "--set", "/kafka=2.3"},
     "--set /kafka",
     "unknown word",
     "2.4, 2.5",
     "2.4"},
    {{"validate", kExample, "--set", "/apps/5/instances=2"},
     "--set /apps/5/instances",
     "no item",
     "JSON Pointer",
     ""},
    {{"validate", kExample, "--set", "/aps/0/instances=2"},
     "--set /aps/0/instances",
     "unknown key",
     "apps",
     "apps"},
    {{"validate", kExample, "--set", "/apps/0/instances=many"},
     "--set /apps/0/instances",
     "whole number",
     "1 to 1000",
     ""},
    {{"validate", "--json", kExample, "--set", "/apps/0/config={"},
     "--set /apps/0/config",
     "not JSON",
     "bare string",
     ""},
};

}  // namespace

TEST_CASE("every wrong command line is refused with one message that names the option") {
  for (const LineCase& one : kLines) {
    const ProgramRun outcome = run_program(one.args);
    INFO(outcome.err);
    check_refused(outcome);
    CHECK(outcome.err.starts_with(one.option));
    CHECK_THAT(outcome.err, contains_text(one.message));
    if (!one.allowed.empty()) CHECK_THAT(outcome.err, contains_text("; allowed: "));
    check_help(outcome, one.allowed, one.nearest);
  }
}
