#include "models/scenario/load.h"

#include "models/scenario/bind.h"
#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"
#include "models/scenario/semantics.h"
#include "models/scenario/structure.h"
#include "models/scenario/upgrade.h"

namespace eosim::scenario {
namespace {

constexpr size_t kVaryWorkMax = 1'000'000;  // values of all trial documents together

Problem option_problem(std::string option, std::string pointer, std::string message) {
  return {std::move(option), 0, 0, std::move(pointer), std::move(message), "", ""};
}

// Everything inside came from this source; line and column mean nothing there.
void put_source(Value& value, int source) {
  value.place = {source, 0, 0};
  for (Value& item : value.items) put_source(item, source);
  for (Member& member : value.members) {
    member.place = {source, 0, 0};
    put_source(member.value, source);
  }
}

int add_source(Document& document, std::string name) {
  document.sources.push_back(std::move(name));
  return static_cast<int>(document.sources.size()) - 1;
}

std::optional<Problem> apply_variant(Document& document, const std::string& name) {
  const auto known = variant_names(document);
  Value* variants = document.root.find("variants");
  for (size_t i = 0; variants != nullptr && i < variants->items.size(); ++i) {
    const Value chosen = variants->items[i];
    const Value* its_name = chosen.find("name");
    if (its_name == nullptr || its_name->text != name) continue;
    const Value* set = chosen.find("set");
    for (const Member& member : set == nullptr ? std::vector<Member>{} : set->members) {
      const std::string wrong = set_at(document.root, member.name, member.value);
      if (wrong.empty()) continue;
      Problem problem = document.problem_at(
          member.place, "/variants/" + std::to_string(i) + "/set/" + pointer_step(member.name),
          wrong);
      problem.allowed = "a JSON Pointer to a value of this scenario";
      return problem;
    }
    if (const Value* expect = chosen.find("expect")) document.root.put("expect", *expect);
    return std::nullopt;
  }
  Problem problem = option_problem("--variant " + name, "",
                                   "no variant " + shown(name) + " in " + document.sources[0]);
  problem.allowed = known.empty() ? "this scenario has none" : joined(known);
  problem.nearest = nearest(name, known);
  return problem;
}

std::optional<Problem> apply_guarantee(Document& document, const std::string& guarantee) {
  const std::string option = "--guarantee " + guarantee;
  const int source = add_source(document, option);
  bool found = false;
  Value* apps = document.root.find("apps");
  for (size_t i = 0; apps != nullptr && i < apps->items.size(); ++i) {
    Value* there = apps->items[i].find("guarantee");
    if (there == nullptr) continue;
    *there = Value::of_text(guarantee);
    put_source(*there, source);
    found = true;
  }
  if (found) return std::nullopt;
  Problem problem = option_problem(option, "", "no app of this scenario has a guarantee");
  problem.allowed = "a scenario with such an app";
  return problem;
}

// What VALUE of POINTER=VALUE means: JSON if it is JSON, else the text itself.
Result<Value> override_value(const std::string& option, const std::string& pointer,
                             std::string_view text) {
  Result<Document> parsed = parse_document(text, option);
  if (parsed) {
    parsed->root.is_bare =
        parsed->root.is(Value::Kind::kNumber) || parsed->root.is(Value::Kind::kFlag);
    return std::move(parsed->root);
  }
  const bool means_json = text.starts_with('{') || text.starts_with('[') || text.starts_with('"');
  if (!means_json) {
    // Bytes that are no UTF-8 would end up in bundles.
    if (!parse_document(json_quoted(text), option)) return parsed.problem();
    return Value::of_text(std::string(text));
  }
  Problem problem = parsed.problem();
  problem.line = problem.column = 0;
  problem.pointer = pointer;
  problem.allowed = "JSON, or a bare string";
  return problem;
}

std::optional<Problem> apply_set(Document& document, const std::string& set) {
  const size_t equals = set.find('=');
  const std::string option = "--set " + set.substr(0, equals);
  if (equals == std::string::npos || equals == 0 || set[0] != '/') {
    Problem problem = option_problem(option, "", shown(set) + " is no override");
    problem.allowed = "POINTER=VALUE such as /apps/0/instances=20";
    return problem;
  }
  const std::string pointer = set.substr(0, equals);
  Result<Value> value = override_value(option, pointer, std::string_view(set).substr(equals + 1));
  if (!value) return value.problem();
  put_source(*value, add_source(document, option));
  const std::string wrong = set_at(document.root, pointer, std::move(*value));
  if (wrong.empty()) return std::nullopt;
  Problem problem = option_problem(option, pointer, wrong);
  problem.allowed = "a JSON Pointer to a value of this scenario";
  return problem;
}

std::optional<Problem> apply(Document& document, const Overrides& overrides) {
  std::optional<Problem> problem;
  const bool is_object = document.root.is(Value::Kind::kObject);
  if (!is_object) return std::nullopt;  // the check of the structure says it
  if (!overrides.variant.empty()) problem = apply_variant(document, overrides.variant);
  if (!problem && !overrides.preset.empty()) {
    Value preset = Value::of_text(overrides.preset);
    put_source(preset, add_source(document, "--preset " + overrides.preset));
    document.root.put("kafka", std::move(preset));
  }
  if (!problem && !overrides.guarantee.empty()) {
    problem = apply_guarantee(document, overrides.guarantee);
  }
  for (const std::string& set : overrides.sets) {
    if (!problem) problem = apply_set(document, set);
  }
  return problem;
}

Result<Loaded> check(Document document) {
  std::vector<Problem> problems = check_structure(document);
  if (!problems.empty()) return problems;
  Scenario scenario = bind_scenario(document.root);
  problems = check_semantics(document, scenario);
  if (!problems.empty()) return problems;
  if (const auto problem = bind_bounces(document, scenario)) return *problem;
  remove_member(document.root, "variants");
  remove_member(document.root, "$schema");
  return Loaded{std::move(scenario), std::move(document)};
}

size_t count_values(const Value& value) {
  size_t count = 1;
  for (const Value& item : value.items) count += count_values(item);
  for (const Member& member : value.members) count += count_values(member.value);
  return count;
}

// Every single choice of `vary` must leave a scenario that can run.
std::optional<Problem> check_vary(const Loaded& loaded) {
  if (!loaded.scenario.chaos) return std::nullopt;
  const size_t size = count_values(loaded.document.root);
  size_t work = 0;
  for (const Vary& vary : loaded.scenario.chaos->vary) {
    std::vector<Value> choices = vary.values;
    if (choices.empty()) choices = {Value::of_number(vary.min), Value::of_number(vary.max)};
    const std::string at = "/chaos/vary/" + pointer_step(vary.pointer);
    const Place place = find_at(loaded.document.root, at)->place;
    for (Value& choice : choices) {
      work += size;
      if (work > kVaryWorkMax) {
        Problem problem = loaded.document.problem_at(place, at, "too many choices to check");
        problem.allowed = std::to_string(kVaryWorkMax / size) + " choices for a file of this size";
        return problem;
      }
      if (vary.values.empty()) choice.place = place;
      Document trial = loaded.document;
      const std::string wrong = set_at(trial.root, vary.pointer, choice);
      if (!wrong.empty()) {
        Problem problem = loaded.document.problem_at(place, at, wrong);
        problem.allowed = "a JSON Pointer to a value of this scenario";
        return problem;
      }
      const Result<Loaded> result = check(std::move(trial));
      if (!result) return result.problem();
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Loaded> load_scenario(std::string_view text, const std::string& file_name,
                             const Overrides& overrides) {
  Result<Document> document = parse_document(text, file_name);
  if (!document) return document.problems();
  return load_scenario(std::move(*document), overrides);
}

Result<Loaded> load_scenario(Document document, const Overrides& overrides) {
  if (const auto problem = apply(document, overrides)) return *problem;
  Result<Loaded> loaded = check(std::move(document));
  if (!loaded) return loaded;
  if (const auto problem = check_vary(*loaded)) return *problem;
  return loaded;
}

Result<Loaded> load_changed(Document document,
                            const std::vector<std::pair<std::string, Value>>& changes) {
  for (const auto& [pointer, value] : changes) {
    const std::string wrong = set_at(document.root, pointer, value);
    if (!wrong.empty()) return document.problem_at(document.root.place, pointer, wrong);
  }
  return check(std::move(document));
}

std::vector<std::string> variant_names(const Document& document) {
  std::vector<std::string> names;
  const Value* variants = document.root.find("variants");
  for (const Value& variant : variants == nullptr ? std::vector<Value>{} : variants->items) {
    const Value* name = variant.find("name");
    if (name != nullptr && name->is(Value::Kind::kText)) names.push_back(name->text);
  }
  return names;
}

}  // namespace eosim::scenario
