// AddPartitionsToTxn of partition leaders (transactions.md 2.4, from version 4 on; KIP-890): the
// question whether partitions are in a transaction, and their registration for clients of
// version 2.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

const std::vector<std::string> kVerifying = {"D6", "D7", "D8", "E0", "E1", "E2"};

Error missing(const std::string& letter, int16_t version) {
  const bool abortable = letter != "D6" && letter != "D7" && version >= 5;
  return abortable ? Error::kTransactionAbortable : Error::kInvalidTxnState;
}

}  // namespace

TEST_CASE("a leader's question is answered by state as table 3.2 says") {
  for (const std::string& letter : kVerifying) {
    for (const int16_t version : std::vector<int16_t>{4, 5}) {
      for (const TransactionState state :
           {kEmpty, kOngoing, kPrepareCommit, kPrepareAbort, kCompleteCommit, kCompleteAbort}) {
        INFO(letter << " v" << version << " in state " << static_cast<int>(state));
        Harness h(letter);
        const auto p = h.reach("t", state);
        const uint32_t asked = h.verify("t", p, {kX1, kY0}, version);
        const auto results = h.answer(asked).partitions;
        REQUIRE(results.size() == 2);
        CHECK(results[0].partition == kX1);
        CHECK(results[1].partition == kY0);
        const Error absent = missing(letter, version);
        const bool preparing = state == kPrepareCommit || state == kPrepareAbort;
        const bool open = state == kOngoing;
        CHECK(results[0].error ==
              (preparing ? Error::kConcurrentTransactions : (open ? Error::kNone : absent)));
        CHECK(results[1].error == (preparing ? Error::kConcurrentTransactions : absent));
        CHECK(h.appends_.empty());
        CHECK(h.tc_.open_batches() == 0);
        CHECK(h.transactions_[0].transactional_id == h.name("t"));
        // Wrong pairs, in every state.
        CHECK(h.error(h.verify("t", pair_of(p.id.value + 1, 0), {kX0}, version)) ==
              Error::kInvalidProducerIdMapping);
        CHECK(h.error(h.verify("t", pair_of(p.id.value, p.epoch.value - 1), {kX0}, version)) ==
              Error::kProducerFenced);
        CHECK(h.error(h.verify("t", pair_of(p.id.value, p.epoch.value + 1), {kX0}, version)) ==
              Error::kProducerFenced);
      }
    }
  }
}

TEST_CASE("a question does not look at what is pending") {
  for (const std::string& letter : kVerifying) {
    INFO(letter);
    Harness h(letter);
    const auto p = h.reach("t", kOngoing);
    h.add("t", p, {kY0});
    CHECK(h.error(h.verify("t", p, {kX0})) == Error::kNone);
    CHECK(h.error(h.verify("t", p, {kY0})) == missing(letter, 5));  // not persisted yet
    h.ack();
    CHECK(h.error(h.verify("t", p, {kY0})) == Error::kNone);
    h.end("t", p, true);
    CHECK(h.error(h.verify("t", p, {kX0})) == Error::kNone);  // the append finds out (4.11 step 7)
    h.ack();
    CHECK(h.error(h.verify("t", p, {kX0})) == Error::kConcurrentTransactions);
  }
}

TEST_CASE("the checks of a leader's request come in the order of table 2.4") {
  const TopicPartition unknown{{2}, 7};
  for (const std::string& letter : kVerifying) {
    for (const bool only_asks : {true, false}) {
      Harness h(letter);
      const auto p = h.reach("t", kPrepareCommit);
      const auto wrong = pair_of(p.id.value + 1, 9);
      const auto ask = [&](const std::string& id, ProducerIdAndEpoch producer,
                           const List<TopicPartition>& partitions) {
        return h.answer(h.register_for(id, producer, partitions, only_asks)).partitions;
      };
      const auto errors = ask("", wrong, {kX0, unknown});
      REQUIRE(errors.size() == 2);
      CHECK(errors[0].error == Error::kOperationNotAttempted);
      CHECK(errors[1].error == Error::kUnknownTopicOrPartition);
      CHECK(ask("", wrong, {kX0})[0].error == Error::kInvalidRequest);
      CHECK(ask("nobody", wrong, {kX0})[0].error == Error::kInvalidProducerIdMapping);
      CHECK(ask("t", wrong, {kX0})[0].error == Error::kInvalidProducerIdMapping);
      CHECK(ask("t", pair_of(p.id.value, 9), {kX0})[0].error == Error::kProducerFenced);
      CHECK(ask("t", p, {kX0})[0].error == Error::kConcurrentTransactions);
      const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
      h.tc_.begin_load(partition, {1});
      CHECK(ask("t", wrong, {kX0})[0].error == Error::kCoordinatorLoadInProgress);
      h.resign(partition, 1);
      CHECK(ask("t", wrong, {kX0})[0].error == Error::kNotCoordinator);
    }
  }
}

TEST_CASE("a leader that registers waits for the append, a subset for nothing") {
  for (const std::string& letter : kBumping) {
    Harness h(letter);
    const auto p = h.reach_bumping("t", kCompleteCommit);
    h.advance(1'000);
    const uint32_t asked = h.register_for("t", p, {kX0, kY0});
    CHECK_FALSE(h.error(asked));
    CHECK(h.tc_.open_batches() == 1);
    CHECK(h.at("t").state == kCompleteCommit);
    h.ack();
    CHECK(h.error(asked) == Error::kNone);
    CHECK(h.tc_.open_batches() == 0);
    CHECK(h.at("t").start_ms == h.wall_.ms());
    CHECK(h.at("t").client_transaction_version == 2);
    CHECK(h.error(h.register_for("t", p, {kY0})) == Error::kNone);
    CHECK(h.appends_.empty());
    const uint32_t failed = h.register_for("t", p, {kY1});
    h.ack(Error::kNotEnoughReplicas);
    CHECK(h.error(failed) == Error::kCoordinatorNotAvailable);
    CHECK(h.at("t").partitions == List<TopicPartition>{kX0, kY0});
  }
}

TEST_CASE("several transactions of one request are decided apart and answered together") {
  Harness h("E1");
  const auto a = h.reach_bumping("a", kEmpty);
  const auto b = h.reach_bumping("b", kOngoing);
  const auto c = h.reach_bumping("c", kEmpty);
  AddPartitionsToTxnRequest request;
  request.header.version = 5;
  const TopicPartition unknown{{2}, 7};
  request.transactions = {{h.name("a"), a, false, {kX0, kX1}, {}},
                          {h.name("b"), b, true, {kX1}, {}},
                          {h.name("c"), c, false, {kX0}, {}},
                          {h.name("d"), c, false, {kY0}, {}},
                          {h.name("c"), c, false, {unknown}, {}}};
  const uint32_t asked = h.send(request);
  REQUIRE(h.appends_.size() == 2);
  CHECK_FALSE(h.error(asked));
  h.ack(Error::kNotLeaderOrFollower);
  CHECK_FALSE(h.error(asked));
  h.ack();
  REQUIRE(h.error(asked));
  REQUIRE(h.transactions_.size() == 5);
  const Error expected[] = {Error::kNotCoordinator, Error::kNone, Error::kNone,
                            Error::kInvalidProducerIdMapping, Error::kUnknownTopicOrPartition};
  for (size_t i = 0; i < 5; ++i) {
    CHECK(h.transactions_[i].transactional_id == request.transactions[i].transactional_id);
    REQUIRE(h.transactions_[i].partitions.size() == request.transactions[i].partitions.size());
    for (const PartitionError& result : h.transactions_[i].partitions) {
      CHECK(result.error == expected[i]);
    }
  }
  CHECK(h.tc_.open_batches() == 0);
}

TEST_CASE("a leader is answered also when the partition is lost during its append") {
  Harness h("E1");
  const auto p = h.reach_bumping("t", kEmpty);
  const uint32_t asked = h.register_for("t", p, {kX0});
  h.resign(h.tc_.partition_of(h.names_, h.name("t")), 1);
  h.ack(Error::kNotLeaderOrFollower);
  CHECK(h.error(asked) == Error::kNotCoordinator);
  AddPartitionsToTxnRequest empty;
  empty.header.version = 4;
  CHECK(h.error(h.send(empty)) == Error::kNone);
}
