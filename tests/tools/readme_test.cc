// What the READMEs show of the program's output is what it prints.
#include <fstream>
#include <regex>
#include <sstream>

#include "program_run.h"

using namespace eosim::tools;

namespace {

struct Shown {
  std::vector<std::string> words;  // behind "eosim"
  std::string command;
  std::string output;
};

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Blocks between "<!-- output of ...: begin -->" and "end -->": a command behind "$ ", perhaps on
// several lines, and what it prints.
std::vector<Shown> blocks(const std::string& text) {
  const std::regex block("<!-- output of [^\n]*: begin -->\n```\n\\$ eosim ");
  std::vector<Shown> all;
  for (std::sregex_iterator at(text.begin(), text.end(), block), end; at != end; ++at) {
    const auto begin = static_cast<size_t>(at->position() + at->length());
    std::string body = text.substr(begin, text.find("```\n<!-- output of", begin) - begin);
    size_t line = body.find('\n');
    while (body[line - 1] == '\\') line = body.find('\n', line + 1);
    Shown shown{{}, body.substr(0, line), body.substr(line + 1)};
    std::istringstream words(std::regex_replace(shown.command, std::regex("\\\\\n"), " "));
    for (std::string word; words >> word;) shown.words.push_back(word);
    all.push_back(std::move(shown));
  }
  return all;
}

// How long a run took is another number each time.
std::string without_wall_time(const std::string& text) {
  return std::regex_replace(text, std::regex(", [0-9]+ ms\n"), ", ... ms\n");
}

}  // namespace

TEST_CASE("the output in a README is what the program prints") {
  for (const char* file : {"/README.md", "/scenarios/README.md"}) {
    const auto all = blocks(read(EOSIM_SOURCE_DIR + std::string(file)));
    REQUIRE_FALSE(all.empty());
    for (const Shown& shown : all) {
      INFO(file << ": eosim " << shown.command);
      CHECK(without_wall_time(run_program(shown.words).out) == without_wall_time(shown.output));
    }
  }
}
