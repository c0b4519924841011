// A JSON document as a tree that remembers where everything stands and how numbers were written.
// Numbers stay text: a scenario's numbers become integers from their text, never through floating
// point (design.md 6). Order of members is kept. A plain value: copy it, change it, print it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/scenario/problem.h"

namespace eosim::scenario {

// Where a key or a value begins. `source` 0 is the file; others are options that changed the tree.
struct Place {
  int source = 0;
  int line = 0;
  int column = 0;
};

struct Member;

struct Value {
  enum class Kind : uint8_t { kNull, kFlag, kNumber, kText, kArray, kObject };

  Kind kind = Kind::kNull;
  bool flag = false;
  bool is_bare = false;  // from the command line, where 2.5 may well mean "2.5"
  Place place;
  std::string text;             // of kText: the characters; of kNumber: as it was written
  std::vector<Value> items;     // of kArray
  std::vector<Member> members;  // of kObject

  bool is(Kind k) const { return kind == k; }
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  // "a number", "a list", ... for messages
  std::string kind_name() const;
  // Keys in any order are the same object; places and quotes of numbers do not matter.
  bool same_as(const Value& other) const;

  static Value of_text(std::string text);
  static Value of_number(int64_t number);
  static Value of_unsigned(uint64_t number);
  static Value of_texts(const std::vector<std::string>& texts);
  static Value of_flag(bool flag);
  static Value object();
  static Value array();
  // Adds a member, or replaces the one of that name; returns it.
  Value& put(std::string_view name, Value value);
};

struct Member {
  std::string name;
  Place place;
  Value value;
};

// A tree and what its places mean.
struct Document {
  Value root;
  std::vector<std::string> sources;  // [0] is the file

  Problem problem_at(Place place, std::string pointer, std::string message) const;
};

// What a file may cost us. Beyond it there is a Problem.
struct DocumentLimits {
  size_t bytes = size_t{4} << 20;
  size_t values = 250'000;
  int depth = 64;
};

// JSON with // and /* */ comments. Syntax errors, duplicate keys, ill-formed UTF-8, numbers out of
// range and too deep nesting are the Problem.
Result<Document> parse_document(std::string_view text, std::string file_name,
                                const DocumentLimits& limits = {});

// The whole of a regular file, at most limits.bytes.
Result<std::string> read_file(const std::string& path, const DocumentLimits& limits = {});

// As JSON, members in their order; indent 0 prints one line.
std::string to_json(const Value& value, int indent = 2);

}  // namespace eosim::scenario
