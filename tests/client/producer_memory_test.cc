// buffer.memory, the blocking send() and what it leaves behind (transactions.md 5.5, 5.10), and the
// leader that a Produce response names (KIP-951).
#include <algorithm>

#include "producer_parts.h"
#include "stub_cluster.h"

namespace eosim::kafka::producer_test::memory {
namespace {

using C = Command;
using Words = std::vector<std::string>;

size_t produced(const Words& seen) {
  return static_cast<size_t>(std::count_if(seen.begin(), seen.end(), [](const std::string& line) {
    return line.starts_with("Produce");
  }));
}

}  // namespace

TEST_CASE("a batch holds batch.size of the memory until the application was told of it") {
  Parts parts;
  parts.begin();
  const uint64_t small = parts.append(0, 0);
  CHECK(parts.accumulator.memory_used() == 16'384);
  parts.append(0, 0);
  CHECK(parts.accumulator.memory_used() == 16'384);
  const uint64_t large = parts.append(1, 0, 50'000);
  const int64_t of_large = 50'000 + static_cast<int64_t>(kBatchOverheadBytes);
  CHECK(parts.accumulator.memory_used() == 16'384 + of_large);
  REQUIRE(parts.drain(10).size() == 2);
  parts.settle(small, Error::kNotLeaderOrFollower, 20);  // goes again, and keeps it
  CHECK(parts.accumulator.memory_used() == 16'384 + of_large);
  parts.settle(large, Error::kMessageTooLarge, 30);  // fails
  CHECK(parts.accumulator.memory_used() == 16'384);
  REQUIRE(parts.drain(200).size() == 1);
  parts.settle(small, Error::kNone, 210);
  CHECK(parts.accumulator.memory_used() == 0);
}

TEST_CASE("send() blocks until a batch that is done makes room, and linger ends meanwhile") {
  StubWorld w("2.8");
  w.config.buffer_memory = 2 * 16'384;
  w.config.linger_ms = 10'000;
  w.run({{C::kInit, {}}, {C::kBegin, {}}});
  const sim::Time before = w.world->now();
  // Three batches, and room for two: the third record waits for an acknowledgement.
  w.run_for(sim::Duration{});
  w.go_on({{C::kSend, w.data(0), 1}, {C::kSend, w.data(1), 1}});
  CHECK(produced(w.script().seen) == 0);
  w.app().record_bytes = 16'384;
  w.go_on({{C::kSend, w.data(0), 1}});
  CHECK(w.app().finished());
  CHECK(w.world->now() - before < sim::seconds(1));
  CHECK(produced(w.script().seen) == 2);
  CHECK(w.go_on({{C::kCommit, {}}}) == Words{"ok"});
  CHECK(w.app().producer.failed_records() == 0);
}

TEST_CASE("a send() that finds no room in time fails its record, and the transaction since 3.2") {
  for (const char* preset : {"2.8", "3.5"}) {
    StubWorld w(preset);
    w.config.buffer_memory = 16'384;
    w.config.max_block_ms = 2'000;
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    w.script().silent = true;
    // The first takes the memory and is never answered; two more wait, one after the other.
    const sim::Time before = w.world->now();
    w.go_on({{C::kSend, w.data(0), 1}, {C::kSend, w.data(1), 2}}, sim::seconds(10));
    const bool since = std::string(preset) == "3.5";
    CAPTURE(preset, w.app().log);
    CHECK(w.app().finished());
    CHECK(w.app().producer.failed_records() == 2);
    CHECK(w.world->now() - before >= sim::seconds(4));
    CHECK((w.app().producer.state() == ProducerClientState::kAbortableError) == since);
  }
}

TEST_CASE("up to 2.3 a partition is registered even if its record finds no room") {
  for (const bool first : {true, false}) {
    CAPTURE(first);
    StubWorld w("2.4");
    w.config.switches.set(Switch::kRegisterBeforeAppend, uint8_t{first});
    w.config.buffer_memory = 16'384;
    w.config.max_block_ms = 2'000;
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    // One record waits for its leader and has all the memory.
    w.script().errors[Rpc::kProduce].assign(30, Error::kNotEnoughReplicas);
    w.go_on({{C::kSend, w.data(0), 1}, {C::kSend, w.data(1), 1}});
    CHECK(w.app().producer.failed_records() == 1);
    w.script().errors.clear();
    CHECK(w.go_on({{C::kCommit, {}}}) == Words{"ok"});
    CHECK(count(w.script().seen, "AddPartitionsToTxn") == (first ? 2 : 1));
  }
}

// KafkaProducer.doSend hands what it catches to maybeTransitionToErrorState, as a failed batch is.
TEST_CASE("what send() refuses asks for a new epoch, as a batch that fails does") {
  struct Row {
    const char* preset;
    const char* brokers;
    bool too_large;  // or there is no room in time
    Error error;
    size_t initialised;  // InitProducerId in all
  };
  const Error timeout = Error::kRequestTimedOut, large = Error::kMessageTooLarge;
  const Row rows[] = {{"2.8", "", true, Error::kNone, 1},
                      {"3.5", "", true, large, 2},
                      {"3.5", "2.4", true, large, 1},  // no coordinator raises an epoch
                      {"3.5", "", false, timeout, 2},
                      {"4.1", "3.9", true, large, 2},
                      {"4.1", "3.9", false, Error::kTransactionAbortable, 2},
                      {"4.2", "", true, large, 1}};  // each end of a transaction does
  for (const Row& row : rows) {
    CAPTURE(row.preset, row.brokers, row.too_large);
    StubWorld w(row.preset, row.brokers);
    w.config.buffer_memory = 20'000;
    w.config.max_block_ms = 2'000;
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    w.script().silent = !row.too_large;
    w.app().record_bytes = row.too_large ? 30'000 : 15'000;
    w.go_on({{C::kSend, w.data(0), row.too_large ? 1 : 2}}, sim::seconds(5));
    CHECK(w.app().producer.failed_records() == 1);
    CHECK(w.app().producer.last_error().error == row.error);
    w.script().silent = false;
    // What was not answered holds the end back for request.timeout.ms.
    Words ended;
    for (int i = 0; i < 30 && ended != Words{"ok"}; ++i) ended = w.go_on({{C::kAbort, {}}});
    CHECK(ended == Words{"ok"});
    CHECK(count(w.script().seen, "InitProducerId") == row.initialised);
  }
}

TEST_CASE("send() waits for the topic's partitions, as long as max.block.ms lets it") {
  StubWorld w("3.5", "", false);
  w.config.max_block_ms = 1'000;
  w.script().closes[BrokerId{0}] = 1'000;
  w.script().closes[BrokerId{1}] = 1'000;
  w.run({{C::kSend, w.data(0), 1}}, sim::seconds(5));
  CHECK(w.app().producer.failed_records() == 1);
  w.script().closes.clear();
  w.go_on({{C::kSend, w.data(0), 1}, {C::kFlush, {}}});
  CHECK(w.app().producer.failed_records() == 1);
  CHECK(produced(w.script().seen) == 1);
}

TEST_CASE("a record larger than the whole memory is refused at once") {
  StubWorld w("2.8", "", false);
  w.config.buffer_memory = 20'000;
  w.run({{C::kSend, w.data(0), 1}, {C::kFlush, {}}});
  w.app().record_bytes = 30'000;
  const sim::Time before = w.world->now();
  w.go_on({{C::kSend, w.data(0), 1}});
  CHECK(w.world->now() == before);
  CHECK(w.app().producer.failed_records() == 1);
}

TEST_CASE("closing by force ends a send() that blocks") {
  StubWorld w("2.8", "", false);
  w.config.buffer_memory = 16'384;
  w.run({{C::kSend, w.data(0), 1}, {C::kFlush, {}}});
  w.script().silent = true;
  w.go_on({{C::kSend, w.data(0), 1}, {C::kSend, w.data(1), 1}}, sim::seconds(1));
  REQUIRE(w.app().producer.blocked_send().valid());
  CHECK_FALSE(w.app().finished());
}

TEST_CASE("a record that send() refused is not there, or since 3.1.1 goes with the next ones") {
  struct Row {
    const char* preset;
    bool stays;
  };
  for (const Row& row : {Row{"2.4", false}, Row{"2.8", false}, Row{"3.5", true}, Row{"3.9", true},
                         Row{"4.2", true}}) {
    StubWorld w(row.preset);
    w.run({{C::kInit, {}}, {C::kSend, w.data(0), 1}});
    CAPTURE(row.preset);
    REQUIRE(w.app().log.back() == "send illegal");
    CHECK(w.app().producer.incomplete_batches() == (row.stays ? 1 : 0));
    CHECK(w.go_on({{C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kCommit, {}}}) ==
          Words{"ok", "ok"});
    CHECK(w.script().next_offset == Offset{row.stays ? 2 : 1});
  }
}

TEST_CASE("a record that was refused while no transaction takes its partition holds the commit") {
  StubWorld w("3.5");
  w.config.max_block_ms = 2'000;
  w.run({{C::kInit, {}}, {C::kSend, w.data(0), 1}, {C::kBegin, {}}, {C::kSend, w.data(1), 1}});
  CHECK(w.go_on({{C::kCommit, {}}}) == Words{"timeout"});
  // It expires at last, and the transaction with it.
  CHECK(w.go_on({{C::kWait, {}, 130'000}, {C::kCommit, {}}}) ==
        Words{"abortable REQUEST_TIMED_OUT"});
  CHECK(w.go_on({{C::kAbort, {}}}) == Words{"ok"});
  CHECK(w.app().producer.incomplete_batches() == 0);
}

TEST_CASE("KIP-951: the leader that an answer names gets the batch without a pause") {
  for (const char* preset : {"3.6", "3.7", "4.2"}) {
    StubWorld w(preset);
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    w.lead({1, 1}, 1);
    w.script().names_leader = true;
    w.script().errors[Rpc::kProduce] = {Error::kNotLeaderOrFollower};
    const sim::Time before = w.world->now();
    w.go_on({{C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    CAPTURE(preset);
    const bool named = std::string(preset) != "3.6";
    CHECK((w.world->now() - before < sim::milliseconds(50)) == named);
    CHECK(w.script().seen.back().find(" 1: 0 7/0 seq 1") != std::string::npos);
  }
}

TEST_CASE("KIP-951: an answer does not lead back to an older leader") {
  MetadataCache cache(300'000, 100);
  MetadataImage image;
  image.topics.resize(1);
  image.topics[0].topic = TopicId{0};
  image.topics[0].partitions = {{BrokerId{2}, LeaderEpoch{5}, {}}};
  cache.update(image);
  const TopicPartition p{TopicId{0}, 0};
  CHECK_FALSE(cache.learn(p, {BrokerId{1}, LeaderEpoch{5}}));
  CHECK_FALSE(cache.learn(p, {BrokerId{}, LeaderEpoch{6}}));
  CHECK_FALSE(cache.learn({TopicId{0}, 9}, {BrokerId{1}, LeaderEpoch{6}}));
  CHECK_FALSE(cache.learn({TopicId{7}, 0}, {BrokerId{1}, LeaderEpoch{6}}));
  CHECK(cache.leader(p).broker == BrokerId{2});
  CHECK(cache.learn(p, {BrokerId{1}, LeaderEpoch{6}}));
  CHECK(cache.leader(p).broker == BrokerId{1});
}

}  // namespace eosim::kafka::producer_test::memory
