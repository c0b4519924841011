// T7 of transactions.md 7.1, where it is read in answers: what a broker answers well is committed.
#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

using kafka::AddOffsetsToTxnRequest;
using kafka::AddOffsetsToTxnResponse;
using kafka::AddPartitionsToTxnRequest;
using kafka::AddPartitionsToTxnResponse;
using kafka::TxnOffsetCommitRequest;
using kafka::TxnOffsetCommitResponse;

constexpr int kOngoing = 1;
constexpr int kPrepareCommit = 2;
constexpr int kCompleteCommit = 4;
const Kinds kLost = {"lost_acknowledged_write"};

void ask_to_add(RunBuilder& run, ProducerIdAndEpoch producer) {
  AddPartitionsToTxnRequest request;
  request.transactional_id = run.name("app-0/0");
  request.producer = producer;
  request.partitions = {kOut, kOut1};
  run.asked(1, request);
}

void told_added(RunBuilder& run, Error first, Error second) {
  AddPartitionsToTxnResponse response;
  response.partitions = {{kOut, first}, {kOut1, second}};
  run.answers(1, response);
}

TEST_CASE("T7: who added partitions is told so when their record is committed") {
  RunBuilder run;
  run.logged(0, "app-0/0", 0, kA0, {});
  ask_to_add(run, kA0);
  Kinds kinds;
  SECTION("it is") { run.logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1}); }
  SECTION("an older one says it already") {
    run.logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1, kIn});
  }
  SECTION("it is not appended") { kinds = kLost; }
  SECTION("it is above the high watermark") {
    run.commits(false).logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1});
    kinds = kLost;
  }
  SECTION("it lacks one") {
    run.logged(1, "app-0/0", kOngoing, kA0, {kOut});
    kinds = kLost;
  }
  SECTION("it is of an older session") {
    run.logged(1, "app-0/0", kOngoing, kA1, {kOut, kOut1});
    kinds = kLost;
  }
  SECTION("it has been ended since") {
    run.logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1});
    run.logged(2, "app-0/0", kPrepareCommit, kA0, {kOut, kOut1});
    run.transition("app-0/0", kOngoing, kPrepareCommit, kA0);
    kinds = kLost;
  }
  SECTION("its end was appended too late for the coordinator, which goes on with what it had") {
    run.logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1});
    run.transition("app-0/0", 0, kOngoing, kA0);
    run.logged(2, "app-0/0", kPrepareCommit, kA0, {kOut, kOut1});
  }
  SECTION("its end was appended too late, and it goes on with what it found when it began") {
    run.commits(false).logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1});
    run.leads("broker-1", RunBuilder::kTransactions, 1, 1, 2).from("broker-1");
    run.commits(true).logged(2, "app-0/0", kPrepareCommit, kA0, {kOut, kOut1});
  }
  SECTION("its end was appended too late, and the next coordinator has read it") {
    run.logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1});
    run.logged(2, "app-0/0", kPrepareCommit, kA0, {kOut, kOut1});
    run.leads("broker-1", RunBuilder::kTransactions, 1, 1, 3).from("broker-1");
    kinds = kLost;
  }
  SECTION("its coordinator has found it in the log, and it is not committed yet") {
    run.commits(false).logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1});
    run.leads("broker-1", RunBuilder::kTransactions, 1, 1, 2).from("broker-1");
  }
  SECTION("the next coordinator has not found it") {
    run.commits(false).logged(1, "app-0/0", kOngoing, kA0, {kOut, kOut1});
    run.leads("broker-1", RunBuilder::kTransactions, 1, 1, 2);
    run.leads("broker-2", RunBuilder::kTransactions, 2, 1, 1).from("broker-2");
    kinds = kLost;
  }
  told_added(run, Error::kNone, Error::kNone);
  CHECK(run.kinds() == kinds);
}

TEST_CASE("T7: who is refused, or asks nobody, is promised nothing") {
  RunBuilder run;
  run.logged(0, "app-0/0", 0, kA0, {});
  SECTION("refused") {
    ask_to_add(run, kA0);
    told_added(run, Error::kConcurrentTransactions, Error::kConcurrentTransactions);
  }
  SECTION("the question is not known any more") { told_added(run, Error::kNone, Error::kNone); }
  SECTION("by a coordinator whose term is over") {
    ask_to_add(run, kA0);
    run.leads("broker-1", RunBuilder::kTransactions, 1, 1, 1);
    run.from("broker-0");
    told_added(run, Error::kNone, Error::kNone);
  }
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("T7: one partition of two is told to be added") {
  RunBuilder run;
  run.logged(0, "app-0/0", kOngoing, kA0, {kOut});
  ask_to_add(run, kA0);
  SECTION("the one that is") {
    told_added(run, Error::kNone, Error::kUnknownTopicOrPartition);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("the other") {
    told_added(run, Error::kUnknownTopicOrPartition, Error::kNone);
    REQUIRE(run.kinds() == kLost);
    CHECK(run.violation().summary ==
          "app-0/0 1000/0: it is told that output-1 is in its transaction, and its record says "
          "Ongoing of 1000/0");
  }
}

void ends(RunBuilder& run, int64_t base, const std::string& tid, int state,
          ProducerIdAndEpoch producer, const std::vector<TopicPartition>& partitions) {
  const int from = state == kCompleteCommit ? kPrepareCommit : kOngoing;
  run.logged(base, tid, state, producer, partitions).transition(tid, from, state, producer);
}

void ask_for(RunBuilder& run, bool reads, size_t count) {
  constexpr std::tuple<const char*, ProducerIdAndEpoch, TopicPartition> kAsked[] = {
      {"app-1/0", kB0, kOut1}, {"app-0/0", kA0, kOut}};
  AddPartitionsToTxnRequest request;
  for (size_t i = 0; i < count; ++i) {
    auto& one = request.transactions.emplace_back();
    one.transactional_id = run.name(std::get<0>(kAsked[i]));
    one.producer = std::get<1>(kAsked[i]);
    one.verify_only = reads;
    one.partitions = {std::get<2>(kAsked[i])};
  }
  run.asked(7, request);
}

void all_told(RunBuilder& run, size_t count) {
  AddPartitionsToTxnResponse response;
  response.transactions = {{run.name("app-1/0"), {{kOut1, Error::kNone}}}};
  if (count > 1) response.transactions.push_back({run.name("app-0/0"), {{kOut, Error::kNone}}});
  run.answers(7, response);
}

TEST_CASE("T7: partition leaders ask for one or several transactions at once, and some only read") {
  RunBuilder run;
  run.logged(0, "app-0/0", kOngoing, kA0, {kOut});
  const bool reads = GENERATE(false, true);
  const size_t count = GENERATE(1U, 2U);
  Kinds kinds;
  SECTION("it is registered") {
    run.logged(1, "app-1/0", kOngoing, kB0, {kOut1});
    ask_for(run, reads, count);
  }
  SECTION("it is registered on their word") {
    ask_for(run, reads, count);
    run.logged(1, "app-1/0", kOngoing, kB0, {kOut1});
  }
  SECTION("it is being ended, which who reads cannot know") {
    ends(run, 1, "app-1/0", kPrepareCommit, kB0, {kOut1});
    ask_for(run, reads, count);
    if (!reads) kinds = kLost;
  }
  SECTION("it was registered, and is complete when the answer leaves: it waited for another") {
    run.logged(1, "app-1/0", kOngoing, kB0, {kOut1});
    ask_for(run, reads, count);
    ends(run, 2, "app-1/0", kCompleteCommit, kB0, {});
    if (count == 1) kinds = kLost;
  }
  SECTION("it was registered and complete between question and answer") {
    ask_for(run, reads, count);
    run.logged(1, "app-1/0", kOngoing, kB0, {kOut1});
    ends(run, 2, "app-1/0", kCompleteCommit, kB0, {});
    if (count == 1) kinds = kLost;
  }
  SECTION("it was complete before the question") {
    run.logged(1, "app-1/0", kOngoing, kB0, {kOut1});
    ends(run, 2, "app-1/0", kCompleteCommit, kB0, {});
    ask_for(run, reads, count);
    kinds = kLost;
  }
  SECTION("another session is registered") {
    run.logged(1, "app-1/0", kOngoing, kA1, {kOut1});
    ask_for(run, reads, count);
    kinds = kLost;
  }
  SECTION("another partition is registered") {
    ask_for(run, reads, count);
    run.logged(1, "app-1/0", kOngoing, kB0, {kOut});
    kinds = kLost;
  }
  all_told(run, count);
  CHECK(run.kinds() == kinds);
}

TEST_CASE("T7: offsets are added when the partition of the group is") {
  RunBuilder run;
  run.offset_record(0, kB0, 9, kIn, 1);  // where the group's offsets are
  Kinds kinds;
  SECTION("it is") { run.logged(0, "app-0/0", kOngoing, kA0, {kOffsets}); }
  SECTION("another is") {
    run.logged(0, "app-0/0", kOngoing, kA0, {kOut});
    kinds = kLost;
  }
  AddOffsetsToTxnRequest request;
  request.transactional_id = run.name("app-0/0");
  request.producer = kA0;
  request.group = run.name("app");
  run.asked(1, request).answers(1, AddOffsetsToTxnResponse{});
  CHECK(run.kinds() == kinds);
}

TEST_CASE("T7: offsets of a transaction are taken when their batch is committed") {
  RunBuilder run;
  TxnOffsetCommitRequest request;
  request.transactional_id = run.name("app-0/0");
  request.group = run.name("app");
  request.producer = kA0;
  request.offsets = {{kIn, Offset{5}, {}}};
  run.offset_record(0, kB0, 9, kIn1, 5);
  run.asked(1, request);
  Kinds kinds;
  Error told = Error::kNone;
  SECTION("it is") { run.offset_record(1, kA0, 1, kIn, 5); }
  SECTION("later ones have followed") {
    run.offset_record(1, kA0, 1, kIn, 5).offset_record(2, kA0, 1, kIn, 6);
  }
  SECTION("it is above the high watermark") {
    run.commits(false).offset_record(1, kA0, 1, kIn, 5);
    kinds = kLost;
  }
  SECTION("another offset is") {
    run.offset_record(1, kA0, 1, kIn, 4);
    kinds = kLost;
  }
  SECTION("that of another producer is") {
    run.offset_record(1, kB0, 1, kIn, 5);
    kinds = kLost;
  }
  SECTION("none is, and the client is told") { told = Error::kIllegalGeneration; }
  TxnOffsetCommitResponse response;
  response.partitions = {{kIn, told}};
  run.answers(1, response);
  CHECK(run.kinds() == kinds);
}

TEST_CASE("T7: a checker that is off reads no answers") {
  CheckConfig config = RunBuilder::default_config();
  config.checkers.reset(static_cast<size_t>(Checker::kK4));
  RunBuilder run(config);
  run.logged(0, "app-0/0", 0, kA0, {});
  ask_to_add(run, kA0);
  told_added(run, Error::kNone, Error::kNone);
  CHECK(run.kinds() == Kinds{});
}

}  // namespace
}  // namespace eosim::check
