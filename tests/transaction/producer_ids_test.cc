// transactions.md 1.6: blocks from the controller.
#include "models/transaction/producer_ids.h"

#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;
namespace sim = eosim::sim;

TEST_CASE("the first id asks the controller for a block and is not waited for") {
  Harness h("D8");
  CHECK(h.answer(h.init("(null)")).producer == pair_of(7, 0));
  for (const std::string& letter : kVariants) {
    auto config = Harness::config(letter);
    TransactionCoordinator fresh(config);
    const bool store = letter == "A" || letter == "B" || letter == "C";
    CHECK(fresh.needs_producer_ids() == store);
  }
}

TEST_CASE("the next block is fetched when nine tenths are given out, once") {
  ProducerIds ids(PidSource::kControllerRpc);
  const sim::SteadyTime now{0};
  bool fetch = false;
  CHECK_FALSE(ids.generate(now, fetch));
  CHECK(fetch);
  fetch = false;
  CHECK_FALSE(ids.generate(now, fetch));
  CHECK_FALSE(fetch);  // one in flight
  ids.on_fetched(now, {Error::kNone, 1000, 1000});
  for (int64_t id = 1000; id < 2000; ++id) {
    fetch = false;
    CHECK(ids.generate(now, fetch) == ProducerId{id});
    CHECK(fetch == (id == 1900));
  }
  ids.on_fetched(now, {Error::kNone, 5000, 1000});
  fetch = false;
  CHECK(ids.generate(now, fetch) == ProducerId{5000});
  CHECK_FALSE(fetch);
}

TEST_CASE("a fetch that failed is repeated by the first request after 50 ms") {
  const ProducerIdsResult failures[] = {
      {Error::kStaleBrokerEpoch, 0, 0},
      {Error::kBrokerIdNotRegistered, 0, 0},
      {Error::kUnknownServerError, 0, 0},
      {Error::kNone, 1500, 1000},  // not beyond the block in use
  };
  for (const ProducerIdsResult& failure : failures) {
    ProducerIds ids(PidSource::kControllerRpc);
    bool fetch = false;
    ids.generate({0}, fetch);
    ids.on_fetched({0}, {Error::kNone, 1000, 1000});
    for (int i = 0; i < 1000; ++i) ids.generate({0}, fetch);
    const sim::SteadyTime failed = sim::SteadyTime{0} + sim::seconds(1);
    ids.on_fetched(failed, failure);
    fetch = false;
    CHECK_FALSE(ids.generate(failed + sim::milliseconds(49), fetch));
    CHECK_FALSE(fetch);
    CHECK_FALSE(ids.generate(failed + sim::milliseconds(50), fetch));
    CHECK(fetch);
    ids.on_fetched(failed, {Error::kNone, 3000, 10});
    CHECK(ids.generate(failed, fetch) == ProducerId{3000});
  }
}

TEST_CASE("a prefetch that failed is not repeated before the block is used up") {
  ProducerIds ids(PidSource::kControllerRpc);
  bool fetch = false;
  ids.generate({0}, fetch);
  ids.on_fetched({0}, {Error::kNone, 0, 10});
  for (int i = 0; i < 10; ++i) {
    fetch = false;
    CHECK(ids.generate({0}, fetch));
    CHECK(fetch == (i == 9));
  }
  ids.on_fetched({0}, {Error::kStaleBrokerEpoch, 0, 0});
  fetch = false;
  CHECK_FALSE(ids.generate(sim::SteadyTime{0} + sim::seconds(1), fetch));
  CHECK(fetch);
}

TEST_CASE("requests that need an id are told to come again, and nothing is cached") {
  Harness h("E1");
  h.hold_ids_ = true;
  while (h.error(h.init("(null)")) == Error::kNone) {
  }
  CHECK(h.fetches_ == 1);
  CHECK(h.tc_.fetches_producer_ids());
  CHECK(h.error(h.init("t")) == Error::kCoordinatorLoadInProgress);
  CHECK_FALSE(h.known("t"));
  h.reload_with("old", make_record(pair_of(5, 32766), kEmpty), 1);
  CHECK(h.error(h.init("old")) == Error::kCoordinatorLoadInProgress);
  CHECK_FALSE(h.at("old").pending);
  h.fetched({Error::kNone, 50'000, 1000});
  const uint32_t asked = h.init("old");
  h.settle();
  CHECK(h.answer(asked).producer == pair_of(50'000, 0));
}
