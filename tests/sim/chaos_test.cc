#include "sim/chaos.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "catch.h"

namespace eosim::sim {
namespace {

// One kind and two, with victims by name.
ChaosSpec make_spec(std::vector<std::string> victims) {
  ChaosSpec spec;
  spec.mean_interval = seconds(1);
  spec.until = seconds(200);
  spec.kinds.push_back({FaultKind::kPause, "pause", 1, victims, {}, {}});
  spec.kinds.push_back({FaultKind::kCrash, "crash", 3, victims, {}, {}});
  spec.kinds.push_back({FaultKind::kPartition, "partition", 1, victims, victims, {}});
  return spec;
}

std::vector<FaultSpec> draw(uint64_t seed, const ChaosSpec& spec, bool calm = false) {
  Choices choices(seed, calm);
  return draw_chaos(choices, spec);
}

auto key(const FaultSpec& fault) {
  return std::tuple(fault.kind, fault.word, fault.at, fault.length, fault.target, fault.between,
                    fault.others, fault.direction, fault.from, fault.to, fault.by, fault.ppm);
}

bool same(const std::vector<FaultSpec>& a, const std::vector<FaultSpec>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return key(x) == key(y); });
}

}  // namespace

TEST_CASE("one seed draws one list of faults, in the order of time, and another seed another") {
  const ChaosSpec spec = make_spec({"a", "b", "c"});
  const std::vector<FaultSpec> faults = draw(1, spec);
  CHECK(same(faults, draw(1, spec)));
  CHECK_FALSE(same(faults, draw(2, spec)));
  CHECK(std::is_sorted(faults.begin(), faults.end(),
                       [](const auto& x, const auto& y) { return x.at < y.at; }));
  for (const FaultSpec& fault : faults) {
    CHECK(fault.drawn);
    CHECK(fault.at < Time{} + spec.until);
    CHECK(fault.length >= spec.length_min);
    CHECK(fault.length <= spec.length_max);
  }
}

TEST_CASE("faults are as many as the interval says and as their weights share them") {
  ChaosSpec spec = make_spec({"a", "b", "c"});
  spec.until = seconds(10'000);
  const std::vector<FaultSpec> faults = draw(1, spec);
  CHECK(faults.size() > 9'600);
  CHECK(faults.size() < 10'400);
  const auto crashes = std::count_if(faults.begin(), faults.end(), [](const FaultSpec& fault) {
    return fault.kind == FaultKind::kCrash;
  });
  CHECK(crashes > 5'700);
  CHECK(crashes < 6'300);
}

TEST_CASE("one more victim takes its share and deals nobody else's fault anew") {
  const std::vector<FaultSpec> before = draw(5, make_spec({"a", "b", "c"}));
  const std::vector<FaultSpec> after = draw(5, make_spec({"a", "b", "c", "d"}));
  REQUIRE(before.size() == after.size());
  size_t moved = 0;
  size_t compared = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    CHECK(before[i].at == after[i].at);
    CHECK(before[i].length == after[i].length);
    if (before[i].kind == FaultKind::kPartition) continue;
    ++compared;
    if (before[i].target == after[i].target) continue;
    CHECK(after[i].target == "d");
    ++moved;
  }
  CHECK(moved > compared / 8);
  CHECK(moved < compared / 2);
}

TEST_CASE("the order in which victims are listed deals nothing anew") {
  CHECK(same(draw(5, make_spec({"a", "b", "c"})), draw(5, make_spec({"c", "a", "b"}))));
}

TEST_CASE("a swarm switches kinds off, different ones for different seeds") {
  ChaosSpec spec = make_spec({"a", "b", "c"});
  spec.swarm = true;
  std::set<std::set<FaultKind>> subsets;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    std::set<FaultKind> kinds;
    for (const FaultSpec& fault : draw(seed, spec)) kinds.insert(fault.kind);
    subsets.insert(kinds);
  }
  CHECK(subsets.size() == 8);  // each subset of three kinds
}

TEST_CASE("a calm world draws no faults, nor does a list without victims") {
  CHECK(draw(1, make_spec({"a"}), true).empty());
  CHECK(draw(1, make_spec({})).empty());
}

TEST_CASE("lengths spread evenly over orders of magnitude") {
  ChaosSpec spec = make_spec({"a"});
  spec.until = seconds(10'000);
  spec.length_min = milliseconds(1);
  spec.length_max = milliseconds(1'000);
  std::array<int, 3> decades{};
  for (const FaultSpec& fault : draw(3, spec)) {
    ++decades[fault.length < milliseconds(10) ? 0 : fault.length < milliseconds(100) ? 1 : 2];
  }
  for (const int count : decades) {
    CHECK(count > 3'000);
    CHECK(count < 3'700);
  }
}

}  // namespace eosim::sim
