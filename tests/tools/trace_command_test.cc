// eosim trace, from the command line to the file.
#include <cstdio>
#include <fstream>

#include "models/scenario/document.h"
#include "program_run.h"
#include "tools/bundle.h"
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

std::string path_in_build(const std::string& name) {
  return std::string(EOSIM_BINARY_DIR) + "/" + name;
}

ProgramRun trace_of(const std::string& content, const std::vector<std::string>& options) {
  const std::string path = path_in_build("trace_command_test.json");
  std::ofstream(path) << content;
  std::vector<std::string> words = {"trace", path};
  words.insert(words.end(), options.begin(), options.end());
  ProgramRun run = run_program(words);
  std::remove(path.c_str());
  return run;
}

ProgramRun trace(const std::vector<std::string>& options) {
  return trace_of(kTinyScenario, options);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("trace writes what the sink writes, to stdout and nothing to stderr") {
  const ProgramRun traced_by_command = trace({"--to", "3s"});
  CHECK(traced_by_command.code == 0);
  CHECK(traced_by_command.err.empty());
  CHECK(lines_of(traced_by_command.out) == traced("text", {"--to", "3s"}));
  const ProgramRun json = trace({"--format", "jsonl", "--to", "3s"});
  CHECK(lines_of(json.out) == traced("jsonl", {"--to", "3s"}));
}

TEST_CASE("what --to cuts off is the end of the whole trace") {
  const std::string whole = trace({}).out;
  const std::string cut = trace({"--to", "2s"}).out;
  CHECK(cut.size() < whole.size());
  CHECK(whole.compare(0, cut.size(), cut) == 0);
}

TEST_CASE("trace writes to a file and says how much") {
  const std::string path = path_in_build("trace_command_test.jsonl");
  const ProgramRun outcome = trace({"--format", "jsonl", "-o", path});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.empty());
  const auto lines = lines_of(content_of(path));
  CHECK(outcome.err == path + ": " + std::to_string(lines.size()) + " events\n");
  CHECK(trace({"--format", "jsonl", "-o", path, "-q"}).err.empty());
  std::remove(path.c_str());
}

TEST_CASE("overrides and seeds change the run that is traced") {
  const std::string as_it_is = trace({}).out;
  CHECK(trace({}).out == as_it_is);
  CHECK(trace({"--set", "/sources/0/count=3"}).out != as_it_is);
  const std::vector<std::string> restless = {"--set", "/calm=false", "--seed", "2"};
  CHECK(trace({"--set", "/calm=false"}).out != trace(restless).out);
  CHECK(trace(restless).out == trace(restless).out);
}

TEST_CASE("a bundle is traced with its own seed") {
  const auto loaded =
      scenario::load_scenario(kTinyScenario, "tiny.json", {.sets = {"/calm=false"}});
  REQUIRE(loaded);
  Bundle bundle;
  bundle.scenario = loaded->document;
  bundle.seed = 5;
  bundle.digest = scenario::RunResult{}.digest_text();
  const ProgramRun outcome = trace_of(bundle_text(bundle, {}), {});
  CHECK(outcome.err.empty());
  CHECK(outcome.code == 0);
  CHECK(outcome.out == trace({"--set", "/calm=false", "--seed", "5"}).out);
  CHECK(outcome.out != trace({"--set", "/calm=false"}).out);
}

TEST_CASE("what is wrong with the options of trace ends it before it begins") {
  const std::vector<std::vector<std::string>> wrong = {{"--format", "xml"},
                                                       {"--only", "EndTnx"},
                                                       {"--only", ","},
                                                       {"--from", "2s", "--to", "1s"},
                                                       {"-o", "/no/such/folder/x"},
                                                       {"--json"},
                                                       {"--seed", "x"},
                                                       {"--set", "/duration=no"}};
  for (const auto& options : wrong) {
    INFO(options.front());
    const ProgramRun outcome = trace(options);
    CHECK(outcome.code == kExitWrongInput);
    CHECK(outcome.out.empty());
    CHECK(lines_of(outcome.err).size() == 1);
  }
}
