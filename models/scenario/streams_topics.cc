#include "models/scenario/streams_topics.h"

#include <algorithm>

namespace eosim::scenario {

std::string repartition_topic(const App& app) {
  const bool has = app.streams() && app.topology.counts() && app.topology.repartition;
  return has ? app.name + "-counts-repartition" : std::string();
}

std::string changelog_topic(const App& app) {
  return app.streams() && app.topology.counts() ? app.name + "-counts-changelog" : std::string();
}

int internal_partitions(const Scenario& scenario, const App& app) {
  int most = 1;
  for (const Topic& topic : scenario.topics) {
    const bool is_input =
        std::find(app.input.begin(), app.input.end(), topic.name) != app.input.end();
    if (is_input) most = std::max(most, topic.partitions);
  }
  return most;
}

std::vector<Topic> internal_topics(const Scenario& scenario) {
  using enum kafka::SettingId;
  std::vector<Topic> made;
  for (const App& app : scenario.apps) {
    for (const std::string& name : {repartition_topic(app), changelog_topic(app)}) {
      const bool known = std::any_of(scenario.topics.begin(), scenario.topics.end(),
                                     [&name](const Topic& topic) { return topic.name == name; });
      if (name.empty() || known) continue;
      Topic topic;
      topic.name = name;
      topic.partitions = internal_partitions(scenario, app);
      topic.replication_factor = std::min(3, scenario.brokers.count);
      topic.config = kafka::Settings(scenario.brokers.kafka);
      if (name == changelog_topic(app)) {
        topic.config.set(kCleanupPolicy, kafka::kCleanupCompact);
      } else {
        topic.config.set(kRetentionMs, -1);
      }
      topic.min_insync_replicas = static_cast<int>(scenario.brokers.config.get(kMinInsyncReplicas));
      made.push_back(std::move(topic));
    }
  }
  return made;
}

std::vector<Stage> stages(const App& app) {
  std::vector<Stage> all;
  const auto outputs = static_cast<int32_t>(app.output.size());
  if (!app.topology.counts()) {
    all.push_back(
        {kafka::Processor::kMap, app.input, app.output, {}, outputs * app.transform.fan_out});
    return all;
  }
  Stage count{kafka::Processor::kCount, app.input, app.output, changelog_topic(app), outputs + 1};
  if (app.topology.repartition) {
    all.push_back({kafka::Processor::kSelectKey, app.input, {repartition_topic(app)}, {}, 1});
    count.sources = {repartition_topic(app)};
  }
  all.push_back(std::move(count));
  return all;
}

}  // namespace eosim::scenario
