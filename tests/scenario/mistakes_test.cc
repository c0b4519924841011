// Mistakes of applications in scenario files: words, who can make which, and that each has a story.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "loaded.h"
#include "models/app/mistakes.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

std::string app_of(const std::string& kind, const std::string& more, const std::string& mistakes) {
  return R"({"scenario_version": 1, "name": "m", "kafka": "2.8", "duration": "10s",
    "topics": [{"name": "in", "partitions": 2}, {"name": "out", "partitions": 2}],
    "apps": [{"name": "app", "kind": ")" +
         kind + R"(", "output": ["out"], )" + more + R"("mistakes": [)" + mistakes + "]}]}";
}

std::string loop_of(const std::string& guarantee, const std::string& mistakes) {
  return app_of("consume-transform-produce",
                R"("guarantee": ")" + guarantee + R"(", "input": ["in"], )", mistakes);
}

}  // namespace

TEST_CASE("a mistake belongs to those who can make it") {
  CHECK(
      problem_in(loop_of("exactly_once_v2", R"("no_rewind_after_abort", "auto_commit")")).empty());
  CHECK(problem_in(loop_of("at_least_once", R"("commit_before_flush")")).empty());
  CHECK(problem_in(loop_of("exactly_once", R"("init_after_positions")")).empty());
  CHECK(
      problem_in(app_of("transactional-producer", "", R"("ambiguous_commit_is_failure")")).empty());
  CHECK(problem_in(loop_of("exactly_once_v2", "")).empty());

  CHECK_THAT(problem_in(loop_of("exactly_once_v2", R"("commit_before_flush")")),
             contains_text("/apps/0/mistakes/0"));
  CHECK_THAT(problem_in(loop_of("exactly_once_v2", R"("no_rewind_after_abortt")")),
             contains_text("no_rewind_after_abort"));
  CHECK_THAT(problem_in(loop_of("exactly_once_v2", R"("auto_commit", "auto_commit")")),
             contains_text("/apps/0/mistakes/1"));
  CHECK_THAT(problem_in(app_of("idempotent-producer", "", R"("auto_commit")")),
             contains_text("mistakes"));
}

TEST_CASE("every mistake has a name, a section, somebody who can make it, and a scenario") {
  std::set<std::string> told;
  const std::filesystem::path folder = EOSIM_SOURCE_DIR "/scenarios/mistakes";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    const auto loaded = load_scenario(text.str(), entry.path().string());
    CAPTURE(entry.path().string());
    REQUIRE(loaded);
    for (const App& app : loaded->scenario.apps) {
      told.insert(app.mistakes.begin(), app.mistakes.end());
    }
  }
  for (const kafka::MistakeInfo& info : kafka::mistake_infos()) {
    CAPTURE(std::string(info.name));
    CHECK(info.roles != 0);
    CHECK_FALSE(info.section.empty());
    CHECK(kafka::find_mistake(info.name).has_value());
    CHECK(told.contains(std::string(info.name)));
  }
}
