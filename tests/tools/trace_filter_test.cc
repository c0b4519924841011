// --from, --to and --only.
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

struct GlobRow {
  const char* glob;
  const char* text;
  bool matches;
};

std::string problem_of(const std::vector<std::string>& words) {
  const auto arguments = Arguments::parse(words, trace_filter_options(), {});
  if (!arguments) return arguments.problem().text();
  const auto filter = TraceFilter::from(*arguments);
  return filter ? std::string() : filter.problem().text();
}

std::vector<scenario::Problem> unknown_in(const std::string& only) {
  const auto loaded = scenario::load_scenario(kTinyScenario, "tiny.json");
  REQUIRE(loaded);
  const sim::World world = scenario::build_world(loaded->scenario, {1, {}});
  return filter_of({"--only", only}).check_names(world, loaded->scenario.apps);
}

}  // namespace

TEST_CASE("a glob matches the whole of a text") {
  const GlobRow rows[] = {
      {"EndTxn", "EndTxn", true},
      {"EndTxn", "EndTxnX", false},
      {"endtxn", "EndTxn", false},
      {"transaction.*", "transaction.began", true},
      {"transaction.*", "transaction", false},
      {"*", "", true},
      {"*", "anything", true},
      {"", "", true},
      {"", "a", false},
      {"app-?", "app-7", true},
      {"app-?", "app-17", false},
      {"*.*ed", "message.delivered", true},
      {"*a*b", "xaxbxb", true},
      {"*a*b", "xaxbx", false},
      {"**", "x", true},
      {"a*?", "a", false},
  };
  for (const GlobRow& row : rows) {
    INFO(row.glob << " on " << row.text);
    CHECK(glob_matches(row.glob, row.text) == row.matches);
  }
}

TEST_CASE("--from and --to keep what happens between them, both included") {
  const auto all = traced("jsonl");
  const auto some = traced("jsonl", {"--from", "1500ms", "--to", "2500ms"});
  CHECK(some.size() < all.size());
  REQUIRE(some.size() >= 2);
  CHECK_THAT(some.front(), contains_text("\"time_ns\":1500000000,"));
  CHECK_THAT(some.back(), contains_text("\"time_ns\":2500000000,"));
  const auto before = traced("jsonl", {"--to", "1499999999ns"});
  const auto after = traced("jsonl", {"--from", "2500000001ns"});
  CHECK(before.size() + some.size() + after.size() == all.size());
}

TEST_CASE("one of the patterns of an --only has to match, and every --only") {
  const auto begun = traced("text", {"--only", "fault.began"});
  const auto started = traced("text", {"--only", "process.started"});
  CHECK(traced("text", {"--only", "fault.began,process.started"}).size() ==
        begun.size() + started.size());
  CHECK(traced("text", {"--only", "process.started", "--only", "app-0"}).size() == 1);
  CHECK(traced("text", {"--only", "process.started", "--only", "fault.*"}).empty());
}

TEST_CASE("a process stands for what it does and for the messages from and to it") {
  const auto lines = traced("text", {"--only", "source-0"});
  CHECK(lines.size() > 20);
  bool from_broker = false;
  for (const std::string& line : lines) {
    CHECK_THAT(line, contains_text("source-0"));
    from_broker |= line.find("broker-0    -> source-0") != std::string::npos;
  }
  CHECK(from_broker);
}

TEST_CASE("wrong filters are refused") {
  CHECK_THAT(problem_of({"--from", "3s", "--to", "2s"}), contains_text("is before --from"));
  CHECK_THAT(problem_of({"--from", "3"}), contains_text("is no duration"));
  CHECK_THAT(problem_of({"--only", ""}), contains_text("empty pattern"));
  CHECK_THAT(problem_of({"--only", "a,,b"}), contains_text("empty pattern"));
  CHECK_THAT(problem_of({"--only", "a,"}), contains_text("empty pattern"));
}

TEST_CASE("a pattern that no name can match is a slip") {
  for (const char* right : {"EndTxn", "transaction.*", "app-0", "app-0/1", "app-7", "app-7/0",
                            "app-1?", "message.sent", "broker-0", "*", "fault.*"}) {
    INFO(right);
    CHECK(unknown_in(right).empty());
  }
  for (const char* wrong : {"EndTnx", "transactions.*", "app", "app-", "app-x", "broker-1"}) {
    INFO(wrong);
    CHECK(unknown_in(wrong).size() == 1);
  }
  CHECK(unknown_in("EndTnx").front().nearest == "EndTxn");
  CHECK(unknown_in("EndTnx,app-0,brokr-0").size() == 2);
}
