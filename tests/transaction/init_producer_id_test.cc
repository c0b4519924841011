// transactions.md 2.3.
#include "models/transaction/init_producer_id.h"
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

TEST_CASE("InitProducerId checks in the order of table 2.3") {
  Harness h("C");
  TransactionCoordinator::Effects effects;
  h.tc_.resign(0, {1}, effects);
  h.tc_.begin_load(1, {1});
  std::string not_owned, loading;
  for (int i = 0; not_owned.empty() || loading.empty(); ++i) {
    const std::string id = "id" + std::to_string(i);
    (h.tc_.partition_of(h.names_, h.name(id)) == 0 ? not_owned : loading) = id;
  }
  const ProducerIdAndEpoch half{ProducerId{3}, {}};
  // Each row is wrong in what it names and, where it can be, in all that comes later.
  CHECK(h.error(h.init("(null)", half, 4, 0)) == Error::kInvalidRequest);
  CHECK(h.error(h.init("", half, 4, 0)) == Error::kInvalidRequest);
  CHECK(h.error(h.init("", {}, 4, 0)) == Error::kInvalidRequest);
  CHECK(h.error(h.init(not_owned, {}, 4, 0)) == Error::kInvalidTransactionTimeout);
  CHECK(h.error(h.init(not_owned, {}, 4, 900'001)) == Error::kInvalidTransactionTimeout);
  CHECK(h.error(h.init(not_owned, {}, 4, 900'000)) == Error::kNotCoordinator);
  CHECK(h.error(h.init(loading)) == Error::kCoordinatorLoadInProgress);
  CHECK(h.appends_.empty());
}

TEST_CASE("pending comes before the expected pair, the expected pair before the state") {
  for (const std::string letter : {"B", "C"}) {
    Harness h(letter);
    const auto p = h.reach("t", kPrepareCommit);
    CHECK(h.error(h.init("t", pair_of(p.id.value + 1, 0))) == fence_code(letter));
    CHECK(h.error(h.init("t", p)) == Error::kConcurrentTransactions);
    Harness pending(letter);
    const auto q = pending.reach("t", kOngoing);
    pending.end("t", q, true);
    CHECK(pending.error(pending.init("t", pair_of(q.id.value + 1, 0))) ==
          Error::kConcurrentTransactions);
  }
}

TEST_CASE("without a transactional id a producer id is allocated and nothing is logged") {
  Harness h;
  CHECK(h.answer(h.init("(null)")).producer == pair_of(7, 0));
  CHECK(h.answer(h.init("(null)")).producer == pair_of(8, 0));
  CHECK(h.appends_.empty());
}

TEST_CASE("producer ids run out with COORDINATOR_LOAD_IN_PROGRESS until the next block is given") {
  Harness h;
  for (int i = 0; i < 1000; ++i) h.init("(null)");
  CHECK(h.tc_.needs_producer_ids());
  CHECK(h.error(h.init("(null)")) == Error::kCoordinatorLoadInProgress);
  CHECK(h.error(h.init("t")) == Error::kCoordinatorLoadInProgress);
  CHECK_FALSE(h.known("t"));
  h.tc_.give_producer_ids(5000, 1000);
  CHECK_FALSE(h.tc_.needs_producer_ids());
  const uint32_t asked = h.init("t");
  CHECK(h.at("t").producer == pair_of(5000, -1));  // in the cache at once
  h.ack();
  CHECK(h.answer(asked).producer == pair_of(5000, 0));
}

TEST_CASE("the pair is assigned as the table says") {
  struct Case {
    const char* what;
    ProducerIdAndEpoch cached;
    int previous, last;
    ProducerIdAndEpoch expected;
    Error error;
    bool rotate;
    ProducerIdAndEpoch assigned;
    int new_last;
  };
  const ProducerIdAndEpoch none{};
  const Case cases[] = {
      {"no expected pair", pair_of(7, 4), -1, 2, none, Error::kNone, false, pair_of(7, 5), -1},
      {"fresh", pair_of(7, -1), -1, -1, none, Error::kNone, false, pair_of(7, 0), -1},
      {"fresh, any pair expected", pair_of(7, -1), -1, -1, pair_of(3, 9), Error::kNone, false,
       pair_of(7, 0), -1},
      {"expected is current", pair_of(7, 4), -1, 2, pair_of(7, 4), Error::kNone, false,
       pair_of(7, 5), 4},
      {"recognised repetition", pair_of(7, 4), -1, 3, pair_of(7, 3), Error::kNone, false,
       pair_of(7, 4), 3},
      {"older than the last", pair_of(7, 4), -1, 3, pair_of(7, 2), Error::kProducerFenced, false,
       none, -1},
      {"higher than cached", pair_of(7, 4), -1, 3, pair_of(7, 5), Error::kProducerFenced, false,
       none, -1},
      {"other producer id", pair_of(7, 4), 6, 3, pair_of(6, 4), Error::kProducerFenced, false, none,
       -1},
      {"exhausted, nothing expected", pair_of(7, 32766), -1, 2, none, Error::kNone, true,
       pair_of(-1, 0), -1},
      {"exhausted, expected", pair_of(7, 32766), -1, 2, pair_of(7, 32766), Error::kNone, true,
       pair_of(-1, 0), 32766},
      {"beyond exhausted", pair_of(7, 32767), -1, 2, none, Error::kNone, true, pair_of(-1, 0), -1},
      {"exhausted, another expected", pair_of(7, 32766), -1, 2, pair_of(7, 5),
       Error::kUnknownServerError, false, none, -1},
      {"repetition of a rotation", pair_of(8, 0), 7, 32766, pair_of(7, 32766), Error::kNone, false,
       pair_of(8, 0), 32766},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    TransactionMetadata metadata;
    metadata.producer = c.cached;
    metadata.previous_producer_id = {c.previous};
    metadata.last_producer_epoch = {static_cast<int16_t>(c.last)};
    const InitDecision decision = decide_init(metadata, c.expected);
    CHECK(decision.error == c.error);
    if (c.error != Error::kNone) continue;
    REQUIRE(decision.step == InitDecision::Step::kAssign);
    CHECK(decision.rotate == c.rotate);
    CHECK(decision.producer == c.assigned);
    CHECK(decision.last_producer_epoch.value == c.new_last);
  }
}

TEST_CASE("variant A does not look at an expected pair") {
  Harness h("A");
  h.reach("t", kEmpty);
  const uint32_t asked = h.init("t", pair_of(999, 9));
  h.settle();
  CHECK(h.answer(asked).producer == pair_of(7, 1));
  CHECK(h.error(h.init("(null)", {ProducerId{3}, {}})) == Error::kNone);
}

TEST_CASE("an exhausted epoch leads to a new producer id, recognised when asked again") {
  Harness h("C");
  h.reload_with("t", make_record(pair_of(5, 32766), kEmpty), 1);
  const uint32_t asked = h.init("t", pair_of(5, 32766));
  h.settle();
  const ProducerIdAndEpoch rotated = h.answer(asked).producer;
  CHECK(rotated.epoch.value == 0);
  CHECK(rotated.id.value == 7);
  const uint32_t again = h.init("t", pair_of(5, 32766));
  h.settle();
  CHECK(h.answer(again).producer == rotated);
}

TEST_CASE("a fenced producer is told the code that its version understands") {
  Harness h("C");
  const auto p = h.reach("t", kEmpty);
  const ProducerIdAndEpoch wrong = pair_of(p.id.value + 1, 0);
  CHECK(h.error(h.init("t", wrong, 3)) == Error::kInvalidProducerEpoch);
  CHECK(h.error(h.init("t", wrong, 4)) == Error::kProducerFenced);
  const ProducerIdAndEpoch higher = pair_of(p.id.value, 3);
  CHECK(h.error(h.add("t", higher, {kX0}, 1)) == Error::kInvalidProducerEpoch);
  CHECK(h.error(h.add("t", higher, {kX0}, 2)) == Error::kProducerFenced);
  CHECK(h.error(h.end("t", higher, true, 1)) == Error::kInvalidProducerEpoch);
  CHECK(h.error(h.end("t", higher, true, 2)) == Error::kProducerFenced);
}

TEST_CASE("the Empty record is durable before the answer") {
  Harness h;
  const uint32_t asked = h.init("t", {}, 4, 1234);
  CHECK_FALSE(h.error(asked));
  REQUIRE(h.appends_.size() == 1);
  const TransactionLogRecord& record = h.record(h.appends_[0]);
  CHECK(record.state == kEmpty);
  CHECK(record.producer == pair_of(7, 0));
  CHECK(record.timeout_ms == 1234);
  CHECK(record.start_ms == -1);
  CHECK(record.last_update_ms == h.wall_.ms());
  CHECK(h.appends_[0].timeout == eosim::sim::milliseconds(1234));
  h.ack();
  CHECK(h.answer(asked).producer == pair_of(7, 0));
  REQUIRE(h.count(Event::kTransactionTransition) == 1);
  CHECK(h.events_.back().values[1] == -1);  // did not exist before
  CHECK(h.events_.back().values[2] == 0);
}
