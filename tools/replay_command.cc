// eosim replay: a failure bundle again, and whether it is the same run.
#include "tools/commands.h"
#include "tools/failure.h"
#include "tools/result_json.h"
#include "tools/result_text.h"
#include "tools/run_input.h"
#include "tools/version.h"

namespace eosim::tools {
namespace {

using scenario::Result;
using scenario::RunResult;
using scenario::Value;

int exit_code(const Bundle& bundle, const RunResult& result) {
  if (bundle.digest == result.digest_text()) return kExitOk;
  return bundle.version == kVersion ? kExitInternalFault : kExitExpectationFailed;
}

std::string verdict_text(const Bundle& bundle, const RunResult& result) {
  const std::string digest = result.digest_text();
  if (bundle.digest == digest) return "the same run: digest " + digest;
  const std::string both = "digest " + digest + " instead of " + bundle.digest;
  if (bundle.version == kVersion) {
    return "NOT the same run, under the same version " + bundle.version + ": " + both;
  }
  return "not the same run: " + both + ", of eosim " + bundle.version + "; this is eosim " +
         kVersion;
}

Value replay_value(const Bundle& bundle, const scenario::Scenario& scenario,
                   const RunResult& result) {
  Value root = result_value(scenario, result, 0);
  Value replay = Value::object();
  replay.put("same", Value::of_flag(bundle.digest == result.digest_text()));
  replay.put("digest", Value::of_text(bundle.digest));
  replay.put("version", Value::of_text(bundle.version));
  replay.put("signature", Value::of_text(bundle.signature));
  root.put("bundle", std::move(replay));
  return root;
}

int replay(const Arguments& arguments, Console& console) {
  const Result<RunInput> input = open_run(console, arguments.positional().front(), arguments);
  if (!input) return refuse(console, input.problem());
  if (!input->bundle) {
    return refuse(console,
                  argument_problem(scenario::shown(input->argument), "is a scenario and no bundle",
                                   "a file that eosim fuzz wrote"));
  }
  const Bundle& bundle = *input->bundle;
  const scenario::Scenario& scenario = input->loaded.scenario;
  scenario::RunOptions options = input->options;
  options.campaign = true;  // judged as the seed was that made the bundle
  scenario::Simulation simulation(scenario, options);
  const RunResult result = simulation.run();
  const int code = exit_code(bundle, result);
  if (arguments.has("json")) {
    console.out << scenario::to_json(replay_value(bundle, scenario, result)) << '\n';
    return code;
  }
  if (arguments.has("quiet")) return code;
  const bool same = code == kExitOk;
  print_result({scenario, result, same ? bundle.story : std::vector<std::string>{}, bundle.command,
                console.color, 0},
               console.out);
  console.out << "  replay   " << verdict_text(bundle, result) << '\n';
  const std::string signature = failure_signature(result);
  if (signature != bundle.signature) {
    console.out << "  judged   " << (signature.empty() ? "as no failure" : signature)
                << "\n  before   " << bundle.signature << '\n';
  }
  console.out << "  next     eosim trace " << shell_word(input->argument) << '\n';
  return code;
}

}  // namespace

Command replay_command() {
  return {
      .name = "replay",
      .summary = "runs a failure bundle again and proves that it is the same run",
      .description =
          "Exit code 0: the same digest. 1: another digest, and the bundle is of another version "
          "of eosim.\n3: another digest under the same version, which is a bug of eosim.",
      .positional = {"BUNDLE", 1, 1},
      .options = {json_option()},
      .run = replay};
}

}  // namespace eosim::tools
