// What must not change what: draws, hosts, heartbeats and observers.
#include <algorithm>

#include "busy_world.h"
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

struct Line {
  Time at;
  std::string text;
  friend bool operator==(const Line&, const Line&) = default;
};

// What the processes of this name saw, and when.
std::vector<Line> seen_by(World& world, std::string_view name) {
  std::vector<Line> seen;
  for (const Journal::Line& line : journal(world).lines) {
    if (line.text.starts_with(name)) seen.push_back({line.at, line.text});
  }
  return seen;
}

WorldConfig drawn_config() {
  WorldConfig config = calm_config();
  config.calm = false;
  config.seed = 77;
  return config;
}

std::vector<Action> asking(uint32_t server, MessageKind kind, uint32_t count) {
  std::vector<Action> actions{{{}, Act::kConnect, 0, server}};
  for (uint32_t i = 0; i < count; ++i) {
    actions.push_back({milliseconds(5 * i), kind.index == 0 ? Act::kSend : Act::kSendOther, 0, i});
  }
  return actions;
}

}  // namespace

TEST_CASE("more draws, hosts, links or kinds of message change no latency of another link") {
  const auto run_with = [](Script client, std::vector<std::pair<std::string, Script>> others) {
    others.insert(others.begin(), {{"client", std::move(client)}, {"server", {}}});
    World world = make_world(drawn_config(), others);
    run(world);
    std::vector<Line> seen;
    for (Line& line : seen_by(world, "client: answer ")) {
      if (line.text.size() < 19) seen.push_back(std::move(line));  // numbers below 1 000
    }
    return seen;
  };
  const Script plain{asking(1, {0}, 100)};
  const std::vector<Line> alone = run_with(plain, {});
  REQUIRE(alone.size() == 100);

  CHECK(run_with(plain, {{"another", {}}}) == alone);
  CHECK(run_with(plain, {{"another", {asking(1, {0}, 50)}}}) == alone);
  CHECK(run_with(plain, {{"another", {{{milliseconds(3), Act::kDraw, 1'000}}}}}) == alone);

  Script busier = plain;  // as many heartbeats on a connection of their own, numbered from 1 000
  busier.actions.push_back({{}, Act::kConnect, 1, 1});
  for (uint32_t i = 0; i < 100; ++i) {
    busier.actions.push_back({milliseconds(2 + 5 * i), Act::kSendOther, 1, 1'000 + i});
  }
  busier.actions.push_back({milliseconds(7), Act::kDraw, 99});
  CHECK(run_with(busier, {}) == alone);
}

TEST_CASE("processes see the same in whatever order they were added") {
  World first = make_world(drawn_config(), {{"client", {asking(1, {0}, 60)}}, {"server", {}}});
  World second = make_world(drawn_config(), {{"server", {}}, {"client", {asking(0, {0}, 60)}}});
  run(first);
  run(second);
  CHECK(seen_by(first, "client: ans") == seen_by(second, "client: ans"));
}

TEST_CASE("a fault on one link leaves the latencies of another as they were") {
  const auto run_with = [](bool faults) {
    World world = make_world(drawn_config(), {{"client", {asking(1, {0}, 60)}},
                                              {"server", {}},
                                              {"other", {asking(3, {0}, 60)}},
                                              {"target", {}}});
    if (faults) {
      world.add_fault(make_fault(FaultKind::kCrash, "target", 50, milliseconds(20)));
      world.add_fault(make_fault(FaultKind::kPause, "other", 150, milliseconds(20)));
    }
    run(world);
    return seen_by(world, "client");
  };
  CHECK(run_with(true) == run_with(false));
}

TEST_CASE("observers, with and without records and notes, do not change the digest") {
  struct Watcher : Observer {
    bool all = false;
    uint64_t events = 0, records = 0;
    void on_event(const World&, const TraceEvent&) override { ++events; }
    void on_kernel(const World&, const KernelRecord&) override { ++records; }
    bool wants_kernel_records() const override { return all; }
    bool wants_notes() const override { return all; }
  };
  World alone = make_busy_world(5);
  run_until(alone, ms(1'000));
  for (const bool all : {false, true}) {
    Watcher watcher;
    watcher.all = all;
    World watched = make_busy_world(5);
    watched.set_observers({&watcher});
    run_until(watched, ms(1'000));
    CHECK(watched.digest() == alone.digest());
    CHECK(watched.steps() == alone.steps());
    CHECK(watcher.events > 0);
    CHECK((watcher.records > 0) == all);
  }
}

TEST_CASE("a fact goes into the digest and reaches observers, and names nobody if it must") {
  const auto digest_of = [](uint32_t value, uint32_t who) {
    World world = make_world(calm_config(), {{"a", {{{{}, Act::kEmit, value, who}}}}, {"b", {}}});
    run(world);
    return world.digest();
  };
  CHECK(digest_of(1, 0) == digest_of(1, 0));
  CHECK(digest_of(1, 0) != digest_of(2, 0));
  CHECK(digest_of(1, 0) != digest_of(1, 1));
  CHECK(digest_of(1, UINT32_MAX) != digest_of(1, 1));
}

}  // namespace eosim::sim
