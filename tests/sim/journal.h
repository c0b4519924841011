// The shared half of the kernel's test worlds: it keeps a journal of what processes saw, in order,
// and counts the bodies that are on their way. Part of the world, so it is copied with it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/context.h"
#include "sim/shared.h"
#include "sim/world.h"

namespace eosim::sim {

inline Time ms(int64_t n) { return Time{} + milliseconds(n); }

struct Journal : Shared {
  struct Line {
    Time at;
    std::string text;
  };
  std::vector<Line> lines;
  int64_t bodies = 0;  // sent and not released
  std::vector<EventKind> kinds{{"test.fact", true, {{{"value"}, {"who", FieldType::kProcess}}}, 2},
                               {"test.note", false, {{{"value"}}}, 1}};

  std::unique_ptr<Shared> clone() const override { return std::make_unique<Journal>(*this); }
  void release_body(MessageKind, bool, uint32_t body) override {
    if (body != UINT32_MAX) --bodies;
  }
  const std::vector<EventKind>& event_kinds() const override { return kinds; }
  std::string format(FieldType, int64_t value) const override { return std::to_string(value); }
  uint64_t stable_hash(FieldType, int64_t value) const override {
    return static_cast<uint64_t>(value);
  }
  // "process/actor" names one actor.
  std::vector<Target> resolve(const World& world, std::string_view text) const override {
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return {};
    const ProcessId process = world.find(text.substr(0, slash));
    if (process == kNoProcess) return {};
    const auto actor = static_cast<uint16_t>(std::stoul(std::string(text.substr(slash + 1))));
    return {{process, true, {actor}}};
  }
  std::vector<ActorId> stallable_actors(const World&, ProcessId) const override { return {{1}}; }
  void on_wake(World& world, uint64_t tag) override {
    lines.push_back({world.now(), "wake " + std::to_string(tag)});
  }
  void on_heal(World& world) override { lines.push_back({world.now(), "heals"}); }
  void apply(World& world, const FaultSpec& fault, bool begin) override {
    lines.push_back({world.now(), fault.word + (begin ? " begins" : " ends")});
  }
};

inline Journal& journal(World& world) { return static_cast<Journal&>(world.shared()); }

// The texts of the journal, or those that begin with `prefix`, without it.
inline std::vector<std::string> lines(World& world, std::string_view prefix = "") {
  std::vector<std::string> texts;
  for (const Journal::Line& line : journal(world).lines) {
    if (line.text.starts_with(prefix)) texts.push_back(line.text.substr(prefix.size()));
  }
  return texts;
}

// When the journal first has this text; kNever if it has not.
inline Time time_of(World& world, std::string_view text) {
  for (const Journal::Line& line : journal(world).lines) {
    if (line.text == text) return line.at;
  }
  return kNever;
}

inline size_t count_of(World& world, std::string_view text) {
  const auto& all = journal(world).lines;
  return static_cast<size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& line) { return line.text == text; }));
}

inline void run_until(World& world, Time end) {
  while (world.next_time() <= end) world.step();
}
inline void run(World& world) { run_until(world, Time{} + seconds(1'000)); }

}  // namespace eosim::sim
