// transactions.md 3.4: what a failed or late append to the transaction log does.
#include "harness.h"
#include "models/transaction/append_errors.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

struct Mapping {
  Error append, answered;
};
const Mapping kMapping[] = {
    {Error::kUnknownTopicOrPartition, Error::kCoordinatorNotAvailable},
    {Error::kNotEnoughReplicas, Error::kCoordinatorNotAvailable},
    {Error::kNotEnoughReplicasAfterAppend, Error::kCoordinatorNotAvailable},
    {Error::kRequestTimedOut, Error::kCoordinatorNotAvailable},
    {Error::kNotLeaderOrFollower, Error::kNotCoordinator},
    {Error::kKafkaStorageError, Error::kNotCoordinator},
    {Error::kMessageTooLarge, Error::kUnknownServerError},
    {Error::kRecordListTooLarge, Error::kUnknownServerError},
    {Error::kUnknownServerError, Error::kUnknownServerError},
};

}  // namespace

TEST_CASE("append errors are told as table 3.4 maps them, and the transition is taken back") {
  for (const Mapping& row : kMapping) {
    INFO(error_name(row.append));
    CHECK(transaction_append_error(row.append) == row.answered);
    Harness h;
    const uint32_t init = h.init("t");
    h.ack(row.append);
    CHECK(h.error(init) == row.answered);
    CHECK(h.at("t").producer == pair_of(7, -1));  // stays cached, and never existed
    CHECK_FALSE(h.at("t").pending);
    CHECK(h.count(Event::kTransactionTransition) == 0);

    const auto p = h.reach("t", kEmpty);
    CHECK(p == pair_of(7, 0));
    const uint32_t add = h.add("t", p, {kX0, kY0});
    h.ack(row.append);
    CHECK(h.error(add) == row.answered);
    CHECK(h.answer(add).partitions.size() == 2);
    CHECK(h.at("t").state == kEmpty);
    CHECK(h.at("t").partitions.empty());

    h.add("t", p, {kX0});
    h.ack();
    const uint32_t end = h.end("t", p, true);
    h.ack(row.append);
    CHECK(h.error(end) == row.answered);
    CHECK(h.at("t").state == kOngoing);
    CHECK_FALSE(h.at("t").pending);
    CHECK(h.sends_.empty());
  }
}

TEST_CASE("an append error that table 3.4 does not name is told as it is") {
  CHECK(transaction_append_error(Error::kInvalidRecord) == Error::kInvalidRecord);
}

TEST_CASE("an append waits as long as the transaction may last") {
  Harness h;
  h.init("t", {}, 4, 4321);
  CHECK(h.appends_[0].timeout == eosim::sim::milliseconds(4321));
  h.ack();
  h.add("t", pair_of(7, 0), {kX0});
  CHECK(h.appends_[0].timeout == eosim::sim::milliseconds(4321));
}

TEST_CASE("an append that ends under another epoch answers and touches nothing") {
  for (const Error result : {Error::kNone, Error::kRequestTimedOut}) {
    Harness h;
    const auto p = h.reach("t", kOngoing);
    const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
    const uint32_t loading = h.end("t", p, true);
    h.tc_.begin_load(partition, {1});
    h.ack(result);
    CHECK(h.error(loading) == (result == Error::kNone ? Error::kCoordinatorLoadInProgress
                                                      : Error::kCoordinatorNotAvailable));
    CHECK(h.sends_.empty());
    // The record survived, so the load finds the decision.
    h.load(partition, 1);
    CHECK(h.at("t").state == kPrepareCommit);
    CHECK(h.at("t").pending == kCompleteCommit);
    CHECK(h.sends_.size() == 2);
  }
}

TEST_CASE("after a resignation and a new load the old append is NOT_COORDINATOR") {
  Harness h;
  const auto p = h.reach("t", kOngoing);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  const uint32_t end = h.end("t", p, true);
  TransactionCoordinator::Effects effects;
  h.tc_.resign(partition, {1}, effects);
  h.load(partition, 2);
  h.ack();
  CHECK(h.error(end) == Error::kNotCoordinator);
  CHECK(h.at("t").state == kOngoing);
  CHECK_FALSE(h.at("t").pending);
  const uint32_t other = h.end("t", p, false);
  h.tc_.resign(partition, {3}, effects);
  h.ack();
  CHECK(h.error(other) == Error::kNotCoordinator);
}
