// Over the source text: a switch is read at one place (design.md section 4), and what a scenario
// may say is read at all. Two lists hold what awaits its piece; they may only shrink.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.h"
#include "models/protocol/settings.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {
namespace {

namespace fs = std::filesystem;

// What names every switch or setting by its nature: the tables; and what the checkers may expect.
bool is_table(const std::string& file) {
  static const std::set<std::string> tables = {
      "protocol/switches.h", "protocol/switches.cc", "protocol/presets.cc", "protocol/versions.cc",
      "protocol/settings.h", "protocol/settings.cc", "check/promises.cc"};
  return tables.contains(file);
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  std::string line;
  while (std::getline(file, line)) text << line.substr(0, line.find("//")) << '\n';
  return text.str();
}

std::map<std::string, std::string> sources() {
  std::map<std::string, std::string> out;
  const fs::path root = fs::path(EOSIM_SOURCE_DIR) / "models";
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    const std::string type = entry.path().extension().string();
    const std::string file = entry.path().lexically_relative(root).generic_string();
    if ((type == ".cc" || type == ".h") && !is_table(file)) out[file] = text_of(entry.path());
  }
  return out;
}

bool is_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Places where `name` stands as a whole word, by file and line, and is not set.
std::vector<std::string> places(const std::map<std::string, std::string>& files,
                                const std::string& name) {
  std::vector<std::string> out;
  for (const auto& [file, text] : files) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const size_t end = at + name.size();
      if (end < text.size() && is_of_name(text[end])) continue;
      if (at > 0 && is_of_name(text[at - 1])) continue;
      if (std::string_view(text).substr(0, at).ends_with(".set(")) continue;
      out.push_back(file + ':' +
                    std::to_string(1 + std::count(text.begin(), text.begin() + at, '\n')));
    }
  }
  return out;
}

// The names in the order of an enum, as its header has them: "kInitExpectedPair".
std::vector<std::string> enumerators(const char* header, const std::string& opening) {
  const std::string text = text_of(fs::path(EOSIM_SOURCE_DIR) / "models/protocol" / header);
  const size_t begin = text.find(opening) + opening.size();
  std::vector<std::string> out;
  std::string word;
  for (const char c : text.substr(begin, text.find('}', begin) - begin)) {
    if (is_of_name(c)) {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::exchange(word, ""));
    }
  }
  REQUIRE(out.back() == "kCount");
  out.pop_back();
  return out;
}

// Switches that no model reads yet. Take a name out with the code that reads it.
const std::set<std::string> kUnreadSwitches = {};

// Settings that no model reads yet. A scenario that names one of them gets no effect: take a name
// out with the code that reads it.
const std::set<std::string> kUnreadSettings = {};

// The setting of a topic whose default this one of a broker is, or none.
std::optional<SettingId> read_through(SettingId id) {
  const Setting& row = setting(id);
  if (!row.is_of(kBrokerSide)) return std::nullopt;
  const Settings untold;
  Settings told;
  told.set(id, told.get(id) == row.max ? row.min : row.max);
  for (const Setting& other : all_settings()) {
    if (other.id == id || !other.is_of(kTopicSide)) continue;
    if (topic_setting(other.id, untold, told) != topic_setting(other.id, untold, untold)) {
      return other.id;
    }
  }
  return std::nullopt;
}

TEST_CASE("a switch is read at one place") {
  const auto files = sources();
  REQUIRE(files.size() > 50);
  const auto names = enumerators("switches.h", "enum class Switch : uint8_t {");
  REQUIRE(names.size() == kSwitchCount);
  for (const std::string& name : names) {
    std::string list;
    const auto found = places(files, "Switch::" + name);
    for (const std::string& place : found) list += place + ' ';
    CAPTURE(name);
    CAPTURE(list);
    CHECK(found.size() == (kUnreadSwitches.contains(name) ? 0 : 1));
  }
  // A name without "Switch::" would not be found.
  CHECK(places(files, "using enum Switch").empty());
  CHECK(places(files, "using enum kafka::Switch").empty());
  for (const std::string& name : kUnreadSwitches) {
    CAPTURE(name);
    CHECK(std::ranges::find(names, name) != names.end());
  }
}

TEST_CASE("a setting is read") {
  const auto files = sources();
  const auto names = enumerators("settings.h", "enum class SettingId : uint8_t {");
  REQUIRE(names.size() == kSettingCount);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto through = read_through(static_cast<SettingId>(i));
    const std::string& name = names[i];
    CAPTURE(name);
    const bool read = !places(files, name).empty() ||
                      (through && !places(files, names.at(static_cast<size_t>(*through))).empty());
    CHECK(read != kUnreadSettings.contains(name));
  }
  for (const std::string& name : kUnreadSettings) {
    CAPTURE(name);
    CHECK(std::ranges::find(names, name) != names.end());
  }
}

}  // namespace
}  // namespace eosim::kafka
