#include "models/scenario/problem.h"

#include "models/scenario/utf8.h"

namespace eosim::scenario {
namespace {

constexpr size_t kShownBytes = 80;

void append_escaped(std::string& out, char c) {
  constexpr const char* kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (byte < 0x20 || byte == 0x7F) {
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  } else {
    out += c;
  }
}

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8_length(text, i);
    if (length == 1) append_escaped(out, text[i]);
    if (length > 1) out += text.substr(i, length);
    if (length == 0) out += "\uFFFD";
    i += length == 0 ? 1 : length;
  }
  return out + '"';
}

std::string shown(std::string_view text) {
  if (text.size() <= kShownBytes) return json_quoted(text);
  size_t end = 0;
  while (end < kShownBytes) {
    const size_t length = utf8_length(text, end);
    end += length == 0 ? 1 : length;
  }
  return json_quoted(text.substr(0, end)) + "...";
}

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

std::string Problem::text() const {
  // A pointer and a file name are the user's text too: nothing may break the one line.
  const auto one_line = [](std::string_view raw) {
    const std::string safe = shown(raw);
    return safe == json_quoted(raw) && safe.size() == raw.size() + 2 ? std::string(raw) : safe;
  };
  std::string out = file.find_first_of("\n\r\x1b") == std::string::npos ? file : shown(file);
  if (line > 0) out += ':' + std::to_string(line) + ':' + std::to_string(column);
  out += ": ";
  if (!pointer.empty()) out += one_line(pointer) + ": ";
  out += message;
  if (!allowed.empty()) out += "; allowed: " + allowed;
  if (!nearest.empty()) out += "; did you mean " + shown(nearest) + "?";
  return out;
}

}  // namespace eosim::scenario
