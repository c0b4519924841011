// transactions.md 3.5, second table: EndTxn from version 5 on, every state and every kind of epoch.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

constexpr TransactionState kBumpingStates[] = {kEmpty,        kOngoing,        kPrepareCommit,
                                               kPrepareAbort, kCompleteCommit, kCompleteAbort};

// A letter a state, in the order of kBumpingStates: P prepares, N is NONE with the cached pair, C
// is CONCURRENT_TRANSACTIONS, S is INVALID_TXN_STATE, F is PRODUCER_FENCED.
struct BumpingRow {
  const char* what;
  int behind;  // how far the request's epoch is behind the cached one
  bool commit;
  std::string cells;
};
const BumpingRow kBumpingTable[] = {
    {"commit with the current epoch", 0, true, "SPFFSS"},
    {"abort with the current epoch", 0, false, "PPFFPP"},
    {"commit repeated", 1, true, "FFCSNS"},
    {"abort repeated", 1, false, "FFSCSN"},
    {"commit with an older epoch", 2, true, "FFFFFF"},
    {"abort with an older epoch", 2, false, "FFFFFF"},
    {"commit with a higher epoch", -1, true, "FFFFFF"},
    {"abort with a higher epoch", -1, false, "FFFFFF"},
};

void check_cell(Harness& h, uint32_t asked, char cell, bool commit) {
  const ProducerIdAndEpoch cached = h.at("t").producer;
  if (cell == 'P') {
    CHECK_FALSE(h.error(asked));
    REQUIRE(h.appends_.size() == 1);
    const TransactionLogRecord& record = h.record(h.appends_[0]);
    CHECK(record.state == (commit ? kPrepareCommit : kPrepareAbort));
    CHECK(record.producer == pair_of(cached.id.value, cached.epoch.value + 1));
    CHECK(record.client_transaction_version == 2);
    return;
  }
  CHECK(h.appends_.empty());
  switch (cell) {
    case 'N':
      CHECK(h.error(asked) == Error::kNone);
      CHECK(h.answer(asked).producer == cached);
      return;
    case 'C':
      CHECK(h.error(asked) == Error::kConcurrentTransactions);
      break;
    case 'S':
      CHECK(h.error(asked) == Error::kInvalidTxnState);
      break;
    default:
      CHECK(h.error(asked) == Error::kProducerFenced);
  }
  CHECK(h.answer(asked).producer == ProducerIdAndEpoch{});
}

}  // namespace

TEST_CASE("a bumping end does in every state what the second table of 3.5 says") {
  for (const std::string& letter : kBumping) {
    for (const BumpingRow& row : kBumpingTable) {
      for (size_t column = 0; column < 6; ++column) {
        INFO(letter << " " << row.what << " in state " << static_cast<int>(kBumpingStates[column]));
        Harness h(letter);
        h.reach_bumping("t", kBumpingStates[column]);
        REQUIRE(h.at("t").state == kBumpingStates[column]);
        REQUIRE_FALSE(h.at("t").pending);
        const ProducerIdAndEpoch cached = h.at("t").producer;
        const auto asked_with = pair_of(cached.id.value, cached.epoch.value - row.behind);
        check_cell(h, h.end("t", asked_with, row.commit, 5), row.cells[column], row.commit);
      }
    }
  }
}

TEST_CASE("a bumping end of another producer id is refused in every state") {
  for (const std::string& letter : kBumping) {
    for (const TransactionState state : kBumpingStates) {
      Harness h(letter);
      const ProducerIdAndEpoch p = h.reach_bumping("t", state);
      const auto other = pair_of(p.id.value + 1, p.epoch.value);
      CHECK(h.error(h.end("t", other, false, 5)) == Error::kInvalidProducerIdMapping);
    }
  }
}

TEST_CASE("a pending state comes first at a bumping end, unless pending_check_first is off") {
  for (const bool first : {true, false}) {
    Harness h("E1");
    if (!first) {
      auto config = Harness::config("E1");
      config.switches.set(Switch::kPendingCheckFirst, 0);
      h.tc_ = TransactionCoordinator(config);
      h.tc_.on_start(h.env());
      for (int p = 0; p < 2; ++p) h.load(p, 1);
      h.init("(null)");
    }
    const auto p = h.reach_bumping("t", kOngoing);
    h.end("t", p, true, 5);
    const auto expected = [&](Error error) {
      return first ? Error::kConcurrentTransactions : error;
    };
    // While PrepareCommit is appended, and for the whole round of markers.
    for (int moment = 0; moment < 2; ++moment) {
      CHECK(h.error(h.end("t", p, true, 5)) == Error::kConcurrentTransactions);
      const auto other = pair_of(p.id.value + 1, 0);
      const auto older = pair_of(p.id.value, p.epoch.value - 1);
      CHECK(h.error(h.end("t", other, true, 5)) == expected(Error::kInvalidProducerIdMapping));
      CHECK(h.error(h.end("t", older, true, 5)) == expected(Error::kProducerFenced));
      CHECK(h.error(h.register_for("t", other, {kX0})) ==
            expected(Error::kInvalidProducerIdMapping));
      CHECK(h.error(h.register_for("t", older, {kX0})) == expected(Error::kProducerFenced));
      if (moment == 0) h.ack();
    }
  }
}

TEST_CASE("an abort of nothing is a transaction without partitions that completes at once") {
  for (const std::string& letter : kBumping) {
    for (const TransactionState state : {kEmpty, kCompleteCommit, kCompleteAbort}) {
      Harness h(letter);
      const auto p = h.reach_bumping("t", state);
      h.story_.clear();
      const uint32_t asked = h.end("t", p, false, 5);
      REQUIRE(h.appends_.size() == 1);
      CHECK(h.record(h.appends_[0]).partitions.empty());
      CHECK(h.record(h.appends_[0]).start_ms == h.wall_.ms());
      h.settle();
      CHECK(h.answer(asked).producer == pair_of(p.id.value, p.epoch.value + 1));
      CHECK(h.at("t").state == kCompleteAbort);
      CHECK(h.at("t").producer == h.answer(asked).producer);
      CHECK(h.story_ == std::vector<std::string>{"append", "answer NONE", "append"});
      CHECK(h.mismatch() == std::nullopt);
    }
  }
}

TEST_CASE("the gates of a bumping end come in the order of the table") {
  Harness h("E2");
  const auto p = h.reach_bumping("t", kOngoing);
  CHECK(h.error(h.end("", p, true, 5)) == Error::kInvalidRequest);
  CHECK(h.error(h.end("nobody", p, true, 5)) == Error::kInvalidProducerIdMapping);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  h.tc_.begin_load(partition, {1});
  CHECK(h.error(h.end("t", p, true, 5)) == Error::kCoordinatorLoadInProgress);
  h.resign(partition, 2);
  CHECK(h.error(h.end("t", p, true, 5)) == Error::kNotCoordinator);
}

TEST_CASE("a failed append of a bumping end leaves the epoch and takes the same one again") {
  for (const Error error : {Error::kNotEnoughReplicas, Error::kRequestTimedOut}) {
    Harness h("E1");
    const auto p = h.reach_bumping("t", kOngoing);
    for (int i = 0; i < 3; ++i) {
      const uint32_t asked = h.end("t", p, true, 5);
      h.ack(error);
      CHECK(h.error(asked) == Error::kCoordinatorNotAvailable);
      CHECK(h.at("t").producer == p);
      CHECK(h.at("t").state == kOngoing);
      CHECK(h.mismatch() == std::nullopt);
    }
    const uint32_t asked = h.end("t", p, true, 5);
    h.settle();
    CHECK(h.answer(asked).producer == pair_of(p.id.value, p.epoch.value + 1));
    CHECK(h.at("t").producer == h.answer(asked).producer);
  }
}

TEST_CASE("markers say under which version the transaction was ended") {
  for (const std::string& letter : kVariants) {
    for (const bool fenced : {false, true}) {
      INFO(letter << fenced);
      Harness h(letter);
      const auto p = h.reach("t", kOngoing);
      fenced ? h.init("t") : h.end("t", p, true);
      h.ack();
      // Also of a client of version 0: the abort of a fence is the server's own (6.7).
      const bool bumping = fenced && is_one_of(letter, kBumping);
      REQUIRE_FALSE(h.sends_.empty());
      CHECK(h.sends_[0].request.markers[0].transaction_version == (bumping ? 2 : 0));
    }
    if (!is_one_of(letter, kBumping)) continue;
    Harness h(letter);
    const auto p = h.reach_bumping("t", kOngoing);
    h.end("t", p, true, 5);
    h.ack();
    CHECK(h.sends_[0].request.markers[0].transaction_version == 2);
    CHECK(h.sends_[0].request.markers[0].producer == pair_of(p.id.value, p.epoch.value + 1));
    h.load(h.tc_.partition_of(h.names_, h.name("t")), 1);  // it is in the record
    h.sends_.pop_front();
    h.markers();
    CHECK(h.sends_.back().request.markers[0].transaction_version == 2);
  }
}

TEST_CASE("the version is in the record only when the value has a place for it") {
  Harness h("E1");
  auto config = Harness::config("E1");
  config.switches.set(Switch::kTxnLogValueVersion, 0);
  h.tc_ = TransactionCoordinator(config);
  h.tc_.on_start(h.env());
  for (int p = 0; p < 2; ++p) h.load(p, 1);
  h.init("(null)");
  const auto p = h.reach_bumping("t", kOngoing);
  h.end("t", p, true, 5);
  CHECK(h.record(h.appends_[0]).client_transaction_version == 0);
  h.ack();
  CHECK(h.at("t").client_transaction_version == 2);
}
