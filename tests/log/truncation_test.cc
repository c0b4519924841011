// Where logs part, and what is left of one that was cut (groups-streams-replication.md 6.6, 11.2).
#include "models/log/truncation.h"

#include "catch.h"
#include "models/log/replay_check.h"
#include "random_log.h"

namespace eosim::kafka {
namespace {

EpochCache cache_of(std::initializer_list<EpochStart> starts) {
  EpochCache cache;
  for (const EpochStart& start : starts) cache.assign(start.epoch, start.start_offset);
  return cache;
}

struct Side {
  EpochCache cache;
  Offset end;
};

// Offsets to which the follower truncates, round after round, until the leader agrees.
std::vector<int64_t> rounds(const Side& leader, Side follower) {
  std::vector<int64_t> cuts;
  for (;;) {
    const LeaderEpoch last = follower.cache.latest().value_or(LeaderEpoch{});
    const Divergence divergence = find_divergence(leader.cache, leader.end, follower.end, last);
    if (!divergence.diverges) return cuts;
    REQUIRE(divergence.end.has_value());
    const Offset cut = truncation_offset(follower.cache, follower.end, *divergence.end);
    REQUIRE(cut <= follower.end);
    follower.cache.truncate_end(cut);
    follower.end = cut;
    cuts.push_back(cut.value);
  }
}

TEST_CASE("a follower cuts until its log is part of the leader's") {
  const Side leader{cache_of({{{0}, {0}}, {{3}, {20}}}), {25}};
  const Side one{cache_of({{{0}, {0}}, {{1}, {15}}, {{2}, {22}}}), {28}};
  CHECK(rounds(leader, one) == std::vector<int64_t>{15});

  const Side far{cache_of({{{0}, {0}}, {{2}, {5}}, {{6}, {30}}}), {40}};
  const Side two{cache_of({{{0}, {0}}, {{1}, {8}}, {{5}, {20}}}), {35}};
  CHECK(rounds(far, two) == std::vector<int64_t>{20, 5});

  const Side same{cache_of({{{0}, {0}}, {{3}, {20}}}), {23}};
  CHECK(rounds(leader, same).empty());
  const Side longer{cache_of({{{0}, {0}}, {{3}, {20}}}), {30}};
  CHECK(rounds(leader, longer) == std::vector<int64_t>{25});
  CHECK(rounds(leader, Side{}).empty());
}

TEST_CASE("an epoch that the leader does not know has no answer") {
  const EpochCache leader = cache_of({{{0}, {0}}});
  const Divergence divergence = find_divergence(leader, {10}, {10}, {4});
  CHECK(divergence.diverges);
  CHECK_FALSE(divergence.end.has_value());
  CHECK(truncation_offset(EpochCache{}, {7}, {{3}, {5}}) == Offset{5});
  CHECK(truncation_offset(EpochCache{}, {4}, {{3}, {5}}) == Offset{4});
}

TEST_CASE("a cut takes epochs that begin at it, also if no batch goes") {
  LogFixture f;
  f.append(LogFixture::plain(5));
  f.log.begin_leader_epoch({2});
  CHECK(f.log.latest_leader_epoch() == LeaderEpoch{2});
  CHECK(f.log.truncate_to(f.switches, f.batches, {5}).empty());
  CHECK(f.log.latest_leader_epoch() == LeaderEpoch{0});
  CHECK(f.log.log_end_offset() == Offset{5});
}

TEST_CASE("a cut lowers the high watermark and gives the batches back") {
  LogFixture f;
  for (int i = 0; i < 3; ++i) f.append(LogFixture::plain(2));
  f.replicate_all();
  const BatchId last = f.log.entries()[2].batch;
  CHECK(f.log.truncate_to(f.switches, f.batches, {4}) == Released{last});
  CHECK(f.log.high_watermark() == Offset{4});
  // A batch is cut as a whole.
  CHECK(f.log.truncate_to(f.switches, f.batches, {3}).size() == 1);
  CHECK(f.log.log_end_offset() == Offset{2});
}

TEST_CASE("a transaction whose marker is cut is open again") {
  LogFixture f;
  f.append(LogFixture::transactional(7, 0, 0));
  f.marker(7, 0, ControlType::kAbort);
  f.replicate_all();
  f.log.truncate_to(f.switches, f.batches, {1});
  REQUIRE(f.log.open_transactions().size() == 1);
  CHECK(f.log.aborted_transactions().empty());
  CHECK(f.log.last_stable_offset() == Offset{0});
}

TEST_CASE("a follower's high watermark falls, and what is above it is unstable again") {
  LogFixture f;
  f.append(LogFixture::transactional(7, 0, 0));
  f.append(LogFixture::plain());
  f.marker(7, 0, ControlType::kCommit);
  f.replicate_all();
  CHECK(f.log.last_stable_offset() == Offset{3});
  CHECK(f.log.set_high_watermark(f.switches, f.batches, {2}));
  CHECK(f.log.last_stable_offset() == Offset{0});
  CHECK_FALSE(f.log.set_high_watermark(f.switches, f.batches, {2}));
  CHECK(f.log.set_high_watermark(f.switches, f.batches, {3}));
  CHECK(f.log.last_stable_offset() == Offset{3});
}

TEST_CASE("a log that starts elsewhere has forgotten everything") {
  LogFixture f;
  f.append(LogFixture::transactional(7, 0, 0));
  CHECK(f.log.start_at({100}).size() == 1);
  CHECK(f.log.log_start_offset() == Offset{100});
  CHECK(f.log.log_end_offset() == Offset{100});
  CHECK(f.log.high_watermark() == Offset{100});
  CHECK(f.log.producers().empty());
  CHECK_FALSE(f.log.latest_leader_epoch().has_value());
  CHECK(f.log.append_replica(f.switches, f.batches, {{100}, {3}, f.batches.put(f.plain())})
            .base_offset == Offset{100});
}

// P7, over every producer's transactions.
void check_stable(const LogFixture& f) {
  const PartitionLog fresh = replayed(f.switches, f.batches, f.log);
  CHECK(replay_difference(f.log, fresh) == "");
  CHECK(std::ranges::equal(f.log.unreplicated_transactions(), fresh.unreplicated_transactions()));
}

TEST_CASE("what is left after cuts is what a replay of it gives") {
  for (const char* preset : {"2.4", "2.5"}) {
    for (uint64_t seed = 300; seed < 330; ++seed) {
      CAPTURE(preset, seed);
      LogFixture f(preset);
      LogConfig config;
      config.segment_bytes = 800;
      f.log.configure(config);
      Steps steps(seed);
      for (int round = 0; round < 12; ++round) {
        for (int i = 0; i < 40; ++i) random_step(f, steps);
        if (round % 3 == 2) f.leader_epoch = {round};
        const auto entries = static_cast<int64_t>(f.log.entries().size());
        const auto at = static_cast<size_t>(entries - 1 - steps.below(std::min(entries, 30L)));
        f.log.truncate_to(f.switches, f.batches, f.log.entries()[at].base_offset);
        check_stable(f);
        const Offset hw = f.log.entries().empty()
                              ? f.log.log_start_offset()
                              : f.log
                                    .entries()[static_cast<size_t>(
                                        steps.below(static_cast<int64_t>(f.log.entries().size())))]
                                    .base_offset;
        f.log.set_high_watermark(f.switches, f.batches, hw);
        check_stable(f);
        CHECK(replay_difference(f.log, replayed_from_snapshots(f.switches, f.batches, f.log)) ==
              "");
      }
    }
  }
}

}  // namespace
}  // namespace eosim::kafka
