#include "models/scenario/bind.h"

#include <algorithm>

#include "models/app/streams/streams_configs.h"
#include "models/scenario/schema.h"
#include "models/scenario/streams_topics.h"
#include "models/scenario/structure.h"
#include "models/scenario/units.h"
#include "models/scenario/words.h"
#include "sim/assert.h"

namespace eosim::scenario {
namespace {

// An object and its shape: values by name, with the table's defaults.
class Fields {
 public:
  Fields(ShapeId id, const Value* object) : shape_(shape(id)), object_(object) {}

  const Value* find(std::string_view name) const {
    EOSIM_ASSERT(shape_.find(name) != nullptr);
    return object_ == nullptr ? nullptr : object_->find(name);
  }
  bool has(std::string_view name) const { return find(name) != nullptr; }

  int64_t number(std::string_view name) const {
    const auto value = optional_number(name);
    return value ? *value : *number_of(key(name), fallback(key(name)));
  }
  std::optional<int64_t> optional_number(std::string_view name) const {
    const Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto number = number_of(key(name), *value);
    EOSIM_ASSERT(number.has_value());
    return number;
  }
  int small(std::string_view name) const {
    const int64_t value = number(name);
    EOSIM_ASSERT(value >= INT32_MIN && value <= INT32_MAX);
    return static_cast<int>(value);
  }
  bool flag(std::string_view name) const { return number(name) != 0; }
  sim::Duration duration(std::string_view name) const { return {number(name)}; }
  std::string text(std::string_view name) const {
    const Value* value = find(name);
    return value == nullptr ? std::string(key(name).fallback) : value->text;
  }
  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> out;
    for (const Value& item : items(name)) out.push_back(item.text);
    return out;
  }
  const std::vector<Value>& items(std::string_view name) const {
    static const std::vector<Value> kNone;
    const Value* value = find(name);
    return value == nullptr ? kNone : value->items;
  }
  const std::vector<Member>& members(std::string_view name) const {
    static const std::vector<Member> kNone;
    const Value* value = find(name);
    return value == nullptr ? kNone : value->members;
  }
  Fields inner(std::string_view name) const { return {key(name).shape, find(name)}; }

  kafka::Settings settings(std::string_view name, const std::string& preset) const {
    return told(name, kafka::Settings(preset));
  }

  // What this object says, over what was said before.
  kafka::Settings told(std::string_view name, kafka::Settings out) const {
    for (const Member& member : members(name)) {
      const kafka::Setting* row = kafka::find_setting(member.name, key(name).sides);
      EOSIM_ASSERT(row != nullptr);
      if (row->type == kafka::SettingType::kName) {
        out.set_name(row->id, member.value.text);
      } else {
        out.set(row->id, setting_of(*row, member.value).value());
      }
    }
    return out;
  }

 private:
  const Key& key(std::string_view name) const {
    const Key* found = shape_.find(name);
    EOSIM_ASSERT(found != nullptr);
    return *found;
  }

  static Value fallback(const Key& key) {
    EOSIM_ASSERT(!key.fallback.empty());
    Value value = Value::of_text(std::string(key.fallback));
    if (key.type == Type::kInteger || key.type == Type::kDecimal) value.kind = Value::Kind::kNumber;
    if (key.type == Type::kFlag) value = Value::of_flag(key.fallback == "true");
    return value;
  }

  const Shape& shape_;
  const Value* object_;
};

std::string scalar_text(const Value& value) {
  return value.is(Value::Kind::kFlag) ? (value.flag ? "true" : "false") : value.text;
}

Guarantee guarantee_of(std::string_view name) {
  const std::string_view word = canonical_guarantee(name);
  for (const Guarantee one : {Guarantee::kAtLeastOnce, Guarantee::kExactlyOnce,
                              Guarantee::kExactlyOnceV2, Guarantee::kExactlyOnceUnfenced}) {
    if (word == name_of(one)) return one;
  }
  sim::invariant_broken("a guarantee that exists", __FILE__, __LINE__);
}

// "broker-2" -> 2, if there is such a broker.
int broker_number(std::string_view name, int count) {
  const std::string_view prefix = "broker-";
  const auto number = name.starts_with(prefix) ? parse_integer(name.substr(prefix.size()))
                                               : std::optional<int64_t>();
  const bool exists = number && *number >= 0 && *number < count &&
                      name.substr(prefix.size()) == std::to_string(*number);
  return exists ? static_cast<int>(*number) : -1;
}

Brokers bind_brokers(const Fields& in, const std::string& preset) {
  Brokers out;
  out.count = in.small("count");
  out.kafka = in.has("kafka") ? in.text("kafka") : preset;
  out.config = in.settings("config", out.kafka);
  for (const Member& member : in.members("own")) {
    const Fields one(ShapeId::kOwnBroker, &member.value);
    OwnBroker own;
    own.broker = broker_number(member.name, out.count);  // -1: semantics says it
    own.kafka = one.has("kafka") ? one.text("kafka") : out.kafka;
    own.config = one.told("config", in.settings("config", own.kafka));
    out.own.push_back(std::move(own));
  }
  return out;
}

Topic bind_topic(const Fields& in, const Scenario& scenario) {
  using enum kafka::SettingId;
  Topic out;
  out.name = in.text("name");
  out.partitions = in.small("partitions");
  out.replication_factor = in.has("replication_factor") ? in.small("replication_factor")
                                                        : std::min(3, scenario.brokers.count);
  out.config = in.settings("config", scenario.brokers.kafka);
  const kafka::Settings& decides =
      out.config.is_set(kMinInsyncReplicas) ? out.config : scenario.brokers.config;
  out.min_insync_replicas = static_cast<int>(decides.get(kMinInsyncReplicas));
  return out;
}

Source bind_source(const Fields& in) {
  Source out;
  out.topic = in.text("topic");
  out.records_per_1000s = in.number("rate");
  out.record_size = in.small("record_size");
  out.count = in.optional_number("count");
  out.arrivals = in.text("arrivals") == "poisson" ? Arrivals::kPoisson : Arrivals::kEven;
  return out;
}

App bind_app(const Fields& in, const Scenario& scenario, int listed, int copy) {
  App out;
  out.name = in.text("name");
  if (in.small("copies") > 1) out.name += '-' + std::to_string(copy);
  out.listed = listed;
  out.copy = copy;
  out.kind = in.text("kind");
  out.guarantee = in.has("guarantee") ? guarantee_of(in.text("guarantee")) : Guarantee::kNone;
  out.full_metadata = in.has("offset_metadata") ? in.text("offset_metadata") == "full"
                                                : out.guarantee == Guarantee::kExactlyOnceV2;
  out.instances = in.small("instances");
  out.threads = in.small("threads");
  out.input = in.texts("input");
  out.output = in.texts("output");
  const Fields transform = in.inner("transform");
  out.transform = {transform.text("kind"), transform.small("fan_out"), transform.duration("cost")};
  const Fields topology = in.inner("topology");
  out.topology = {topology.text("kind"), topology.small("keys"), topology.flag("repartition")};
  out.kafka = in.has("kafka") ? in.text("kafka") : scenario.kafka;
  out.config = in.settings("config", out.kafka);
  if (out.streams()) {
    const auto commit = out.guarantee == Guarantee::kAtLeastOnce
                            ? kafka::OffsetCommitWay::kPlain
                            : kafka::OffsetCommitWay::kTransactionFenced;
    kafka::apply_streams_defaults(out.config, commit, kafka::find_preset(out.kafka)->release);
  }
  out.start = in.duration("start");
  out.records_per_1000s = in.number("rate");
  out.record_size = in.small("record_size");
  out.mistakes = in.texts("mistakes");
  const Fields transaction = in.inner("transaction");
  out.transaction = {transaction.small("records"), transaction.small("partitions"),
                     transaction.number("abort"), transaction.duration("gap")};
  return out;
}

Network bind_network(const Fields& in) {
  const Fields latency = in.inner("latency");
  const Fields late = in.inner("late");
  return {latency.duration("median"), latency.duration("p99"), late.number("share"),
          late.duration("max")};
}

Trigger bind_trigger(const Fields& in) {
  Trigger out;
  out.rpc = in.text("rpc");
  out.from = in.text("from");
  out.to = in.text("to");
  out.event = in.text("event");
  if (!in.has("event")) out.phase = in.text("phase");
  for (const Member& member : in.members("where")) {
    out.where.emplace_back(member.name, scalar_text(member.value));
  }
  out.nth = in.number("nth");
  out.after = in.duration("after");
  return out;
}

Fault bind_fault(const Fields& in) {
  Fault out;
  if (in.has("on")) out.on = bind_trigger(in.inner("on"));
  if (in.has("at")) out.at = in.duration("at");
  out.kind = in.text("kind");
  out.target = in.text("target");
  if (in.has("for")) out.length = in.duration("for");
  out.repeat = in.flag("repeat");
  out.from = in.text("from");
  out.to = in.text("to");
  out.rpc = in.text("rpc");
  out.what = in.text("what");
  out.between = in.texts("between");
  out.others = in.texts("and");
  out.direction = in.text("direction");
  if (in.has("by")) out.by = in.duration("by");
  if (in.has("factor")) out.factor_thousandths = in.number("factor");
  if (in.has("ppm")) out.ppm = in.number("ppm");
  out.app = in.text("app");
  out.kafka = in.text("kafka");
  out.partition = in.text("partition");
  out.brokers = in.flag("brokers");
  for (const Member& member : in.members("set")) out.set.emplace_back(member.name, member.value);
  out.gap = in.duration("gap");
  out.wait_stable = in.flag("wait_stable");
  return out;
}

Chaos bind_chaos(const Fields& in) {
  Chaos out;
  out.mean_interval = in.duration("mean_interval");
  for (const Member& member : in.members("kinds")) {
    out.kinds.emplace_back(member.name, parse_integer(member.value.text).value());
  }
  if (!in.has("kinds")) {
    for (const Case& kind : fault_kinds()) out.kinds.emplace_back(kind.word, kind.weight);
  }
  out.swarm = in.flag("swarm");
  out.targets = in.texts("targets");
  if (out.targets.empty()) out.targets = {"any:app", "any:broker"};
  for (const Member& member : in.members("vary")) {
    Vary vary{member.name, member.value.items};
    if (member.value.is(Value::Kind::kObject)) {
      vary.min = parse_integer(member.value.find("min")->text).value();
      vary.max = parse_integer(member.value.find("max")->text).value();
    }
    out.vary.push_back(std::move(vary));
  }
  out.intensity = in.text("intensity");
  out.data_loss = in.flag("data_loss");
  return out;
}

std::vector<MetricExpectation> bind_metrics(const Fields& in) {
  constexpr std::pair<const char*, Comparison> kComparisons[] = {
      {"eq", Comparison::kEq}, {"ne", Comparison::kNe}, {"lt", Comparison::kLt},
      {"le", Comparison::kLe}, {"gt", Comparison::kGt}, {"ge", Comparison::kGe}};
  std::vector<MetricExpectation> out;
  for (const Member& member : in.members("metrics")) {
    const Fields bounds(ShapeId::kComparison, &member.value);
    for (const auto& [word, comparison] : kComparisons) {
      if (!bounds.has(word)) continue;
      out.push_back({member.name, comparison, bounds.number(word)});
    }
  }
  return out;
}

Expect bind_expect(const Fields& in) {
  Expect out;
  out.violations = in.texts("violations");
  for (const Member& member : in.members("allow")) out.allow[member.name] = member.value.text;
  for (const Member& member : in.members("only_with")) {
    out.only_with[member.name] = member.value.text;
  }
  out.metrics = bind_metrics(in);
  for (const Value& item : in.items("moments")) {
    const Fields moment(ShapeId::kMoment, &item);
    out.moments.push_back({moment.duration("at"), bind_metrics(moment)});
  }
  std::stable_sort(out.moments.begin(), out.moments.end(),
                   [](const Moment& a, const Moment& b) { return a.at < b.at; });
  return out;
}

}  // namespace

const char* name_of(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kAtLeastOnce:
      return "at_least_once";
    case Guarantee::kExactlyOnce:
      return "exactly_once";
    case Guarantee::kExactlyOnceV2:
      return "exactly_once_v2";
    case Guarantee::kExactlyOnceUnfenced:
      return "exactly_once_unfenced";
    case Guarantee::kNone:
      return "none";
  }
  sim::invariant_broken("a guarantee that exists", __FILE__, __LINE__);
}

const OwnBroker* Brokers::own_of(int broker) const {
  const auto at = std::find_if(own.begin(), own.end(),
                               [broker](const OwnBroker& one) { return one.broker == broker; });
  return at == own.end() ? nullptr : &*at;
}

const std::string& Brokers::kafka_of(int broker) const {
  const OwnBroker* one = own_of(broker);
  return one == nullptr ? kafka : one->kafka;
}

const kafka::Settings& Brokers::config_of(int broker) const {
  const OwnBroker* one = own_of(broker);
  return one == nullptr ? config : one->config;
}

Scenario bind_scenario(const Value& root) {
  const Fields in(ShapeId::kScenario, &root);
  Scenario out;
  out.name = in.text("name");
  out.description = in.text("description");
  out.kafka = in.text("kafka");
  for (const Member& member : in.members("protocol")) {
    const Value& value = member.value;
    const bool is_flag = value.is(Value::Kind::kFlag);
    out.protocol[member.name] = is_flag ? (value.flag ? "on" : "off") : value.text;
  }
  out.duration = in.duration("duration");
  out.settle = in.duration("settle");
  out.warmup = in.duration("warmup");
  out.seed = in.has("seed") ? seed_of(*in.find("seed")).value() : 1;
  out.calm = in.flag("calm");
  out.brokers = bind_brokers(in.inner("brokers"), out.kafka);
  for (const Value& item : in.items("topics")) {
    out.topics.push_back(bind_topic({ShapeId::kTopic, &item}, out));
  }
  for (const Value& item : in.items("sources")) {
    out.sources.push_back(bind_source({ShapeId::kSource, &item}));
  }
  const std::vector<Value>& listed = in.items("apps");
  for (size_t i = 0; i < listed.size(); ++i) {
    const Fields app(ShapeId::kApp, &listed[i]);
    for (int copy = 0; copy < app.small("copies"); ++copy) {
      out.apps.push_back(bind_app(app, out, static_cast<int>(i), copy));
    }
  }
  for (Topic& topic : internal_topics(out)) out.topics.push_back(std::move(topic));
  out.auditors =
      in.has("auditors") ? in.texts("auditors") : std::vector<std::string>{"read_committed"};
  out.network = bind_network(in.inner("network"));
  for (const Value& item : in.items("faults")) {
    out.faults.push_back(bind_fault({ShapeId::kFault, &item}));
  }
  if (in.has("chaos")) out.chaos = bind_chaos(in.inner("chaos"));
  out.limits = {in.inner("limits").number("events"), in.inner("limits").number("memory")};
  out.expect = bind_expect(in.inner("expect"));
  return out;
}

}  // namespace eosim::scenario
