#include "models/scenario/simulation.h"

#include <algorithm>

#include "models/protocol/features.h"
#include "models/scenario/cluster_shared.h"
#include "models/scenario/expectation.h"
#include "models/scenario/streams_topics.h"
#include "models/scenario/world_builder.h"
#include "sim/assert.h"

namespace eosim::scenario {

namespace {

// How often a run that settles asks whether anything is owed.
constexpr sim::Duration kQuietCheck = sim::milliseconds(100);

std::vector<sim::ProcessId> processes_named(const sim::World& world, const std::string& prefix,
                                            size_t count) {
  std::vector<sim::ProcessId> all;
  for (size_t i = 0; i < count; ++i) {
    const sim::ProcessId found = world.find(prefix + "-" + std::to_string(i));
    if (found != sim::kNoProcess) all.push_back(found);
  }
  return all;
}

// What applications and brokers speak besides what the first broker and the application begin with:
// single brokers of their own, and what rolling bounces bring.
void add_other_switches(const Scenario& scenario, check::CheckConfig& config) {
  const bool finalises = std::ranges::any_of(
      scenario.faults, [](const auto& fault) { return fault.kind == "upgrade_features"; });
  const auto add = [](std::vector<kafka::Switches>& known, const kafka::Switches& one) {
    if (std::ranges::find(known, one) == known.end()) known.push_back(one);
  };
  const auto add_brokers = [&](const Brokers& brokers) {
    for (int i = 0; i < brokers.count; ++i) {
      const kafka::Switches one = broker_switches(scenario, brokers, i);
      if (one != config.cluster) add(config.other_brokers, one);
    }
  };
  add_brokers(scenario.brokers);
  // With whatever features the cluster may have finalised by then.
  std::vector<const Brokers*> stages{&scenario.brokers};
  for (const Bounce& bounce : scenario.bounces) {
    if (bounce.brokers) stages.push_back(&*bounce.brokers);
  }
  for (const Brokers* brokers : stages) {
    for (int i = 0; finalises && i < brokers->count; ++i) {
      kafka::Switches most = broker_switches(scenario, *brokers, i);
      kafka::finalise(supported_features(scenario, *brokers, i), most);
      add(config.other_brokers, most);
      kafka::finalise({}, most);
      add(config.other_brokers, most);
    }
  }
  for (const Bounce& bounce : scenario.bounces) {
    if (bounce.brokers) add_brokers(*bounce.brokers);
    for (check::AppDescription& app : config.apps) {
      if (bounce.app && bounce.app->name == app.name) {
        add(app.other_switches, app_switches(scenario, *bounce.app));
      }
    }
  }
}

// Each sub-topology owes the effects of its own sources.
void describe_stages(const App& app, check::AppDescription& described) {
  described.input_topics.clear();
  for (const Stage& stage : stages(app)) {
    for (const std::string& source : stage.sources) {
      described.input_topics.push_back(source);
      described.effects_of_input.emplace_back(source, stage.effects_per_record);
    }
    if (!stage.changelog.empty()) described.tables.push_back(stage.changelog);
  }
}

check::CheckConfig check_config(const Scenario& scenario, const sim::World& world, bool checkers) {
  check::CheckConfig config;
  config.era = kafka::find_preset(scenario.brokers.kafka)->era;
  config.cluster = broker_switches(scenario, 0);
  for (const App& app : scenario.apps) {
    check::AppDescription described;
    described.name = app.name;
    if (app.reads()) described.group = app.name;
    described.guarantee = app.promise();
    described.input_topics = app.input;
    described.output_topics = app.output;
    described.effects_per_record =
        app.reads() ? static_cast<int32_t>(app.output.size()) * app.transform.fan_out : 1;
    described.switches = app_switches(scenario, app);
    if (app.streams()) describe_stages(app, described);
    config.apps.push_back(std::move(described));
  }
  add_other_switches(scenario, config);
  for (const Source& source : scenario.sources) config.source_topics.push_back(source.topic);
  config.brokers = processes_named(world, "broker", static_cast<size_t>(scenario.brokers.count));
  config.auditors = processes_named(world, "auditor", scenario.auditors.size());
  if (!checkers) config.checkers.reset();
  return config;
}

check::MetricsConfig metrics_config(const Scenario& scenario, const sim::World& world) {
  const auto& shared = static_cast<const ClusterShared&>(world.shared());
  const auto topic = [&shared](const std::string& name) {
    for (size_t i = 0; i < shared.topic_names.size(); ++i) {
      if (shared.topic_names[i] == name) return kafka::TopicId{static_cast<uint16_t>(i)};
    }
    return kafka::TopicId{};
  };
  check::MetricsConfig config;
  for (const Source& source : scenario.sources) config.input_topics.push_back(topic(source.topic));
  for (const App& app : scenario.apps) {
    for (const std::string& output : app.output) config.output_topics.push_back(topic(output));
  }
  config.transaction_topic = shared.transaction_state;
  config.auditors = processes_named(world, "auditor", scenario.auditors.size());
  for (const App& app : scenario.apps) {
    if (app.only_reads()) config.reader_groups.push_back(app.name);
  }
  config.window_begin = sim::Time{scenario.warmup.ns};
  config.window_end = sim::Time{scenario.duration.ns};
  return config;
}

}  // namespace

const char* name_of(Verdict verdict) {
  constexpr const char* kNames[] = {"pass", "fail", "cut"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string RunResult::digest_text() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t i = 0; i < 16; ++i) text[15 - i] = kDigits[digest >> (4 * i) & 15];
  return text;
}

Simulation::Simulation(const Scenario& scenario, RunOptions options)
    : scenario_(scenario),
      options_(std::move(options)),
      world_(build_world(scenario, {options_.seed, options_.overrides})),
      checks_(check_config(scenario, world_, options_.checkers)),
      metrics_(metrics_config(scenario, world_)),
      observers_{&checks_, &metrics_} {}

void Simulation::watch(sim::Observer* observer) { observers_.push_back(observer); }

bool Simulation::over_limits() {
  if (world_.steps() < next_look_) return false;
  constexpr uint64_t kStepsBetweenLooks = 4096;
  const uint64_t next = (world_.steps() / kStepsBetweenLooks + 1) * kStepsBetweenLooks;
  next_look_ = std::min(next, static_cast<uint64_t>(scenario_.limits.events));
  if (world_.steps() >= static_cast<uint64_t>(scenario_.limits.events)) {
    cut_reason_ = "limits.events: " + std::to_string(scenario_.limits.events) + " steps";
  } else if (world_.steps() % kStepsBetweenLooks == 0 &&
             world_.memory_bytes() > static_cast<uint64_t>(scenario_.limits.memory_bytes)) {
    cut_reason_ = "limits.memory: " + std::to_string(scenario_.limits.memory_bytes) + " bytes";
  }
  return !cut_reason_.empty();
}

bool Simulation::advance(sim::Time end) {
  const bool cut = options_.until && sim::Time{options_.until->ns} < end;
  const sim::Time stop = cut ? sim::Time{options_.until->ns} : end;
  for (sim::Time next = world_.next_time(); next < stop; next = world_.next_time()) {
    if (taken_.size() < scenario_.expect.moments.size()) take_moments(next);
    if (next_fork_ < options_.forks.size() && world_.steps() >= options_.forks[next_fork_].step) {
      world_.choices().fork(options_.forks[next_fork_++].seed);
    }
    world_.step();
    if (over_limits()) return false;
  }
  take_moments(stop);
  if (stop > world_.now()) world_.advance_to(stop);
  stopped_ |= cut;
  return !cut;
}

// Of all moments up to `next`, when something may change again.
void Simulation::take_moments(sim::Time next) {
  const std::vector<Moment>& moments = scenario_.expect.moments;
  for (; taken_.size() < moments.size() && sim::Time{moments[taken_.size()].at.ns} < next;) {
    taken_.push_back(metrics_.all(world_));
  }
}

// Until nothing is owed, asked at fixed times so that the end does not depend on who watches.
void Simulation::settle() {
  const sim::Time last = sim::Time{scenario_.duration.ns} + scenario_.settle;
  for (sim::Time next = world_.now() + kQuietCheck; world_.now() < last;
       next = next + kQuietCheck) {
    if (!advance(std::min(next, last))) return;
    if (!checks_.quiet(world_)) continue;
    quiet_ns_ = world_.now().ns;
    return;
  }
}

RunResult Simulation::run() {
  world_.set_observers(observers_);
  if (advance(sim::Time{scenario_.duration.ns})) {
    world_.heal();
    if (scenario_.settle.ns > 0) settle();
  }
  const bool whole = cut_reason_.empty() && !stopped_;
  const bool judged_at_rest = whole && scenario_.settle.ns > 0;
  RunResult made;
  if (judged_at_rest) {
    for (const check::Debt& debt : checks_.debts(world_)) {
      if (!quiet_ns_) made.waiting.push_back(debt.text());
    }
    checks_.at_quiescence(world_);
  }
  made.seed = options_.seed;
  made.digest = world_.digest();
  made.cut_reason = cut_reason_;
  made.violations = checks_.violations();
  std::stable_sort(made.violations.begin(), made.violations.end(),
                   [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  made.violations_not_kept = checks_.violations_not_kept();
  made.quiet_ns = quiet_ns_;
  made.simulated_ns = world_.now().ns;
  made.events = world_.steps();
  made.metrics = metrics_.all(world_);
  for (const check::Violation& violation : made.violations) {
    const std::string name = "violations." + violation.kind;
    const auto known = std::find_if(made.metrics.begin(), made.metrics.end(),
                                    [&name](const auto& metric) { return metric.name == name; });
    if (known == made.metrics.end()) {
      made.metrics.push_back({name, 1'000});
    } else {
      known->thousandths += 1'000;
    }
  }
  made.moments = std::move(taken_);
  made.faults = world_.fault_records();
  made.coverage = static_cast<const ClusterShared&>(world_.shared()).coverage;
  judge(scenario_.expect, whole && !options_.campaign, made);
  return made;
}

std::vector<std::pair<std::string, Value>> varied(const Scenario& scenario, uint64_t seed) {
  std::vector<std::pair<std::string, Value>> changes;
  if (!scenario.chaos) return changes;
  sim::Choices choices(seed, scenario.calm);
  for (const Vary& vary : scenario.chaos->vary) {
    const sim::StreamId stream = choices.stream("vary " + vary.pointer);
    if (!vary.values.empty()) {
      const uint64_t chosen = choices.below(stream, vary.values.size(), 0);
      changes.emplace_back(vary.pointer, vary.values[chosen]);
    } else {
      const auto span = static_cast<uint64_t>(vary.max - vary.min) + 1;
      const int64_t chosen = vary.min + static_cast<int64_t>(choices.below(stream, span, 0));
      changes.emplace_back(vary.pointer, Value::of_number(chosen));
    }
  }
  return changes;
}

}  // namespace eosim::scenario
