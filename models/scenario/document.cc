#include "models/scenario/document.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace eosim::scenario {

const Value* Value::find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(name));
}

std::string Value::kind_name() const {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kFlag:
      return flag ? "true" : "false";
    case Kind::kNumber:
      return "the number " + (text.size() <= 40 ? text : text.substr(0, 40) + "...");
    case Kind::kText:
      return "the text " + shown(text);
    case Kind::kArray:
      return "a list";
    case Kind::kObject:
      return "an object";
  }
  return {};
}

bool Value::same_as(const Value& other) const {
  if (kind != other.kind || flag != other.flag || text != other.text) return false;
  if (items.size() != other.items.size() || members.size() != other.members.size()) return false;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].same_as(other.items[i])) return false;
  }
  return std::all_of(members.begin(), members.end(), [&](const Member& member) {
    const Value* value = other.find(member.name);
    return value != nullptr && member.value.same_as(*value);
  });
}

Value Value::of_text(std::string text) {
  Value value;
  value.kind = Kind::kText;
  value.text = std::move(text);
  return value;
}

Value Value::of_number(int64_t number) {
  Value value;
  value.kind = Kind::kNumber;
  value.text = std::to_string(number);
  return value;
}

Value Value::of_unsigned(uint64_t number) {
  Value value = of_number(0);
  value.text = std::to_string(number);
  return value;
}

Value Value::of_texts(const std::vector<std::string>& texts) {
  Value list = array();
  for (const std::string& text : texts) list.items.push_back(of_text(text));
  return list;
}

Value Value::of_flag(bool flag) {
  Value value;
  value.kind = Kind::kFlag;
  value.flag = flag;
  return value;
}

Value Value::object() {
  Value value;
  value.kind = Kind::kObject;
  return value;
}

Value Value::array() {
  Value value;
  value.kind = Kind::kArray;
  return value;
}

Value& Value::put(std::string_view name, Value value) {
  if (Value* there = find(name)) return *there = std::move(value);
  const Place begin = value.place;
  members.push_back({std::string(name), begin, std::move(value)});
  return members.back().value;
}

Problem Document::problem_at(Place place, std::string pointer, std::string message) const {
  Problem problem;
  problem.file = sources.at(static_cast<size_t>(place.source));
  problem.line = place.line;
  problem.column = place.column;
  problem.pointer = std::move(pointer);
  problem.message = std::move(message);
  return problem;
}

Result<std::string> read_file(const std::string& path, const DocumentLimits& limits) {
  const auto wrong = [&](std::string message) {
    return Problem{path, 0, 0, "", std::move(message), "", ""};
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return wrong("is a directory, not a file");
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return wrong(std::string("cannot be read: ") + std::strerror(errno));
  std::string text;
  char block[1 << 16];
  while (const size_t count = std::fread(block, 1, sizeof block, file.get())) {
    text.append(block, count);
    if (text.size() > limits.bytes) {
      Problem problem = wrong("is too large");
      problem.allowed = "at most " + std::to_string(limits.bytes) + " bytes";
      return problem;
    }
  }
  if (std::ferror(file.get())) return wrong("cannot be read to its end");
  return text;
}

namespace {

void write(const Value& value, int indent, int depth, std::string& out);

void new_line(int indent, int depth, std::string& out) {
  if (indent == 0) return;
  out += '\n';
  out.append(static_cast<size_t>(indent * depth), ' ');
}

void write_object(const Value& value, int indent, int depth, std::string& out) {
  out += '{';
  for (const Member& member : value.members) {
    if (&member != value.members.data()) out += ',';
    new_line(indent, depth + 1, out);
    out += json_quoted(member.name) + (indent == 0 ? ":" : ": ");
    write(member.value, indent, depth + 1, out);
  }
  if (!value.members.empty()) new_line(indent, depth, out);
  out += '}';
}

void write_array(const Value& value, int indent, int depth, std::string& out) {
  out += '[';
  for (const Value& item : value.items) {
    if (&item != value.items.data()) out += ',';
    new_line(indent, depth + 1, out);
    write(item, indent, depth + 1, out);
  }
  if (!value.items.empty()) new_line(indent, depth, out);
  out += ']';
}

void write(const Value& value, int indent, int depth, std::string& out) {
  switch (value.kind) {
    case Value::Kind::kNull:
      out += "null";
      return;
    case Value::Kind::kFlag:
      out += value.flag ? "true" : "false";
      return;
    case Value::Kind::kNumber:
      out += value.text;
      return;
    case Value::Kind::kText:
      out += json_quoted(value.text);
      return;
    case Value::Kind::kArray:
      return write_array(value, indent, depth, out);
    case Value::Kind::kObject:
      return write_object(value, indent, depth, out);
  }
}

}  // namespace

std::string to_json(const Value& value, int indent) {
  std::string out;
  write(value, indent, 0, out);
  return out;
}

}  // namespace eosim::scenario
