#include "models/log/epoch_cache.h"

#include "catch.h"
#include "log_fixture.h"

namespace eosim::kafka {
namespace {

constexpr std::optional<EpochEnd> kUndefined = std::nullopt;

std::optional<EpochEnd> end(int32_t epoch, int64_t offset) { return EpochEnd{{epoch}, {offset}}; }

struct Vector {
  std::vector<EpochStart> cache;
  std::vector<std::optional<EpochEnd>> ends;  // for f = -1, 0, 1, 2, 4, 5, 6
};

TEST_CASE("an epoch ends where the next one begins") {
  // groups-streams-replication.md 11.1, the log ends at 40.
  const std::vector<Vector> vectors = {
      {{{{0}, {0}}, {{2}, {10}}, {{5}, {30}}},
       {kUndefined, end(0, 10), end(0, 10), end(2, 30), end(2, 30), end(5, 40), kUndefined}},
      {{{{2}, {10}}, {{5}, {30}}},
       {kUndefined, end(0, 10), end(1, 10), end(2, 30), end(2, 30), end(5, 40), kUndefined}},
      {{}, std::vector<std::optional<EpochEnd>>(7, kUndefined)},
  };
  const int32_t asked[] = {-1, 0, 1, 2, 4, 5, 6};
  for (const Vector& vector : vectors) {
    EpochCache cache;
    for (const EpochStart& start : vector.cache) cache.assign(start.epoch, start.start_offset);
    for (size_t i = 0; i < vector.ends.size(); ++i) {
      CAPTURE(vector.cache.size(), asked[i]);
      CHECK((cache.end_offset_for({asked[i]}, {40}) == vector.ends[i]));
    }
  }
}

TEST_CASE("an epoch that never got a record gives its place to the next") {
  EpochCache cache;
  cache.assign({0}, {0});
  cache.assign({1}, {5});
  cache.assign({1}, {7});
  cache.assign({3}, {5});
  REQUIRE(cache.all().size() == 2);
  CHECK(cache.all()[1] == (EpochStart{{3}, {5}}));
}

TEST_CASE("a log knows where its leaders began") {
  LogFixture f;
  f.append(LogFixture::plain(5));
  f.leader_epoch = {2};
  f.log.begin_leader_epoch({2});
  CHECK(f.log.latest_leader_epoch() == LeaderEpoch{2});
  f.append(LogFixture::plain(5));
  f.append(LogFixture::plain(5));
  REQUIRE(f.log.leader_epochs().all().size() == 2);
  CHECK(f.log.leader_epochs().all()[1] == (EpochStart{{2}, {5}}));
}

}  // namespace
}  // namespace eosim::kafka
