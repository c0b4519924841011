#include "tools/compare_rows.h"

#include <set>

#include "models/scenario/pointer.h"
#include "models/scenario/words.h"
#include "tools/result_json.h"

namespace eosim::tools {
namespace {

using scenario::Value;

std::set<std::string> metric_names(const CompareReport& report) {
  std::set<std::string> names;
  for (const ColumnResult& result : report.results) {
    for (const std::string& name : result.metric_names()) names.insert(name);
  }
  return names;
}

// All kinds that there are: a script may ask for one that nobody showed.
std::set<std::string> violation_kinds(const CompareReport& report) {
  std::set<std::string> kinds;
  for (const std::string& kind : scenario::names(scenario::Words::kViolations)) kinds.insert(kind);
  for (const ColumnResult& result : report.results) {
    for (const auto& [kind, shown] : result.kinds()) kinds.insert(kind);
  }
  return kinds;
}

Value swept_value(const CompareColumn& column, const SweptValue& swept) {
  if (!column.runs()) return Value::of_text(swept.text);
  const Value* there = scenario::find_at(column.input.loaded.document.root, swept.pointer);
  return there != nullptr ? *there : Value::of_text(swept.text);
}

Value row_of(const CompareReport& report, size_t index) {
  const CompareColumn& column = report.plan.columns[index];
  const ColumnResult& result = report.results[index];
  Value row = Value::object();
  row.put("guarantee", Value::of_text(column.guarantee));
  row.put("kafka", Value::of_text(column.kafka));
  for (const SweptValue& swept : column.swept) row.put(swept.pointer, swept_value(column, swept));
  if (!column.runs()) {
    row.put("refused", Value::of_text(column.refusal));
    return row;
  }
  row.put("runs", Value::of_unsigned(result.runs()));
  row.put("cut", Value::of_unsigned(result.cut()));
  for (const std::string& name : metric_names(report)) {
    const auto median = result.median(name);
    row.put(name, median ? thousandths_value(*median) : Value{});
  }
  for (const std::string& kind : violation_kinds(report)) {
    const auto shown = result.kinds().find(kind);
    row.put("violations." + kind,
            Value::of_unsigned(shown == result.kinds().end() ? 0 : shown->second.seeds));
  }
  return row;
}

Value fact_value(const ComparedFact& fact) {
  if (fact.event.empty()) return Value{};  // it had ended
  Value value = Value::object();
  value.put("time_ns", Value::of_number(fact.at_ns));
  value.put("process", Value::of_text(fact.process));
  value.put("event", Value::of_text(fact.event));
  Value fields = Value::object();
  for (const auto& field : fact.fields) fields.put(field.name, Value::of_text(field.text));
  value.put("fields", std::move(fields));
  return value;
}

Value pair_value(const std::optional<FactPair>& pair) {
  if (!pair) return {};
  Value value = Value::array();
  value.items = {fact_value(pair->one), fact_value(pair->other)};
  return value;
}

Value partings_value(const CompareReport& report) {
  Value list = Value::array();
  for (const Parting& parting : report.partings) {
    Value rows = Value::array();
    rows.items = {Value::of_unsigned(first_running(report.plan)),
                  Value::of_unsigned(parting.column)};
    Value one = Value::object();
    one.put("rows", std::move(rows));
    one.put("first", pair_value(parting.first));
    one.put("first_other_event", pair_value(parting.deed ? parting.deed : parting.first));
    list.items.push_back(std::move(one));
  }
  return list;
}

std::string csv_cell(const Value& value) {
  const bool is_plain = value.is(Value::Kind::kText) || value.is(Value::Kind::kNumber);
  std::string text = is_plain                       ? value.text
                     : value.is(Value::Kind::kNull) ? ""
                                                    : scenario::to_json(value, 0);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace

Value comparison_value(const CompareReport& report) {
  const ComparePlan& plan = report.plan;
  Value root = Value::object();
  root.put("scenario",
           Value::of_text(plan.columns[first_running(plan)].input.loaded.scenario.name));
  Value seeds = Value::array();
  seeds.items = {Value::of_unsigned(plan.first_seed), Value::of_unsigned(plan.last_seed)};
  root.put("seeds", std::move(seeds));
  Value rows = Value::array();
  for (size_t i = 0; i < plan.columns.size(); ++i) rows.items.push_back(row_of(report, i));
  root.put("rows", std::move(rows));
  root.put("partings", partings_value(report));
  root.put("verdict", Value::of_text(comparison_verdict(report)));
  root.put("next", Value::of_text(next_command(report)));
  return root;
}

void print_csv(const CompareReport& report, std::ostream& out) {
  const Value whole = row_of(report, first_running(report.plan));
  std::vector<std::string> names;
  for (const scenario::Member& member : whole.members) names.push_back(member.name);
  names.emplace_back("refused");
  for (size_t i = 0; i < names.size(); ++i) {
    out << (i > 0 ? "," : "") << csv_cell(Value::of_text(names[i]));
  }
  out << "\r\n";
  for (size_t row = 0; row < report.results.size(); ++row) {
    const Value value = row_of(report, row);
    for (size_t i = 0; i < names.size(); ++i) {
      const Value* cell = value.find(names[i]);
      out << (i > 0 ? "," : "") << (cell == nullptr ? "" : csv_cell(*cell));
    }
    out << "\r\n";
  }
}

}  // namespace eosim::tools
