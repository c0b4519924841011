// Whole transactions of a producer against real brokers.
#include "producer_world.h"

namespace eosim::kafka::producer_test {
namespace {

using C = Command;
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a transaction runs through its requests in the order of the protocol") {
  ProducerWorld w;
  const auto app = w.add_app(
      "app", {{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 3}, {C::kCommit, {}}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok"});
  CHECK(w.watcher.requests ==
        Words{"FindCoordinator", "InitProducerId", "AddPartitionsToTxn", "Produce", "EndTxn"});
  CHECK(w.app(app).producer.state() == ProducerClientState::kReady);
  CHECK(w.app(app).producer.incomplete_batches() == 0);
  CHECK(w.watcher.of(Event::kProducerInitialized).size() == 1);
  CHECK(w.watcher.of(Event::kTransactionBegan).size() == 1);
  CHECK(w.watcher.of(Event::kTransactionEndSent).size() == 1);
  CHECK(w.watcher.of(Event::kProducerAcknowledged).size() == 1);
  REQUIRE(w.watcher.of(Event::kTransactionEnded).size() == 1);
  CHECK(w.watcher.of(Event::kTransactionEnded)[0].fields[2] ==
        static_cast<int64_t>(CommitOutcome::kCommitted));
}

TEST_CASE("sequences go on in the next transaction of the same epoch") {
  ProducerWorld w;
  const auto app = w.add_app("app", {{C::kInit, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, w.data(0), 3},
                                     {C::kCommit, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, w.data(0), 2},
                                     {C::kAbort, {}}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok", "ok", "ok"});
  // Offsets 0-2, a marker; the aborted transaction was never sent: abort fails what has no
  // sequence.
  const auto appended = w.watcher.of(Event::kLogAppended);
  int64_t data_batches = 0;
  for (const auto& event : appended) {
    if (event.fields[0] == w.data(0).packed()) ++data_batches;
  }
  CHECK(data_batches == 1);
  CHECK(w.app(app).producer.failed_records() == 2);

  const auto again = w.add_app("app-2", {{C::kInit, {}},
                                         {C::kBegin, {}},
                                         {C::kSend, w.data(0), 3},
                                         {C::kFlush, {}},
                                         {C::kSend, w.data(0), 2},
                                         {C::kCommit, {}},
                                         {C::kBegin, {}},
                                         {C::kSend, w.data(0), 1},
                                         {C::kCommit, {}}});
  REQUIRE(w.run(again));
  std::vector<int64_t> sequences;
  for (const auto& event : w.watcher.of(Event::kLogAppended)) {
    if (event.fields[0] == w.data(0).packed()) sequences.push_back(event.fields[6]);
  }
  CHECK(sequences == std::vector<int64_t>{0, 0, 3, 5});
}

TEST_CASE("a new producer with the same transactional id fences the old one") {
  ProducerWorld w;
  const auto old_app = w.add_app("app-old", {{C::kInit, {}},
                                             {C::kBegin, {}},
                                             {C::kSend, w.data(0), 1},
                                             {C::kFlush, {}},
                                             {C::kWait, {}, 5'000},
                                             {C::kCommit, {}},
                                             {C::kAbort, {}}});
  w.run_for(sim::seconds(1));
  const auto new_app = w.add_app("app-new", {{C::kInit, {}}});
  REQUIRE(w.run(new_app));
  CHECK(w.app(new_app).log == Words{"ok"});
  CHECK(w.app(new_app).producer.producer().epoch == ProducerEpoch{2});
  REQUIRE(w.run(old_app));
  CHECK(w.app(old_app).log ==
        Words{"ok", "ok", "ok", "fenced INVALID_PRODUCER_EPOCH", "fenced INVALID_PRODUCER_EPOCH"});
  CHECK(w.app(old_app).producer.state() == ProducerClientState::kFatalError);
}

TEST_CASE("offsets go to the group coordinator, which is looked up first") {
  ProducerWorld w;
  const auto app = w.add_app(
      "app", {{C::kInit, {}}, {C::kBegin, {}}, {C::kOffsets, w.data(1), 0}, {C::kCommit, {}}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok", "ok"});
  CHECK(w.watcher.requests == Words{"FindCoordinator", "InitProducerId", "AddOffsetsToTxn",
                                    "FindCoordinator", "TxnOffsetCommit", "EndTxn"});
}

TEST_CASE("a foreign generation makes the transaction abortable, and the abort heals it") {
  ProducerWorld w;
  const auto app = w.add_app("app", {{C::kInit, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, w.data(0), 1},
                                     {C::kOffsets, w.data(1), 7},
                                     {C::kCommit, {}},
                                     {C::kAbort, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, w.data(0), 1},
                                     {C::kCommit, {}}});
  REQUIRE(w.run(app));
  const Words log = w.app(app).log;
  REQUIRE(log.size() == 7);
  CHECK_THAT(log[2], contains_text("commit failed"));
  CHECK_THAT(log[3], contains_text("abortable"));
  CHECK(Words(log.begin() + 4, log.end()) == Words{"ok", "ok", "ok"});
}

TEST_CASE("group metadata against a coordinator that cannot read it is fatal") {
  Options options;
  options.brokers = "2.4";
  ProducerWorld w(options);
  const auto app = w.add_app("app", {{C::kInit, {}}, {C::kBegin, {}}, {C::kOffsets, w.data(1), 7}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "fatal UNSUPPORTED_VERSION"});
}

TEST_CASE("a client before KIP-447 never sends group metadata") {
  Options options;
  options.client = "2.4";
  ProducerWorld w(options);
  const auto app = w.add_app("app", {{C::kInit, {}}, {C::kBegin, {}}, {C::kOffsets, w.data(1), 7}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok"});
}

TEST_CASE("a transaction in which nothing was sent ends without EndTxn") {
  ProducerWorld w;
  const auto app = w.add_app("app", {{C::kInit, {}}, {C::kBegin, {}}, {C::kCommit, {}}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok"});
  CHECK(w.watcher.requests == Words{"FindCoordinator", "InitProducerId"});
}

TEST_CASE("an idempotent producer gets an id and has every record acknowledged") {
  Options options;
  options.transactional = false;
  for (const char* client : {"2.4", "2.5"}) {
    options.client = client;
    ProducerWorld w(options);
    const auto app = w.add_app("app", {{C::kSend, w.data(0), 3},
                                       {C::kSend, w.data(1), 500},
                                       {C::kFlush, {}},
                                       {C::kClose, {}, 1'000}});
    REQUIRE(w.run(app));
    CHECK(w.app(app).log == Words{"ok", "ok"});
    CHECK(w.app(app).producer.failed_records() == 0);
    CHECK(w.app(app).producer.closed());
    CHECK(w.watcher.of(Event::kProducerAcknowledged).size() == 5);  // 500 * 100 bytes: 4 batches
  }
}

TEST_CASE("linger lets records gather, flush does not wait for it") {
  Options options;
  options.transactional = false;
  options.linger_ms = 1'000;
  ProducerWorld w(options);
  const auto app = w.add_app("app", {{C::kSend, w.data(0), 1},
                                     {C::kWait, {}, 500},
                                     {C::kSend, w.data(0), 1},
                                     {C::kWait, {}, 700},
                                     {C::kSend, w.data(0), 1},
                                     {C::kFlush, {}}});
  REQUIRE(w.run(app));
  CHECK(w.watcher.of(Event::kProducerAcknowledged).size() == 2);
  CHECK(w.world().now() < sim::Time{} + sim::milliseconds(1'500));
}

TEST_CASE("several batches of a partition are on their way at once") {
  ProducerWorld w;
  const TopicPartition p = w.data(0);
  const auto app =
      w.add_app("app", {{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, p, 400}, {C::kCommit, {}}});
  REQUIRE(w.run(app));
  std::vector<sim::Time> times;
  for (const auto& event : w.watcher.of(Event::kLogAppended)) {
    if (event.fields[0] == p.packed()) times.push_back(event.at);
  }
  REQUIRE(times.size() == 3);  // 40 000 bytes
  // One after the other would take a round trip each, of a millisecond.
  CHECK(times.back() - times.front() < sim::microseconds(900));
}

TEST_CASE("close aborts an open transaction") {
  ProducerWorld w;
  const auto app = w.add_app("app", {{C::kInit, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, w.data(0), 1},
                                     {C::kFlush, {}},
                                     {C::kClose, {}, 10'000}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"ok", "ok", "ok", "ok"});
  CHECK(w.watcher.requests.back() == "EndTxn");
  CHECK(w.app(app).producer.closed());
}

TEST_CASE("calls in the wrong state are refused and change nothing") {
  ProducerWorld w;
  const auto app = w.add_app("app", {{C::kBegin, {}},
                                     {C::kCommit, {}},
                                     {C::kSend, w.data(0), 1},
                                     {C::kInit, {}},
                                     {C::kInit, {}},
                                     {C::kSend, w.data(0), 1},
                                     {C::kBegin, {}},
                                     {C::kBegin, {}}});
  REQUIRE(w.run(app));
  CHECK(w.app(app).log == Words{"illegal", "illegal", "send illegal", "ok", "illegal",
                                "send illegal", "ok", "illegal"});
  CHECK(w.watcher.of(Event::kTransactionEnded).empty());
}

}  // namespace eosim::kafka::producer_test
