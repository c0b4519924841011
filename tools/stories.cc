#include "tools/stories.h"

#include "models/check/story.h"
#include "sim/assert.h"

namespace eosim::tools {

std::vector<std::string> tell_story(const scenario::Scenario& scenario,
                                    const scenario::RunOptions& options,
                                    const check::Violation& violation) {
  scenario::Simulation simulation(scenario, options);
  check::StoryObserver story(simulation.checks().config(), violation);
  simulation.watch(&story);
  simulation.run();
  return story.lines();
}

}  // namespace eosim::tools
