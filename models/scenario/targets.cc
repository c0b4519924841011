#include "models/scenario/targets.h"

#include <algorithm>
#include <optional>

#include "models/scenario/units.h"

namespace eosim::scenario {
namespace {

constexpr size_t kExamplesMax = 5'000;

// "output-0" -> {"output", 0}
std::optional<std::pair<std::string_view, int64_t>> split_index(std::string_view text) {
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view digits = text.substr(dash + 1);
  if (digits.size() > 9 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  const auto index = parse_integer(digits);
  if (!index || digits[0] == '-') return std::nullopt;
  return std::pair{text.substr(0, dash), *index};
}

}  // namespace

Targets::Targets(const Scenario& scenario) : scenario_(scenario) {
  counts_.emplace_back("broker", scenario.brokers.count);
  counts_.emplace_back("source", static_cast<int>(scenario.sources.size()));
  counts_.emplace_back("auditor", static_cast<int>(scenario.auditors.size()));
  for (const App& app : scenario.apps) {
    const auto added = std::count_if(
        scenario.faults.begin(), scenario.faults.end(),
        [&](const Fault& fault) { return fault.kind == "add_instance" && fault.app == app.name; });
    counts_.emplace_back(app.name, app.instances + static_cast<int>(added));
  }
}

TargetKind Targets::kind_of(std::string_view text) const {
  const auto known = [](bool yes, TargetKind kind) { return yes ? kind : TargetKind::kUnknown; };
  const auto rest = [&](std::string_view prefix) { return text.substr(prefix.size()); };
  if (text == "any:broker" || text == "controller") return TargetKind::kProcess;
  if (text == "any:app") return known(!scenario_.apps.empty(), TargetKind::kProcess);
  if (text.starts_with("leader:")) {
    return known(is_partition(rest("leader:"), false), TargetKind::kProcess);
  }
  if (text.starts_with("owner:")) {
    return known(is_partition(rest("owner:"), true), TargetKind::kThread);
  }
  if (text.starts_with("coordinator:group:")) {
    const auto group = rest("coordinator:group:");
    return known(std::any_of(scenario_.apps.begin(), scenario_.apps.end(),
                             [&](const App& app) { return app.reads() && app.name == group; }),
                 TargetKind::kProcess);
  }
  if (text.starts_with("coordinator:txn:")) {
    // <app>-<topic>-<partition> or <app>-<instance>-<thread>: either, as --guarantee changes it.
    const auto id = rest("coordinator:txn:");
    const auto is_id_of = [&](const App& app) {
      return app.kind != "idempotent-producer" && id.starts_with(app.name + '-') &&
             split_index(id).has_value();
    };
    return known(std::any_of(scenario_.apps.begin(), scenario_.apps.end(), is_id_of),
                 TargetKind::kProcess);
  }
  return process_kind(text);
}

TargetKind Targets::process_kind(std::string_view text) const {
  const size_t slash = text.find('/');
  const auto process = split_index(text.substr(0, slash));
  if (!process) return TargetKind::kUnknown;
  const bool exists = std::any_of(counts_.begin(), counts_.end(), [&](const auto& known) {
    return known.first == process->first && process->second < known.second;
  });
  if (!exists) return TargetKind::kUnknown;
  if (slash == std::string_view::npos) return TargetKind::kProcess;
  const auto thread = parse_integer(text.substr(slash + 1));
  for (const App& app : scenario_.apps) {
    const bool has = app.name == process->first && thread && *thread >= 0 && *thread < app.threads;
    if (has) return TargetKind::kThread;
  }
  return TargetKind::kUnknown;
}

bool Targets::is_of_app(std::string_view text) const {
  if (text == "any:app" || text.starts_with("owner:")) return true;
  const auto process = split_index(text.substr(0, text.find('/')));
  return process && std::any_of(scenario_.apps.begin(), scenario_.apps.end(),
                                [&](const App& app) { return app.name == process->first; });
}

bool Targets::is_of_broker(std::string_view text) const {
  return text == "any:broker" || text.starts_with("leader:") || text.starts_with("coordinator:") ||
         is_broker(text, scenario_.brokers.count);
}

bool Targets::is_broker(std::string_view text, int brokers) {
  const auto split = split_index(text);
  return split && split->first == "broker" && split->second < brokers;
}

bool Targets::is_partition(std::string_view text, bool is_input) const {
  using enum kafka::SettingId;
  const auto partition = split_index(text);
  if (!partition) return false;
  const auto& [topic, index] = *partition;
  const kafka::Settings& config = scenario_.brokers.config;
  if (!is_input && topic == "__consumer_offsets") {
    return index < config.get(kOffsetsTopicNumPartitions);
  }
  if (!is_input && topic == "__transaction_state") {
    return index < config.get(kTransactionStateLogNumPartitions);
  }
  for (const Topic& known : scenario_.topics) {
    if (known.name != topic || index >= known.partitions) continue;
    return !is_input || std::any_of(scenario_.apps.begin(), scenario_.apps.end(), [&](auto& app) {
      return std::find(app.input.begin(), app.input.end(), known.name) != app.input.end();
    });
  }
  return false;
}

std::vector<std::string> Targets::examples() const {
  std::vector<std::string> out = {"any:app", "any:broker", "controller"};
  for (const auto& [name, count] : counts_) {
    for (int i = 0; i < count && out.size() < kExamplesMax; ++i) {
      out.push_back(name + '-' + std::to_string(i));
    }
  }
  for (const App& app : scenario_.apps) {
    if (app.reads()) out.push_back("coordinator:group:" + app.name);
  }
  for (const Topic& topic : scenario_.topics) {
    for (int i = 0; i < topic.partitions && out.size() < kExamplesMax; ++i) {
      out.push_back("leader:" + topic.name + '-' + std::to_string(i));
      out.push_back("owner:" + topic.name + '-' + std::to_string(i));
    }
  }
  return out;
}

}  // namespace eosim::scenario
