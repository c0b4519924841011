// Order, one request at a time, and what becomes of requests when their connection ends.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

// Latencies that differ wildly, so that order is the network's merit.
WorldConfig rough_config(uint64_t seed) {
  WorldConfig config = calm_config();
  config.calm = false;
  config.seed = seed;
  config.network.latency = LogNormal::from_median_p99(milliseconds(1), milliseconds(300));
  return config;
}

Texts numbered(const char* what, uint32_t from, uint32_t to) {
  Texts texts;
  for (uint32_t i = from; i <= to; ++i) texts.push_back(what + std::to_string(i));
  return texts;
}

}  // namespace

TEST_CASE("events of one time are stepped in the order in which they were scheduled") {
  std::vector<Action> actions;
  for (uint32_t i = 0; i < 20; ++i) actions.push_back({milliseconds(5), Act::kTimer, i, 0});
  World world = make_world(calm_config(), {{"a", {actions}}, {"b", {actions}}});
  run(world);
  Texts expected;
  for (const char* name : {"a: timer ", "b: timer "}) {
    for (const std::string& line : numbered(name, 0, 19)) expected.push_back(line);
  }
  CHECK(lines(world, "a: timer ").size() == 20);
  Texts all = lines(world);
  CHECK(Texts(all.begin() + 2, all.end()) == expected);
}

TEST_CASE("the messages of one connection arrive in order, those of two may not") {
  bool overtaken = false;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<Action> actions = requests(30, 1, 0);
    actions.push_back({{}, Act::kConnect, 1, 1});
    for (uint32_t i = 0; i < 30; ++i) actions.push_back({milliseconds(1), Act::kSend, 1, 100 + i});
    actions[0].b = 1;
    World checked = make_world(rough_config(seed), {{"client", {actions}}, {"server", {}}});
    run(checked);
    Texts first;
    Texts second;
    size_t first_of_other = 0;
    for (const std::string& line : lines(checked, "server: request ")) {
      const bool other = std::stoi(line) >= 100;
      if (other && second.empty()) first_of_other = first.size();
      (other ? second : first).push_back(line);
    }
    CHECK(first == numbered("", 1, 30));
    CHECK(second == numbered("", 100, 129));
    CHECK(lines(checked, "client: answer ").size() == 60);
    overtaken |= first_of_other < 30;
  }
  CHECK(overtaken);
}

TEST_CASE("a server gets one request of a connection at a time and the rest in order") {
  std::vector<Action> actions = requests(5, 10, 0);
  actions[0].b = 1;
  actions.push_back({{}, Act::kConnect, 1, 1});
  actions.push_back({milliseconds(11), Act::kSend, 1, 50});
  World world =
      make_world(calm_config(), {{"client", {actions}}, {"server", {{}, milliseconds(7)}}});
  run(world);
  for (uint32_t i = 1; i <= 5; ++i) {
    INFO("request " << i);
    const std::string number = std::to_string(i);
    CHECK(time_of(world, "server: request " + number) == ms(11 + 7 * (i - 1)));
    CHECK(time_of(world, "client: answer " + number) == ms(12 + 7 * i));
  }
  CHECK(time_of(world, "server: request 50") == ms(12));  // another connection does not wait
}

TEST_CASE("a request that arrives when the one before it ends does not overtake the backlog") {
  // 1 is handled from 11 to 18, 2 waits from 11, 3 arrives at 18 and was on the way before that.
  std::vector<Action> actions{{{}, Act::kConnect, 0, 1},
                              {milliseconds(10), Act::kSend, 0, 1},
                              {milliseconds(10), Act::kSend, 0, 2},
                              {milliseconds(17), Act::kSend, 0, 3}};
  World world =
      make_world(calm_config(), {{"client", {actions}}, {"server", {{}, milliseconds(7)}}});
  run(world);
  CHECK(lines(world, "server: request ") == Texts{"1", "2", "3"});
  CHECK(time_of(world, "server: request 2") == ms(18));
}

TEST_CASE("a request on a connection that was closed is lost, arrives in its time, or late") {
  struct Row {
    const char* outcome;
    int64_t late, lost, by_ms;
    Time arrives;
  };
  const Row row =
      GENERATE(Row{"in time", 0, 0, 500, ms(11)}, Row{"lost", 0, 1, 500, kNever},
               Row{"late", 1, 0, 500, ms(510) + microseconds(500)},
               Row{"late, whatever the other draw", 1, 1, 500, ms(510) + microseconds(500)},
               Row{"late, but not before its time", 1, 0, 0, ms(11)});
  INFO(row.outcome);
  std::vector<Action> actions = requests(1, 10, 0);
  actions[0].b = 1;
  actions.push_back({milliseconds(10) + microseconds(500), Act::kClose, 0});
  // A newer connection, whose request is handled first if the other one is late.
  actions.push_back({milliseconds(20), Act::kConnect, 1, 1});
  actions.push_back({milliseconds(20), Act::kSend, 1, 2});
  World world = make_world(calm_config(), {{"client", {actions}}, {"server", {}}});
  const char* stream = "end of connection client->server";
  world.choices().override_draw(stream, 0, row.late);
  world.choices().override_draw(stream, 1, row.lost);
  world.choices().override_draw(stream, 2, milliseconds(row.by_ms).ns);
  run_until(world, ms(15));
  CHECK(world.orphans() == (row.arrives > ms(15) && row.arrives != kNever ? 1 : 0));
  run(world);
  CHECK(time_of(world, "server: request 1") == row.arrives);
  CHECK(time_of(world, "server: request 2") == ms(21));
  CHECK(lines(world, "client: answer ") == Texts{"2"});  // that of 1 goes nowhere
  CHECK(world.counts().late_requests == (row.arrives == kNever ? 0 : 1));
  CHECK(world.orphans() == 0);
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("of a connection that ends, what follows a late request comes after it") {
  std::vector<Action> actions = requests(3, 10, 0);
  actions[0].b = 1;
  actions.push_back({milliseconds(10), Act::kClose, 0});
  World world = make_world(calm_config(), {{"client", {actions}}, {"server", {}}});
  world.choices().override_draw("end of connection client->server", 3, 1);  // the second is late
  world.choices().override_draw("end of connection client->server", 5, milliseconds(40).ns);
  run(world);
  CHECK(lines(world, "server: request ") == Texts{"1", "2", "3"});
  CHECK(time_of(world, "server: request 1") == ms(11));
  CHECK(time_of(world, "server: request 2") == ms(50));
  CHECK(time_of(world, "server: request 3") == ms(50));
}

TEST_CASE("of a connection that ends, what follows a lost request is lost too") {
  std::vector<Action> actions = requests(3, 10, 0);
  actions[0].b = 1;
  actions.push_back({milliseconds(10), Act::kClose, 0});
  World world = make_world(calm_config(), {{"client", {actions}}, {"server", {}}});
  world.choices().override_draw("end of connection client->server", 4, 1);  // the second is lost
  run(world);
  CHECK(lines(world, "server: request ") == Texts{"1"});
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("what had reached the server before the client closed is handled in its turn") {
  std::vector<Action> actions = requests(3, 10, 0);
  actions[0].b = 1;
  actions.push_back({milliseconds(12), Act::kClose, 0});
  World world =
      make_world(calm_config(), {{"client", {actions}}, {"server", {{}, milliseconds(7)}}});
  run(world);
  CHECK(lines(world, "server: request ") == Texts{"1", "2", "3"});
  CHECK(lines(world, "client: answer ").empty());
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("bandwidth makes messages of a link wait for each other, one way") {
  WorldConfig config = calm_config();
  config.network.bytes_per_second = 100'000;  // 1 000 bytes take 10 ms
  std::vector<Action> actions{{{}, Act::kConnect, 0, 1},
                              {{}, Act::kConnect, 1, 1},
                              {milliseconds(10), Act::kSend, 0, 1},
                              {milliseconds(10), Act::kSend, 1, 2},
                              {milliseconds(10), Act::kSend, 0, 3}};
  World world = make_world(config, {{"client", {actions}}, {"server", {}}});
  run(world);
  CHECK(time_of(world, "server: request 1") == ms(21));
  CHECK(time_of(world, "server: request 2") == ms(31));
  CHECK(time_of(world, "server: request 3") == ms(41));
  CHECK(time_of(world, "client: answer 1") == ms(32));
}

TEST_CASE("a connection to a process that is not there ends by a reset") {
  World world(calm_config(), std::make_unique<Journal>());
  std::vector<Action> actions = requests(1, 10, 0);
  actions[0].b = 1;
  world.add_process("client", std::make_unique<Scripted>(Script{actions}));
  world.add_process("server", std::make_unique<Scripted>(Script{}), kNever);
  run_until(world, ms(50));
  CHECK(lines(world, "client: ") == Texts{"starts", "closed 0"});
  CHECK(time_of(world, "client: closed 0") == ms(12));
  world.start({1});
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts"});
}

}  // namespace eosim::sim
