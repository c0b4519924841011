// What people see of a comparison.
#include "compare_support.h"
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

const std::vector<std::string> kStory = {
    "--guarantees", "exactly_once_unfenced,exactly_once,exactly_once_v2", "--seeds", "1..4"};

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// The cells of the row with this name.
std::vector<std::string> row(const std::string& out, const std::string& name) {
  for (const std::string& line : lines_of(out)) {
    if (!line.starts_with(name + "  ")) continue;
    std::istringstream rest(line.substr(name.size()));
    std::vector<std::string> cells;
    for (std::string cell; rest >> cell;) cells.push_back(cell);
    return cells;
  }
  return {};
}

using Cells = std::vector<std::string>;

}  // namespace

TEST_CASE("one job and two print the same comparison") {
  const ProgramRun one = compare(with(kStory, {"-j1"}));
  CHECK(one.code == kExitOk);
  CHECK(one.err.empty());
  CHECK(one.out == compare(with(kStory, {"-j2"})).out);
  CHECK(compare(with(kStory, {"-j1", "--json"})).out ==
        compare(with(kStory, {"-j3", "--json"})).out);
}

TEST_CASE("the table shows what the modes buy and what they cost") {
  const std::string out = compare(kStory).out;
  CHECK(row(out, "guarantee") == Cells{"exactly_once_unfenced", "exactly_once", "exactly_once_v2"});
  CHECK(row(out, "seeds with a violation") == Cells{"4/4", "0", "0"});
  CHECK(row(out, "  duplicate_output") == Cells{"4/4", "0", "0"});
  CHECK(row(out, "producers") == Cells{"3", "6", "3"});
  for (const char* name :
       {"requests, all", "  InitProducerId", "  EndTxn", "retries", "rebalances", "fencings",
        "takeover to commit, median ms", "end-to-end latency p99, ms"}) {
    INFO(name);
    CHECK(row(out, name).size() == 3);
  }
}

TEST_CASE("lines fit a terminal, and many columns come in bands") {
  const std::string out =
      compare({"--guarantees", "exactly_once_unfenced,exactly_once,exactly_once_v2", "--sweep",
               "/apps/0/instances=2,3", "--set", "/duration=16s"})
          .out;
  size_t headings = 0;
  for (const std::string& line : lines_of(out)) {
    if (line.starts_with("guarantee  ")) ++headings;
    if (line.starts_with("next ")) continue;  // a command is not broken
    INFO(line);
    CHECK(line.size() <= 100);
  }
  CHECK(headings == 2);
}

TEST_CASE("the sentence and the next command name the worst column") {
  const std::string out = compare(kStory).out;
  CHECK_THAT(out, contains_text("verdict  exactly_once_unfenced shows violations in 4 of 4 seeds"));
  CHECK_THAT(out, contains_text("next     eosim run zombies/after-rebalance --seed 1 --guarantee "
                                "exactly_once_unfenced\n"));
  const std::string clean = compare({"--seeds", "1..2"}).out;
  CHECK_THAT(clean, contains_text("exactly_once_v2 shows no violation in 2 seeds"));
  CHECK_THAT(clean, contains_text("next     eosim fuzz zombies/after-rebalance --seed 3\n"));
}

TEST_CASE("a combination that does not exist is a column that says what it needs") {
  const ProgramRun compared = compare({"--guarantees", "exactly_once,exactly_once_v2", "--presets",
                                       "2.4,2.5", "--set", "/duration=16s"});
  INFO(compared.err);
  REQUIRE(compared.code == kExitOk);
  CHECK(row(compared.out, "kafka") == Cells{"2.4", "2.5", "2.4", "2.5"});
  CHECK(row(compared.out, "seeds with a violation") == Cells{"0", "0", "needs", "2.5", "0"});
  CHECK(row(compared.out, "producers") == Cells{"6", "6", "-", "3"});
  CHECK_THAT(compared.out, contains_text("cannot run: exactly_once_v2 on 2.4"));
}

TEST_CASE("quiet says nothing, and a colour changes no width") {
  CHECK(compare({"-q", "--set", "/duration=16s"}).out.empty());
  const std::string plain = compare(kStory).out;
  std::string painted = compare(with(kStory, {"--color", "always"})).out;
  CHECK(painted != plain);
  for (const std::string code : {"\x1b[31;1m", "\x1b[0m"}) {
    for (size_t at; (at = painted.find(code)) != std::string::npos;) painted.erase(at, code.size());
  }
  CHECK(painted == plain);
}
