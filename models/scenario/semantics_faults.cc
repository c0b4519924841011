#include <algorithm>

#include "models/protocol/events.h"
#include "models/protocol/versions.h"
#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"
#include "models/scenario/semantics_report.h"
#include "models/scenario/units.h"

namespace eosim::scenario {
namespace {

class FaultCheck {
 public:
  explicit FaultCheck(SemanticsReport& out) : out_(out), scenario_(out.scenario) {}

  void run() {
    for (size_t i = 0; i < scenario_.faults.size() && !out_.full(); ++i) fault(i);
    if (scenario_.chaos) chaos(*scenario_.chaos);
  }

 private:
  Problem& report(std::string pointer, std::string message, std::string allowed = {}) {
    return out_.report(std::move(pointer), std::move(message), std::move(allowed));
  }

  void known_app(const std::string& name, const std::string& pointer) {
    std::vector<std::string> known;
    for (const App& app : scenario_.apps) known.push_back(app.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    out_.unknown("no app " + shown(name) + " is defined", name, known, pointer);
  }

  TargetKind known_target(const std::string& text, const std::string& pointer) {
    const TargetKind kind = out_.targets.kind_of(text);
    if (kind != TargetKind::kUnknown) return kind;
    report(pointer, shown(text) + " names nothing in this scenario",
           "<app>-<index>, <app>-<index>/<thread>, broker-<index>, controller, source-<index>, "
           "auditor-<index>, any:app, any:broker, leader:<topic>-<partition>, "
           "owner:<input>-<partition>, "
           "coordinator:txn:<id>, coordinator:group:<app>")
        .nearest = nearest(text, out_.targets.examples());
    return kind;
  }

  void targets_of(const std::vector<std::string>& list, const std::string& pointer) {
    for (size_t i = 0; i < list.size() && !out_.full(); ++i) {
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
    if (fault.kind == "rolling_bounce") {
      bounce(index, at);
    } else if (!fault.target.empty()) {
      fault_target(fault, at + "/target");
    }
    if (!fault.from.empty()) known_target(fault.from, at + "/from");
    if (!fault.to.empty()) known_target(fault.to, at + "/to");
    if (!fault.app.empty()) fault_app(fault, at);
    leadership(fault, at);
    targets_of(fault.between, at + "/between");
    targets_of(fault.others, at + "/and");
    both_sides(fault, at + "/and");
    fault_fields(fault, at);
  }

  void fault_app(const Fault& fault, const std::string& at) {
    known_app(fault.app, at + "/app");
    for (const App& app : scenario_.apps) {
      if (app.name != fault.app) continue;
      if (fault.kind == "rebalance" && !app.reads()) {
        report(at + "/app", shown(app.name) + " reads nothing and is no group",
               "an app that reads");
      }
      const bool is_static = app.config.is_set(kafka::SettingId::kGroupInstanceId);
      if (fault.kind == "add_instance" && !fault.target.empty() && !is_static) {
        report(at + "/target",
               "only an instance with a group.instance.id can be replaced by another",
               "no target, or group.instance.id in the config of " + shown(app.name));
      }
    }
  }

  void bounce(size_t index, const std::string& at) {
    const Fault& fault = scenario_.faults[index];
    if (fault.brokers == !fault.app.empty()) {
      report(at, "what is to restart?", "exactly one of: app, brokers (true)");
    }
    if (!fault.target.empty()) bounced_process(fault, at + "/target");
    const std::vector<std::string> parts =
        fault.brokers ? std::vector<std::string>{"kafka", "config"}
                      : std::vector<std::string>{"kafka", "guarantee", "offset_metadata", "threads",
                                                 "config"};
    for (const auto& [pointer, value] : fault.set) {
      const auto steps = split_pointer(pointer).value_or(std::vector<std::string>());
      const std::string first = steps.empty() ? std::string() : steps[0];
      if (std::find(parts.begin(), parts.end(), first) != parts.end()) continue;
      report(at + "/set/" + pointer_step(pointer), "a restart cannot change " + shown(first),
             fault.brokers
                 ? "/kafka, /config/<setting> of the brokers"
                 : "/kafka, /guarantee, /offset_metadata, /threads, /config/<setting> of the app")
          .nearest = nearest(first, parts);
    }
    for (size_t i = 0; i < index && !fault.on; ++i) {
      const Fault& before = scenario_.faults[i];
      const bool same = before.kind == fault.kind && before.app == fault.app && !before.on;
      if (!same || before.at <= fault.at) continue;
      report(at + "/at", "is before the bounce of the same processes that stands before it",
             "bounces in order of time: each is over those before it");
      return;
    }
  }

  void bounced_process(const Fault& fault, const std::string& at) {
    const bool is_process = known_target(fault.target, at) == TargetKind::kProcess &&
                            fault.target.find(':') == std::string::npos;
    const bool fits = fault.brokers ? Targets::is_broker(fault.target, scenario_.brokers.count)
                                    : fault.target.starts_with(fault.app + '-');
    if (out_.targets.kind_of(fault.target) == TargetKind::kUnknown || (is_process && fits)) return;
    report(at, shown(fault.target) + " is none of the processes that restart",
           fault.brokers ? "broker-<index>" : fault.app + "-<index>");
  }

  // move_leader, move_coordinator, unclean_election: which partition, and who is to lead it.
  void leadership(const Fault& fault, const std::string& at) {
    if (fault.kind == "abort_transaction") return hanging(fault, at);
    const bool moves_coordinator = fault.kind == "move_coordinator";
    if (fault.kind != "move_leader" && fault.kind != "unclean_election" && !moves_coordinator) {
      return;
    }
    if (fault.partition.empty() == fault.target.empty()) {
      report(at, "which partition?", "exactly one of: partition, target");
    }
    const std::string& name = fault.partition;
    const bool is_internal = name.starts_with("__");
    if (!name.empty() &&
        (!out_.targets.is_partition(name) || (moves_coordinator && !is_internal))) {
      report(at + "/partition", shown(name) + " is no such partition",
             moves_coordinator ? "__consumer_offsets-<partition>, __transaction_state-<partition>"
                               : "<topic>-<partition>");
    }
    const bool is_coordinator = fault.target.starts_with("coordinator:");
    const bool fits = is_coordinator || (!moves_coordinator && fault.target.starts_with("leader:"));
    if (!fault.target.empty() && !fits) {
      report(at + "/target", shown(fault.target) + " stands for no partition",
             moves_coordinator ? "coordinator:group:<app>, coordinator:txn:<id>"
                               : "leader:<topic>-<partition>, coordinator:...");
    }
    if (!fault.to.empty() && !Targets::is_broker(fault.to, scenario_.brokers.count)) {
      report(at + "/to", shown(fault.to) + " is no broker", "broker-<index>");
    }
  }

  // abort_transaction asks brokers what older ones cannot tell.
  void hanging(const Fault& fault, const std::string& at) {
    if (!out_.targets.is_partition(fault.partition)) {
      report(at + "/partition", shown(fault.partition) + " is no such partition",
             "<topic>-<partition>");
    }
    for (int i = 0; i < scenario_.brokers.count; ++i) {
      const std::string& version = scenario_.brokers.kafka_of(i);
      const kafka::ApiVersionTable table = kafka::api_versions(*kafka::find_preset(version));
      if (table[static_cast<size_t>(kafka::Rpc::kListTransactions)].max >= 0) continue;
      report(at + "/kind", "brokers of " + version + " cannot be asked for their transactions",
             "abort_transaction with brokers of 3.5 or later (KIP-664)");
      return;
    }
  }

  void fault_target(const Fault& fault, const std::string& at) {
    const TargetKind kind = known_target(fault.target, at);
    if (kind == TargetKind::kUnknown) return;
    if (fault.kind == "slow_metadata" && !out_.targets.is_of_broker(fault.target)) {
      report(at, shown(fault.target) + " applies no metadata", "a broker or a selector of one");
    }
    const bool is_broker = out_.targets.is_of_broker(fault.target);
    if (fault.kind == "disk_loss" && !is_broker) {
      report(at, shown(fault.target) + " keeps nothing on a disk", "a broker or a selector of one");
    }
    if (fault.kind == "restart" && !is_broker && !out_.targets.is_of_app(fault.target)) {
      report(at, shown(fault.target) + " cannot be stopped in order",
             "a broker, an instance of an app or a selector of one");
    }
    const bool is_selector = fault.target.find(':') != std::string::npos;
    if (fault.kind == "stall" && !out_.targets.is_of_app(fault.target)) {
      report(at, shown(fault.target) + " has no polling thread",
             "an instance or a thread of an app");
    }
    if (fault.kind != "stall" && kind == TargetKind::kThread && !is_selector) {
      report(at, shown(fault.target) + " is a thread; only a stall takes one",
             "a process or a selector");
    }
    const bool is_own = fault.target.starts_with(fault.app + '-') || is_selector;
    const bool names_instance = fault.kind == "remove_instance" || fault.kind == "add_instance";
    if (names_instance && !is_own) {
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
    if (fault.kind.starts_with("slow_") && out_.find(at + "/by") != nullptr && fault.by.ns <= 0) {
      report(at + "/by", "that is not slow", "more than 0s");
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
      if (!is_event || out_.find(at + '/' + key) == nullptr) continue;
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
      if (out_.find(pointer) == nullptr) continue;
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
      out_.unknown("the event " + trigger.event + " has no field " + shown(field), field, known,
                   at + '/' + pointer_step(field));
    }
  }

  void chaos(const Chaos& chaos) {
    targets_of(chaos.targets, "/chaos/targets");
    const bool all_zero = std::all_of(chaos.kinds.begin(), chaos.kinds.end(),
                                      [](const auto& kind) { return kind.second == 0; });
    for (const auto& [kind, weight] : chaos.kinds) {
      const bool is_step_of_upgrade = kind == "rolling_bounce" || kind == "upgrade_features";
      if (!is_step_of_upgrade || weight == 0) continue;
      report("/chaos/kinds/" + kind, "chaos draws no upgrade",
             "restart; or " + kind + " in `faults`, beside the chaos");
    }
    if (all_zero) report("/chaos/kinds", "every weight is 0", "at least one weight above 0");
    for (const Vary& vary : chaos.vary) {
      for (const char* fixed : {"/chaos", "/variants", "/scenario_version", "/name", "/seed"}) {
        if (!vary.pointer.starts_with(fixed)) continue;
        report("/chaos/vary/" + pointer_step(vary.pointer), "a seed cannot choose this",
               "any other part of the scenario");
      }
    }
  }

  SemanticsReport& out_;
  const Scenario& scenario_;
};

}  // namespace

void check_faults(SemanticsReport& report) { FaultCheck(report).run(); }

}  // namespace eosim::scenario
