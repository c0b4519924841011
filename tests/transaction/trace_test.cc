// transactions.md 11.1, and the transaction status of the talk's slides, seen through the events.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness.h"

namespace eosim::kafka {
// The tests' own key to ghosts; only checkers have one in the program.
struct GhostAccess {
  template <class T>
  static const T& open(const Ghost<T>& ghost) {
    return ghost.value_;
  }
};
}  // namespace eosim::kafka

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

// "-1>0 (7,0)" for each transition.
std::vector<std::string> transitions(const Harness& h) {
  std::vector<std::string> lines;
  for (const EmittedEvent& event : h.events_) {
    if (event.event != Event::kTransactionTransition) continue;
    std::string line = std::to_string(event.values[1]);
    line += ">" + std::to_string(event.values[2]);
    line += " (" + std::to_string(event.values[3]) + "," + std::to_string(event.values[4]) + ") {";
    const BatchId batch{static_cast<uint32_t>(event.values[5])};
    const auto& records = std::get<List<TransactionLogRecord>>(h.batches_[batch].payload);
    for (const TopicPartition& partition : records.at(0).partitions) {
      line += "xy"[partition.topic.value - 2] + std::to_string(partition.partition);
    }
    lines.push_back(line + "}");
  }
  return lines;
}

size_t count_in_sources(const std::string& word) {
  size_t found = 0;
  const std::filesystem::path folder = std::string(EOSIM_SOURCE_DIR) + "/models/transaction";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const std::string content = text.str();
    for (size_t at = content.find(word); at != std::string::npos; at = content.find(word, at + 1)) {
      ++found;
    }
  }
  return found;
}

}  // namespace

TEST_CASE("trace 11.1: a committed transaction, and the next request that comes too early") {
  for (const std::string& letter : kVariants) {
    Harness h(letter);
    const uint32_t init = h.init("T");
    h.ack();
    CHECK(h.answer(init).producer == pair_of(7, 0));
    h.add("T", pair_of(7, 0), {kX0});
    h.ack();
    const uint32_t end = h.end("T", pair_of(7, 0), true);
    h.ack();
    CHECK(h.error(end) == Error::kNone);
    CHECK(h.error(h.add("T", pair_of(7, 0), {kX0})) == Error::kConcurrentTransactions);
    h.markers();
    CHECK(h.error(h.add("T", pair_of(7, 0), {kX0})) == Error::kConcurrentTransactions);
    h.ack();
    const uint32_t repeated = h.end("T", pair_of(7, 0), true);
    CHECK(h.error(repeated) == Error::kNone);
    CHECK(transitions(h) == std::vector<std::string>{"-1>0 (7,0) {}", "0>1 (7,0) {x0}",
                                                     "1>2 (7,0) {x0}", "2>4 (7,0) {}"});
  }
}

TEST_CASE("an abort goes from Ongoing over PrepareAbort to CompleteAbort") {
  Harness h;
  const auto p = h.reach("T", kOngoing);
  h.end("T", p, false);
  h.settle();
  h.init("T");
  h.settle();
  CHECK(transitions(h) == std::vector<std::string>{"-1>0 (7,0) {}", "0>1 (7,0) {x0x1}",
                                                   "1>3 (7,0) {x0x1}", "3>5 (7,0) {}",
                                                   "5>0 (7,1) {}"});
}

TEST_CASE("the run of beginTransaction() travels from the request to records and markers") {
  Harness h;
  const auto p = h.reach("T", kEmpty);
  AddPartitionsToTxnRequest request;
  request.header.version = 2;
  request.transactional_id = h.name("T");
  request.producer = p;
  request.partitions = {kX0};
  request.instance = Ghost<TransactionInstance>(TransactionInstance{42});
  h.send(request);
  const auto number = [](const Ghost<TransactionInstance>& ghost) {
    return GhostAccess::open(ghost).number;
  };
  CHECK(number(h.record(h.appends_[0]).instance) == 42);
  h.ack();
  CHECK(number(h.at("T").instance) == 42);
  h.init("T");  // fences it: the abort is of the same run
  CHECK(number(h.record(h.appends_[0]).instance) == 42);
  CHECK(number(h.batches_[h.appends_[0].batch].instance) == 42);
  h.ack();
  CHECK(number(h.sends_[0].request.markers[0].instance) == 42);
  h.markers();
  CHECK(number(h.record(h.appends_[0]).instance) == 42);
  h.ack();
  h.init("T");
  CHECK(number(h.record(h.appends_[0]).instance) == 0);
}

TEST_CASE("a transaction is that of the newest run that registered in it") {
  Harness h("B");
  const ProducerIdAndEpoch p = h.reach("T", kEmpty);
  const auto add = [&](uint64_t run, TopicPartition partition) {
    AddPartitionsToTxnRequest request;
    request.header.version = 2;
    request.transactional_id = h.name("T");
    request.producer = p;
    request.partitions = {partition};
    request.instance = Ghost<TransactionInstance>(TransactionInstance{run});
    h.send(request);
    if (!h.appends_.empty()) h.ack();
    return GhostAccess::open(h.at("T").instance).number;
  };
  CHECK(add(41, kX0) == 41);  // late: its run has ended
  CHECK(add(42, kX0) == 42);  // and nothing to write
  CHECK(add(41, kX1) == 42);  // late too
  CHECK(add(41, kX1) == 42);
  CHECK(add(42, kY0) == 42);
}

TEST_CASE("every refusal is an event with what the client was told") {
  Harness h("B");
  h.reach("T", kEmpty);
  h.events_.clear();
  h.end("T", pair_of(7, -1), true);
  REQUIRE(h.events_.size() == 1);
  CHECK(h.events_[0].event == Event::kTransactionRefused);
  CHECK(h.events_[0].values[1] == static_cast<int64_t>(Rpc::kEndTxn));
  CHECK(h.events_[0].values[2] == static_cast<int64_t>(Error::kInvalidProducerEpoch));
  CHECK(h.events_[0].values[3] == 7);
  CHECK(h.events_[0].values[4] == -1);
}

TEST_CASE("each switch that is the coordinator's alone is read at one place") {
  const std::vector<std::string> names = {"Switch::kInitExpectedPair",
                                          "Switch::kFenceLastEpoch",
                                          "Switch::kClientEndtxnEpoch",
                                          "Switch::kFailedFenceGuard",
                                          "Switch::kTcFenceCode",
                                          "Switch::kPidSource",
                                          "Switch::kVerifyFailError",
                                          "Switch::kPendingCheckFirst",
                                          "Switch::kFenceDoubleBump",
                                          "Switch::kExpireUnusedTids",
                                          "Switch::kResignForgetsOlderLoads",
                                          "Switch::kPreviousIdRenewed"};
  for (const std::string& name : names) CHECK(count_in_sources(name) == 1);
}
