// Partitions, resets, delays, lost answers, slow links, and triggers by messages and events.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

World ask(std::vector<Action> actions, Script server = {}) {
  actions[0].b = 1;
  return make_world(calm_config(),
                    {{"client", {std::move(actions)}}, {"server", std::move(server)}});
}

FaultSpec partition(int64_t at_ms, int64_t length_ms, Direction direction = Direction::kBoth) {
  FaultSpec fault = make_fault(FaultKind::kPartition, "", at_ms, milliseconds(length_ms));
  fault.between = {"server"};
  fault.direction = direction;
  return fault;
}

FaultSpec triggered(FaultKind kind, Phase phase, uint32_t nth = 1) {
  FaultSpec fault = make_fault(kind, "", 0);
  fault.on = Trigger{};
  fault.on->rpc = {0};
  fault.on->phase = phase;
  fault.on->nth = nth;
  return fault;
}

}  // namespace

TEST_CASE("a partition holds messages, both ways or one, until it heals") {
  // Request 1 is on the way when it begins, at 15; its answer leaves at 16.
  struct Row {
    Direction direction;
    Time request_2, answer_1, answer_2;
  };
  const Row row = GENERATE(Row{Direction::kBoth, ms(101), ms(101), ms(102)},
                           Row{Direction::kTo, ms(101), ms(17), ms(102)},
                           Row{Direction::kFrom, ms(21), ms(101), ms(101)});
  World world = ask({{{}, Act::kConnect},
                     {milliseconds(15), Act::kSend, 0, 1},
                     {milliseconds(20), Act::kSend, 0, 2}});
  FaultSpec fault = partition(15, 85, row.direction);
  fault.at = fault.at + microseconds(1);
  fault.length = ms(100) - fault.at;
  world.add_fault(fault);
  run(world);
  CHECK(time_of(world, "server: request 1") == ms(16));
  CHECK(time_of(world, "server: request 2") == row.request_2);
  CHECK(time_of(world, "client: answer 1") == row.answer_1);
  CHECK(time_of(world, "client: answer 2") == row.answer_2);
}

TEST_CASE("what a partition held arrives in order and before what is sent later") {
  std::vector<Action> actions = requests(10, 20, 1);
  actions.push_back({milliseconds(50), Act::kSend, 0, 11});
  World world = ask(actions);
  world.add_fault(partition(15, 35));
  run(world);
  CHECK(lines(world, "server: request ") ==
        Texts{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"});
  CHECK(lines(world, "client: answer ").size() == 11);
}

TEST_CASE("a partition that two faults hold lifts with the second") {
  World world = ask(requests(1, 20, 0));
  world.add_fault(partition(10, 30));
  world.add_fault(partition(15, 60));
  run(world);
  CHECK(time_of(world, "server: request 1") == ms(76));
}

TEST_CASE("a partition between two sets leaves the others alone") {
  World world = make_world(calm_config(), {{"a",
                                            {{{{}, Act::kConnect, 0, 1},
                                              {{}, Act::kConnect, 1, 2},
                                              {milliseconds(20), Act::kSend, 0, 1},
                                              {milliseconds(20), Act::kSend, 1, 2}}}},
                                           {"b", {}},
                                           {"c", {}}});
  FaultSpec fault = make_fault(FaultKind::kPartition, "", 10, milliseconds(30));
  fault.between = {"a"};
  fault.others = {"b"};
  world.add_fault(fault);
  run(world);
  CHECK(time_of(world, "b: request 1") == ms(41));
  CHECK(time_of(world, "c: request 2") == ms(21));
}

TEST_CASE("a client that gives up in a partition may still be heard after it") {
  const int64_t lost = GENERATE(0, 1);
  std::vector<Action> actions = requests(2, 20, 1);
  actions.push_back({milliseconds(30), Act::kClose});
  World world = ask(actions);
  world.choices().override_draw("end of connection client->server", 4, lost);  // the second
  world.add_fault(partition(10, 90));
  run_until(world, ms(60));
  CHECK(world.orphans() == (lost == 1 ? 1 : 2));
  run(world);
  CHECK(time_of(world, "server: request 1") == ms(101));
  CHECK(lines(world, "server: request ") == (lost == 1 ? Texts{"1"} : Texts{"1", "2"}));
  CHECK(lines(world, "client: answer ").empty());
  CHECK(journal(world).bodies == 0);
  CHECK(world.orphans() == 0);
}

TEST_CASE("a partition holds the news of a crash") {
  World world = ask(requests(1, 5, 0), {{}, seconds(1)});
  world.add_fault(partition(10, 90));
  world.add_fault(make_fault(FaultKind::kCrash, "server", 20));
  run(world);
  CHECK(time_of(world, "client: closed 0") == ms(101));
}

TEST_CASE("a reset ends the connections between its ends and no others") {
  World world = make_world(calm_config(), {{"a",
                                            {{{{}, Act::kConnect, 0, 1},
                                              {{}, Act::kConnect, 1, 2},
                                              {milliseconds(20), Act::kSend, 0, 1},
                                              {milliseconds(20), Act::kSend, 1, 2}}}},
                                           {"b", {{}, milliseconds(9)}},
                                           {"c", {{}, milliseconds(9)}}});
  FaultSpec fault = make_fault(FaultKind::kResetConnection, "", 22);
  fault.from = "a";
  fault.to = "b";
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "a: ") == Texts{"starts", "closed 0", "answer 2"});
  CHECK(time_of(world, "a: closed 0") == ms(23));
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a client that has not heard of the reset sends into nowhere") {
  World world = ask({{{}, Act::kConnect},
                     {milliseconds(20), Act::kSend, 0, 1},
                     {milliseconds(30), Act::kSend, 0, 2},
                     {milliseconds(40), Act::kSend, 0, 3}});
  FaultSpec fault = make_fault(FaultKind::kResetConnection, "", 29);
  fault.at = fault.at + microseconds(500);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "server: request ") == Texts{"1"});
  CHECK(lines(world, "client: ") == Texts{"starts", "answer 1", "closed 0", "cannot send"});
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a delay makes one message late, or all of a while, and keeps the order") {
  struct Row {
    What what;
    int64_t length_ms;
    Texts requests, answers;
  };
  // Requests leave at 20, 21, 22 and 60; the delay is 10.
  const Row row =
      GENERATE(Row{What::kRequest, -1, {"31", "31", "31", "61"}, {"32", "32", "32", "62"}},
               Row{What::kResponse, -1, {"21", "22", "23", "61"}, {"32", "32", "32", "62"}},
               Row{What::kRequest, 20, {"31", "32", "33", "61"}, {"32", "33", "34", "62"}},
               Row{What::kBoth, 20, {"31", "32", "33", "61"}, {"42", "43", "44", "62"}});
  std::vector<Action> actions = requests(3, 20, 1);
  actions.push_back({milliseconds(60), Act::kSend, 0, 4});
  World world = ask(actions);
  FaultSpec fault = make_fault(FaultKind::kDelay, "", 10);
  if (row.length_ms >= 0) {
    fault.at = ms(15);
    fault.length = milliseconds(row.length_ms);
  }
  fault.what = row.what;
  fault.by = milliseconds(10);
  world.add_fault(fault);
  run(world);
  for (uint32_t i = 0; i < 4; ++i) {
    INFO("message " << i + 1);
    const std::string number = std::to_string(i + 1);
    CHECK(time_of(world, "server: request " + number) == ms(std::stoi(row.requests[i])));
    CHECK(time_of(world, "client: answer " + number) == ms(std::stoi(row.answers[i])));
  }
}

TEST_CASE("after a dropped response nothing on that connection arrives any more") {
  World world = ask({{{}, Act::kConnect},
                     {{}, Act::kConnect, 1, 1},
                     {milliseconds(20), Act::kSend, 0, 1},
                     {milliseconds(30), Act::kSend, 0, 2},
                     {milliseconds(40), Act::kSend, 0, 3},
                     {milliseconds(50), Act::kSend, 1, 4}});
  FaultSpec fault = make_fault(FaultKind::kDropResponse, "", 25);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "server: request ") == Texts{"1", "2", "3", "4"});
  CHECK(lines(world, "client: answer ") == Texts{"1", "4"});
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a fault of messages applies to the message that triggered it, in every phase") {
  struct Row {
    FaultKind kind;
    Phase phase;
    Texts at_server, at_client;
    Time handled_2;
  };
  const Texts both{"1", "2"};
  const Row row = GENERATE_COPY(
      Row{FaultKind::kDropResponse, Phase::kSent, both, {"answer 1"}, ms(31)},
      Row{FaultKind::kDropResponse, Phase::kDelivered, both, {"answer 1"}, ms(31)},
      Row{FaultKind::kDropResponse, Phase::kHandled, both, {"answer 1"}, ms(31)},
      Row{FaultKind::kDelay, Phase::kSent, both, {"answer 1", "answer 2"}, ms(38)},
      Row{FaultKind::kDelay, Phase::kHandled, both, {"answer 1", "answer 2"}, ms(31)},
      Row{FaultKind::kResetConnection, Phase::kSent, both, {"answer 1", "closed 0"}, ms(31)},
      Row{FaultKind::kResetConnection, Phase::kDelivered, both, {"answer 1", "closed 0"}, ms(31)},
      Row{FaultKind::kResetConnection, Phase::kHandled, both, {"answer 1", "closed 0"}, ms(31)},
      Row{FaultKind::kResetConnection,
          Phase::kResponded,
          both,
          {"answer 1", "answer 2", "closed 0"},
          ms(31)});
  const Duration service = GENERATE(milliseconds(0), milliseconds(3));
  World world = ask(requests(2, 20, 10), {{}, service});
  FaultSpec fault = triggered(row.kind, row.phase, 2);
  fault.by = milliseconds(7);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "server: request ") == row.at_server);
  CHECK(time_of(world, "server: request 2") == row.handled_2);
  Texts at_client{"starts"};
  at_client.insert(at_client.end(), row.at_client.begin(), row.at_client.end());
  CHECK(lines(world, "client: ") == at_client);
  CHECK(world.fault_records()[0].strikes == 1);
  if (row.kind == FaultKind::kDelay) {
    CHECK(time_of(world, "client: answer 2") == ms(39) + service);
  }
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a message that a trigger delays is not overtaken by what left in the same step") {
  World world = ask({{{}, Act::kConnect},
                     {milliseconds(20), Act::kSend, 0, 1},
                     {milliseconds(20), Act::kSend, 0, 2},
                     {milliseconds(20), Act::kSend, 0, 3}});
  FaultSpec fault = triggered(FaultKind::kDelay, Phase::kSent);
  fault.by = milliseconds(7);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "server: request ") == Texts{"1", "2", "3"});
  CHECK(time_of(world, "server: request 3") == ms(28));
}

TEST_CASE("a trigger drops an answer that a partition holds") {
  World world = ask(requests(1, 20, 0));
  world.add_fault(triggered(FaultKind::kDropResponse, Phase::kHandled));
  world.add_fault(partition(15, 85, Direction::kFrom));
  run(world);
  CHECK(lines(world, "client: ") == Texts{"starts"});
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a trigger counts its matches from its time on, and strikes once or again") {
  struct Row {
    uint32_t nth;
    bool repeat;
    int64_t after_ms;
    std::string from;
    Texts paused;  // requests that come while the server stands still, or just after
  };
  const Row row = GENERATE(Row{1, false, 0, "", {"1"}}, Row{3, false, 0, "", {"3"}},
                           Row{3, true, 0, "", {"3", "4", "5"}}, Row{1, false, 35, "", {"3"}},
                           Row{2, true, 35, "client", {"4", "5"}}, Row{1, true, 0, "server", {}},
                           Row{1, true, 0, "client/0", {"1", "2", "3", "4", "5"}},
                           Row{1, true, 0, "client/1", {}});
  World world = ask(requests(5, 20, 10));
  FaultSpec fault = triggered(FaultKind::kPause, Phase::kSent, row.nth);
  fault.target = "server";
  fault.length = milliseconds(5);
  fault.repeat = row.repeat;
  fault.on->after = ms(row.after_ms);
  fault.on->from = row.from;
  world.add_fault(fault);
  run(world);
  for (uint32_t i = 1; i <= 5; ++i) {
    const std::string number = std::to_string(i);
    const bool paused = std::find(row.paused.begin(), row.paused.end(), number) != row.paused.end();
    INFO("request " << i << " nth " << row.nth << " from " << row.from);
    CHECK(time_of(world, "server: request " + number) == ms(10 + 10 * i + (paused ? 5 : 1)));
  }
  CHECK(world.fault_records()[0].strikes == row.paused.size());
  CHECK(world.fault_records()[0].struck == !row.paused.empty());
}

TEST_CASE("a trigger looks at its own kind of message") {
  World world = ask({{{}, Act::kConnect},
                     {milliseconds(20), Act::kSend, 0, 1},
                     {milliseconds(30), Act::kSendOther, 0, 2}});
  FaultSpec fault = triggered(FaultKind::kDropResponse, Phase::kHandled);
  fault.on->rpc = world.find_message_kind("Tell");
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "client: answer ") == Texts{"1"});
}

TEST_CASE("a server that a trigger kills at a phase has done what that phase says") {
  struct Row {
    Phase phase;
    Texts server, client;
  };
  const Row row =
      GENERATE(Row{Phase::kSent, {"starts", "starts"}, {"starts", "closed 0"}},
               Row{Phase::kDelivered, {"starts", "request 1", "starts"}, {"starts", "closed 0"}},
               Row{Phase::kHandled, {"starts", "request 1", "starts"}, {"starts", "closed 0"}},
               Row{Phase::kResponded,
                   {"starts", "request 1", "starts"},
                   {"starts", "answer 1", "closed 0"}});
  World world = ask(requests(1, 20, 0), {{}, milliseconds(3)});
  FaultSpec fault = triggered(FaultKind::kCrash, row.phase);
  fault.target = "server";
  fault.length = milliseconds(30);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "server: ") == row.server);
  CHECK(lines(world, "client: ") == row.client);
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("the answer to a client that is gone is handled as well") {
  std::vector<Action> actions = requests(1, 20, 0);
  actions.push_back({milliseconds(22), Act::kClose});
  World world = ask(actions, {{}, milliseconds(9)});
  FaultSpec fault = triggered(FaultKind::kPause, Phase::kHandled);
  fault.target = "server";
  world.add_fault(fault);
  run(world);
  CHECK(world.fault_records()[0].struck);
}

TEST_CASE("an event triggers by its name and the values of its fields") {
  struct Row {
    std::vector<std::pair<std::string, std::string>> where;
    uint32_t nth;
    std::string from;
    Time struck;  // 0: never
  };
  const Row row = GENERATE(
      Row{{}, 1, "", ms(10)}, Row{{}, 2, "", ms(20)}, Row{{{"value", "7"}}, 1, "", ms(20)},
      Row{{{"value", "7"}, {"who", "1"}}, 1, "", ms(30)}, Row{{{"value", "8"}}, 1, "", {}},
      Row{{{"other", "7"}}, 1, "", {}}, Row{{}, 1, "server", {}}, Row{{}, 1, "client", ms(10)});
  World world = ask({{{}, Act::kConnect},
                     {milliseconds(10), Act::kEmit, 5, 0},
                     {milliseconds(20), Act::kEmit, 7, 0},
                     {milliseconds(30), Act::kEmit, 7, 1}});
  FaultSpec fault = make_fault(FaultKind::kModel, "", 0);
  fault.word = "rebalance";
  fault.on = Trigger{};
  fault.on->event = "test.fact";
  fault.on->where = row.where;
  fault.on->nth = row.nth;
  fault.on->from = row.from;
  world.add_fault(fault);
  run(world);
  CHECK(world.fault_records()[0].struck == (row.struck > Time{}));
  if (row.struck > Time{}) CHECK(time_of(world, "rebalance begins") == row.struck);
}

TEST_CASE("a slow link takes a factor on its ends or direction, for a while") {
  struct Row {
    const char* target;
    const char* from;
    const char* to;
    int64_t request_ms, answer_ms;
  };
  const Row row = GENERATE(Row{"server", "", "", 25, 30}, Row{"", "client", "server", 25, 26},
                           Row{"", "server", "", 21, 26}, Row{"", "", "client", 21, 26},
                           Row{"other", "", "", 21, 22});
  World world = make_world(calm_config(), {{"client",
                                            {{{{}, Act::kConnect, 0, 1},
                                              {milliseconds(20), Act::kSend, 0, 1},
                                              {milliseconds(60), Act::kSend, 0, 2}}}},
                                           {"server", {}},
                                           {"other", {}}});
  FaultSpec fault = make_fault(FaultKind::kSlowLink, row.target, 10, milliseconds(30));
  fault.from = row.from;
  fault.to = row.to;
  fault.factor_thousandths = 5'000;
  world.add_fault(fault);
  run(world);
  CHECK(time_of(world, "server: request 1") == ms(row.request_ms));
  CHECK(time_of(world, "client: answer 1") == ms(row.answer_ms));
  CHECK(time_of(world, "server: request 2") == ms(61));
}

}  // namespace eosim::sim
