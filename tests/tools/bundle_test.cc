// Bundles: what goes in comes out, and wrong ones are refused with their place.
#include "tools/bundle.h"
#include "fuzz_support.h"
#include "tools/failure.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

scenario::Result<Bundle> read(const std::string& text) {
  auto document = scenario::parse_document(text, "bundle.json");
  REQUIRE(document);
  REQUIRE(is_bundle(*document));
  return read_bundle(std::move(*document));
}

constexpr const char* kTail = R"(,
 "version": "0.1.0", "digest": "0123456789abcdef", "signature": "", "command": "",
 "violations": [], "story": [])";

}  // namespace

TEST_CASE("a bundle keeps seed, forks, overrides and the scenario as it was run") {
  auto loaded = scenario::load_scenario(kZombieScenario, "small.json", {.preset = "2.4"});
  // 2.4 has no exactly_once_v2: the overrides of a user come together.
  CHECK_FALSE(loaded);
  loaded = scenario::load_scenario(kZombieScenario, "small.json",
                                   {.guarantee = "at_least_once",
                                    .sets = {"/apps/0/instances=1", "/duration=2s", "/faults=[]"}});
  INFO((loaded ? std::string() : loaded.problem().text()));
  REQUIRE(loaded);
  scenario::RunOptions options;
  options.seed = UINT64_MAX;
  options.forks = {{7, 3}, {9, UINT64_MAX - 1}};
  options.overrides = {{"latency EndTxn app-0->broker-0", 4, 2'000'000'000'000}, {"x", 0, -5}};
  scenario::RunResult result;
  result.digest = 0xF00D;
  result.cut_reason = "limits.events: 10 steps";
  const Bundle made = make_bundle(*loaded, options, result, {"1s  \"a\"", "2s  b"}, "eosim run x");
  CHECK(made.signature == "cut limits.events");
  const auto back = read(bundle_text(made, result));
  INFO((back ? std::string() : back.problem().text()));
  REQUIRE(back);
  CHECK(back->seed == UINT64_MAX);
  REQUIRE(back->forks.size() == 2);
  CHECK(back->forks[1].step == 9);
  CHECK(back->forks[1].seed == UINT64_MAX - 1);
  REQUIRE(back->overrides.size() == 2);
  CHECK(back->overrides[0].stream == "latency EndTxn app-0->broker-0");
  CHECK(back->overrides[0].index == 4);
  CHECK(back->overrides[0].value == 2'000'000'000'000);
  CHECK(back->overrides[1].value == -5);
  CHECK(back->digest == "000000000000f00d");
  CHECK(back->signature == made.signature);
  CHECK(back->story == made.story);
  CHECK(back->command == made.command);
  CHECK(back->version == made.version);
  CHECK(back->scenario.root.same_as(loaded->document.root));
  const auto again = scenario::load_scenario(back->scenario);
  REQUIRE(again);
  CHECK(again->scenario.apps[0].instances == 1);
  CHECK(again->scenario.duration == sim::seconds(2));
  CHECK(again->scenario.apps[0].guarantee == scenario::Guarantee::kAtLeastOnce);
  CHECK(again->document.root.same_as(loaded->document.root));
}

TEST_CASE("a bundle holds what the seed chose, and run and trace take it") {
  const std::string folder = fresh_folder("bundle_vary");
  const std::string path = a_bundle(folder, {"--set", "/sources/0/rate=30"});
  const auto bundle = read(read_text(path));
  REQUIRE(bundle);
  const auto loaded = scenario::load_scenario(bundle->scenario);
  REQUIRE(loaded);
  CHECK(loaded->scenario.apps[0].guarantee == scenario::Guarantee::kExactlyOnceUnfenced);
  CHECK(loaded->scenario.sources[0].records_per_1000s == 30'000);
  const ProgramRun run = run_program({"run", path, "--json"});
  CHECK(run.code == kExitExpectationFailed);
  CHECK_THAT(run.out, contains_text("\"digest\": \"" + bundle->digest + '"'));
  const ProgramRun trace = run_program({"trace", path, "--to", "1s"});
  CHECK(trace.code == kExitOk);
  CHECK_FALSE(trace.out.empty());
  // The command in the bundle runs the same from the scenario.
  CHECK_THAT(bundle->command, contains_text(" --set /sources/0/rate=30"));
  const ProgramRun repro =
      run_program({"run", folder + "/small.json", "--seed", std::to_string(bundle->seed), "--set",
                   "/sources/0/rate=30", "--json"});
  CHECK_THAT(repro.out, contains_text("\"digest\": \"" + bundle->digest + '"'));
}

TEST_CASE("wrong bundles are refused with place and pointer") {
  struct Row {
    std::string text;
    std::string message;  // what it begins with, after the name of the file
  };
  const std::string tail = kTail;
  const std::string body =
      std::string(R"(, "scenario": {}, "seed": 1, "forks": [], "overrides": [])");
  const Row kRows[] = {
      {"{\"eosim_bundle\": 2" + body + tail + "}", ":1:18: /eosim_bundle: "},
      {"{\"eosim_bundle\": 1" + body + tail + ",\n \"sede\": 1}", ":4:2: /sede: unknown key"},
      {"{\"eosim_bundle\": 1}", ":1:1: /scenario: "},
      {"{\"eosim_bundle\": 1, \"scenario\": 3" + tail + "}", ":1:33: /scenario: "},
      {"{\"eosim_bundle\": 1, \"scenario\": {}" + tail + "}", ":1:1: /seed: "},
      {"{\"eosim_bundle\": 1, \"scenario\": {}, \"seed\": -1" + tail + "}", ":1:45: /seed: "},
      {"{\"eosim_bundle\": 1, \"scenario\": {}, \"seed\": \"1\",\n\"forks\": {}" + tail + "}",
       ":2:10: /forks: "},
      {"{\"eosim_bundle\": 1, \"scenario\": {}, \"seed\": 1,\n\"forks\": [3]" + tail + "}",
       ":2:11: /forks/0: "},
      {"{\"eosim_bundle\": 1, \"scenario\": {}, \"seed\": 1,\n\"forks\": [{\"event\": 2, \"seed\": "
       "1}, "
       "{\"event\": 1, \"seed\": 1}]" +
           tail + "}",
       ":2:36: /forks/1: "},
      {"{\"eosim_bundle\": 1, \"scenario\": {}, \"seed\": 1, \"forks\": [],\n\"overrides\": "
       "[{\"stream\": \"\", \"index\": 1, \"value\": 1}]" +
           tail + "}",
       ":2:15: /overrides/0: "},
      {"{\"eosim_bundle\": 1" + body + replaced(tail, "0123456789abcdef", "0123") + "}",
       ":2:32: /digest: "},
      {"{\"eosim_bundle\": 1" + body + replaced(tail, "\"story\": []", "\"story\": [1]") + "}",
       ":3:30: /story/0: "},
      {"{\"eosim_bundle\": 1" + body + tail + "}", ":1:33: /scenario: "},
  };
  const std::string folder = fresh_folder("wrong_bundles");
  for (const Row& row : kRows) {
    const std::string path = write_text(folder + "/wrong.json", row.text);
    for (const char* command : {"replay", "run", "trace"}) {
      const ProgramRun run = run_program({command, path});
      INFO(row.text);
      INFO(run.err);
      CHECK(run.code == kExitWrongInput);
      CHECK(run.out.empty());
      CHECK(run.err.starts_with(path + row.message));
      CHECK(run.err.find('\n') == run.err.size() - 1);
    }
  }
}

TEST_CASE("what is wrong with the scenario of a bundle is placed in the bundle") {
  const std::string folder = fresh_folder("wrong_scenario");
  const std::string text = read_text(a_bundle(folder));
  const std::string path = write_text(folder + "/wrong.json",
                                      replaced(text, "\"kafka\": \"2.5\"", "\"kafka\": \"2.7\""));
  const ProgramRun run = run_program({"replay", path});
  CHECK(run.code == kExitWrongInput);
  CHECK_THAT(run.err, contains_text(": /scenario/kafka: unknown word"));
  CHECK_THAT(run.err, contains_text("did you mean \"2.4\"?"));
}

TEST_CASE("a bundle that is cut anywhere is refused") {
  const std::string folder = fresh_folder("cut_bundle");
  const std::string text = read_text(a_bundle(folder));
  for (size_t size = 1; size + 2 < text.size(); size += 61) {
    const ProgramRun run =
        run_program({"replay", write_text(folder + "/cut.json", text.substr(0, size))});
    CHECK(run.code == kExitWrongInput);
  }
}
