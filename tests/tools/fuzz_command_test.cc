// eosim fuzz: which seeds fail, what is written, and that nothing depends on the number of threads.
#include <csignal>

#include "fuzz_support.h"
#include "sim/assert.h"
#include "tools/campaign.h"
#include "tools/interrupt.h"

using namespace eosim;
using namespace eosim::tools;
using scenario::Value;

namespace {

Value json_of(const std::string& text) {
  const auto document = scenario::parse_document(text, "stdout");
  REQUIRE(document);
  return document->root;
}

// Without the line and the members that tell the time.
Value untimed(const std::string& text) {
  Value root = json_of(text);
  root.put("wall_ns", Value::of_number(0));
  root.put("runs_per_second", Value::of_number(0));
  return root;
}

struct Fuzzed {
  ProgramRun run;
  std::vector<std::pair<std::string, std::string>> bundles;  // name, text
};

Fuzzed fuzz(const std::string& folder, const std::vector<std::string>& words) {
  // Relative to no machine: the same folder for all that are compared.
  std::filesystem::remove_all(folder + "/out");
  std::vector<std::string> args = {"fuzz", write_text(folder + "/small.json", kZombieScenario),
                                   "--out", folder + "/out"};
  args.insert(args.end(), words.begin(), words.end());
  Fuzzed made{run_program(args), {}};
  if (!std::filesystem::exists(folder + "/out")) return made;
  const std::string out = folder + "/out/";
  for (const std::string& name : files_in(out))
    made.bundles.emplace_back(name, read_text(out + name));
  return made;
}

}  // namespace

TEST_CASE("one thread and three threads print the same and write the same bundles") {
  const std::string folder = fresh_folder("threads");
  const Fuzzed one = fuzz(folder, {"--seeds", "1..24", "-j1"});
  const Fuzzed three = fuzz(folder, {"--seeds", "1..24", "-j3"});
  CHECK(one.run.code == kExitExpectationFailed);
  CHECK(three.run.code == kExitExpectationFailed);
  CHECK(one.run.out == three.run.out);
  CHECK(one.bundles == three.bundles);
  CHECK(one.bundles.size() > 2);
  CHECK(one.bundles.size() < 24);  // the seed chose the safe guarantee in some
  CHECK_THAT(one.run.out, contains_text("exactly_once_unfenced"));
  CHECK_THAT(one.run.out, contains_text("eosim replay " + folder + "/out/small-zombie-"));
  CHECK_THAT(one.run.out, contains_text("ran      24 runs, seeds 1..24"));
}

TEST_CASE("the first failures in the order of seeds are reported, with any number of threads") {
  const std::string folder = fresh_folder("first");
  const Fuzzed all = fuzz(folder, {"--seeds", "1..24", "-j2"});
  REQUIRE(all.bundles.size() > 3);
  const Fuzzed first = fuzz(folder, {"--seeds", "1..24", "-j1", "--until-failure", "--json"});
  CHECK(untimed(first.run.out).find("stopped_by")->text == "until-failure");
  REQUIRE(first.bundles.size() == 1);
  const Fuzzed first_of_two =
      fuzz(folder, {"--seeds", "1..24", "-j4", "--until-failure", "--json"});
  CHECK(first_of_two.bundles == first.bundles);
  CHECK(untimed(first.run.out).same_as(untimed(first_of_two.run.out)));
  const Fuzzed three = fuzz(folder, {"--seeds", "1..24", "-j4", "--max-failures", "3", "--json"});
  CHECK(three.bundles.size() == 3);
  const Value report = json_of(three.run.out);
  CHECK(report.find("stopped_by")->text == "max-failures");
  const auto& failures = report.find("failures")->items;
  REQUIRE(failures.size() == 3);
  const auto seed = [&failures](size_t i) { return std::stoull(failures[i].find("seed")->text); };
  CHECK(seed(0) < seed(1));
  CHECK(seed(1) < seed(2));
  CHECK(report.find("runs")->text == failures[2].find("seed")->text);  // seeds began with 1
}

TEST_CASE("the object of --json has what the contract names") {
  const std::string folder = fresh_folder("json");
  const Fuzzed fuzzed = fuzz(folder, {"--runs", "6", "--seed", "0x10", "--json"});
  const Value report = json_of(fuzzed.run.out);
  for (const char* key :
       {"runs", "failures", "runs_per_second", "events", "wall_ns", "stopped_by"}) {
    INFO(key);
    CHECK(report.find(key) != nullptr);
  }
  CHECK(report.find("runs")->text == "6");
  CHECK(report.find("stopped_by")->text == "runs");
  for (const Value& failure : report.find("failures")->items) {
    CHECK(failure.find("scenario")->text == "small-zombie");
    CHECK_FALSE(failure.find("kinds")->items.empty());
    CHECK_FALSE(failure.find("signature")->text.empty());
    CHECK(std::filesystem::exists(failure.find("bundle")->text));
  }
}

TEST_CASE("shards of a range are the whole of it") {
  const std::string folder = fresh_folder("shards");
  const Fuzzed whole = fuzz(folder, {"--seeds", "3..14"});
  std::vector<std::pair<std::string, std::string>> parts;
  for (const char* shard : {"0/3", "1/3", "2/3"}) {
    const Fuzzed part = fuzz(folder, {"--seeds", "3..14", "--shard", shard});
    CHECK_THAT(part.run.out, contains_text("ran      4 runs"));
    parts.insert(parts.end(), part.bundles.begin(), part.bundles.end());
  }
  std::sort(parts.begin(), parts.end());
  CHECK(parts == whole.bundles);
}

TEST_CASE("a run that was cut fails, and the group says so") {
  const std::string folder = fresh_folder("cut");
  const Fuzzed fuzzed = fuzz(folder, {"--runs", "5", "--variant", "cut"});
  CHECK(fuzzed.run.code == kExitExpectationFailed);
  CHECK(fuzzed.bundles.size() == 5);
  CHECK(fuzzed.run.out.starts_with("CUT"));
  CHECK_THAT(fuzzed.run.out, contains_text("5 x  first seed 1  cut limits.events\n"));
}

TEST_CASE("an expected kind has to show in one seed") {
  const std::string folder = fresh_folder("expected");
  const Fuzzed fuzzed =
      fuzz(folder, {"--runs", "2", "--variant", "expects", "--guarantee", "exactly_once_v2",
                    "--set", R"(/chaos/vary={"/apps/0/instances": [2]})"});
  INFO(fuzzed.run.out);
  CHECK(fuzzed.run.code == kExitExpectationFailed);
  CHECK(fuzzed.bundles.empty());
  CHECK_THAT(fuzzed.run.out, contains_text("torn_transaction was expected of small-zombie"));
}

TEST_CASE("what a scenario allows fails no seed, and is counted by signature all the same") {
  const std::string folder = fresh_folder("allowed");
  const Fuzzed strict = fuzz(folder, {"--seeds", "1..24", "--json"});
  const std::string allow =
      R"(/expect={"allow": {"duplicate_output": "why", "offset_regression": "why",)"
      R"( "zombie_write": "why", "out_of_order_output": "why"}})";
  const Fuzzed lenient = fuzz(folder, {"--seeds", "1..24", "--json", "--set", allow});
  CHECK(strict.run.code == kExitExpectationFailed);
  CHECK(lenient.run.code == kExitOk);
  CHECK(lenient.bundles.empty());
  const Value report = json_of(lenient.run.out);
  CHECK(report.find("groups")->items.empty());
  const Value before = json_of(strict.run.out);
  CHECK(before.find("allowed")->items.empty());
  for (const Value& group : before.find("groups")->items) {
    // Of a failure the first signature counts, and of what is allowed each.
    uint64_t count = 0;
    for (const Value& one : report.find("allowed")->items) {
      if (one.find("signature")->text != group.find("signature")->text) continue;
      count = std::stoull(one.find("count")->text);
      CHECK(one.find("kind")->text == group.find("kind")->text);
    }
    CHECK(count >= std::stoull(group.find("count")->text));
  }
  const Fuzzed read = fuzz(folder, {"--seeds", "1..24", "--set", allow});
  const std::string failed = std::to_string(before.find("failures")->items.size());
  CHECK(report.find("with_allowed")->text == failed);
  CHECK_THAT(read.run.out,
             contains_text("PASS  24 runs, no failure, " + failed + " with what is allowed"));
  CHECK_THAT(read.run.out, contains_text("\n  allowed  "));
}

TEST_CASE("a campaign with a time ends, and reports the seeds from the first on") {
  const std::string folder = fresh_folder("time");
  const Fuzzed fuzzed = fuzz(folder, {"--time", "300ms", "--seed", "5", "--json", "-j2"});
  const Value report = json_of(fuzzed.run.out);
  CHECK(report.find("stopped_by")->text == "time");
  const uint64_t runs = std::stoull(report.find("runs")->text);
  REQUIRE(runs > 0);
  const Fuzzed again =
      fuzz(folder, {"--runs", std::to_string(runs), "--seed", "5", "--json", "-j1"});
  CHECK(json_of(again.run.out).find("digest")->text == report.find("digest")->text);
}

TEST_CASE("wrong words of fuzz are refused with the option") {
  const std::string folder = fresh_folder("wrong");
  const std::string scenario = write_text(folder + "/small.json", kZombieScenario);
  const std::string file = write_text(folder + "/file", "");
  const std::vector<std::pair<std::vector<std::string>, std::string>> kWrong = {
      {{"--seeds", "1..5", "--runs", "5"}, "--seeds: excludes --runs"},
      {{"--seeds", "1..5", "--time", "5s"}, "--seeds: excludes --time"},
      {{"--seeds", "1..5", "--seed", "5"}, "--seeds: excludes --seed"},
      {{"--time", "1s", "--runs", "5"}, "--runs: excludes --time"},
      {{"--until-failure", "--max-failures", "2"}, "--until-failure: excludes --max-failures"},
      {{"--max-failures", "0"}, "--max-failures"},
      {{"--runs", "0"}, "--runs"},
      {{"--seed", "18446744073709551615", "--runs", "2"}, "--runs: goes beyond the last seed"},
      {{"--shard", "3/3"}, "--shard: \"3/3\" is no shard"},
      {{"--shard", "x"}, "--shard: \"x\" is no shard"},
      {{"-j", "0"}, "--jobs"},
      {{"--out", file}, "--out"},
      {{"--out", file + "/below", "--runs", "5", "--variant", "cut"}, "--out"},
      {{scenario}, "\"" + scenario + "\": a second scenario called small-zombie"}};
  for (const auto& [words, message] : kWrong) {
    std::vector<std::string> args = {"fuzz", scenario, "--json"};
    args.insert(args.end(), words.begin(), words.end());
    const ProgramRun run = run_program(args);
    INFO(message);
    INFO(run.err);
    CHECK(run.code == kExitWrongInput);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with(message));
    CHECK(run.err.find('\n') == run.err.size() - 1);
  }
}

TEST_CASE("choices of a seed that do not go together are the fault of the file") {
  const std::string folder = fresh_folder("vary");
  // Each choice alone is right; 2.4 with exactly_once_v2 is not.
  const Fuzzed fuzzed = fuzz(folder, {"--guarantee", "exactly_once", "--runs", "40", "--set",
                                      R"(/chaos/vary={"/kafka": ["2.4", "2.5"],
                        "/apps/0/guarantee": ["exactly_once", "exactly_once_v2"]})"});
  INFO(fuzzed.run.err);
  CHECK(fuzzed.run.code == kExitWrongInput);
  CHECK(fuzzed.run.out.empty());
  CHECK_THAT(fuzzed.run.err, contains_text(" varies it)"));
}

TEST_CASE("what throws in a run ends the campaign in its turn, as a fault") {
  const auto loaded = scenario::load_scenario(kZombieScenario, "small.json", {.variant = "cut"});
  REQUIRE(loaded);
  for (const int threads : {1, 3}) {
    Campaign campaign;
    campaign.inputs.push_back({"small.json", *loaded, {}, {}});
    campaign.seeds = {1, 100, 1};
    campaign.threads = threads;
    campaign.command = [](const RunInput&, uint64_t seed) -> std::string {
      if (seed >= 20) throw sim::InvariantBroken("seed " + std::to_string(seed));
      return "again";
    };
    const CampaignResult result = run_campaign(campaign);
    CHECK(result.runs == 19);
    CHECK(result.failures == 19);
    REQUIRE(result.broken);
    CHECK(result.broken->seed == 20);
    CHECK(result.broken->fault == "seed 20");
  }
}

TEST_CASE("a campaign of several scenarios gives each of them every seed") {
  const auto cut = scenario::load_scenario(kZombieScenario, "small.json", {.variant = "cut"});
  const auto safe = scenario::load_scenario(
      kZombieScenario, "small.json",
      {.sets = {R"(/chaos/vary={"/apps/0/instances": [2]})", "/duration=5s", "/faults=[]"}});
  REQUIRE(cut);
  REQUIRE(safe);
  Campaign campaign;
  campaign.inputs.push_back({"cut.json", *cut, {}, {}});
  campaign.inputs.push_back({"safe.json", *safe, {}, {}});
  campaign.seeds = {7, 3, 1};
  campaign.threads = 2;
  std::vector<std::pair<size_t, uint64_t>> taken;
  campaign.take = [&taken](const Outcome& outcome) {
    CHECK(outcome.failed() == (outcome.input == 0));
    taken.emplace_back(outcome.input, outcome.seed);
    return true;
  };
  const CampaignResult result = run_campaign(campaign);
  CHECK(result.runs == 6);
  CHECK(result.failures == 3);
  CHECK(taken ==
        std::vector<std::pair<size_t, uint64_t>>{{0, 7}, {1, 7}, {0, 8}, {1, 8}, {0, 9}, {1, 9}});
}

TEST_CASE("an interrupt is remembered and asked for") {
  const Interrupt interrupt;
  CHECK_FALSE(interrupt.asked());
  std::raise(SIGINT);
  CHECK(interrupt.asked());
}
