// eosim list coverage and fuzz --coverage: the file of cells, what it refuses, who adds to it.
#include "fuzz_support.h"
#include "models/scenario/document.h"
#include "tools/coverage_book.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

const CoverageCell& cell(const CoverageBook& book, const std::string& request,
                         const std::string& state, const std::string& error) {
  for (const CoverageCell& one : book.cells()) {
    if (one.request() == request && one.state_name() == state && one.error == error) return one;
  }
  FAIL("no cell " << request << ' ' << state << ' ' << error);
  return book.cells().front();
}

CoverageBook book_of(const std::string& text) {
  const auto book = CoverageBook::read(text, "a.txt");
  INFO((book ? "" : book.problem().text()));
  REQUIRE(book);
  return *book;
}

}  // namespace

TEST_CASE("the shipped coverage has every cell of the tables once, and nothing beyond them") {
  const std::string text = read_text(EOSIM_SOURCE_DIR "/scenarios/coverage.txt");
  const CoverageBook book = book_of(text);
  INFO("tools/coverage writes it");
  CHECK(book.beyond().empty());
  CHECK((book.text() == text));
  CHECK(book.cells().size() > 500);
}

TEST_CASE("what is written is read again, and lines about one cell add up") {
  const std::string cells =
      "# a comment\n\n"
      "transaction EndTxn(commit) Ongoing NONE t\n"
      "transaction EndTxn(commit) Ongoing NONE f\n"
      "group Heartbeat Stable NONE f\n"
      "leader data idle-same NONE .\n";
  const CoverageBook book = book_of(cells);
  CHECK(cell(book, "EndTxn(commit)", "Ongoing", "NONE").marks() == "tf");
  CHECK(cell(book, "Heartbeat", "Stable", "NONE").marks() == "f");
  CHECK(cell(book, "data", "idle-same", "NONE").marks() == ".");
  CHECK(book_of(book.text()).text() == book.text());
}

TEST_CASE("an answer that looks at no state is one cell, whatever the state was") {
  const CoverageBook book = book_of(
      "group JoinGroup(new) Stable INVALID_GROUP_ID t\n"
      "group JoinGroup(new) Empty INVALID_GROUP_ID f\n");
  CHECK(cell(book, "JoinGroup(new)", "any", "INVALID_GROUP_ID").marks() == "tf");
  CHECK(book.beyond().empty());
}

TEST_CASE("what is reached beyond the tables is kept and shown") {
  const std::string folder = fresh_folder("coverage_beyond");
  const CoverageBook book = book_of("group Heartbeat Empty NONE f\n");
  REQUIRE(book.beyond().size() == 1);
  CHECK(book_of(book.text()).beyond().size() == 1);
  const std::string path = write_text(folder + "/c.txt", book.text());
  const ProgramRun shown = run_program({"list", "coverage", "--from", path});
  CHECK(shown.code == kExitOk);
  CHECK_THAT(shown.out, contains_text("reached, and in no table:\n  group Heartbeat Empty NONE f"));
}

TEST_CASE("a wrong line is refused with its place") {
  struct Row {
    const char* line;
    const char* says;
  };
  const Row rows[] = {
      {"transaction EndTxn(commit) Ongoing NONE", "4 words instead of 5"},
      {"transactoin EndTxn(commit) Ongoing NONE t", "did you mean \"transaction\"?"},
      {"transaction EndTxn(comit) Ongoing NONE t", "did you mean \"EndTxn(commit)\"?"},
      {"transaction EndTxn(commit) Ongoin NONE t", "did you mean \"Ongoing\"?"},
      {"transaction EndTxn(commit) Ongoing none t", "\"none\" is no error"},
      {"transaction EndTxn(commit) Ongoing NONE x", "\"x\" is no mark"},
      {"group Heartbeat Empty NONE .", "no such cell"},
  };
  for (const Row& row : rows) {
    INFO(row.line);
    const auto book = CoverageBook::read(std::string("# first\n") + row.line + '\n', "a.txt");
    REQUIRE_FALSE(book);
    CHECK_THAT(book.problem().text(), contains_text("a.txt:2:1"));
    CHECK_THAT(book.problem().text(), contains_text(row.says));
  }
}

TEST_CASE("list coverage shows a matrix for each request, and JSON with a member for each cell") {
  const std::string folder = fresh_folder("coverage_list");
  const std::string path = write_text(folder + "/c.txt",
                                      "transaction EndTxn(commit) Ongoing NONE tf\n"
                                      "transaction EndTxn(commit) CompleteCommit NONE t\n");
  const ProgramRun text = run_program({"list", "coverage", "--from", path});
  CHECK(text.code == kExitOk);
  CHECK_THAT(text.out, contains_text(" 2 reached by the tests, 1 by the fuzzer, "));
  CHECK_THAT(text.out,
             contains_text("EndTxn(commit)\n"
                           "  NONE                                            tf          t\n"));
  const ProgramRun json = run_program({"list", "coverage", "--from", path, "--json"});
  const auto document = scenario::parse_document(json.out, "stdout");
  REQUIRE(document);
  CHECK(document->root.items.size() == CoverageBook().cells().size());
}

TEST_CASE("list coverage refuses a file that is not there, and other words refuse --from") {
  CHECK(run_program({"list", "coverage", "--from", "nowhere.txt"}).code == kExitWrongInput);
  const ProgramRun other = run_program({"list", "presets", "--from", "nowhere.txt"});
  CHECK(other.code == kExitWrongInput);
  CHECK_THAT(other.err, contains_text("--from"));
}

TEST_CASE("a campaign adds what it reached to the file, the same with any number of threads") {
  const std::string folder = fresh_folder("coverage_fuzz");
  const std::string scenario = write_text(folder + "/small.json", kZombieScenario);
  const auto fuzz = [&](const std::string& file, const char* seeds, const char* threads) {
    run_program({"fuzz", scenario, "--seeds", seeds, threads, "--out", folder + "/out",
                 "--coverage", file});
    return read_text(file);
  };
  const std::string one = fuzz(folder + "/one.txt", "1..6", "-j1");
  CHECK(one == fuzz(folder + "/three.txt", "1..6", "-j3"));
  CHECK(cell(book_of(one), "Heartbeat", "Stable", "NONE").by_fuzzer);
  // In two parts, and what was there before stays.
  const std::string parts =
      write_text(folder + "/parts.txt", "group JoinGroup(new) any INVALID_GROUP_ID t\n");
  fuzz(parts, "1..3", "-j2");
  const CoverageBook both = book_of(fuzz(parts, "4..6", "-j2"));
  CHECK(cell(both, "JoinGroup(new)", "any", "INVALID_GROUP_ID").by_tests);
  const CoverageBook whole = book_of(one);
  for (const CoverageCell& cell : whole.cells()) {
    const auto same =
        std::find_if(both.cells().begin(), both.cells().end(), [&cell](const CoverageCell& other) {
          return other.table == cell.table && other.row == cell.row && other.state == cell.state &&
                 other.error == cell.error;
        });
    REQUIRE(same != both.cells().end());
    CHECK(same->by_fuzzer == cell.by_fuzzer);
  }
  const std::string bad = write_text(folder + "/bad.txt", "what is this\n");
  CHECK(run_program({"fuzz", scenario, "--runs", "1", "--coverage", bad}).code == kExitWrongInput);
  CHECK(read_text(bad) == "what is this\n");
}
