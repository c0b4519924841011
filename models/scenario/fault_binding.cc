#include "models/scenario/fault_binding.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "models/protocol/messages.h"
#include "models/protocol/switches.h"
#include "sim/assert.h"
#include "sim/chaos.h"

namespace eosim::scenario {

namespace {

using kafka::Rpc;
using sim::FaultKind;

struct KindWord {
  std::string_view word;
  FaultKind kind;
};
constexpr std::array<KindWord, 26> kKinds{{
    {"crash", FaultKind::kCrash},
    {"power_loss", FaultKind::kPowerLoss},
    {"disk_loss", FaultKind::kDiskLoss},
    {"restart", FaultKind::kRestart},
    {"pause", FaultKind::kPause},
    {"stall", FaultKind::kStall},
    {"partition", FaultKind::kPartition},
    {"reset_connection", FaultKind::kResetConnection},
    {"delay", FaultKind::kDelay},
    {"drop_response", FaultKind::kDropResponse},
    {"slow_link", FaultKind::kSlowLink},
    {"slow_disk", FaultKind::kSlowDisk},
    {"slow_cpu", FaultKind::kSlowCpu},
    {"slow_controller", FaultKind::kModel},
    {"slow_metadata", FaultKind::kModel},
    {"clock_jump", FaultKind::kClockJump},
    {"clock_drift", FaultKind::kClockDrift},
    {"rebalance", FaultKind::kModel},
    {"add_instance", FaultKind::kModel},
    {"remove_instance", FaultKind::kModel},
    {"move_leader", FaultKind::kModel},
    {"move_coordinator", FaultKind::kModel},
    {"unclean_election", FaultKind::kModel},
    {"abort_transaction", FaultKind::kModel},
    {"rolling_bounce", FaultKind::kModel},
    {"upgrade_features", FaultKind::kModel},
}};

// What chaos delays or whose answers it loses: where a lost or late message can change an outcome.
constexpr std::array kChaosRpcs{
    Rpc::kProduce,   Rpc::kInitProducerId,  Rpc::kAddPartitionsToTxn, Rpc::kAddOffsetsToTxn,
    Rpc::kEndTxn,    Rpc::kTxnOffsetCommit, Rpc::kWriteTxnMarkers,    Rpc::kJoinGroup,
    Rpc::kSyncGroup, Rpc::kHeartbeat,       Rpc::kOffsetFetch,        Rpc::kOffsetCommit,
    Rpc::kFetch,     Rpc::kFindCoordinator, Rpc::kMetadata,
};

FaultKind kind_of(std::string_view word) {
  for (const KindWord& known : kKinds) {
    if (known.word == word) return known.kind;
  }
  EOSIM_ASSERT(false);
  return FaultKind::kModel;
}

sim::MessageKind rpc_kind(std::string_view name) {
  for (size_t i = 0; i < kafka::kRpcCount; ++i) {
    if (kafka::rpc_name(static_cast<Rpc>(i)) == name) return {static_cast<uint16_t>(i)};
  }
  return {};
}

std::vector<std::string> broker_names(const Scenario& scenario) {
  std::vector<std::string> all;
  for (int i = 0; i < scenario.brokers.count; ++i) all.push_back("broker-" + std::to_string(i));
  return all;
}

std::vector<std::string> app_names(const Scenario& scenario) {
  std::vector<std::string> all;
  for (const App& app : scenario.apps) {
    for (int i = 0; i < app.instances; ++i) all.push_back(app.name + "-" + std::to_string(i));
  }
  return all;
}

std::vector<std::string> other_clients(const Scenario& scenario) {
  std::vector<std::string> all;
  for (size_t i = 0; i < scenario.sources.size(); ++i) {
    all.push_back("source-" + std::to_string(i));
  }
  for (size_t i = 0; i < scenario.auditors.size(); ++i) {
    all.push_back("auditor-" + std::to_string(i));
  }
  return all;
}

std::vector<std::string> without(std::vector<std::string> names, const std::string& name) {
  std::erase(names, name);
  return names;
}

std::vector<std::string> only_of(std::vector<std::string> names, const std::string& app) {
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(app + '-'); });
  return names;
}

// What any:app and any:broker stand for; the seed decides, once. `app`: an instance of it.
std::string settled(const Scenario& scenario, const std::string& text, const std::string& stream,
                    sim::Choices& choices, const std::string& app = {},
                    const std::vector<std::string>& taken = {}) {
  std::vector<std::string> any;
  if (text == "any:broker") any = broker_names(scenario);
  if (text == "any:app")
    any = app.empty() ? app_names(scenario) : only_of(app_names(scenario), app);
  for (const std::string& name : taken) any = without(std::move(any), name);
  if (any.empty()) return text;
  return any[choices.below(choices.stream(stream), any.size(), 0)];
}

// One side of a partition; nobody stands on both.
std::vector<std::string> settled_side(const Scenario& scenario, std::vector<std::string> side,
                                      const std::string& stream, sim::Choices& choices,
                                      std::vector<std::string> taken) {
  for (size_t i = 0; i < side.size(); ++i) {
    side[i] = settled(scenario, side[i], stream + " " + std::to_string(i), choices, {}, taken);
    taken.push_back(side[i]);
  }
  return side;
}

sim::Trigger bind_trigger(const Scenario& scenario, const Trigger& on, const std::string& stream,
                          sim::Choices& choices) {
  sim::Trigger bound;
  bound.rpc = rpc_kind(on.rpc);
  bound.from = settled(scenario, on.from, stream + " from", choices);
  bound.to = settled(scenario, on.to, stream + " to", choices);
  bound.phase = on.phase == "delivered"   ? sim::Phase::kDelivered
                : on.phase == "handled"   ? sim::Phase::kHandled
                : on.phase == "responded" ? sim::Phase::kResponded
                                          : sim::Phase::kSent;
  bound.event = on.event;
  bound.where = on.where;
  bound.nth = static_cast<uint32_t>(on.nth);
  bound.after = sim::Time{on.after.ns};
  return bound;
}

// Names that the targets of chaos stand for; empty: none of them.
std::vector<std::string> chaos_victims(const Scenario& scenario) {
  std::vector<std::string> all;
  for (const std::string& target : scenario.chaos->targets) {
    std::vector<std::string> meant{target};
    if (target == "any:broker") meant = broker_names(scenario);
    if (target == "any:app") meant = app_names(scenario);
    all.insert(all.end(), meant.begin(), meant.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whose links chaos strikes: without targets those of all processes, else those between the targets
// and their brokers. A selector may stand for either end.
void choose_links(const Scenario& scenario, sim::ChaosKind& kind) {
  const std::vector<std::string> brokers = broker_names(scenario);
  kind.others = brokers;
  for (const Rpc rpc : kChaosRpcs) kind.rpcs.push_back({static_cast<uint16_t>(rpc)});
  if (scenario.chaos->targets != std::vector<std::string>{"any:app", "any:broker"}) return;
  kind.victims = app_names(scenario);
  const std::vector<std::string> others = other_clients(scenario);
  kind.victims.insert(kind.victims.end(), others.begin(), others.end());
  kind.victims.insert(kind.victims.end(), brokers.begin(), brokers.end());
}

std::vector<std::string> leaders(const Scenario& scenario) {
  std::vector<std::string> all;
  for (const Topic& topic : scenario.topics) {
    for (int i = 0; i < topic.partitions; ++i) {
      all.push_back("leader:" + topic.name + "-" + std::to_string(i));
    }
  }
  return all;
}

// Those that the applications have: their groups, and what their transactional ids are made from.
std::vector<std::string> coordinators(const Scenario& scenario) {
  std::vector<std::string> all;
  for (const App& app : scenario.apps) {
    if (app.reads()) all.push_back("coordinator:group:" + app.name);
    if (!app.transactional()) continue;
    const std::string prefix = "coordinator:txn:" + app.name + "-";
    if (app.guarantee != Guarantee::kExactlyOnce) {
      for (int i = 0; i < app.instances * app.threads; ++i) {
        all.push_back(prefix + std::to_string(i / app.threads) + "-" +
                      std::to_string(i % app.threads));
      }
      continue;
    }
    for (const Topic& topic : scenario.topics) {
      if (!contains(app.input, topic.name)) continue;
      for (int i = 0; i < topic.partitions; ++i) {
        all.push_back(prefix + topic.name + "-" + std::to_string(i));
      }
    }
  }
  return all;
}

// Membership faults strike applications, and changes of leaders partitions: those that the targets
// name, or all of them where brokers are targets.
void choose_model_victims(const Scenario& scenario, sim::ChaosKind& kind,
                          const std::vector<std::string>& targets) {
  const std::vector<std::string> brokers = broker_names(scenario);
  const bool any_broker = std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
    return contains(brokers, target);
  });
  kind.victims.clear();
  if (kind.word == "slow_controller") {
    kind.lasts = kind.late = true;
    if (any_broker || contains(targets, "controller")) kind.victims = {"controller"};
  } else if (kind.word == "slow_metadata") {
    kind.lasts = kind.late = true;
    for (const std::string& target : targets) {
      if (contains(brokers, target)) kind.victims.push_back(target);
    }
  } else if (kind.word == "move_leader" || kind.word == "move_coordinator" ||
             kind.word == "unclean_election" || kind.word == "abort_transaction") {
    std::vector<std::string> all = coordinators(scenario);
    const std::vector<std::string> partitions = leaders(scenario);
    if (kind.word == "move_leader" || kind.word == "abort_transaction") all = partitions;
    if (kind.word == "unclean_election")
      all.insert(all.end(), partitions.begin(), partitions.end());
    for (const std::string& one : all) {
      if (any_broker || contains(targets, one)) kind.victims.push_back(one);
    }
    if (kind.word != "abort_transaction") kind.others = brokers;
    kind.spares_last_copy = kind.word == "unclean_election" && !scenario.chaos->data_loss;
  } else {
    for (const App& app : scenario.apps) {
      if (kind.word != "rebalance" || app.reads()) kind.victims.push_back(app.name);
    }
  }
}

// Chaos that removes the last instance of an application would only show that nobody works then.
void keep_one_instance(const Scenario& scenario, std::vector<sim::FaultSpec>& faults) {
  std::map<std::string, int> instances;
  for (const App& app : scenario.apps) instances[app.name] = app.instances;
  std::vector<sim::FaultSpec> kept;
  for (sim::FaultSpec& fault : faults) {  // in order of time
    if (fault.word != "add_instance" && fault.word != "remove_instance") {
      kept.push_back(std::move(fault));
      continue;
    }
    int& left = instances[fault.target];
    if (fault.word == "remove_instance" && left <= 1) continue;
    if (fault.word == "add_instance") ++left;
    if (fault.word == "remove_instance") --left;
    kept.push_back(std::move(fault));
  }
  faults = std::move(kept);
}

// Faults last from a round trip to beyond the longest timeout that they can race with.
sim::Duration longest_fault(const Scenario& scenario) {
  int64_t longest_ms = scenario.brokers.config.get(kafka::SettingId::kBrokerRequestTimeoutMs);
  for (const App& app : scenario.apps) {
    for (const auto id :
         {kafka::SettingId::kSessionTimeoutMs, kafka::SettingId::kTransactionTimeoutMs,
          kafka::SettingId::kRequestTimeoutMs}) {
      longest_ms = std::max(longest_ms, app.config.get(id));
    }
  }
  const sim::Duration longest = sim::milliseconds(longest_ms) * 3 / 2;
  return std::max(std::min(longest, scenario.duration), sim::milliseconds(2));
}

}  // namespace

sim::FaultSpec bind_fault(const Scenario& scenario, size_t index, sim::Choices& choices) {
  const Fault& fault = scenario.faults.at(index);
  const std::string stream = "scripted fault " + std::to_string(index);
  sim::FaultSpec bound;
  bound.kind = kind_of(fault.kind);
  bound.word = fault.kind;
  bound.at = sim::Time{fault.at.ns};
  if (fault.on) bound.on = bind_trigger(scenario, *fault.on, stream, choices);
  bound.repeat = fault.repeat;
  const bool bounces = fault.kind == "rolling_bounce";
  if (fault.length && !bounces) bound.length = *fault.length;
  bound.target = settled(scenario, fault.target, stream, choices, fault.app);
  bound.between = settled_side(scenario, fault.between, stream + " between", choices, {});
  bound.others = settled_side(scenario, fault.others, stream + " and", choices, bound.between);
  bound.direction = fault.direction == "to"     ? sim::Direction::kTo
                    : fault.direction == "from" ? sim::Direction::kFrom
                                                : sim::Direction::kBoth;
  bound.from = settled(scenario, fault.from, stream + " from", choices);
  bound.to = settled(scenario, fault.to, stream + " to", choices);
  bound.rpc = rpc_kind(fault.rpc);
  bound.what = fault.what == "response" ? sim::What::kResponse : sim::What::kRequest;
  bound.by = fault.by;
  bound.factor_thousandths = fault.factor_thousandths;
  bound.ppm = fault.ppm;
  if (!fault.app.empty()) {
    bound.from = bound.target;
    bound.target = fault.app;
  }
  if (bounces) {
    bound.from = fault.target;
    bound.target = fault.brokers ? "brokers" : fault.app;
    while (scenario.bounces.at(bound.plan).fault != index) ++bound.plan;
  }
  // Presets are counted from 1: without one, as far as every broker can.
  for (const kafka::Preset& preset : kafka::presets()) {
    if (fault.kafka.empty()) break;
    ++bound.plan;
    if (preset.name == fault.kafka) break;
  }
  if (!fault.partition.empty()) bound.target = "leader:" + fault.partition;
  return bound;
}

std::vector<sim::FaultSpec> draw_faults(const Scenario& scenario, sim::Choices& choices) {
  if (!scenario.chaos) return {};
  const Chaos& chaos = *scenario.chaos;
  sim::ChaosSpec spec;
  const int64_t quarters = chaos.intensity == "calm" ? 16 : chaos.intensity == "storm" ? 1 : 4;
  spec.mean_interval = chaos.mean_interval * quarters / 4;
  spec.until = scenario.duration;
  spec.length_max = longest_fault(scenario);
  spec.swarm = chaos.swarm;
  const std::vector<std::string> victims = chaos_victims(scenario);
  const std::vector<std::string> apps = app_names(scenario);
  const auto is_app = [&](const std::string& name) {
    return contains(apps, name) || name.starts_with("owner:");
  };
  for (const auto& [word, weight] : chaos.kinds) {
    sim::ChaosKind kind;
    kind.word = word;
    kind.kind = kind_of(word);
    kind.weight = static_cast<uint32_t>(weight);
    kind.victims = victims;
    switch (kind.kind) {
      case FaultKind::kPartition:
        kind.others = victims;
        break;
      case FaultKind::kResetConnection:
      case FaultKind::kDelay:
      case FaultKind::kDropResponse:
        choose_links(scenario, kind);
        break;
      case FaultKind::kStall:
        // Only an application has a polling thread that can stand still by itself.
        std::erase_if(kind.victims, [&](const std::string& name) { return !is_app(name); });
        break;
      case FaultKind::kPowerLoss:
      case FaultKind::kDiskLoss:
        // Whether a last copy would go is asked when it strikes.
        kind.spares_last_copy = !chaos.data_loss;
        break;
      case FaultKind::kRestart:
        // Only they know how to end in order.
        std::erase_if(kind.victims, [&](const std::string& name) {
          return name == "controller" || contains(other_clients(scenario), name);
        });
        break;
      case FaultKind::kModel:
        choose_model_victims(scenario, kind, victims);
        break;
      default:
        break;
    }
    spec.kinds.push_back(std::move(kind));
  }
  std::vector<sim::FaultSpec> faults = sim::draw_chaos(choices, spec);
  keep_one_instance(scenario, faults);
  return faults;
}

}  // namespace eosim::scenario
