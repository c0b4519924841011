// What programs get of a comparison: JSON and CSV.
#include <filesystem>
#include <fstream>

#include "compare_support.h"
#include "models/scenario/words.h"
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;

TEST_CASE("JSON has a row for each combination, with every metric and kind of violation") {
  const auto root = compared_json({"--guarantees", "exactly_once_unfenced,exactly_once_v2",
                                   "--sweep", "/apps/0/instances=2,3", "--seeds", "7..8"});
  const auto* rows = root.find("rows");
  REQUIRE(rows != nullptr);
  REQUIRE(rows->items.size() == 4);
  for (const auto& row : rows->items) {
    CHECK(text_at(row, "kafka") == "2.5");
    CHECK(text_at(row, "runs") == "2");
    CHECK(row.find("/apps/0/instances")->is(scenario::Value::Kind::kNumber));
    for (const std::string& name : scenario::names(scenario::Words::kViolations)) {
      CHECK_FALSE(text_at(row, "violations." + name).empty());
    }
    for (const char* name : {"records.in", "throughput.delivered", "producers.total",
                             "transactions.committed", "requests.EndTxn", "retries.Produce",
                             "latency.end_to_end.p50_ns", "latency.takeover.p50_ns", "fencings"}) {
      CHECK_FALSE(text_at(row, name).empty());
    }
  }
  CHECK(text_at(rows->items[0], "guarantee") == "exactly_once_unfenced");
  CHECK(text_at(rows->items[0], "violations.duplicate_output") == "2");
  CHECK(text_at(rows->items[1], "/apps/0/instances") == "3");
  CHECK(text_at(rows->items[2], "guarantee") == "exactly_once_v2");
  CHECK(text_at(rows->items[2], "violations.duplicate_output") == "0");
}

TEST_CASE("a refused combination has its reason and no numbers") {
  const auto root = compared_json(
      {"--presets", "2.4,2.5", "--guarantees", "exactly_once_v2", "--set", "/duration=16s"});
  const auto& refused = root.find("rows")->items.at(0);
  CHECK_THAT(text_at(refused, "refused"), contains_text("needs KIP-447"));
  CHECK(text_at(refused, "kafka") == "2.4");
  CHECK(refused.find("runs") == nullptr);
}

TEST_CASE("CSV is the same rows, all of one width") {
  const auto path = std::filesystem::temp_directory_path() / "eosim_compare_rows_test.csv";
  const ProgramRun compared =
      compare({"--presets", "2.4,2.5", "--guarantees", "exactly_once,exactly_once_v2", "--set",
               "/duration=16s", "--csv", path.string(), "-q"});
  CHECK(compared.code == kExitOk);
  CHECK(compared.out.empty());
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  std::filesystem::remove(path);
  const auto lines = lines_of(text.str());
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("guarantee,kafka,runs,cut,"));
  CHECK(lines[0].ends_with(",refused\r"));
  CHECK(lines[1].starts_with("exactly_once,2.4,1,0,"));
  CHECK(lines[3].starts_with("exactly_once_v2,2.4,,,"));
  CHECK_THAT(lines[3], contains_text("\"--guarantee exactly_once_v2: "));
  const auto commas = [](const std::string& line) {
    bool quoted = false;
    size_t count = 0;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      if (c == ',' && !quoted) ++count;
    }
    return count;
  };
  for (const std::string& line : lines) CHECK(commas(line) == commas(lines[0]));
}
