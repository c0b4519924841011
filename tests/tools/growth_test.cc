// How many producers an application needs, against how much it grows: slides 57 to 60, 102, 103 and
// the arithmetic of workloads-and-figures.md 3.1, to the unit, through `eosim compare`.
#include "compare_support.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

constexpr int64_t kThreads = 3;      // t
constexpr int64_t kPartitions = 20;  // K
constexpr int64_t kBrokers = 3;      // B

std::vector<scenario::Value> rows_of(const std::string& name, std::vector<std::string> options) {
  options.insert(options.end(),
                 {"--guarantees", "at_least_once,exactly_once,exactly_once_v2", "--json"});
  const ProgramRun compared = compare(std::move(options), name);
  INFO(compared.err);
  REQUIRE(compared.code == kExitOk);
  const auto parsed = scenario::parse_document(compared.out, "compare");
  REQUIRE(parsed);
  return parsed->root.find("rows")->items;
}

int64_t number_at(const scenario::Value& row, const std::string& name) {
  return std::stoll(text_at(row, name));
}

int64_t producers_of(const std::string& guarantee, int64_t applications, int64_t instances) {
  return applications * (guarantee == "exactly_once" ? kPartitions : instances * kThreads);
}

// What does not depend on how many of the producers have work.
void check_producers(const scenario::Value& row, int64_t applications, int64_t instances) {
  const std::string guarantee = text_at(row, "guarantee");
  const int64_t producers = producers_of(guarantee, applications, instances);
  const int64_t ids = guarantee == "at_least_once" ? 0 : producers;
  CHECK(number_at(row, "producers.total") == producers);
  CHECK(number_at(row, "producers.transactional") == ids);
  CHECK(number_at(row, "init_producer_id.completed") == ids);
  CHECK(number_at(row, "rebalances") == applications);
}

}  // namespace

TEST_CASE("producers grow with the threads, and before KIP-447 with the partitions that are read") {
  const auto rows = rows_of("growth/applications", {"--sweep", "/apps/0/copies=5,10,15,20,25,30"});
  REQUIRE(rows.size() == 18);
  for (const scenario::Value& row : rows) {
    const int64_t applications = number_at(row, "/apps/0/copies");
    INFO(text_at(row, "guarantee") << " " << applications);
    check_producers(row, applications, 1);
    CHECK(number_at(row, "connections.producer") ==
          kBrokers * producers_of(text_at(row, "guarantee"), applications, 1));
  }
}

TEST_CASE(
    "one application on more instances: its partitions bound the producers it needs no longer") {
  const auto rows = rows_of("growth/instances", {"--sweep", "/apps/0/instances=5,10,30"});
  REQUIRE(rows.size() == 9);
  for (const scenario::Value& row : rows) {
    const int64_t instances = number_at(row, "/apps/0/instances");
    INFO(text_at(row, "guarantee") << " " << instances);
    check_producers(row, 1, instances);
  }
}

TEST_CASE("the counts are those of every version") {
  const auto rows = rows_of("growth/applications", {"--presets", "2.5,3.5,4.2"});
  REQUIRE(rows.size() == 9);
  for (const scenario::Value& row : rows) {
    INFO(text_at(row, "guarantee") << " " << text_at(row, "kafka"));
    check_producers(row, 5, 1);
    CHECK(number_at(row, "connections.producer") ==
          kBrokers * producers_of(text_at(row, "guarantee"), 5, 1));
  }
}

// Committing units of an interval: the transactions of 10 more seconds. A loop adds the time of its
// pass to the interval; over links of 20 us that is less than 2 %.
TEST_CASE("every unit that has input commits once an interval: a partition, or a thread") {
  const std::string quick = R"(/network={"latency":{"median":"20us","p99":"20us"}})";
  const auto rows =
      rows_of("growth/applications", {"--set", quick, "--sweep", "/duration=10s,20s"});
  REQUIRE(rows.size() == 6);
  for (size_t i = 0; i < rows.size(); i += 2) {
    const std::string guarantee = text_at(rows[i], "guarantee");
    INFO(guarantee);
    const std::string commits =
        guarantee == "at_least_once" ? "requests.OffsetCommit" : "transactions.committed";
    const int64_t units = 5 * (guarantee == "exactly_once" ? kPartitions : kThreads);
    const int64_t more = number_at(rows[i + 1], commits) - number_at(rows[i], commits);
    CHECK(more <= 10 * units);
    CHECK(more >= 10 * units * 98 / 100);
  }
}
