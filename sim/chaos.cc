#include "sim/chaos.h"

#include <algorithm>
#include <array>

#include "sim/assert.h"
#include "sim/digest.h"

namespace eosim::sim {

namespace {

// A kind's draws of one slot, always all of them, so that a slot's outcome shifts no other's.
struct Draws {
  bool strikes = false;
  Duration offset;
  uint64_t victim = 0;
  uint64_t other = 0;
  Duration length;
  uint64_t shape = 0;
};

const std::string& pick(const std::vector<std::string>& names, uint64_t draw) {
  EOSIM_ASSERT(!names.empty());
  const auto rank = [draw](const std::string& name) {
    return hash_text(name + " " + std::to_string(draw));
  };
  return *std::max_element(names.begin(), names.end(),
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

Draws draw(Choices& choices, StreamId stream, const ChaosSpec& spec, Ratio chance) {
  constexpr uint64_t kMany = uint64_t{1} << 32;
  Draws drawn;
  drawn.strikes = choices.chance(stream, chance, false);
  drawn.offset = choices.uniform(stream, {}, spec.mean_interval - nanoseconds(1), {});
  drawn.victim = choices.below(stream, kMany, 0);
  drawn.other = choices.below(stream, kMany, 0);
  drawn.length = choices.log_uniform(stream, spec.length_min, spec.length_max, spec.length_min);
  drawn.shape = choices.below(stream, kMany, 0);
  return drawn;
}

FaultSpec make_fault(const ChaosKind& kind, Time slot, const Draws& drawn) {
  FaultSpec fault;
  fault.kind = kind.kind;
  fault.word = kind.word;
  fault.at = slot + drawn.offset;
  fault.drawn = true;
  fault.spares_last_copy = kind.spares_last_copy;
  const std::string& victim = pick(kind.victims, drawn.victim);
  const bool has_other = !kind.others.empty();
  const std::string other = has_other ? pick(kind.others, drawn.other) : std::string();
  switch (kind.kind) {
    case FaultKind::kPartition: {
      constexpr std::array<Direction, 4> kDirections{Direction::kBoth, Direction::kBoth,
                                                     Direction::kTo, Direction::kFrom};
      fault.between = {victim};
      // Half of them cut the victim off from everybody.
      if (drawn.shape % 2 == 0 && other != victim) fault.others = {other};
      fault.direction = kDirections[drawn.shape / 2 % kDirections.size()];
      fault.length = drawn.length;
      break;
    }
    case FaultKind::kResetConnection:
      fault.from = victim;
      if (drawn.shape % 2 == 0) fault.to = other;
      break;
    case FaultKind::kDelay:
    case FaultKind::kDropResponse:
      fault.from = victim;
      if (!kind.rpcs.empty()) fault.rpc = kind.rpcs[drawn.other % kind.rpcs.size()];
      fault.what = drawn.shape % 2 == 0 ? What::kRequest : What::kResponse;
      fault.by = drawn.length;
      break;
    case FaultKind::kSlowLink:
    case FaultKind::kSlowDisk:
    case FaultKind::kSlowCpu:
      fault.target = victim;
      fault.factor_thousandths = 2'000 << (drawn.shape % 8);
      fault.length = drawn.length;
      break;
    case FaultKind::kClockJump:
      fault.target = victim;
      fault.by = drawn.shape % 2 == 0 ? drawn.length : Duration{} - drawn.length;
      break;
    case FaultKind::kClockDrift:
      fault.target = victim;
      fault.ppm = static_cast<int64_t>(drawn.shape % 100'001) - 50'000;
      fault.length = drawn.length;
      break;
    case FaultKind::kModel:
      fault.target = victim;
      if (kind.lasts) fault.length = drawn.length;
      if (kind.late) fault.by = milliseconds(int64_t{10} << (drawn.shape % 10));
      if (has_other && drawn.shape % 4 == 0) fault.to = other;
      break;
    case FaultKind::kCrash:
    case FaultKind::kPowerLoss:
    case FaultKind::kDiskLoss:
    case FaultKind::kPause:
    case FaultKind::kStall:
    case FaultKind::kRestart:
      fault.target = victim;
      fault.length = drawn.length;
      break;
  }
  return fault;
}

}  // namespace

std::vector<FaultSpec> draw_chaos(Choices& choices, const ChaosSpec& spec) {
  EOSIM_ASSERT(spec.mean_interval.ns > 0);
  std::vector<FaultSpec> faults;
  uint64_t weights = 0;
  std::vector<uint64_t> intensity(spec.kinds.size(), 1);
  for (size_t k = 0; k < spec.kinds.size(); ++k) {
    const StreamId swarm = choices.stream("chaos swarm " + spec.kinds[k].word);
    if (spec.swarm) {
      const bool off = choices.chance(swarm, {1, 2}, true);
      intensity[k] = off ? 0 : 1 + choices.below(swarm, 4, 0);
    }
    if (spec.kinds[k].victims.empty()) intensity[k] = 0;
    intensity[k] *= spec.kinds[k].weight;
    weights += intensity[k];
  }
  if (weights == 0) return faults;
  for (size_t k = 0; k < spec.kinds.size(); ++k) {
    const ChaosKind& kind = spec.kinds[k];
    const StreamId stream = choices.stream("chaos " + kind.word);
    const Ratio chance{static_cast<uint32_t>(intensity[k]), static_cast<uint32_t>(weights)};
    for (Time slot{}; slot < Time{} + spec.until; slot = slot + spec.mean_interval) {
      const Draws drawn = draw(choices, stream, spec, chance);
      if (drawn.strikes && slot + drawn.offset < Time{} + spec.until) {
        faults.push_back(make_fault(kind, slot, drawn));
      }
    }
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const FaultSpec& a, const FaultSpec& b) { return a.at < b.at; });
  return faults;
}

}  // namespace eosim::sim
