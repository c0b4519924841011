#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

void fatal(RunBuilder& run, ProducerIdAndEpoch by, Error error) {
  run.from("app-0").fact(
      Event::kProducerTransition,
      {run.name("app-0/0").id, by.id.value, by.epoch.value,
       static_cast<int64_t>(ProducerClientState::kInTransaction),
       static_cast<int64_t>(ProducerClientState::kFatalError), static_cast<int64_t>(error)});
  run.from("broker-0");
}

RunBuilder session() {
  RunBuilder run;
  run.transition("app-0/0", kNoState, 0, kA0).initialized("app-0/0", kA0);
  return run;
}

TEST_CASE("a fenced producer has a newer session, or was fenced by its coordinator") {
  for (const Error error : {Error::kProducerFenced, Error::kInvalidProducerEpoch}) {
    SECTION("nothing happened") {
      RunBuilder run = session();
      fatal(run, kA0, error);
      REQUIRE(run.kinds() == Kinds{"unjustified_error"});
      CHECK(run.violation().guarantee == "exactly_once_v2");
    }
    SECTION("a newer session began") {
      RunBuilder run = session();
      run.transition("app-0/0", 0, 0, producer(1000, 1));
      fatal(run, kA0, error);
      CHECK(run.kinds() == Kinds{});
    }
    SECTION("a timeout fenced it") {
      RunBuilder run = session();
      run.fact(Event::kTransactionFenced, {run.name("app-0/0").id, 1000, 0, 1, 1});
      fatal(run, kA0, error);
      CHECK(run.kinds() == Kinds{});
    }
    SECTION("the session of another id is no cause") {
      RunBuilder run = session();
      run.transition("app-1/0", kNoState, 0, producer(1001, 5));
      fatal(run, kA0, error);
      CHECK(run.kinds() == Kinds{"unjustified_error"});
    }
  }
}

TEST_CASE("a coordinator fences nobody without cause") {
  RunBuilder run = session();
  const auto refused = [&](int64_t epoch) {
    run.fact(Event::kTransactionRefused,
             {run.name("app-0/0").id, static_cast<int64_t>(kafka::Rpc::kEndTxn),
              static_cast<int64_t>(Error::kInvalidProducerEpoch), 1000, epoch});
  };
  SECTION("the newest") {
    refused(0);
    CHECK(run.kinds() == Kinds{"unjustified_error"});
  }
  SECTION("an older one") {
    run.transition("app-0/0", 0, 0, producer(1000, 1));
    refused(0);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a coordinator that does not lead its log any more may say anything of anybody") {
  RunBuilder run = session();
  const TopicPartition log{TopicId{1}, 0};
  kafka::TransactionLogRecord record;
  record.transactional_id = run.name("app-0/0");
  run.leads("broker-0", log, 0, 0, 0);
  run.logged(log, 0, record);
  const auto refused = [&](Error error) {
    run.from("broker-0")
        .fact(Event::kTransactionRefused,
              {run.name("app-0/0").id, static_cast<int64_t>(kafka::Rpc::kEndTxn),
               static_cast<int64_t>(error), 1000, 0});
  };
  SECTION("it leads") {
    refused(Error::kInvalidTxnState);
    fatal(run, kA0, Error::kInvalidTxnState);
    CHECK(run.kinds() == Kinds{"unjustified_error"});
  }
  run.leads("broker-1", log, 1, 1, 1);
  SECTION("it was deposed") {
    refused(Error::kInvalidTxnState);
    fatal(run, kA0, Error::kInvalidTxnState);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it was deposed, and said something else") {
    refused(Error::kInvalidProducerEpoch);
    fatal(run, kA0, Error::kInvalidTxnState);
    CHECK(run.kinds() == Kinds{"unjustified_error"});
  }
}

TEST_CASE("a producer id is forgotten only with its transactional id") {
  RunBuilder run = session();
  SECTION("not at all") {
    fatal(run, kA0, Error::kInvalidProducerIdMapping);
    CHECK(run.kinds() == Kinds{"unjustified_error"});
  }
  SECTION("it expired") {
    run.fact(Event::kTransactionExpired, {run.name("app-0/0").id, 1000});
    fatal(run, kA0, Error::kInvalidProducerIdMapping);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("its tombstone is in the log, and no coordinator lived to tell") {
    kafka::TransactionLogRecord gone;
    gone.transactional_id = run.name("app-0/0");
    gone.tombstone = true;
    run.logged(RunBuilder::kTransactions, 0, gone);
    fatal(run, kA0, Error::kInvalidProducerIdMapping);
    run.transition("app-0/0", kNoState, 0, producer(2000, 0));
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it was replaced") {
    run.transition("app-0/0", 0, 0, producer(2000, 0));
    fatal(run, kA0, Error::kInvalidProducerIdMapping);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("errors of slips end no producer, errors of the network may") {
  struct Row {
    Error error;
    bool wrong;
  };
  const Row rows[] = {{Error::kInvalidTxnState, true},
                      {Error::kUnknownServerError, true},
                      {Error::kRequestTimedOut, false},
                      {Error::kOutOfOrderSequenceNumber, false}};
  for (const Row& row : rows) {
    RunBuilder run = session();
    fatal(run, kA0, row.error);
    CHECK(run.kinds() == (row.wrong ? Kinds{"unjustified_error"} : Kinds{}));
  }
}

TEST_CASE("a member is refused only after it was removed or passed by") {
  RunBuilder run;
  const Name group = run.name("app");
  const Name member = run.name("m0");
  run.fact(Event::kGroupMemberJoined, {group.id, member.id, member.id});
  run.fact(Event::kGroupTransition, {group.id, 0, 1, 0});
  run.fact(Event::kGroupTransition, {group.id, 1, 2, 1});
  run.fact(Event::kGroupGeneration, {group.id, 1, 1, member.id});
  const auto refused = [&](Error error, int32_t generation) {
    run.fact(Event::kOffsetRefused,
             {group.id, static_cast<int64_t>(error), 1000, generation, member.id});
  };
  SECTION("of the current generation") {
    refused(Error::kIllegalGeneration, 1);
    CHECK(run.kinds() == Kinds{"unjustified_error"});
  }
  SECTION("of one that has passed") {
    refused(Error::kIllegalGeneration, 0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("a member is not unknown") {
    refused(Error::kUnknownMemberId, 1);
    CHECK(run.kinds() == Kinds{"unjustified_error"});
  }
  SECTION("a member that was removed is") {
    run.fact(Event::kGroupMemberRemoved, {group.id, member.id, 0});
    refused(Error::kUnknownMemberId, 1);
    CHECK(run.kinds() == Kinds{});
  }
}

}  // namespace
}  // namespace eosim::check
