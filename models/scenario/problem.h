// What is wrong with something that a user gave: a value with a place, never an exception.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eosim::scenario {

// `file` is a path, or the words of the command line ("--set /kafka=9"); then line is 0.
struct Problem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string pointer;  // JSON Pointer (RFC 6901); "" is the whole document
  std::string message;  // what is wrong
  std::string allowed;  // may be empty
  std::string nearest;  // may be empty

  // One line: `file:line:column: /pointer: message; allowed: ...; did you mean "x"?`
  std::string text() const;
};

// A file that is wrong everywhere needs no more than this; looking for near words takes time.
inline constexpr size_t kProblemsMax = 100;

// A T, or what is wrong. Problems are in the order of the document; the first is the one to show.
template <typename T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Problem problem) { problems_.push_back(std::move(problem)); }
  Result(std::vector<Problem> problems) : problems_(std::move(problems)) {}

  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  const std::vector<Problem>& problems() const { return problems_; }
  const Problem& problem() const { return problems_.front(); }

 private:
  std::optional<T> value_;
  std::vector<Problem> problems_;
};

// "text" as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD.
std::string json_quoted(std::string_view text);
// The same for messages: what is long is cut.
std::string shown(std::string_view text);
// "a, b, c"
std::string joined(std::span<const std::string> words);

}  // namespace eosim::scenario
