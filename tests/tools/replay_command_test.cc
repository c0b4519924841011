// eosim replay: 0 for the same run, 1 for another under another version, 3 for another under this.
#include "fuzz_support.h"
#include "tools/version.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

std::string digest_in(const std::string& bundle) {
  const auto document = scenario::parse_document(bundle, "bundle.json");
  REQUIRE(document);
  return document->root.find("digest")->text;
}

}  // namespace

TEST_CASE("replay proves the digest and prints the violation") {
  const std::string folder = fresh_folder("replay");
  const std::string path = a_bundle(folder);
  const ProgramRun run = run_program({"replay", path});
  INFO(run.err);
  CHECK(run.code == kExitOk);
  CHECK(run.out.starts_with("FAIL  "));
  CHECK_THAT(run.out, contains_text("the same run: digest " + digest_in(read_text(path))));
  CHECK_THAT(run.out, contains_text("repro    eosim run " + folder + "/small.json --seed "));
  CHECK(run_program({"replay", path, "-q"}).out.empty());
  const ProgramRun json = run_program({"replay", path, "--json"});
  CHECK(json.code == kExitOk);
  const auto root = scenario::parse_document(json.out, "stdout");
  REQUIRE(root);
  CHECK(root->root.find("bundle")->find("same")->flag);
}

TEST_CASE("another digest is the fault of the simulator, or of another version") {
  const std::string folder = fresh_folder("replay_damaged");
  const std::string text = read_text(a_bundle(folder));
  const std::string damaged = replaced(text, digest_in(text), "0123456789abcdef");
  const std::string path = folder + "/damaged.json";
  write_text(path, damaged);
  const ProgramRun same_version = run_program({"replay", path});
  CHECK(same_version.code == kExitInternalFault);
  CHECK_THAT(same_version.out, contains_text("instead of 0123456789abcdef"));
  const std::string version = "\"version\": \"" + std::string(kVersion) + '"';
  write_text(path, replaced(damaged, version, "\"version\": \"0.0.9\""));
  const ProgramRun other_version = run_program({"replay", path, "--json"});
  CHECK(other_version.code == kExitExpectationFailed);
  CHECK_THAT(other_version.out, contains_text("\"same\": false"));
  // The same run under another version is the same run.
  write_text(path, replaced(text, version, "\"version\": \"0.0.9\""));
  CHECK(run_program({"replay", path}).code == kExitOk);
}

TEST_CASE("a fork in a bundle leads to another run, from its event on") {
  const std::string folder = fresh_folder("replay_fork");
  const std::string text = read_text(a_bundle(folder));
  const std::string path = folder + "/forked.json";
  write_text(path, replaced(text, "\"forks\": []", "\"forks\": [{\"event\": 1000, \"seed\": 9}]"));
  CHECK(run_program({"replay", path}).code == kExitInternalFault);
  write_text(path,
             replaced(text, "\"forks\": []", "\"forks\": [{\"event\": 100000000, \"seed\": 9}]"));
  CHECK(run_program({"replay", path}).code == kExitOk);
}

TEST_CASE("an override that no draw asks for changes nothing") {
  const std::string folder = fresh_folder("replay_override");
  const std::string text = read_text(a_bundle(folder));
  const std::string path = folder + "/overridden.json";
  write_text(path, replaced(text, "\"overrides\": []",
                            R"("overrides": [{"stream": "nobody", "index": 0, "value": 1}])"));
  CHECK(run_program({"replay", path}).code == kExitOk);
}

TEST_CASE("replay takes bundles and nothing else") {
  const std::string folder = fresh_folder("replay_wrong");
  const std::string scenario = write_text(folder + "/small.json", kZombieScenario);
  const std::vector<std::pair<std::vector<std::string>, std::string>> kWrong = {
      {{scenario}, "\"" + scenario + "\": is a scenario and no bundle"},
      {{}, "BUNDLE: is missing"},
      {{folder + "/none.json"}, "\"" + folder + "/none.json\": no such file"},
      {{scenario, "--seed", "2"}, "--seed: unknown option"},
      {{scenario, "--set", "/kafka=2.5"}, "--set: unknown option"}};
  for (const auto& [words, message] : kWrong) {
    std::vector<std::string> args = {"replay"};
    args.insert(args.end(), words.begin(), words.end());
    const ProgramRun run = run_program(args);
    INFO(run.err);
    CHECK(run.code == kExitWrongInput);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with(message));
  }
}
