#include "tools/result_json.h"

#include <algorithm>

#include "models/check/signature.h"
#include "models/protocol/messages.h"
#include "models/scenario/units.h"
#include "tools/version.h"

namespace eosim::tools {

using scenario::Value;

Value thousandths_value(int64_t thousandths) {
  Value value = Value::of_number(0);
  value.text = scenario::thousandths_text(thousandths, scenario::TrailingZeros::kKept);
  return value;
}

Value violations_value(const scenario::RunResult& result) {
  Value list = Value::array();
  for (const check::Violation& violation : result.violations) {
    Value one = Value::object();
    one.put("checker", Value::of_text(violation.checker));
    one.put("kind", Value::of_text(violation.kind));
    one.put("rule", Value::of_text(violation.rule));
    one.put("time_ns", Value::of_number(violation.time_ns));
    one.put("summary", Value::of_text(violation.summary));
    one.put("signature", Value::of_text(check::signature(violation).text));
    Value details = Value::object();
    for (const auto& [name, text] : violation.details) details.put(name, Value::of_text(text));
    one.put("details", std::move(details));
    list.items.push_back(std::move(one));
  }
  return list;
}

namespace {

Value name_list(const std::vector<std::string>& names) {
  Value list = Value::array();
  for (const std::string& name : names) list.items.push_back(Value::of_text(name));
  return list;
}

// The fields with which a scenario writes this fault, so that what was drawn can be pasted.
void put_fields(const sim::FaultSpec& spec, Value& one) {
  using sim::FaultKind;
  const auto text = [&one](const char* key, const std::string& value) {
    if (!value.empty()) one.put(key, Value::of_text(value));
  };
  const bool of_app =
      spec.word == "rebalance" || spec.word == "add_instance" || spec.word == "remove_instance";
  if (spec.word == "rolling_bounce" && spec.target == "brokers") {
    one.put("brokers", Value::of_flag(true));
    text("target", spec.from);
  } else if (of_app || spec.word == "rolling_bounce") {
    text("app", spec.target);
    text("target", spec.from);
  } else if (spec.word != "slow_controller") {
    text("target", spec.target);
    text("from", spec.from);
    text("to", spec.to);
  }
  if (spec.rpc.index < kafka::kRpcCount) {
    text("rpc", std::string(kafka::rpc_name(static_cast<kafka::Rpc>(spec.rpc.index))));
  }
  if (!spec.between.empty()) one.put("between", name_list(spec.between));
  if (!spec.others.empty()) one.put("and", name_list(spec.others));
  if (spec.kind == FaultKind::kPartition) {
    constexpr const char* kWords[] = {"both", "to", "from"};
    text("direction", kWords[static_cast<size_t>(spec.direction)]);
  }
  if (spec.kind == FaultKind::kDelay) {
    text("what", spec.what == sim::What::kRequest ? "request" : "response");
    text("by", scenario::duration_text(spec.by.ns));
  }
  const bool is_late = spec.word == "slow_controller" || spec.word == "slow_metadata";
  if (spec.kind == FaultKind::kClockJump || is_late) {
    text("by", scenario::duration_text(spec.by.ns));
  }
  if (spec.kind == FaultKind::kClockDrift) one.put("ppm", Value::of_number(spec.ppm));
  if (spec.kind == FaultKind::kSlowLink || spec.kind == FaultKind::kSlowDisk ||
      spec.kind == FaultKind::kSlowCpu) {
    one.put("factor", thousandths_value(spec.factor_thousandths));
  }
  if (spec.length.ns >= 0) text("for", scenario::duration_text(spec.length.ns));
}

}  // namespace

Value faults_value(const scenario::RunResult& result) {
  Value list = Value::array();
  for (const sim::FaultRecord& fault : result.faults) {
    // It was not let: whoever pastes the list must not get what this run did not have.
    if (fault.spec.drawn && fault.spec.spares_last_copy && !fault.struck) continue;
    Value one = Value::object();
    if (!fault.spec.on) one.put("at", Value::of_text(scenario::duration_text(fault.spec.at.ns)));
    one.put("kind", Value::of_text(fault.spec.word));
    put_fields(fault.spec, one);
    one.put("drawn", Value::of_flag(fault.spec.drawn));
    one.put("struck", Value::of_flag(fault.struck));
    if (fault.struck) {
      one.put("struck_ns", Value::of_number(fault.at.ns));
      one.put("until_ns", Value::of_number(fault.until.ns));
      if (!fault.victim.empty()) one.put("victim", Value::of_text(fault.victim));
    }
    list.items.push_back(std::move(one));
  }
  return list;
}

Value metrics_value(const std::vector<check::Metric>& metrics) {
  Value all = Value::object();
  for (const check::Metric& metric : metrics) {
    all.put(metric.name, thousandths_value(metric.thousandths));
  }
  return all;
}

Value result_value(const scenario::Scenario& scenario, const scenario::RunResult& result,
                   int64_t wall_ns) {
  Value root = Value::object();
  root.put("scenario", Value::of_text(scenario.name));
  Value seed = Value::of_number(0);
  seed.text = std::to_string(result.seed);
  root.put("seed", std::move(seed));
  root.put("kafka", Value::of_text(scenario.kafka));
  Value guarantees = Value::object();
  for (const scenario::App& app : scenario.apps) {
    if (app.reads()) guarantees.put(app.name, Value::of_text(app.promise()));
  }
  root.put("guarantees", std::move(guarantees));
  root.put("version", Value::of_text(kVersion));
  root.put("digest", Value::of_text(result.digest_text()));
  root.put("verdict", Value::of_text(scenario::name_of(result.verdict)));
  Value expected = Value::object();
  if (scenario.expect.violations.empty()) {
    expected.put("verdict", Value::of_text("pass"));
  } else {
    expected.put("violations", name_list(scenario.expect.violations));
  }
  root.put("expected", std::move(expected));
  root.put("violations", violations_value(result));
  root.put("violations_not_kept", Value::of_unsigned(result.violations_not_kept));
  if (result.quiet_ns) {
    root.put("quiet_ns", Value::of_number(*result.quiet_ns));
  } else {
    root.put("quiet_ns", Value{});
    root.put("waiting", name_list(result.waiting));
  }
  root.put("simulated_ns", Value::of_number(result.simulated_ns));
  root.put("wall_ns", Value::of_number(wall_ns));
  root.put("events", Value::of_number(static_cast<int64_t>(result.events)));
  root.put("metrics", metrics_value(result.metrics));
  root.put("faults", faults_value(result));
  return root;
}

}  // namespace eosim::tools
