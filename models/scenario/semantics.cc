#include "models/scenario/semantics.h"

#include <algorithm>
#include <set>

#include "models/app/mistakes.h"
#include "models/protocol/switches.h"
#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"
#include "models/scenario/semantics_report.h"
#include "models/scenario/streams_topics.h"
#include "models/scenario/units.h"
#include "models/scenario/words.h"

namespace eosim::scenario {
namespace {

using enum kafka::SettingId;

// What one machine holds. Each number has a range of its own; these are of the whole.
constexpr int64_t kReplicasMax = 200'000;
constexpr int64_t kThreadsMax = 10'000;

class SemanticsCheck {
 public:
  SemanticsCheck(SemanticsReport& out, RunPhase phase)
      : out_(out), document_(out.document), scenario_(out.scenario), phase_(phase) {}

  void run() {
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
    out_.no_twins(scenario_.auditors, "/auditors");
    network();
    check_faults(out_);
    expect(scenario_.expect, "/expect");
    variant_names();
  }

 private:
  Problem& report(std::string pointer, std::string message, std::string allowed = {}) {
    return out_.report(std::move(pointer), std::move(message), std::move(allowed));
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
    for (const Member& member : own_brokers()) {
      if (Targets::is_broker(member.name, scenario_.brokers.count)) continue;
      report("/brokers/own/" + pointer_step(member.name),
             shown(member.name) + " names no broker of this scenario",
             "broker-0 to broker-" + std::to_string(scenario_.brokers.count - 1));
    }
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

  std::vector<Member> own_brokers() const {
    const Value* own = find_at(document_.root, "/brokers/own");
    return own == nullptr ? std::vector<Member>{} : own->members;
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
    out_.unknown("no topic " + shown(name) + " is defined", name, known, pointer);
  }

  void app(size_t index) {
    const App& app = scenario_.apps[index];
    const std::string at = at_index("apps", static_cast<size_t>(app.listed));
    if (!app_names_.insert(app.name).second) {
      report(at + "/name", "a second app " + shown(app.name), "each name once");
    }
    for (const char* taken : {"broker", "source", "controller", "auditor"}) {
      if (app.name != taken) continue;
      report(at + "/name", shown(app.name) + " is the name of other processes",
             "any name but broker, source, controller, auditor");
    }
    if (app.copy > 0) return;  // the same for every copy
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
    if (app.only_reads() && app.transform.fan_out != 1) {
      report(at + "/transform/fan_out", "a consumer-group writes nothing", "1");
    }
    if (app.reads()) guarantee(app, at);
    if (app.streams()) streams(app, at);
    if (app.kind == "transactional-producer") transaction(app, at + "/transaction");
    mistakes(app, at + "/mistakes");
    app_config(app, at + "/config");
  }

  static kafka::AppRole role_of(const App& app) {
    if (app.kind == "transactional-producer") return kafka::AppRole::kTransactionalProducer;
    switch (app.guarantee) {
      case Guarantee::kAtLeastOnce:
        return kafka::AppRole::kAtLeastOnce;
      case Guarantee::kExactlyOnce:
        return kafka::AppRole::kTransactionPerPartition;
      case Guarantee::kExactlyOnceV2:
      case Guarantee::kExactlyOnceUnfenced:
        return kafka::AppRole::kTransactionPerThread;
      case Guarantee::kNone:
        break;
    }
    return kafka::AppRole::kOther;
  }

  void mistakes(const App& app, const std::string& at) {
    out_.no_twins(app.mistakes, at);
    const kafka::AppRole role = role_of(app);
    std::vector<std::string> possible;
    for (const kafka::MistakeInfo& info : kafka::mistake_infos()) {
      if (info.is_of(role)) possible.emplace_back(info.name);
    }
    for (size_t i = 0; i < app.mistakes.size(); ++i) {
      const std::string& name = app.mistakes[i];
      if (std::find(possible.begin(), possible.end(), name) != possible.end()) continue;
      report(at + '/' + std::to_string(i),
             shown(name) + " is no mistake that an app with " + app.promise() + " can make",
             joined(possible));
    }
  }

  void transaction(const App& app, const std::string& at) {
    int64_t partitions = 0;
    for (const Topic& topic : scenario_.topics) {
      const auto& out = app.output;
      if (std::find(out.begin(), out.end(), topic.name) != out.end())
        partitions += topic.partitions;
    }
    if (app.transaction.partitions <= partitions || partitions == 0) return;
    report(at + "/partitions", "the output has no more than " + std::to_string(partitions),
           "1 to " + std::to_string(partitions));
  }

  void topics_of(const std::vector<std::string>& list, const std::string& pointer) {
    for (size_t i = 0; i < list.size(); ++i) {
      known_topic(list[i], pointer + '/' + std::to_string(i));
    }
    out_.no_twins(list, pointer);
  }

  // groups-streams-replication.md 2.3: without KIP-447 on both sides no request could carry the
  // metadata. Who overrides switches is taken to know.
  void guarantee(const App& app, const std::string& at) {
    const bool names_metadata = out_.find(at + "/offset_metadata") != nullptr;
    if (names_metadata && app.guarantee == Guarantee::kAtLeastOnce) {
      report(at + "/offset_metadata", "at_least_once commits no offsets in transactions",
             "no offset_metadata, or another guarantee");
    }
    bool is_old = app.kafka == "2.4";
    for (int i = 0; phase_ == RunPhase::kAtStart && i < scenario_.brokers.count; ++i) {
      is_old = is_old || scenario_.brokers.kafka_of(i) == "2.4";
    }
    if (!app.full_metadata || !is_old || !scenario_.protocol.empty()) return;
    if (names_metadata) {
      report(at + "/offset_metadata", "full needs KIP-447, which kafka 2.4 does not have",
             "group_id, or kafka 2.5");
      return;
    }
    report(at + "/guarantee", "exactly_once_v2 needs KIP-447, which kafka 2.4 does not have",
           "at_least_once, exactly_once, exactly_once_unfenced, or kafka 2.5");
  }

  // groups-streams-replication.md 5.3.
  void streams(const App& app, const std::string& at) {
    const kafka::Release release = kafka::find_preset(app.kafka)->release;
    const bool is_v1 = app.guarantee == Guarantee::kExactlyOnce;
    const bool is_v2 = app.guarantee == Guarantee::kExactlyOnceV2;
    if (app.guarantee == Guarantee::kExactlyOnceUnfenced) {
      report(at + "/guarantee", "Streams has no exactly_once_unfenced",
             "at_least_once, exactly_once, exactly_once_v2");
    } else if (is_v1 && release >= kafka::Release::k40) {
      report(at + "/guarantee", "Streams has no exactly_once since 4.0",
             "at_least_once, exactly_once_v2");
    } else if (is_v2 && release < kafka::Release::k26 && scenario_.protocol.empty()) {
      report(at + "/guarantee", "Streams has exactly_once_v2 since 2.6",
             "at_least_once, exactly_once, or kafka 2.6 for this app");
    }
    for (const std::string& name : {repartition_topic(app), changelog_topic(app)}) {
      for (size_t i = 0; i < scenario_.topics.size(); ++i) {
        const Topic& topic = scenario_.topics[i];
        const int wanted = internal_partitions(scenario_, app);
        if (topic.name != name || topic.partitions == wanted) continue;
        report(at_index("topics", i) + "/partitions",
               "app " + shown(app.name) + " needs as many as the widest of its inputs has",
               std::to_string(wanted));
      }
    }
  }

  void app_config(const App& app, const std::string& at) {
    const kafka::Settings& config = app.config;
    const kafka::Settings& brokers = scenario_.brokers.config;
    const auto text = [](int64_t value) { return std::to_string(value); };
    const auto pointer = [&](kafka::SettingId id) { return at + '/' + kafka::setting(id).name; };
    const int64_t session = config.get(kSessionTimeoutMs);
    const int64_t low = brokers.get(kGroupMinSessionTimeoutMs);
    const int64_t high = brokers.get(kGroupMaxSessionTimeoutMs);
    if (app.reads() && (session < low || session > high)) {
      report(pointer(kSessionTimeoutMs), "no broker accepts the session timeout " + text(session),
             text(low) + " to " + text(high) + " (group.min.session.timeout.ms, group.max...)");
    }
    if (app.reads() && config.get(kHeartbeatIntervalMs) >= session) {
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
    if (config.get(kBufferMemory) < config.get(kBatchSize)) {
      report(pointer(kBufferMemory), "not even one batch of batch.size would fit",
             "at least " + text(config.get(kBatchSize)));
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

  void expect(const Expect& expect, const std::string& at) {
    out_.no_twins(expect.violations, at + "/violations");
    for (const auto& [name, reason] : expect.allow) {
      if (reason.find_first_not_of(' ') != std::string::npos) continue;
      report(at + "/allow/" + pointer_step(name), "the reason is missing",
             "why it may show: a defect or a section");
    }
    for (const auto& [name, cause] : expect.only_with) {
      const std::string entry = at + "/only_with/" + pointer_step(name);
      if (!expect.allow.contains(name)) {
        report(entry, shown(name) + " is not allowed", "a name that allow has, too");
      }
      if (is_violation_or_signature(cause)) continue;
      const auto known = names(Words::kViolations);
      report(entry, "unknown name " + shown(cause), joined(known)).nearest = nearest(cause, known);
    }
    bounds(at);
    const Value* moments = find_at(document_.root, at + "/moments");
    for (size_t i = 0; moments != nullptr && i < moments->items.size(); ++i) {
      const std::string moment = at + "/moments/" + std::to_string(i);
      bounds(moment);
      if (parse_duration(moments->items[i].find("at")->text).value_or(0) <= scenario_.duration.ns) {
        continue;
      }
      report(moment + "/at", "is after the end of duration",
             "0s to " + duration_text(scenario_.duration.ns));
    }
  }

  void bounds(const std::string& at) {
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

  SemanticsReport& out_;
  const Document& document_;
  const Scenario& scenario_;
  const RunPhase phase_;
  std::set<std::string> topic_names_;
  std::set<std::string> app_names_;
};

}  // namespace

std::vector<Problem> check_semantics(const Document& document, const Scenario& scenario,
                                     RunPhase phase) {
  SemanticsReport report(document, scenario);
  SemanticsCheck(report, phase).run();
  return std::move(report.problems);
}

}  // namespace eosim::scenario
