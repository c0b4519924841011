#include "models/scenario/pointer.h"

namespace eosim::scenario {
namespace {

// An index as RFC 6901 has it: digits, no leading zero.
std::optional<size_t> index_of(std::string_view step) {
  if (step.empty() || step.size() > 9 || (step.size() > 1 && step[0] == '0')) return std::nullopt;
  size_t index = 0;
  for (const char c : step) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<size_t>(c - '0');
  }
  return index;
}

std::string item_problem(const Value& list, const std::string& step) {
  const std::string range =
      list.items.empty() ? "it is empty" : "0 to " + std::to_string(list.items.size() - 1);
  return shown(step) + " is no item of that list (" + range + ")";
}

}  // namespace

std::optional<std::vector<std::string>> split_pointer(std::string_view pointer) {
  std::vector<std::string> steps;
  if (pointer.empty()) return steps;
  if (pointer[0] != '/') return std::nullopt;
  for (size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      steps.emplace_back();
    } else if (pointer[i] == '~') {
      const char code = i + 1 < pointer.size() ? pointer[i + 1] : '\0';
      if (code != '0' && code != '1') return std::nullopt;
      steps.back() += code == '0' ? '~' : '/';
      ++i;
    } else {
      steps.back() += pointer[i];
    }
  }
  return steps;
}

std::string pointer_step(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

const Value* find_at(const Value& root, std::string_view pointer) {
  const auto steps = split_pointer(pointer);
  if (!steps) return nullptr;
  const Value* at = &root;
  for (const std::string& step : *steps) {
    if (at->is(Value::Kind::kObject)) {
      at = at->find(step);
    } else {
      const auto index = at->is(Value::Kind::kArray) ? index_of(step) : std::nullopt;
      at = index && *index < at->items.size() ? &at->items[*index] : nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string set_at(Value& root, std::string_view pointer, Value value) {
  const auto steps = split_pointer(pointer);
  if (!steps) return "no JSON Pointer: it begins with / and ~ is written ~0, / inside a name ~1";
  if (steps->size() > 64) return "nested too deeply";
  Value* at = &root;
  for (size_t i = 0; i < steps->size(); ++i) {
    const std::string& step = (*steps)[i];
    const bool is_last = i + 1 == steps->size();
    if (at->is(Value::Kind::kObject)) {
      Value* next = at->find(step);
      if (next == nullptr) {
        Value made = Value::object();
        made.place = value.place;
        next = &at->put(step, std::move(made));
      }
      at = next;
    } else if (at->is(Value::Kind::kArray)) {
      const auto index = step == "-" ? at->items.size() : index_of(step);
      const bool appends = index && *index == at->items.size() && is_last;
      if (appends) at->items.emplace_back();
      if (!index || *index >= at->items.size()) return item_problem(*at, step);
      at = &at->items[*index];
    } else {
      return "there is nothing inside " + at->kind_name() + " that " + shown(step) + " could name";
    }
  }
  *at = std::move(value);
  return {};
}

void remove_member(Value& root, std::string_view name) {
  std::erase_if(root.members, [&](const Member& member) { return member.name == name; });
}

}  // namespace eosim::scenario
