// What a comparison cannot mean: exit code 2, nothing on stdout and one message.
#include "compare_support.h"
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;

TEST_CASE("wrong comparisons are refused with one message") {
  struct Row {
    std::vector<std::string> options;
    std::string says;
  };
  const std::vector<Row> table = {
      {{"--guarantees", "exactly_onc"}, "did you mean \"exactly_once\"?"},
      {{"--guarantees", ""}, "--guarantees: an empty list"},
      {{"--guarantees", "exactly_once,"}, "--guarantees: an empty item"},
      {{"--guarantees", "exactly_once,exactly_once"}, "stands there twice"},
      {{"--guarantees", "exactly_once", "--guarantee", "exactly_once"}, "excludes --guarantee"},
      {{"--presets", "2.4,9.9"}, "--presets: \"9.9\" is unknown"},
      {{"--presets", "2.4", "--preset", "2.5"}, "--presets: excludes --preset"},
      {{"--presets", "2.4", "--guarantees", "exactly_once_v2"}, "needs KIP-447"},
      {{"--sweep", "instances=1"}, "is no sweep"},
      {{"--sweep", "/apps/0/instances"}, "is no sweep"},
      {{"--sweep", "/apps/0/instances="}, "--sweep /apps/0/instances: an empty list"},
      {{"--sweep", "/apps/0/instances=2,x"}, "--sweep /apps/0/instances: /apps/0/instances: "},
      {{"--sweep", "/apps/0/instanses=2,3"}, "did you mean \"instances\"?"},
      {{"--sweep", "/nothing/here=1,2"}, "--sweep /nothing/here: "},
      {{"--sweep", "/apps/7/instances=1,2"}, "--sweep /apps/7/instances: "},
      {{"--sweep", "/seed=1,2"}, "--seeds A..B"},
      {{"--sweep", "/apps/0/instances=1", "--sweep", "/apps/0/instances=2"}, "more than once"},
      {{"--seeds", "1..2", "--seed", "3"}, "excludes --seed"},
      {{"--seeds", "9..1"}, "is no range"},
      {{"--seeds", "1..18446744073709551615"}, "too many seeds"},
      {{"--sweep", "/brokers/count=1,2,3,4,5,6,7,8,9", "--sweep",
        "/apps/0/instances=1,2,3,4,5,6,7,8"},
       "too many combinations"},
      {{"--csv", "/no/such/folder/file.csv"}, "cannot be written"},
      {{"-j", "0"}, "out of range"},
      {{"--report", "x.html"}, "unknown option"},
  };
  for (const Row& row : table) {
    const ProgramRun compared = compare(row.options);
    INFO(row.says + " in " + compared.err);
    CHECK(compared.code == kExitWrongInput);
    CHECK(compared.out.empty());
    CHECK(lines_of(compared.err).size() == 1);
    CHECK_THAT(compared.err, contains_text(row.says));
  }
  CHECK(compare({}, "zombies/no-such-story").code == kExitWrongInput);
}

TEST_CASE("JSON values with commas are one item of a sweep") {
  const auto root =
      compared_json({"--sweep", R"(/auditors=["read_committed","read_uncommitted"],[])", "--set",
                     "/duration=16s"});
  REQUIRE(root.find("rows")->items.size() == 2);
  CHECK(root.find("rows")->items[0].find("/auditors")->items.size() == 2);
  CHECK(root.find("rows")->items[1].find("/auditors")->items.empty());
}
