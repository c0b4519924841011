// Golden traces: each file of tests/tools/golden opens with the command that prints the rest of it.
// After a change that is meant, run the command again; `git diff` shows what has become of it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "program_run.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

TEST_CASE("golden traces are what their commands print") {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(EOSIM_SOURCE_DIR "/tests/tools/golden")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 5);
  for (const fs::path& path : files) {
    std::ifstream file(path);
    std::string command, line;
    std::getline(file, command);
    std::vector<std::string> words = words_of(command);
    CAPTURE(path.filename().string(), command);
    REQUIRE(words.size() > 3);
    REQUIRE(words[0] == "$");
    REQUIRE(words[1] == "eosim");
    words.erase(words.begin(), words.begin() + 2);
    const ProgramRun run = run_program(words);
    CHECK(run.code == 0);
    // Line by line: the first that differs is the one to look at.
    std::istringstream printed(run.out);
    for (int number = 2; std::getline(file, line); ++number) {
      std::string now;
      std::getline(printed, now);
      CAPTURE(number);
      REQUIRE(now == line);
    }
    CHECK_FALSE(std::getline(printed, line));
  }
}
