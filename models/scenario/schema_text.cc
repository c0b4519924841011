// The table as a JSON Schema (draft-07), for editors and for other programs, and as words.
#include <nlohmann/json.hpp>

#include "models/scenario/problem.h"
#include "models/scenario/schema.h"
#include "models/scenario/units.h"

namespace eosim::scenario {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNamePattern = "^[A-Za-z0-9._-]{1,200}$";
constexpr const char* kDurationPattern = "^-?[0-9]+([.][0-9]+)?(ns|us|ms|s|min|h)$";
constexpr const char* kSizePattern = "^[0-9]+([.][0-9]+)?(B|kB|KB|MB|GB|KiB|MiB|GiB)?$";

std::string range(const Key& key) {
  const auto text = [&](int64_t value) {
    if (key.type == Type::kDuration) return duration_text(value);
    if (key.type == Type::kSize) return size_text(value);
    if (key.type == Type::kDecimal) return thousandths_text(value);
    return std::to_string(value);
  };
  return key.min == key.max ? text(key.min) : text(key.min) + " to " + text(key.max);
}

// A bound of a kDecimal as a JSON number, exact: whole ones as integers.
Json bound(int64_t thousandths) { return Json::parse(thousandths_text(thousandths)); }

Json setting_schema(const kafka::Setting& row) {
  Json out;
  switch (row.type) {
    case kafka::SettingType::kFlag:
      out["type"] = "boolean";
      out["default"] = row.defaults.first() != 0;
      break;
    case kafka::SettingType::kWord:
      for (const char* word : row.words) {
        if (word == nullptr) continue;
        out["enum"].push_back(word);
        if (parse_integer(word)) out["enum"].push_back(*parse_integer(word));
      }
      out["default"] = row.text(row.defaults.first());
      break;
    case kafka::SettingType::kWords: {
      std::string any;
      for (const char* word : row.words) {
        if (word != nullptr) any += (any.empty() ? "" : "|") + std::string(word);
      }
      out["type"] = "string";
      out["pattern"] = "^(" + any + ")(,(" + any + "))*$";
      out["default"] = row.text(row.defaults.first());
      break;
    }
    case kafka::SettingType::kName:
      out["type"] = "string";
      break;
    case kafka::SettingType::kRatio:
      out["type"] = "number";
      out["minimum"] = bound(row.min);
      out["maximum"] = bound(row.max);
      out["default"] = bound(row.defaults.first());
      break;
    default:
      out["type"] = "integer";
      out["minimum"] = row.min;
      out["maximum"] = row.max;
      out["default"] = row.defaults.first();
      break;
  }
  std::string doc = row.doc;
  if (const std::string changes = row.changes_text(); !changes.empty()) {
    doc += "; default " + changes;
  }
  out["description"] = doc;
  return out;
}

Json settings_schema(kafka::Sides sides) {
  Json out{{"type", "object"}, {"additionalProperties", false}};
  out["properties"] = Json::object();
  for (const kafka::Setting& row : kafka::all_settings()) {
    if (row.is_of(sides)) out["properties"][row.name] = setting_schema(row);
  }
  return out;
}

Json range_schema() {
  Json out{{"type", "object"}, {"additionalProperties", false}};
  out["properties"] = {{"min", {{"type", "integer"}}}, {"max", {{"type", "integer"}}}};
  out["required"] = {"min", "max"};
  return out;
}

Json one_schema(const Key& key) {
  switch (key.type) {
    case Type::kText:
      return {{"type", "string"}};
    case Type::kTarget:
      return {{"type", "string"}, {"minLength", 1}};
    case Type::kName:
      return {{"type", "string"}, {"pattern", kNamePattern}};
    case Type::kWord:
      return {{"enum", names(key.words)}};
    case Type::kInteger:
      return {{"type", "integer"}, {"minimum", key.min}, {"maximum", key.max}};
    case Type::kSeed:
      return {{"anyOf",
               {{{"type", "integer"}, {"minimum", 0}, {"maximum", UINT64_MAX}},
                {{"type", "string"}, {"pattern", "^(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})$"}}}}};
    case Type::kDecimal:
      return {{"type", "number"}, {"minimum", bound(key.min)}, {"maximum", bound(key.max)}};
    case Type::kDuration:
      return {{"type", "string"}, {"pattern", kDurationPattern}};
    case Type::kSize:
      return {{"anyOf",
               {{{"type", "integer"}, {"minimum", key.min}, {"maximum", key.max}},
                {{"type", "string"}, {"pattern", kSizePattern}}}}};
    case Type::kFlag:
      return {{"type", "boolean"}};
    case Type::kObject:
      return {{"$ref", "#/definitions/" + std::string(shape(key.shape).name)}};
    case Type::kSettings:
      return settings_schema(key.sides);
    case Type::kChoices:
      return {{"anyOf", {{{"type", "array"}, {"minItems", 1}}, range_schema()}}};
    case Type::kScalar:
      return {{"type", {"string", "number", "boolean"}}};
    case Type::kAny:
      return Json::object();
  }
  return {};
}

// What the names of a map may be.
Json names_schema(const Key& key) {
  if (key.names == Names::kPointers) return {{"pattern", "^(/([^~]|~0|~1)*)?$"}};
  if (key.names == Names::kAny) return {{"minLength", 1}};
  const Words list = key.names == Names::kViolations ? Words::kViolations : key.words;
  std::string pattern;
  for (const std::string& word : names(list)) {
    if (!pattern.empty()) pattern += '|';
    for (const char c : word) {
      if (c == '.') {
        pattern += "[.]";
      } else if (c == '*') {
        pattern += ".+";
      } else {
        pattern += c;
      }
    }
  }
  const bool goes_on = key.names == Names::kViolations;  // a signature begins with a kind
  return {{"pattern", "^(" + pattern + ")" + (goes_on ? "([^a-z_].*)?$" : "$")}};
}

Json default_of(const Key& key) {
  const bool is_bare = key.type == Type::kInteger || key.type == Type::kSeed ||
                       key.type == Type::kDecimal || key.type == Type::kFlag;
  return is_bare ? Json::parse(key.fallback) : Json(key.fallback);
}

Json key_schema(const Key& key) {
  Json one = one_schema(key);
  Json out;
  if (key.form == Form::kOne) {
    out = std::move(one);
  } else if (key.form == Form::kList) {
    out = {{"type", "array"},
           {"items", one},
           {"minItems", key.items_min},
           {"maxItems", key.items_max}};
  } else if (key.form == Form::kMap) {
    out = {{"type", "object"},
           {"propertyNames", names_schema(key)},
           {"additionalProperties", one},
           {"minProperties", key.items_min},
           {"maxProperties", key.items_max}};
  }
  // Beside a $ref draft-07 ignores everything else, so the words go one level up.
  if (out.contains("$ref")) out = Json{{"allOf", Json::array({out})}};
  std::string doc(key.doc);
  if (key.type == Type::kDuration || key.type == Type::kSize) doc += " (" + range(key) + ")";
  out["description"] = doc;
  if (!key.fallback.empty()) out["default"] = default_of(key);
  return out;
}

Json required_any(const std::vector<std::string_view>& keys) {
  Json out = Json::array();
  for (const std::string_view key : keys) out.push_back({{"required", {key}}});
  return out;
}

// For each word of the case key: which keys may stand there and which must.
Json cases_schema(const Shape& shape) {
  Json out = Json::array();
  for (const Case& one : shape.cases) {
    Json allowed = shape.common;
    for (const auto& key : one.required) allowed.push_back(key);
    for (const auto& key : one.optional) allowed.push_back(key);
    Json then{{"propertyNames", {{"enum", allowed}}}};
    if (!one.required.empty()) then["required"] = one.required;
    const std::string key(shape.case_key);
    Json condition;
    condition["properties"][key]["const"] = one.word;
    condition["required"] = {key};
    out.push_back({{"if", condition}, {"then", then}});
  }
  return out;
}

Json shape_schema(const Shape& shape) {
  Json out{{"type", "object"}, {"additionalProperties", false}};
  out["properties"] = Json::object();
  Json required = Json::array();
  for (const Key& key : shape.keys) {
    out["properties"][std::string(key.name)] = key_schema(key);
    if (key.is_required) required.push_back(key.name);
  }
  if (!required.empty()) out["required"] = required;
  if (!shape.exactly_one.empty()) out["oneOf"] = required_any(shape.exactly_one);
  if (!shape.at_most_one.empty()) out["not"] = {{"required", shape.at_most_one}};
  if (!shape.cases.empty()) out["allOf"] = cases_schema(shape);
  return out;
}

}  // namespace

std::string allowed_text(const Key& key) {
  switch (key.type) {
    case Type::kText:
      return "a text";
    case Type::kTarget:
      return "a process (app-0, broker-1, source-0), a thread (app-0/0), "
             "leader:<topic>-<partition>, "
             "owner:<topic>-<partition>, coordinator:txn:<id>, coordinator:group:<group>, any:app, "
             "any:broker";
    case Type::kName:
      return "1 to 200 letters, digits, '.', '_' and '-'";
    case Type::kWord:
      return joined(names(key.words));
    case Type::kInteger:
      return "a whole number, " + range(key);
    case Type::kSeed:
      return "0 to 18446744073709551615, or a text with 0x and hex digits";
    case Type::kDecimal:
      return "a number with at most three decimals, " + range(key);
    case Type::kDuration:
      return "a text with a unit (ns, us, ms, s, min, h), " + range(key);
    case Type::kSize:
      return "bytes, or a text with a unit (KiB, MiB, GiB, kB, MB, GB), " + range(key);
    case Type::kFlag:
      return "true, false";
    case Type::kObject:
    case Type::kSettings:
      return "an object";
    case Type::kChoices:
      return "a list of values, or {\"min\": a, \"max\": b} with whole numbers, a at most b";
    case Type::kScalar:
      return "a text, a number, true, false";
    case Type::kAny:
      return "any value";
  }
  return {};
}

std::string schema_text() {
  Json out;
  out["$schema"] = "http://json-schema.org/draft-07/schema#";
  out["title"] = "eosim scenario";
  const Json root = shape_schema(shape(ShapeId::kScenario));
  for (const auto& item : root.items()) out[item.key()] = item.value();
  for (int i = 1; i < static_cast<int>(ShapeId::kCount); ++i) {
    const Shape& one = shape(static_cast<ShapeId>(i));
    out["definitions"][std::string(one.name)] = shape_schema(one);
  }
  return out.dump(2) + '\n';
}

}  // namespace eosim::scenario
