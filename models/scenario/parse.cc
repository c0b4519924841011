// parse_document: nlohmann/json judges the syntax and hands over what it reads; where that stands
// comes from a scanner of our own, because the library tells no places. The scanner only has to be
// right on text that the library accepted so far: both see the same sequence of tokens.
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "models/scenario/document.h"
#include "models/scenario/pointer.h"
#include "sim/assert.h"

namespace eosim::scenario {
namespace {

// Steps from one key, scalar, { or [ to the next.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  struct Token {
    Place place;
    std::string_view text;
  };

  Token next() {
    skip_to_token();
    const size_t begin = at_;
    const Place place{0, line_, column_};
    if (at_ < text_.size()) end_of_token();
    return {place, text_.substr(begin, at_ - begin)};
  }

  // Where the token begins whose reading ended at `offset`: what the library stumbled over.
  static Place place_of_token(std::string_view text, size_t offset) {
    Scanner scanner(text);
    for (;;) {
      scanner.skip_blanks("");
      const Place place{0, scanner.line_, scanner.column_};
      if (scanner.at_ >= text.size()) return place;
      scanner.is_mark(scanner.peek()) ? scanner.step() : scanner.end_of_token();
      if (scanner.at_ >= offset) return place;
    }
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const auto byte = static_cast<unsigned char>(text_[at_++]);
    if (byte == '\n') {
      ++line_;
      column_ = 1;
    } else if (at_ == text_.size() || (static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) {
      ++column_;  // a column is a character, not a byte
    }
  }

  static bool is_mark(char c) { return c == ',' || c == ':' || c == ']' || c == '}'; }

  void skip_to_token() { skip_blanks(",:]}"); }

  void skip_blanks(std::string_view marks) {
    while (at_ < text_.size()) {
      if (peek() == '/' && peek(1) == '/') {
        while (at_ < text_.size() && peek() != '\n' && peek() != '\r') step();
      } else if (peek() == '/' && peek(1) == '*') {
        step(), step();
        while (at_ < text_.size() && !(peek() == '*' && peek(1) == '/')) step();
        if (at_ < text_.size()) step();
        if (at_ < text_.size()) step();
      } else if (std::string_view(" \t\r\n").find(peek()) != std::string_view::npos ||
                 marks.find(peek()) != std::string_view::npos) {
        step();
      } else {
        return;
      }
    }
  }

  void end_of_token() {
    const char first = peek();
    step();
    if (first == '{' || first == '[') return;
    if (first == '"') {
      while (at_ < text_.size() && peek() != '"') {
        if (peek() == '\\') step();
        if (at_ < text_.size()) step();
      }
      if (at_ < text_.size()) step();
      return;
    }
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n,:]}[{\"/").find(peek()) == std::string_view::npos) {
      step();
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

// Builds the tree from the library's calls. A call that returns false ends the parse.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, std::string file, const DocumentLimits& limits)
      : text_(text), scanner_(text), limits_(limits) {
    document_.sources.push_back(std::move(file));
  }

  Result<Document> take() && {
    if (problem_) return std::move(*problem_);
    return std::move(document_);
  }

  bool null() override { return add(scalar(Value::Kind::kNull)); }
  bool boolean(bool flag) override {
    Value value = scalar(Value::Kind::kFlag);
    value.flag = flag;
    return add(std::move(value));
  }
  bool number_integer(number_integer_t) override { return number(); }
  bool number_unsigned(number_unsigned_t) override { return number(); }
  bool number_float(number_float_t, const string_t&) override { return number(); }
  bool string(string_t& text) override {
    Value value = scalar(Value::Kind::kText);
    value.text = std::move(text);
    return add(std::move(value));
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(scalar(Value::Kind::kObject)); }
  bool start_array(std::size_t) override { return open(scalar(Value::Kind::kArray)); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const Place place = scanner_.next().place;
    Level& level = levels_.back();
    if (!level.names.insert(name).second) {
      return fail(place, pointer() + '/' + pointer_step(name), "this key stands here twice",
                  "each key once");
    }
    level.value.members.push_back({std::move(name), place, Value{}});
    awaits_value_ = true;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::string why = reason(error.what());
    // What ends a literal or a number too early was read already, but is not to blame.
    const bool is_cut = why.find("invalid literal") != std::string::npos ||
                        why.find("invalid number") != std::string::npos;
    const bool one_too_far =
        is_cut && position > 0 && position <= text_.size() &&
        std::string_view(" \t\r\n,:]}").find(text_[position - 1]) != std::string_view::npos;
    return fail(Scanner::place_of_token(text_, position - (one_too_far ? 1 : 0)), pointer(), why,
                "JSON");
  }

 private:
  struct Level {
    Value value;
    std::set<std::string> names;
  };

  // The library's message without its own name and place.
  static std::string reason(std::string text) {
    for (const char* cut : {"syntax error ", "[json.exception.out_of_range.406] "}) {
      const size_t at = text.find(cut);
      if (at != std::string::npos) text = text.substr(at);
    }
    if (text.find("number overflow") != std::string::npos) return "a number is out of range";
    const size_t last = text.find("; last read: ");
    if (last != std::string::npos) {
      const size_t rest = text.find("; expected", last + 1);
      text = text.substr(0, last) + (rest == std::string::npos ? "" : text.substr(rest));
    }
    return "not JSON: " + text;
  }

  // Of what is being read: the open containers and the last key or the next index in each.
  std::string pointer() const {
    std::string out;
    for (size_t i = 0; i < levels_.size(); ++i) {
      const Value& value = levels_[i].value;
      if (value.is(Value::Kind::kArray)) {
        out += '/' + std::to_string(value.items.size());
      } else if (!value.members.empty() && (i + 1 < levels_.size() || awaits_value_)) {
        out += '/' + pointer_step(value.members.back().name);
      }
    }
    return out;
  }

  bool fail(Place place, std::string where, std::string message, std::string allowed) {
    if (problem_) return false;
    problem_ = document_.problem_at(place, std::move(where), std::move(message));
    problem_->allowed = std::move(allowed);
    return false;
  }

  Value scalar(Value::Kind kind) {
    const Scanner::Token token = scanner_.next();
    Value value;
    value.kind = kind;
    value.place = token.place;
    if (kind == Value::Kind::kNumber) value.text = token.text;
    return value;
  }

  bool number() { return add(scalar(Value::Kind::kNumber)); }

  bool open(Value value) {
    if (static_cast<int>(levels_.size()) >= limits_.depth) {
      return fail(value.place, "", "nested too deeply",
                  "at most " + std::to_string(limits_.depth) + " levels");
    }
    levels_.push_back({std::move(value), {}});
    awaits_value_ = false;
    return true;
  }

  bool close() {
    Value value = std::move(levels_.back().value);
    levels_.pop_back();
    return add(std::move(value));
  }

  bool add(Value value) {
    if (++values_ > limits_.values) {
      return fail(value.place, "", "too many values", "at most " + std::to_string(limits_.values));
    }
    awaits_value_ = false;
    if (levels_.empty()) {
      document_.root = std::move(value);
    } else if (levels_.back().value.is(Value::Kind::kArray)) {
      levels_.back().value.items.push_back(std::move(value));
    } else {
      EOSIM_ASSERT(!levels_.back().value.members.empty());
      levels_.back().value.members.back().value = std::move(value);
    }
    return true;
  }

  std::string_view text_;
  Scanner scanner_;
  DocumentLimits limits_;
  Document document_;
  std::vector<Level> levels_;
  size_t values_ = 0;
  bool awaits_value_ = false;  // a key was read, and nothing of its value
  std::optional<Problem> problem_;
};

}  // namespace

Result<Document> parse_document(std::string_view text, std::string file_name,
                                const DocumentLimits& limits) {
  if (text.size() > limits.bytes) {
    return Problem{
        file_name, 1, 1, "", "is too large", "at most " + std::to_string(limits.bytes) + " bytes",
        ""};
  }
  Builder builder(text, std::move(file_name), limits);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder,
                            nlohmann::json::input_format_t::json, /*strict=*/true,
                            /*ignore_comments=*/true);
  return std::move(builder).take();
}

}  // namespace eosim::scenario
