// transactions.md 3.6, 6.3 (4), 6.4 and the trace 11.3.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

TEST_CASE("trace 11.3: a new instance fences the open transaction and comes back for its pair") {
  for (const std::string& letter : kPlain) {
    INFO(letter);
    Harness h(letter);
    h.reload_with("t", make_record(pair_of(7, 5), kOngoing, {kX0}), 1);
    h.events_.clear();
    const uint32_t first = h.init("t");
    CHECK(h.at("t").producer == pair_of(7, 6));  // at once, before the append
    REQUIRE(h.appends_.size() == 1);
    CHECK(h.record(h.appends_[0]).state == kPrepareAbort);
    CHECK(h.record(h.appends_[0]).producer == pair_of(7, 6));
    CHECK_FALSE(h.error(first));
    REQUIRE(h.count(Event::kTransactionFenced) == 1);
    CHECK(h.events_[0].values[1] == 7);
    CHECK(h.events_[0].values[2] == 5);
    CHECK(h.events_[0].values[3] == 6);
    CHECK(h.events_[0].values[4] == 0);
    h.ack();
    CHECK(h.error(first) == Error::kConcurrentTransactions);
    REQUIRE(h.sends_.size() == 1);
    const TxnMarkerEntry& marker = h.sends_[0].request.markers.at(0);
    CHECK(marker.producer == pair_of(7, 6));
    CHECK(marker.result == ControlType::kAbort);
    CHECK(marker.coordinator_epoch == CoordinatorEpoch{1});
    CHECK(h.error(h.init("t")) == Error::kConcurrentTransactions);  // still in the marker round
    h.markers();
    CHECK(h.error(h.init("t")) == Error::kConcurrentTransactions);
    h.ack();
    CHECK(h.at("t").state == kCompleteAbort);
    const uint32_t last = h.init("t");
    h.settle();
    CHECK(h.answer(last).producer == pair_of(7, 7));
    CHECK(h.error(h.end("t", pair_of(7, 5), true)) == fence_code(letter));
    CHECK(h.error(h.add("t", pair_of(7, 5), {kX0})) == fence_code(letter));
  }
}

TEST_CASE("failed fences burn an epoch each in A and B, none later (txn.T20, KAFKA-9666)") {
  for (const std::string& letter : kPlain) {
    for (int failures = 0; failures < 4; ++failures) {
      INFO(letter << " " << failures);
      Harness h(letter);
      const auto p = h.reach("t", kOngoing);
      for (int i = 0; i < failures; ++i) {
        const uint32_t asked = h.init("t");
        h.ack(Error::kNotEnoughReplicas);
        CHECK(h.error(asked) == Error::kCoordinatorNotAvailable);
        CHECK(h.at("t").state == kOngoing);
        CHECK(h.at("t").failed_epoch_fence);
        // The old producer is fenced in memory all the same.
        CHECK(h.error(h.end("t", p, true)) == fence_code(letter));
      }
      h.init("t");
      h.ack();
      CHECK_FALSE(h.at("t").failed_epoch_fence);
      const int burnt = letter == "A" || letter == "B" ? failures : 0;
      CHECK(h.at("t").producer == pair_of(p.id.value, p.epoch.value + burnt + 1));
      h.settle();
      CHECK(h.at("t").state == kCompleteAbort);
    }
  }
}

TEST_CASE("failed fences that used up all epochs of variant A end in UNKNOWN_SERVER_ERROR") {
  Harness h("A");
  h.reload_with("t", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
  h.init("t");
  h.ack(Error::kNotEnoughReplicas);
  CHECK(h.at("t").producer == pair_of(5, 32767));
  CHECK(h.error(h.init("t")) == Error::kUnknownServerError);
  CHECK(h.appends_.empty());
}

TEST_CASE("a fence at the last epoch of a client is followed by a new producer id") {
  Harness h("C");
  h.reload_with("t", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
  h.init("t");
  h.settle();
  CHECK(h.at("t").producer == pair_of(5, 32767));
  const uint32_t asked = h.init("t");
  h.settle();
  CHECK(h.answer(asked).producer == pair_of(7, 0));
}

TEST_CASE("B takes the fenced producer's InitProducerId for a repetition, C does not") {
  for (const std::string letter : {"B", "C"}) {
    INFO(letter);
    Harness h(letter);
    const auto p = h.reach("t", kOngoing);
    h.init("t");
    h.settle();
    REQUIRE(h.at("t").state == kCompleteAbort);
    const uint32_t asked = h.init("t", p);
    h.settle();
    if (letter == "B") {
      CHECK(h.answer(asked).producer == pair_of(p.id.value, p.epoch.value + 1));
    } else {
      CHECK(h.error(asked) == Error::kProducerFenced);
    }
  }
}
