#include "catch.h"
#include "log_fixture.h"

namespace eosim::kafka {
namespace {

TEST_CASE("a marker of an older epoch is refused") {
  LogFixture f;
  CHECK(f.append(LogFixture::transactional(7, 3, 0)).appended());
  CHECK(f.marker(7, 2, ControlType::kAbort).error == Error::kInvalidProducerEpoch);
  CHECK(f.log.open_transactions().size() == 1);
  CHECK(f.marker(7, 3, ControlType::kAbort).appended());
}

TEST_CASE("a late marker of an older coordinator is refused") {
  LogFixture f;
  CHECK(f.marker(7, 3, ControlType::kCommit, 5).appended());
  CHECK(f.append(LogFixture::transactional(7, 3, 0)).appended());
  CHECK(f.marker(7, 3, ControlType::kAbort, 4).error == Error::kTransactionCoordinatorFenced);
  CHECK(f.marker(7, 3, ControlType::kAbort, 5).appended());
  CHECK(f.marker(7, 3, ControlType::kAbort, 6).appended());
  CHECK(f.log.find_producer({7})->coordinator_epoch == CoordinatorEpoch{6});
}

TEST_CASE("what is replicated was checked before and is taken as it is") {
  LogFixture f;
  CHECK(f.marker(7, 3, ControlType::kCommit, 5).appended());
  CHECK(f.marker(7, 2, ControlType::kAbort, 4, Origin::kReplication).appended());
  CHECK(f.log.find_producer({7})->epoch == ProducerEpoch{2});
  CHECK(f.append(LogFixture::data(7, 1, 99), Origin::kReplication).appended());
}

TEST_CASE("a marker of an unknown producer leaves an entry that fences") {
  LogFixture f;
  CHECK(f.marker(7, 4, ControlType::kAbort, 2).appended());
  const ProducerEntry* entry = f.log.find_producer({7});
  REQUIRE(entry != nullptr);
  CHECK(entry->epoch == ProducerEpoch{4});
  CHECK(entry->last_timestamp_ms == 1000);
  CHECK(f.append(LogFixture::transactional(7, 3, 0)).error == Error::kInvalidProducerEpoch);
}

TEST_CASE("a marker ends the open transaction, whatever its epoch and result") {
  LogFixture f;
  CHECK(f.append(LogFixture::transactional(7, 3, 0)).appended());
  CHECK(f.append(LogFixture::transactional(7, 4, 0)).appended());  // joins the open one
  REQUIRE(f.log.open_transactions().size() == 1);
  CHECK(f.log.open_transactions()[0] == (OpenTransaction{{7}, {0}}));
  CHECK(f.marker(7, 5, ControlType::kAbort).base_offset == Offset{2});
  CHECK(f.log.open_transactions().empty());
  CHECK_FALSE(f.log.find_producer({7})->open_transaction.valid());
  REQUIRE(f.log.aborted_transactions().size() == 1);
  CHECK(f.log.aborted_transactions()[0] == (AbortedRange{{7}, {0}, {2}, {3}}));
}

TEST_CASE("a commit is not in the index of aborted transactions") {
  LogFixture f;
  CHECK(f.append(LogFixture::transactional(7, 3, 0)).appended());
  CHECK(f.marker(7, 3, ControlType::kCommit).appended());
  CHECK(f.log.aborted_transactions().empty());
  CHECK(f.log.unreplicated_transactions().size() == 1);
}

TEST_CASE("a marker without data is a transaction of one offset only where the switch says so") {
  LogFixture f;
  REQUIRE(f.switches.on(Switch::kEmptyMarkerBooksTxn));
  CHECK(f.marker(7, 3, ControlType::kAbort).appended());
  REQUIRE(f.log.aborted_transactions().size() == 1);
  CHECK(f.log.aborted_transactions()[0] == (AbortedRange{{7}, {0}, {0}, {1}}));
  CHECK(f.log.unreplicated_transactions().size() == 1);
  CHECK(f.marker(7, 3, ControlType::kCommit).appended());
  CHECK(f.log.aborted_transactions().size() == 1);

  LogFixture later;
  later.switches.set(Switch::kEmptyMarkerBooksTxn, "off");
  CHECK(later.marker(7, 3, ControlType::kAbort).appended());
  CHECK(later.log.aborted_transactions().empty());
  CHECK(later.log.unreplicated_transactions().empty());
}

TEST_CASE("a data batch after the marker opens a transaction that nobody will end") {
  // The hazard of 4.6: a late Produce of the same epoch, up to variant C.
  LogFixture f;
  CHECK(f.append(LogFixture::transactional(7, 3, 0)).appended());
  CHECK(f.marker(7, 3, ControlType::kAbort).appended());
  CHECK(f.append(LogFixture::transactional(7, 3, 1)).appended());
  f.replicate_all();
  CHECK(f.log.last_stable_offset() == Offset{2});
}

TEST_CASE("offset commits have no sequences but epochs") {
  LogFixture f("2.4");
  CHECK(f.append(LogFixture::offsets(7, 3), Origin::kCoordinator).appended());
  CHECK(f.append(LogFixture::offsets(7, 3), Origin::kCoordinator).appended());
  CHECK(f.log.open_transactions().size() == 1);
  CHECK(f.append(LogFixture::offsets(7, 2), Origin::kCoordinator).error ==
        Error::kInvalidProducerEpoch);
  CHECK(f.marker(7, 3, ControlType::kCommit).appended());
  CHECK(f.append(LogFixture::offsets(7, 3), Origin::kCoordinator).appended());
}

TEST_CASE("a producer with an open transaction is never forgotten") {
  LogFixture f;
  CHECK(f.append(LogFixture::transactional(7, 3, 0)).appended());
  CHECK(f.append(LogFixture::data(8, 0, 0)).appended());
  CHECK(f.log.expire_producers(1999, 1000) == 0);
  CHECK(f.log.expire_producers(1'000'000, 1000) == 1);
  CHECK(f.log.find_producer({7}) != nullptr);
  CHECK(f.log.find_producer({8}) == nullptr);
}

}  // namespace
}  // namespace eosim::kafka
