// Leaders and coordinators that move, brokers that start, and what a producer holds of the stores.
#include <algorithm>

#include "stub_cluster.h"

namespace eosim::kafka::producer_test {
namespace {

using C = Command;
using Words = std::vector<std::string>;

Words produced(StubWorld& w) {
  Words lines;
  for (const std::string& line : w.script().seen) {
    if (line.starts_with("Produce")) lines.push_back(line.substr(line.find(' ', 8) + 1));
  }
  return lines;
}

}  // namespace

TEST_CASE("a batch follows its leader with the sequence that it has") {
  for (const Error error :
       {Error::kNotLeaderOrFollower, Error::kKafkaStorageError, Error::kFencedLeaderEpoch}) {
    for (const char* preset : {"2.5", "3.8", "4.2"}) {
      StubWorld w(preset);
      w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 2}, {C::kFlush, {}}});
      w.take_seen();
      w.lead({1, 1}, 1);
      w.script().errors[Rpc::kProduce] = {error};
      CHECK(w.go_on({{C::kSend, w.data(0), 1}, {C::kFlush, {}}, {C::kCommit, {}}}) ==
            Words(2, "ok"));
      CAPTURE(preset, error_name(error));
      CHECK(produced(w) == Words{"0: 0 7/0 seq 2", "1: 0 7/0 seq 2"});
      CHECK(w.app().producer.failed_records() == 0);
    }
  }
}

TEST_CASE("batches that were on their way to the old leader go to the new one in their order") {
  StubWorld w("3.8");
  w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
  w.take_seen();
  const Error moved = Error::kNotLeaderOrFollower;
  w.script().errors[Rpc::kProduce] = {moved, moved, moved};
  w.lead({1, 1}, 1);
  CHECK(w.go_on({{C::kSend, w.data(0), 400}, {C::kCommit, {}}}) == Words{"ok"});
  const Words lines = produced(w);
  REQUIRE(lines.size() == 6);  // 40 000 bytes: three batches
  for (size_t i = 0; i < 3; ++i) {
    CHECK(lines[i].substr(0, 2) == "0:");
    CHECK(lines[i + 3].substr(0, 2) == "1:");
    CHECK(lines[i].substr(2) == lines[i + 3].substr(2));
  }
}

TEST_CASE("a partition without a leader is waited for, and the others go on") {
  StubWorld w("2.5");
  w.lead({-1, 1}, 1);
  w.run({{C::kInit, {}},
         {C::kBegin, {}},
         {C::kSend, w.data(0), 1},
         {C::kSend, w.data(1), 1},
         {C::kWait, {}, 2'000}});
  CHECK(produced(w) == Words{"1: 1 7/0 seq 0"});
  w.lead({1, 1}, 2);
  CHECK(w.go_on({{C::kCommit, {}}}) == Words{"ok"});
  CHECK(produced(w) == Words{"1: 1 7/0 seq 0", "1: 0 7/0 seq 0"});
}

TEST_CASE("metadata of a broker that lags does not lead back to an older leader") {
  StubWorld w("2.5");
  w.lead({1, 1}, 5);
  w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
  w.lead({0, 1}, 4);
  w.script().errors[Rpc::kProduce] = {Error::kNotLeaderOrFollower};
  CHECK(w.go_on({{C::kSend, w.data(0), 1}, {C::kCommit, {}}}) == Words{"ok"});
  CHECK(produced(w) == Words{"1: 0 7/0 seq 0", "1: 0 7/0 seq 1", "1: 0 7/0 seq 1"});
}

TEST_CASE("a broker that closes connections while it starts is tried again, ever more slowly") {
  StubWorld w("2.5");
  w.script().closes[BrokerId{0}] = 6;
  w.script().closes[BrokerId{1}] = 6;
  CHECK(w.run({{C::kInit, {}}}) == Words{"ok"});
  // 50 + 100 + 200 + 400 + 800 ms, then a second each time.
  CHECK(w.world->now() > sim::Time{} + sim::milliseconds(2'500));
  CHECK(w.world->now() < sim::Time{} + sim::seconds(8));
}

TEST_CASE("a transaction coordinator that moves to another broker is found there") {
  for (const char* preset : {"2.4", "2.8", "4.0"}) {
    StubWorld w(preset);
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    w.take_seen();
    w.script().transaction_coordinator = BrokerId{1};
    w.script().errors[Rpc::kEndTxn] = {Error::kNotCoordinator};
    CHECK(w.go_on({{C::kCommit, {}}}) == Words{"ok"});
    REQUIRE(w.script().seen.size() == 3);
    CHECK_THAT(w.script().seen[1], contains_text("FindCoordinator"));
  }
}

TEST_CASE("a producer holds what it has not settled, and nothing after") {
  for (const char* preset : {"2.4", "2.5", "4.2"}) {
    StubWorld w(preset);
    w.config.delivery_timeout_ms = 2'000;
    w.config.request_timeout_ms = 1'000;
    std::vector<C> script = {{C::kInit, {}}};
    for (int i = 0; i < 400; ++i) {
      script.push_back({C::kBegin, {}});
      script.push_back({C::kSend, w.data(i % 2), 1});
      script.push_back({C::kFlush, {}});
      script.push_back({i % 3 == 0 ? C::kAbort : C::kCommit, {}});
    }
    CHECK(w.run(script) == Words(1201, "ok"));
    CHECK(w.shared().batches.size() >= 400);
    CHECK(w.shared().batches.references() == 0);
    // Refused, renumbered, expired: given back all the same.
    w.script().errors[Rpc::kProduce] = {Error::kNotEnoughReplicas, Error::kInvalidTxnState};
    w.go_on({{C::kBegin, {}},
             {C::kSend, w.data(0), 1},
             {C::kSend, w.data(1), 300},
             {C::kFlush, {}},
             {C::kAbort, {}}});
    CHECK(w.shared().batches.references() == 0);
    w.script().silent = true;
    w.go_on({{C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kWait, {}, 100}},
            sim::milliseconds(500));
    w.script().silent = false;
    w.go_on({{C::kClose, {}, 20'000}});
    w.run_for(sim::seconds(30));
    CAPTURE(preset);
    CHECK(w.app().producer.closed());
    CHECK(w.shared().batches.references() == 0);
    CHECK(w.shared().metadata.references() == 1);  // the brokers' own
    CHECK(w.shared().bodies.in_use() == 0);
  }
}

TEST_CASE("a producer that dies gives back what it held") {
  StubWorld w("4.0");
  w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
  w.script().silent = true;
  w.go_on({{C::kSend, w.data(0), 1}, {C::kWait, {}, 100}}, sim::milliseconds(300));
  CHECK(w.shared().batches.references() > 0);
  w.world->remove(w.app_id);
  w.run_for(sim::seconds(1));
  CHECK(w.shared().batches.references() == 0);
  CHECK(w.shared().metadata.references() == 1);
}

}  // namespace eosim::kafka::producer_test
