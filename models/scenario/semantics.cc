#include "models/scenario/semantics.h"

#include <algorithm>
#include <set>

#include "models/protocol/events.h"
#include "models/protocol/switches.h"
#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"
#include "models/scenario/targets.h"
#include "models/scenario/units.h"

namespace eosim::scenario {
namespace {

using enum kafka::SettingId;

// What one machine holds. Each number has a range of its own; these are of the whole.
constexpr int64_t kReplicasMax = 200'000;
constexpr int64_t kThreadsMax = 10'000;
// A file that is wrong everywhere needs no more than this; looking for near words takes time.
constexpr size_t kProblemsMax = 100;

std::string at_index(const char* list, size_t index) {
  return std::string("/") + list + '/' + std::to_string(index);
}

class SemanticsCheck {
 public:
  SemanticsCheck(const Document& document, const Scenario& scenario)
      : document_(document), scenario_(scenario), targets_(scenario) {}

  std::vector<Problem> run() {
    times();
    protocol();
    brokers();
    for (size_t i = 0; i < scenario_.topics.size(); ++i) topic(i);
    total_replicas();
    for (size_t i = 0; i < scenario_.sources.size(); ++i) {
      known_topic(scenario_.sources[i].topic, at_index("sources", i) + "/topic");
    }
    for (size_t i = 0; i < scenario_.apps.size(); ++i) app(i);
    total_threads();
    no_twins(scenario_.auditors, "/auditors");
    network();
    for (size_t i = 0; i < scenario_.faults.size() && problems_.size() < kProblemsMax; ++i) {
      fault(i);
    }
    if (scenario_.chaos) chaos(*scenario_.chaos);
    expect(scenario_.expect, "/expect");
    variant_names();
    return std::move(problems_);
  }

 private:
  // At the value that the pointer names, else at the nearest that holds it.
  Problem& report(std::string pointer, std::string message, std::string allowed = {}) {
    std::string there = pointer;
    const Value* value = find_at(document_.root, there);
    while (value == nullptr) {
      there.resize(there.rfind('/'));
      value = find_at(document_.root, there);
    }
    problems_.push_back(document_.problem_at(value->place, std::move(pointer), std::move(message)));
    problems_.back().allowed = std::move(allowed);
    return problems_.back();
  }

  void times() {
    if (scenario_.warmup >= scenario_.duration) {
      report("/warmup", "the warmup is not over before the end of duration",
             "less than " + duration_text(scenario_.duration.ns));
    }
  }

  void protocol() {
    for (const auto& [name, word] : scenario_.protocol) {
      std::vector<std::string> values = {"off", "on"};
      if (const auto one = kafka::find_switch(name)) {
        const auto& known = kafka::switch_info(*one).values;
        values.assign(known.begin(), known.end());
      }
      if (std::find(values.begin(), values.end(), word) != values.end()) continue;
      report("/protocol/" + pointer_step(name), shown(word) + " is no value of " + name,
             joined(values))
          .nearest = nearest(word, values);
    }
  }

  void brokers() {
    const kafka::Settings& config = scenario_.brokers.config;
    const std::string at = "/brokers/config/";
    const int64_t count = scenario_.brokers.count;
    for (const auto id : {kTransactionStateLogReplicationFactor, kOffsetsTopicReplicationFactor}) {
      if (!config.is_set(id) || config.get(id) <= count) continue;
      report(at + kafka::setting(id).name, "more replicas than brokers",
             "1 to " + std::to_string(count));
    }
    const int64_t replicas = std::min(count, config.get(kTransactionStateLogReplicationFactor));
    if (config.is_set(kTransactionStateLogMinIsr) &&
        config.get(kTransactionStateLogMinIsr) > replicas) {
      report(at + kafka::setting(kTransactionStateLogMinIsr).name,
             "more in-sync replicas than __transaction_state has replicas",
             "1 to " + std::to_string(replicas));
    }
    if (config.get(kGroupMinSessionTimeoutMs) > config.get(kGroupMaxSessionTimeoutMs)) {
      report(at + kafka::setting(kGroupMinSessionTimeoutMs).name,
             "is above group.max.session.timeout.ms",
             "at most " + std::to_string(config.get(kGroupMaxSessionTimeoutMs)));
    }
  }

  void topic(size_t index) {
    const Topic& topic = scenario_.topics[index];
    const std::string at = at_index("topics", index);
    if (!topic_names_.insert(topic.name).second) {
      report(at + "/name", "a second topic " + shown(topic.name), "each name once");
    }
    if (topic.name.starts_with("__")) {
      report(at + "/name", shown(topic.name) + " is named like an internal topic",
             "names that do not begin with __");
    }
    if (topic.replication_factor > scenario_.brokers.count) {
      report(at + "/replication_factor",
             "more replicas than brokers (" + std::to_string(scenario_.brokers.count) + ")",
             "1 to " + std::to_string(scenario_.brokers.count));
      return;
    }
    if (topic.min_insync_replicas > topic.replication_factor) {
      const bool own = topic.config.is_set(kMinInsyncReplicas);
      report(own ? at + "/config/min.insync.replicas" : "/brokers/config/min.insync.replicas",
             "min.insync.replicas " + std::to_string(topic.min_insync_replicas) +
                 " is above the replication_factor " + std::to_string(topic.replication_factor) +
                 " of topic " + shown(topic.name) + ": nothing could be written with acks=all",
             "1 to " + std::to_string(topic.replication_factor));
    }
  }

  void total_replicas() {
    int64_t total = 0;
    for (const Topic& topic : scenario_.topics) {
      total += int64_t{topic.partitions} * topic.replication_factor;
    }
    if (total <= kReplicasMax) return;
    report("/topics", "the topics have " + std::to_string(total) + " replicas together",
           "at most " + std::to_string(kReplicasMax));
  }

  void known_topic(const std::string& name, const std::string& pointer) {
    std::vector<std::string> known;
    for (const Topic& topic : scenario_.topics) known.push_back(topic.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    unknown("no topic " + shown(name) + " is defined", name, known, pointer);
  }

  void known_app(const std::string& name, const std::string& pointer) {
    std::vector<std::string> known;
    for (const App& app : scenario_.apps) known.push_back(app.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    unknown("no app " + shown(name) + " is defined", name, known, pointer);
  }

  void unknown(std::string message, const std::string& name, const std::vector<std::string>& known,
               const std::string& pointer) {
    report(pointer, std::move(message), known.empty() ? "none is defined" : joined(known)).nearest =
        nearest(name, known);
  }

  void no_twins(const std::vector<std::string>& list, const std::string& pointer) {
    std::set<std::string> seen;
    for (size_t i = 0; i < list.size(); ++i) {
      if (seen.insert(list[i]).second) continue;
      report(pointer + '/' + std::to_string(i), shown(list[i]) + " stands here twice", "each once");
    }
  }

  void app(size_t index) {
    const App& app = scenario_.apps[index];
    const std::string at = at_index("apps", index);
    if (!app_names_.insert(app.name).second) {
      report(at + "/name", "a second app " + shown(app.name), "each name once");
    }
    for (const char* taken : {"broker", "source", "controller", "auditor"}) {
      if (app.name != taken) continue;
      report(at + "/name", shown(app.name) + " is the name of other processes",
             "any name but broker, source, controller, auditor");
    }
    topics_of(app.input, at + "/input");
    topics_of(app.output, at + "/output");
    for (size_t i = 0; i < app.output.size(); ++i) {
      if (std::find(app.input.begin(), app.input.end(), app.output[i]) == app.input.end()) continue;
      report(at + "/output/" + std::to_string(i),
             shown(app.output[i]) + " is also an input: the loop would never end",
             "topics that are no input of this app");
    }
    if (app.start >= scenario_.duration) {
      report(at + "/start", "would start after the end of duration",
             "less than " + duration_text(scenario_.duration.ns));
    }
    guarantee(app, at);
    app_config(app.config, at + "/config");
  }

  void topics_of(const std::vector<std::string>& list, const std::string& pointer) {
    for (size_t i = 0; i < list.size(); ++i) {
      known_topic(list[i], pointer + '/' + std::to_string(i));
    }
    no_twins(list, pointer);
  }

  // groups-streams-replication.md 2.3: without KIP-447 on both sides no request could carry the
  // metadata. Who overrides switches is taken to know.
  void guarantee(const App& app, const std::string& at) {
    const bool is_old = scenario_.kafka == "2.4" || app.kafka == "2.4";
    const bool is_v2 = app.guarantee == Guarantee::kExactlyOnceV2;
    if (!is_v2 || !is_old || !scenario_.protocol.empty()) return;
    report(at + "/guarantee", "exactly_once_v2 needs KIP-447, which kafka 2.4 does not have",
           "at_least_once, exactly_once, exactly_once_unfenced, or kafka 2.5");
  }

  void app_config(const kafka::Settings& config, const std::string& at) {
    const kafka::Settings& brokers = scenario_.brokers.config;
    const auto text = [](int64_t value) { return std::to_string(value); };
    const auto pointer = [&](kafka::SettingId id) { return at + '/' + kafka::setting(id).name; };
    const int64_t session = config.get(kSessionTimeoutMs);
    const int64_t low = brokers.get(kGroupMinSessionTimeoutMs);
    const int64_t high = brokers.get(kGroupMaxSessionTimeoutMs);
    if (session < low || session > high) {
      report(pointer(kSessionTimeoutMs), "no broker accepts the session timeout " + text(session),
             text(low) + " to " + text(high) + " (group.min.session.timeout.ms, group.max...)");
    }
    if (config.get(kHeartbeatIntervalMs) >= session) {
      report(pointer(kHeartbeatIntervalMs), "is not below session.timeout.ms " + text(session),
             "less than " + text(session));
    }
    if (config.get(kTransactionTimeoutMs) > brokers.get(kTransactionMaxTimeoutMs)) {
      report(pointer(kTransactionTimeoutMs), "is above the brokers' transaction.max.timeout.ms",
             "at most " + text(brokers.get(kTransactionMaxTimeoutMs)));
    }
    const int64_t delivery = config.get(kLingerMs) + config.get(kRequestTimeoutMs);
    if (config.get(kDeliveryTimeoutMs) < delivery) {
      report(pointer(kDeliveryTimeoutMs), "is below linger.ms + request.timeout.ms",
             "at least " + text(delivery));
    }
    if (config.get(kAcks) > 1) {  // 0: all, 1: -1
      report(pointer(kAcks), "the producers here are idempotent, and so need acks=all", "all, -1");
    }
  }

  void total_threads() {
    int64_t total = 0;
    for (const App& app : scenario_.apps) total += int64_t{app.instances} * app.threads;
    if (total <= kThreadsMax) return;
    report("/apps", "the apps have " + std::to_string(total) + " threads together",
           "at most " + std::to_string(kThreadsMax));
  }

  void network() {
    const Network& network = scenario_.network;
    if (network.latency_p99 >= network.latency_median) return;
    report("/network/latency/p99", "is below the median",
           "at least " + duration_text(network.latency_median.ns));
  }

  TargetKind known_target(const std::string& text, const std::string& pointer) {
    const TargetKind kind = targets_.kind_of(text);
    if (kind != TargetKind::kUnknown) return kind;
    report(pointer, shown(text) + " names nothing in this scenario",
           "<app>-<index>, <app>-<index>/<thread>, broker-<index>, source-<index>, "
           "auditor-<index>, any:app, "
           "any:broker, leader:<topic>-<partition>, owner:<input>-<partition>, "
           "coordinator:txn:<id>, coordinator:group:<app>")
        .nearest = nearest(text, targets_.examples());
    return kind;
  }

  void targets_of(const std::vector<std::string>& list, const std::string& pointer) {
    for (size_t i = 0; i < list.size() && problems_.size() < kProblemsMax; ++i) {
      const std::string at = pointer + '/' + std::to_string(i);
      if (known_target(list[i], at) == TargetKind::kThread && !list[i].starts_with("owner:")) {
        report(at, shown(list[i]) + " is a thread, no process", "a process or a selector");
      }
    }
  }

  void fault(size_t index) {
    const Fault& fault = scenario_.faults[index];
    const std::string at = at_index("faults", index);
    if (fault.on) {
      trigger(*fault.on, fault, at + "/on");
    } else if (fault.at > scenario_.duration) {
      report(at + "/at", "would strike after the end of duration",
             "0s to " + duration_text(scenario_.duration.ns));
    } else if (fault.repeat) {
      report(at + "/repeat", "only a fault with a trigger can repeat", "repeat together with on");
    }
    if (!fault.target.empty()) fault_target(fault, at + "/target");
    if (!fault.from.empty()) known_target(fault.from, at + "/from");
    if (!fault.to.empty()) known_target(fault.to, at + "/to");
    if (!fault.app.empty()) known_app(fault.app, at + "/app");
    targets_of(fault.between, at + "/between");
    targets_of(fault.others, at + "/and");
    both_sides(fault, at + "/and");
    fault_fields(fault, at);
  }

  void fault_target(const Fault& fault, const std::string& at) {
    const TargetKind kind = known_target(fault.target, at);
    if (kind == TargetKind::kUnknown) return;
    const bool is_selector = fault.target.find(':') != std::string::npos;
    if (fault.kind == "stall" && !targets_.is_of_app(fault.target)) {
      report(at, shown(fault.target) + " has no polling thread",
             "an instance or a thread of an app");
    }
    if (fault.kind != "stall" && kind == TargetKind::kThread && !is_selector) {
      report(at, shown(fault.target) + " is a thread; only a stall takes one",
             "a process or a selector");
    }
    const bool is_own = fault.target.starts_with(fault.app + '-') || is_selector;
    if (fault.kind == "remove_instance" && !is_own) {
      report(at, shown(fault.target) + " is no instance of " + shown(fault.app),
             "an instance of that app");
    }
  }

  void both_sides(const Fault& fault, const std::string& at) {
    for (size_t i = 0; i < fault.others.size(); ++i) {
      const auto& one = fault.between;
      if (std::find(one.begin(), one.end(), fault.others[i]) == one.end()) continue;
      report(at + '/' + std::to_string(i), shown(fault.others[i]) + " is on both sides",
             "hosts that `between` does not name");
    }
  }

  void fault_fields(const Fault& fault, const std::string& at) {
    const bool strikes_message = fault.on && !fault.on->rpc.empty();
    if (fault.kind == "reset_connection" && !strikes_message && fault.from.empty() &&
        fault.to.empty()) {
      report(at, "which connections?", "from, to or both; or on with rpc: that of the message");
    }
    if (fault.kind == "slow_link" && fault.target.empty() && fault.from.empty() &&
        fault.to.empty()) {
      report(at, "which links?", "target, from or to");
    }
    if (fault.kind == "delay" && fault.by.ns <= 0) {
      report(at + "/by", "a message cannot come before its time", "more than 0s");
    }
    if (fault.kind == "clock_jump" && fault.by.ns == 0) {
      report(at + "/by", "a jump by nothing", "anything but 0s");
    }
  }

  void trigger(const Trigger& trigger, const Fault& fault, const std::string& at) {
    if (!trigger.from.empty()) known_target(trigger.from, at + "/from");
    if (!trigger.to.empty()) known_target(trigger.to, at + "/to");
    const bool is_event = !trigger.event.empty();
    for (const char* key : {"from", "to", "phase"}) {
      if (!is_event || find_at(document_.root, at + '/' + key) == nullptr) continue;
      report(at + '/' + key, std::string("an event has no ") + key, "where, nth, after");
    }
    if (is_event) event_fields(trigger, at + "/where");
    if (!is_event && !trigger.where.empty()) {
      report(at + "/where", "only an event has fields", "from, to, phase, nth, after");
    }
    if (trigger.after >= scenario_.duration) {
      report(at + "/after", "is not before the end of duration",
             "less than " + duration_text(scenario_.duration.ns));
    }
    if (is_event) return;
    if (fault.kind == "drop_response" && trigger.phase == "responded") {
      report(at + "/phase", "the response has already reached the client",
             "sent, delivered, handled");
    }
    if (fault.kind == "delay" && (trigger.phase == "delivered" || trigger.phase == "responded")) {
      report(at + "/phase", "the message has arrived and cannot be late any more",
             "sent (the request), handled (the response)");
    }
    applies_to_that_message(fault, at.substr(0, at.rfind('/')));
  }

  // A message that triggers a fault of messages is the one that it strikes (contract, 2.4).
  void applies_to_that_message(const Fault& fault, const std::string& at) {
    const bool strikes_it =
        fault.kind == "delay" || fault.kind == "drop_response" || fault.kind == "reset_connection";
    if (!strikes_it) return;
    for (const char* key : {"rpc", "from", "to", "what", "for"}) {
      const std::string pointer = at + '/' + key;
      if (find_at(document_.root, pointer) == nullptr) continue;
      report(pointer, "it strikes the very message that `on` names, and no other",
             "from, to, phase, nth in `on`; or `at` without `on`");
    }
  }

  void event_fields(const Trigger& trigger, const std::string& at) {
    std::vector<std::string> known;
    for (const sim::EventKind& kind : kafka::event_kinds()) {
      if (kind.name != trigger.event) continue;
      for (size_t i = 0; i < kind.field_count; ++i) known.emplace_back(kind.fields[i].name);
    }
    for (const auto& [field, value] : trigger.where) {
      if (std::find(known.begin(), known.end(), field) != known.end()) continue;
      unknown("the event " + trigger.event + " has no field " + shown(field), field, known,
              at + '/' + pointer_step(field));
    }
  }

  void chaos(const Chaos& chaos) {
    targets_of(chaos.targets, "/chaos/targets");
    const bool all_zero = std::all_of(chaos.kinds.begin(), chaos.kinds.end(),
                                      [](const auto& kind) { return kind.second == 0; });
    if (all_zero) report("/chaos/kinds", "every weight is 0", "at least one weight above 0");
    for (const Vary& vary : chaos.vary) {
      for (const char* fixed : {"/chaos", "/variants", "/scenario_version", "/name", "/seed"}) {
        if (!vary.pointer.starts_with(fixed)) continue;
        report("/chaos/vary/" + pointer_step(vary.pointer), "a seed cannot choose this",
               "any other part of the scenario");
      }
    }
  }

  void expect(const Expect& expect, const std::string& at) {
    no_twins(expect.violations, at + "/violations");
    for (const auto& [name, reason] : expect.allow) {
      if (reason.find_first_not_of(' ') != std::string::npos) continue;
      report(at + "/allow/" + pointer_step(name), "the reason is missing",
             "why it may show: a defect or a section");
    }
    const Value* metrics = find_at(document_.root, at + "/metrics");
    if (metrics == nullptr) return;
    for (const Member& metric : metrics->members) {
      if (metric.value.members.empty()) {
        report(at + "/metrics/" + pointer_step(metric.name), "compares with nothing",
               "eq, ne, lt, le, gt, ge");
      }
    }
  }

  void variant_names() {
    const Value* variants = document_.root.find("variants");
    if (variants == nullptr) return;
    std::vector<std::string> names;
    for (const Value& variant : variants->items) names.push_back(variant.find("name")->text);
    std::set<std::string> seen;
    for (size_t i = 0; i < names.size(); ++i) {
      if (seen.insert(names[i]).second) continue;
      report(at_index("variants", i) + "/name", "a second variant " + shown(names[i]),
             "each name once");
    }
  }

  const Document& document_;
  const Scenario& scenario_;
  Targets targets_;
  std::set<std::string> topic_names_;
  std::set<std::string> app_names_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check_semantics(const Document& document, const Scenario& scenario) {
  return SemanticsCheck(document, scenario).run();
}

}  // namespace eosim::scenario
