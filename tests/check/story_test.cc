#include "models/check/story.h"
#include "catch.h"
#include "models/check/story_lines.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

constexpr auto kFirst = producer(1001, 0);
constexpr auto kSecond = producer(1002, 0);

sim::KernelRecord fault(const RunBuilder& run, sim::KernelEvent event, int64_t ms) {
  sim::KernelRecord record{};
  record.at = sim::Time{} + sim::milliseconds(ms);
  record.event = event;
  record.to = run.process("app-0");
  record.text = "pause";
  return record;
}

// The zombie of the talk: app-0 sleeps through a rebalance with its transaction open.
void zombie(RunBuilder& run, StoryObserver* story) {
  const Name group = run.name("app");
  run.source(kIn1, 0, 50);
  for (const char* member : {"app-0/0", "app-1/0"}) {
    const Name id = run.name(std::string("member-") + member);
    run.fact(Event::kGroupMemberJoined, {group.id, id.id, run.name(member).id});
  }
  run.at(12'000).open(1, "app-0/0", kFirst).data(kOut, 116, kFirst, 1, {{kIn1, 42}});
  if (story != nullptr) {
    story->on_kernel(run.world(), fault(run, sim::KernelEvent::kFaultBegan, 12'003));
  }
  run.at(18'110).fact(Event::kGroupMemberRemoved,
                      {group.id, run.name("member-app-0/0").id,
                       static_cast<int64_t>(RemovalReason::kSessionExpired)});
  run.fact(Event::kGroupGeneration, {group.id, 7, 1, -1});
  run.fact(Event::kGroupAssigned, {group.id, 7, run.name("member-app-1/0").id, kIn1.packed()});
  run.at(18'402).from("app-1").fact(Event::kConsumerPosition, {group.id, kIn1.packed(), 42, 0});
  run.from("broker-0").open(2, "app-1/0", kSecond).data(kOut, 117, kSecond, 2, {{kIn1, 42}});
  run.at(18'500).decide(2, "app-1/0", kSecond, true).marker(kOut, 118, kSecond, true, 2);
  run.complete(2, "app-1/0", kSecond, true).ended(2, "app-1/0", CommitOutcome::kCommitted);
  if (story != nullptr) {
    story->on_kernel(run.world(), fault(run, sim::KernelEvent::kFaultEnded, 27'003));
  }
  run.at(27'100).decide(1, "app-0/0", kFirst, true).marker(kOut, 119, kFirst, true, 1);
}

// A run that feeds a story instead of a suite of checkers.
TEST_CASE("the story of a zombie is that of the talk") {
  RunBuilder first;
  zombie(first, nullptr);
  REQUIRE(first.kinds() == Kinds{"duplicate_output"});
  RunBuilder again;
  StoryObserver story(RunBuilder::default_config(), first.violation());
  again.watch(&story);
  zombie(again, &story);
  const std::vector<std::string> lines = story.lines();
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  INFO(all);
  CHECK(lines.size() <= StoryObserver::kLinesMax);
  const std::vector<std::string> expected = {
      "12.003s  app-0 pauses, transaction of producer 1001/0 open on output-0, "
      "offsets of input-1 not sent",
      "18.110s  group app: app-0 misses its session",
      "group app: generation 7 gives input-1 to app-1",
      "18.402s  app-1 starts input-1 at 42 (committed offset)",
      "app-1 commits: output-0@117",
      "27.003s  app-0 resumes, its producer epoch is still current",
      "app-0 commits: output-0@116   <- second effect of input-1@42"};
  size_t at = 0;
  for (const std::string& line : expected) {
    at = all.find(line, at);
    INFO(line);
    REQUIRE(at != std::string::npos);
  }
  CHECK_THAT(lines.back(), contains_text("<- second effect of input-1@42"));
}

TEST_CASE("a violation without effects ends its own story") {
  RunBuilder run;
  Violation violation;
  violation.kind = "illegal_transition";
  violation.summary = "t went from Ongoing to CompleteCommit";
  violation.time_ns = 1'500'000'000;
  const StoryObserver story(RunBuilder::default_config(), violation);
  CHECK(story.lines() ==
        std::vector<std::string>{"1.500s  t went from Ongoing to CompleteCommit   <- here"});
}

TEST_CASE("times and lengths are written as people write them") {
  CHECK(time_text(12'003'999'999) == "12.003s");
  CHECK(time_text(5'000'000) == "0.005s");
  CHECK(length_text(15'000'000'000) == "15s");
  CHECK(length_text(250'000'000) == "250ms");
  CHECK(length_text(250'000) == "250us");
}

}  // namespace
}  // namespace eosim::check
