// What holds for all checkers: signatures, one violation a subject, a suite that is a value,
// memory.
#include <algorithm>

#include "catch.h"
#include "models/check/signature.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

// A duplicate somewhere, with producers and times of its own.
RunBuilder duplicate(int64_t input, int64_t id, int64_t start_ms, CheckConfig config) {
  RunBuilder run(std::move(config));
  const auto by = producer(id, 3);
  run.at(start_ms).data(kOut, 0, by, 0, {{kIn, input}});
  run.open(1, "app-1/0", by).data(kOut, 1, by, 1, {{kIn, input}});
  run.decide(1, "app-1/0", by, true).marker(kOut, 2, by, true, 1);
  return run;
}

TEST_CASE("the same failure has the same signature wherever and whenever it shows") {
  const auto config = RunBuilder::default_config();
  const RunBuilder a = duplicate(1, 1000, 0, config);
  const RunBuilder b = duplicate(77, 4711, 90'000, config);
  REQUIRE(a.violation().kind == "duplicate_output");
  CHECK(signature(a.violation()).hash == signature(b.violation()).hash);
  CHECK(signature(a.violation()).text ==
        "duplicate_output K3 E2 exactly_once_v2 PrepareCommit: "
        "each input record has exactly one committed effect");
  CHECK(signature(a.violation()).hex().size() == 16);
}

TEST_CASE("another era or guarantee is another failure") {
  auto config = RunBuilder::default_config();
  const auto plain = signature(duplicate(1, 1, 0, config).violation());
  config.era = "E1";
  CHECK(signature(duplicate(1, 1, 0, config).violation()).hash != plain.hash);
  config.era = "E2";
  config.apps[0].guarantee = "exactly_once_unfenced";
  CHECK(signature(duplicate(1, 1, 0, config).violation()).hash != plain.hash);
}

TEST_CASE("the signature of a run is that of its first violation in time") {
  CHECK_FALSE(signature(std::vector<Violation>{}).has_value());
  Violation late;
  late.kind = "late";
  late.time_ns = 2;
  Violation early = late;
  early.kind = "early";
  early.time_ns = 1;
  CHECK(signature({late, early})->text == signature(early).text);
}

TEST_CASE("a checker that is off finds nothing") {
  auto config = RunBuilder::default_config();
  config.checkers.reset(static_cast<size_t>(Checker::kK3));
  CHECK(duplicate(1, 1000, 0, config).kinds() == Kinds{});
}

TEST_CASE("violations beyond the limit are counted") {
  auto config = RunBuilder::default_config();
  config.violations_max = 3;
  RunBuilder run(config);
  for (int64_t i = 0; i < 10; ++i) {
    run.data(kOut, 2 * i, producer(1, 0), 0, {{kIn, i}, {kIn, i}});
  }
  CHECK(run.kinds().size() == 3);
  CHECK(run.suite().violations_not_kept() == 7);
  SECTION("the first of another signature is kept all the same") {
    for (int64_t i = 0; i < 3; ++i) {
      run.transition("app-0/" + std::to_string(i), 2, 1, producer(2, static_cast<int16_t>(i)));
    }
    const Kinds kinds = run.kinds();
    CHECK(std::count(kinds.begin(), kinds.end(), "illegal_transition") == 1);
    CHECK(run.suite().violations_not_kept() >= 9);
  }
}

TEST_CASE("a copy of a suite goes on by itself") {
  RunBuilder run(RunBuilder::default_config());
  run.data(kOut, 0, producer(1, 0), 0, {{kIn, 0}});
  CheckSuite copy = run.suite();
  run.data(kOut, 1, producer(1, 0), 0, {{kIn, 0}});
  CHECK(run.kinds().size() == 1);
  CHECK(copy.violations().empty());
  std::swap(copy, run.suite());
  run.data(kOut, 1, producer(1, 0), 0, {{kIn, 0}});
  CHECK(run.kinds().size() == 1);
}

// Of each input record one effect, in a transaction of its own, that the auditor gets.
void play(RunBuilder& run, int64_t from, int64_t to) {
  const auto by = producer(1000, 0);
  for (int64_t i = from; i < to; ++i) {
    const auto number = static_cast<uint64_t>(i + 1);
    const int64_t out = 2 * i;
    run.source(kIn, i, 1);
    run.open(number, "app-0/0", by).data(kOut, out, by, number, {{kIn, i}});
    run.decide(number, "app-0/0", by, true).marker(kOut, out + 1, by, true, number);
    run.complete(number, "app-0/0", by, true);
    run.high_watermark(kOut, out + 2);
    run.stable(kOut, out + 2);
    run.high_watermark(kIn, i + 1);
    run.stable(kIn, i + 1);
    run.committed(kIn, i + 1);
    run.ended(number, "app-0/0", CommitOutcome::kCommitted).delivered(kOut, out, 1);
  }
}

TEST_CASE("what is settled is not kept") {
  RunBuilder run;
  run.position(kOut, 0);
  constexpr int64_t kRounds = 40'000;
  play(run, 0, kRounds / 4);
  const size_t kept_early = run.suite().ledger().kept();
  play(run, kRounds / 4, kRounds);
  CHECK(run.kinds() == Kinds{});
  CHECK(run.suite().ledger().kept() <= kept_early + 3'000);
  CHECK(run.suite().ledger().partition(kOut)->batches().size() < 2'500);
  CHECK(run.suite().ledger().instances().size() < 1'100);
  CHECK(run.suite().counts().transactions == static_cast<uint64_t>(kRounds));
  CHECK(run.suite().counts().records == static_cast<uint64_t>(kRounds));
}

TEST_CASE("a reader holds back what is ahead of it until it has to give its partition up") {
  const bool revoked = GENERATE(false, true);
  RunBuilder run;
  run.position(kOut, 0);
  const auto group = static_cast<int64_t>(run.name("app").id);
  run.fact(Event::kConsumerPosition, {group, kIn.packed(), 0, 0});
  if (revoked) run.fact(Event::kConsumerRevoked, {group, -1, kIn.packed(), 0});
  play(run, 0, 6'000);
  const size_t kept = run.suite().ledger().partition(kIn)->batches().size();
  if (revoked) {
    CHECK(kept < 2'500);
  } else {
    CHECK(kept == 6'000);
  }
}

TEST_CASE("of what is folded by right the newest places are still known") {
  InputEffects effects(2);
  for (int64_t i = 0; i < 10'000; ++i) {
    effects.add({i}, 0, {kOut, {2 * i}, 0, 0});
    effects.add({i}, 1, {kOut, {2 * i + 1}, 0, 0});
  }
  effects.fold_below({9'000});
  CHECK(effects.kept() < 5'000);
  CHECK(effects.folded_until() < Offset{9'000});
  REQUIRE(effects.find({8'999}, 1) != nullptr);
  CHECK(effects.find({8'999}, 1)->offset == Offset{17'999});
  CHECK(effects.find({0}, 0) == nullptr);
  CHECK(effects.missing({0}) == 0);
  CHECK(effects.missing({10'000}) == 2);
  effects.fold_below({8'500});  // readers that went back
  CHECK(effects.find({9'999}, 1)->offset == Offset{19'999});
}

TEST_CASE("a duplicate of a folded record is still found") {
  InputEffects effects;
  constexpr int64_t kRecords = 200'000;
  bool duplicate = false;
  for (int64_t i = 0; i < kRecords; ++i) {
    duplicate = duplicate || effects.add({i}, 0, {kOut, {i}, 0, 0}).has_value();
  }
  CHECK_FALSE(duplicate);
  CHECK(effects.kept() < 140'000);
  const auto first = effects.add({5}, 0, {kOut, {kRecords}, 0, 0});
  REQUIRE(first.has_value());
  CHECK_FALSE(first->offset.valid());
}

TEST_CASE("a restarted log that lost its end is folded again") {
  RunBuilder run;
  const auto by = producer(1000, 0);
  run.open(1, "app-0/0", by).data(kOut, 0, by, 1, {{kIn, 0}});
  run.decide(1, "app-0/0", by, true).marker(kOut, 1, by, true, 1);
  CHECK(run.suite().ledger().partition(kOut)->open_batches() == 0);
  run.fact(Event::kLogLoaded, {kOut.packed(), 1, 1, 0});
  CHECK(run.suite().ledger().partition(kOut)->open_batches() == 1);
  CHECK(run.suite().ledger().partition(kOut)->find({0})->fate == Fate::kOpen);
}

}  // namespace
}  // namespace eosim::check
