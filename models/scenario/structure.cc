#include "models/scenario/structure.h"

#include <algorithm>

#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"
#include "models/scenario/units.h"

namespace eosim::scenario {
namespace {

using Kind = Value::Kind;

std::string setting_allowed(const kafka::Setting& row) {
  std::vector<std::string> words;
  for (const char* word : row.words) {
    if (word != nullptr) words.emplace_back(word);
  }
  if (row.type == kafka::SettingType::kWord) return joined(words);
  if (row.type == kafka::SettingType::kWords) {
    return "one or more, with commas between them, of " + joined(words);
  }
  if (row.type == kafka::SettingType::kFlag) return "true, false";
  if (row.type == kafka::SettingType::kName) return "a text";
  if (row.type == kafka::SettingType::kRatio) return "a number, 0 to 1";
  const char* unit = row.type == kafka::SettingType::kMilliseconds ? " ms"
                     : row.type == kafka::SettingType::kMinutes    ? " min"
                     : row.type == kafka::SettingType::kBytes      ? " bytes"
                                                                   : "";
  return "a whole number, " + std::to_string(row.min) + " to " + std::to_string(row.max) + unit;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 200 && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

class StructureCheck {
 public:
  explicit StructureCheck(Document& document) : document_(document) {}

  std::vector<Problem> run() {
    object(shape(ShapeId::kScenario), document_.root, "");
    return std::move(problems_);
  }

 private:
  Problem& report(Place place, const std::string& pointer, std::string message) {
    problems_.push_back(document_.problem_at(place, pointer, std::move(message)));
    return problems_.back();
  }

  bool is_full() const { return problems_.size() >= kProblemsMax; }

  void wrong_value(const Key& key, const Value& value, const std::string& pointer,
                   std::string message) {
    Problem& problem = report(value.place, pointer, std::move(message));
    problem.allowed = allowed_text(key);
    if (key.type == Type::kWord && value.is(Kind::kText)) {
      problem.nearest = nearest(value.text, names(key.words));
    }
  }

  bool is_object(const Value& value, const std::string& pointer) {
    if (value.is(Kind::kObject)) return true;
    report(value.place, pointer, value.kind_name() + " stands where an object belongs").allowed =
        "an object: { ... }";
    return false;
  }

  void object(const Shape& shape, Value& value, const std::string& pointer) {
    if (!is_object(value, pointer)) return;
    const Case* one = case_of(shape, value);
    for (Member& member : value.members) {
      if (is_full()) return;
      const std::string inner = pointer + '/' + pointer_step(member.name);
      const Key* key = shape.find(member.name);
      if (key == nullptr) {
        unknown_key(shape, one, member, inner);
      } else if (one != nullptr && !belongs(shape, *one, member.name)) {
        Problem& problem =
            report(member.place, inner,
                   shown(member.name) + " does not belong to the kind " + std::string(one->word));
        problem.allowed = joined(keys_of(shape, one));
      } else {
        this->value(*key, member.value, inner);
      }
    }
    required_keys(shape, one, value, pointer);
  }

  static const Case* case_of(const Shape& shape, const Value& value) {
    const Value* word = shape.cases.empty() ? nullptr : value.find(shape.case_key);
    return word != nullptr && word->is(Kind::kText) ? shape.case_of(word->text) : nullptr;
  }

  static bool belongs(const Shape& shape, const Case& one, std::string_view key) {
    const auto has = [&](const auto& list) {
      return std::find(list.begin(), list.end(), key) != list.end();
    };
    return has(shape.common) || has(one.required) || has(one.optional);
  }

  static std::vector<std::string> keys_of(const Shape& shape, const Case* one) {
    std::vector<std::string> out;
    for (const Key& key : shape.keys) {
      if (one == nullptr || belongs(shape, *one, key.name)) out.emplace_back(key.name);
    }
    return out;
  }

  void unknown_key(const Shape& shape, const Case* one, const Member& member,
                   const std::string& pointer) {
    const auto known = keys_of(shape, one);
    Problem& problem = report(member.place, pointer, "unknown key " + shown(member.name));
    problem.allowed = known.empty() ? "nothing but {}" : joined(known);
    problem.nearest = nearest(member.name, known);
  }

  void required_keys(const Shape& shape, const Case* one, const Value& value,
                     const std::string& pointer) {
    const auto missing = [&](std::string_view key) { return value.find(key) == nullptr; };
    const auto demand = [&](std::string_view key) {
      if (!missing(key)) return;
      report(value.place, pointer, "the key " + shown(key) + " is missing").allowed =
          allowed_text(*shape.find(key));
    };
    for (const Key& key : shape.keys) {
      if (key.is_required) demand(key.name);
    }
    if (one != nullptr) {
      for (const std::string_view key : one->required) demand(key);
    }
    exclusive(shape.exactly_one, true, value, pointer);
    exclusive(shape.at_most_one, false, value, pointer);
  }

  void exclusive(const std::vector<std::string_view>& keys, bool one_must, const Value& value,
                 const std::string& pointer) {
    if (keys.empty()) return;
    const auto there = std::count_if(
        keys.begin(), keys.end(), [&](std::string_view key) { return value.find(key) != nullptr; });
    if (there == 1 || (there == 0 && !one_must)) return;
    const std::vector<std::string> all(keys.begin(), keys.end());
    report(value.place, pointer,
           there == 0 ? "one of the keys " + joined(all) + " is missing"
                      : "the keys " + joined(all) + " exclude each other")
        .allowed = one_must ? "exactly one of: " + joined(all) : "at most one of: " + joined(all);
  }

  void value(const Key& key, Value& value, const std::string& pointer) {
    switch (key.form) {
      case Form::kOne:
        return one(key, value, pointer);
      case Form::kList:
        return list(key, value, pointer);
      case Form::kMap:
        return map(key, value, pointer);
    }
  }

  void size(const Key& key, const Value& value, size_t size, const std::string& pointer) {
    const auto count = static_cast<int64_t>(size);
    if (count >= key.items_min && count <= key.items_max) return;
    report(value.place, pointer, "has " + std::to_string(count) + " items").allowed =
        std::to_string(key.items_min) + " to " + std::to_string(key.items_max) + " items";
  }

  void list(const Key& key, Value& value, const std::string& pointer) {
    if (!value.is(Kind::kArray)) {
      report(value.place, pointer, value.kind_name() + " stands where a list belongs").allowed =
          "a list: [ ... ]";
      return;
    }
    size(key, value, value.items.size(), pointer);
    for (size_t i = 0; i < value.items.size() && !is_full(); ++i) {
      one(key, value.items[i], pointer + '/' + std::to_string(i));
    }
  }

  void map(const Key& key, Value& value, const std::string& pointer) {
    if (!is_object(value, pointer)) return;
    size(key, value, value.members.size(), pointer);
    for (Member& member : value.members) {
      if (is_full()) return;
      const std::string inner = pointer + '/' + pointer_step(member.name);
      if (map_name(key, member, inner)) one(key, member.value, inner);
    }
  }

  bool map_name(const Key& key, const Member& member, const std::string& pointer) {
    std::vector<std::string> known;
    switch (key.names) {
      case Names::kAny:
        return true;
      case Names::kPointers:
        if (split_pointer(member.name) && !member.name.empty()) return true;
        report(member.place, pointer, shown(member.name) + " is no JSON Pointer").allowed =
            "a JSON Pointer (RFC 6901) such as /apps/0/instances";
        return false;
      case Names::kViolations:
        if (is_violation_or_signature(member.name)) return true;
        known = names(Words::kViolations);
        break;
      case Names::kWords:
        if (is_word(key.words, member.name)) return true;
        known = names(key.words);
        break;
    }
    Problem& problem = report(member.place, pointer, "unknown name " + shown(member.name));
    problem.allowed = joined(known);
    problem.nearest = nearest(member.name, known);
    return false;
  }

  void one(const Key& key, Value& value, const std::string& pointer) {
    if (value.is_bare) adapt(key, value);
    switch (key.type) {
      case Type::kText:
      case Type::kTarget:
      case Type::kName:
      case Type::kWord:
        return text(key, value, pointer);
      case Type::kInteger:
      case Type::kDecimal:
      case Type::kDuration:
      case Type::kSize:
        return number(key, value, pointer);
      case Type::kSeed:
        if (!seed_of(value)) wrong_value(key, value, pointer, value.kind_name() + " is no seed");
        return;
      case Type::kFlag:
        if (!value.is(Kind::kFlag)) {
          wrong_value(key, value, pointer, value.kind_name() + " is neither true nor false");
        }
        return;
      case Type::kObject:
        return object(shape(key.shape), value, pointer);
      case Type::kSettings:
        return settings(key, value, pointer);
      case Type::kChoices:
        return choices(key, value, pointer);
      case Type::kScalar:
        if (value.is(Kind::kText) || value.is(Kind::kNumber) || value.is(Kind::kFlag)) return;
        return wrong_value(key, value, pointer, value.kind_name() + " is no single value");
      case Type::kAny:
        return;
    }
  }

  // `--set /kafka=2.4` means the text.
  static void adapt(const Key& key, Value& value) {
    const bool wants_text = key.type == Type::kText || key.type == Type::kName ||
                            key.type == Type::kWord || key.type == Type::kTarget;
    if (wants_text && value.is(Kind::kFlag)) value.text = value.flag ? "true" : "false";
    if (wants_text && (value.is(Kind::kNumber) || value.is(Kind::kFlag))) {
      value.kind = Kind::kText;
      value.flag = false;
    }
  }

  void text(const Key& key, const Value& value, const std::string& pointer) {
    if (!value.is(Kind::kText)) {
      return wrong_value(key, value, pointer, value.kind_name() + " stands where a text belongs");
    }
    if (key.type == Type::kName && !is_name(value.text)) {
      wrong_value(key, value, pointer, shown(value.text) + " is no name");
    }
    if (key.type == Type::kTarget && value.text.empty()) {
      wrong_value(key, value, pointer, "an empty text names nothing");
    }
    if (key.type == Type::kWord && !is_word(key.words, value.text)) {
      wrong_value(key, value, pointer, "unknown word " + shown(value.text));
    }
  }

  void number(const Key& key, const Value& value, const std::string& pointer) {
    const auto number = number_of(key, value);
    if (!number) {
      const char* what = key.type == Type::kDuration  ? " is no duration"
                         : key.type == Type::kSize    ? " is no size"
                         : key.type == Type::kDecimal ? " is no number of at most three decimals"
                                                      : " is no whole number written with digits";
      wrong_value(key, value, pointer, value.kind_name() + what);
    } else if (*number < key.min || *number > key.max) {
      wrong_value(key, value, pointer, value.kind_name() + " is out of range");
    }
  }

  void settings(const Key& key, const Value& value, const std::string& pointer) {
    if (!is_object(value, pointer)) return;
    for (const Member& member : value.members) {
      if (is_full()) return;
      const std::string inner = pointer + '/' + pointer_step(member.name);
      const kafka::Setting* row = kafka::find_setting(member.name, key.sides);
      if (row == nullptr) {
        unknown_setting(key, member, inner);
      } else if (!setting_of(*row, member.value)) {
        Problem& problem = report(member.value.place, inner,
                                  member.value.kind_name() + " is no value of " + row->name);
        problem.allowed = setting_allowed(*row);
        if (row->type == kafka::SettingType::kWord && member.value.is(Kind::kText)) {
          std::vector<std::string> words;
          for (const char* word : row->words) words.emplace_back(word == nullptr ? "" : word);
          problem.nearest = nearest(member.value.text, words);
        }
      }
    }
  }

  void unknown_setting(const Key& key, const Member& member, const std::string& pointer) {
    std::vector<std::string> known;
    for (const kafka::Setting& row : kafka::all_settings()) {
      if (row.is_of(key.sides)) known.emplace_back(row.name);
    }
    Problem& problem = report(member.place, pointer, "unknown setting " + shown(member.name));
    problem.allowed = joined(known);
    problem.nearest = nearest(member.name, known);
  }

  void choices(const Key& key, const Value& value, const std::string& pointer) {
    if (value.is(Kind::kArray) && !value.items.empty() && value.items.size() <= 1'000) return;
    if (value.is(Kind::kObject) && value.members.size() == 2) {
      const Value* min = value.find("min");
      const Value* max = value.find("max");
      const auto low = min == nullptr ? std::nullopt : parse_integer(min->text);
      const auto high = max == nullptr ? std::nullopt : parse_integer(max->text);
      const bool are_numbers =
          low && high && min->is(Kind::kNumber) && max->is(Kind::kNumber) && *low <= *high;
      if (are_numbers) return;
    }
    wrong_value(key, value, pointer, value.kind_name() + " gives nothing to choose from");
  }

  Document& document_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check_structure(Document& document) { return StructureCheck(document).run(); }

std::optional<int64_t> number_of(const Key& key, const Value& value) {
  const bool is_number = value.is(Kind::kNumber);
  const bool is_text = value.is(Kind::kText);
  switch (key.type) {
    case Type::kInteger:
      return is_number ? parse_integer(value.text) : std::nullopt;
    case Type::kDecimal:
      return is_number ? parse_decimal(value.text, 3) : std::nullopt;
    case Type::kDuration:
      return is_text ? parse_duration(value.text) : std::nullopt;
    case Type::kSize:
      return is_number || is_text ? parse_size(value.text) : std::nullopt;
    case Type::kFlag:
      return value.is(Kind::kFlag) ? std::optional<int64_t>(value.flag ? 1 : 0) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<uint64_t> seed_of(const Value& value) {
  const bool fits = value.is(Kind::kNumber) || value.is(Kind::kText);
  return fits ? parse_unsigned(value.text) : std::nullopt;
}

std::optional<int64_t> setting_of(const kafka::Setting& row, const Value& value) {
  if (row.type == kafka::SettingType::kWord) {
    const bool fits = value.is(Kind::kText) || value.is(Kind::kNumber);
    return fits ? row.word_index(value.text) : std::nullopt;
  }
  if (row.type == kafka::SettingType::kWords) {
    return value.is(Kind::kText) ? row.words_value(value.text) : std::nullopt;
  }
  if (row.type == kafka::SettingType::kFlag) {
    return value.is(Kind::kFlag) ? std::optional<int64_t>(value.flag ? 1 : 0) : std::nullopt;
  }
  if (row.type == kafka::SettingType::kName) {
    const bool fits = value.is(Kind::kText) && is_name(value.text);
    return fits ? std::optional<int64_t>(1) : std::nullopt;
  }
  const bool is_ratio = row.type == kafka::SettingType::kRatio;
  const auto number = !value.is(Kind::kNumber) ? std::nullopt
                      : is_ratio               ? parse_decimal(value.text, 3)
                                               : parse_integer(value.text);
  return number && *number >= row.min && *number <= row.max ? number : std::nullopt;
}

}  // namespace eosim::scenario
