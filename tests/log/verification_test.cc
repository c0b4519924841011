// KIP-890 at the leader: entries and guards (transactions.md 1.9, 4.4 rows 0 and 1, 4.6 item
// 5, 4.9, 4.11 steps 1 and 7).
#include "models/log/verification.h"

#include "catch.h"
#include "log_fixture.h"

namespace eosim::kafka {
namespace {

constexpr bool kTv1 = false;
constexpr bool kTv2 = true;

struct Verified : LogFixture {
  explicit Verified(const char* preset) : LogFixture(preset) { verification.enabled = true; }
  VerificationStart begin(int64_t pid, int16_t epoch, int32_t sequence, bool tv2 = kTv1) {
    return log.begin_verification(switches, {{{pid}, {epoch}}, {sequence}, 1'000, tv2});
  }
  // A batch of a transaction with this guard; none: the sentinel.
  AppendResult write(const RecordBatch& batch, VerificationGuard guard = {},
                     Origin origin = Origin::kClient) {
    verification.guard = guard;
    return append(batch, origin);
  }
};

TEST_CASE("the first batch of a transaction needs its guard, the next ones do not") {
  for (const char* preset : {"3.6", "3.8", "4.0", "4.2"}) {
    CAPTURE(preset);
    Verified f(preset);
    const RecordBatch first = LogFixture::transactional(7, 0, 0);
    CHECK(f.write(first).error == Error::kInvalidTxnState);
    const VerificationStart start = f.begin(7, 0, 0);
    REQUIRE(start.guard.valid());
    CHECK(f.write(first, {start.guard.value + 1}).error == Error::kInvalidTxnState);
    CHECK(f.write(first, start.guard).appended());
    CHECK(f.log.find_verification({7}) == nullptr);
    CHECK_FALSE(f.begin(7, 0, 1).guard.valid());
    CHECK(f.write(LogFixture::transactional(7, 0, 1)).appended());
    // What is not of a transaction is nobody's business.
    CHECK(f.write(LogFixture::data(8, 0, 0)).appended());
    CHECK(f.write(LogFixture::plain()).appended());
  }
}

TEST_CASE("nothing is verified where the release does not, or where it is turned off") {
  Verified old("3.5");
  CHECK(old.write(LogFixture::transactional(7, 0, 0)).appended());
  Verified off("4.2");
  off.verification.enabled = false;
  CHECK(off.write(LogFixture::transactional(7, 0, 0)).appended());
}

TEST_CASE("offset commits are verified from 3.7 on") {
  for (const auto& [preset, error] :
       {std::pair{"3.6", Error::kNone}, {"3.7", Error::kInvalidTxnState}}) {
    CAPTURE(preset);
    Verified f(preset);
    CHECK(f.write(LogFixture::offsets(7, 0), {}, Origin::kCoordinator).error == error);
    const VerificationGuard guard = f.begin(8, 0, -1).guard;
    CHECK(f.write(LogFixture::offsets(8, 0), guard, Origin::kCoordinator).appended());
  }
}

TEST_CASE("requests at the same time share a guard and the lowest sequence") {
  Verified f("3.8");
  const VerificationGuard guard = f.begin(7, 3, 5).guard;
  CHECK(f.begin(7, 3, 2).guard == guard);
  CHECK(f.log.find_verification({7})->lowest_sequence == Sequence{2});
  CHECK(f.begin(7, 3, 9).guard == guard);
  CHECK(f.log.find_verification({7})->lowest_sequence == Sequence{2});
  CHECK(f.begin(7, 4, 6).guard == guard);
  CHECK(f.log.find_verification({7})->lowest_sequence == Sequence{6});
  CHECK(f.log.find_verification({7})->epoch == ProducerEpoch{4});
  CHECK(f.begin(7, 3, 0).guard == guard);
  CHECK(f.log.find_verification({7})->lowest_sequence == Sequence{6});
  CHECK(f.begin(8, 0, 0).guard != guard);
}

TEST_CASE("row 1: a batch that overtook another of those that were verified waits") {
  Verified f("3.8");
  f.begin(7, 0, 0);
  const VerificationGuard guard = f.begin(7, 0, 1).guard;
  CHECK(f.write(LogFixture::transactional(7, 0, 1), guard).error ==
        Error::kOutOfOrderSequenceNumber);
  CHECK(f.write(LogFixture::transactional(7, 0, 0), guard).appended());
  CHECK(f.write(LogFixture::transactional(7, 0, 1), guard).appended());
}

TEST_CASE("row 0: from 4.1 on a producer of version 2 that is not known begins at 0") {
  struct Row {
    const char* preset;
    bool tv2;
    bool marker_first;
    Error error;
  };
  constexpr Error kGap = Error::kOutOfOrderSequenceNumber;
  for (const Row& row : std::initializer_list<Row>{{"4.0", kTv2, false, Error::kNone},
                                                   {"4.1", kTv2, false, kGap},
                                                   {"4.1", kTv1, false, Error::kNone},
                                                   {"4.2", kTv2, false, kGap},
                                                   {"4.2", kTv2, true, kGap}}) {
    CAPTURE(row.preset, row.tv2, row.marker_first);
    Verified f(row.preset);
    if (row.marker_first) f.marker(7, 3, ControlType::kAbort);
    const VerificationGuard guard = f.begin(7, 4, 15, row.tv2).guard;
    CHECK(f.write(LogFixture::transactional(7, 4, 15), guard).error == row.error);
  }
}

TEST_CASE("the marker takes the guard away, unless it is of the next transaction") {
  struct Row {
    bool tv2;
    int16_t verified_epoch;
    bool kept;
  };
  // The marker has epoch 4 (KAFKA-18654).
  for (const Row& row : {Row{kTv1, 4, false}, Row{kTv2, 4, true}, Row{kTv2, 3, false}}) {
    CAPTURE(row.tv2, row.verified_epoch);
    Verified f("4.0");
    const VerificationGuard guard = f.begin(7, row.verified_epoch, 0, row.tv2).guard;
    f.marker(7, 4, ControlType::kAbort);
    CHECK((f.log.find_verification({7}) != nullptr) == row.kept);
    const bool written =
        f.write(LogFixture::transactional(7, row.verified_epoch, 0), guard).appended();
    CHECK(written == row.kept);
  }
}

TEST_CASE("a guard is worthless after a marker, also if another request has a new one") {
  Verified f("3.8");
  const VerificationGuard stale = f.begin(7, 0, 0).guard;
  f.marker(7, 0, ControlType::kAbort);
  const VerificationGuard fresh = f.begin(7, 0, 0).guard;
  CHECK(fresh != stale);
  CHECK(f.write(LogFixture::transactional(7, 0, 0), stale).error == Error::kInvalidTxnState);
  CHECK(f.write(LogFixture::transactional(7, 0, 0), fresh).appended());
}

TEST_CASE("an open transaction vouches for its producer; from 4.0 on only for its epoch") {
  for (const auto& [preset, guarded] : {std::pair{"3.8", false}, {"4.0", true}}) {
    CAPTURE(preset);
    Verified f(preset);
    f.write(LogFixture::transactional(7, 0, 0), f.begin(7, 0, 0).guard);
    CHECK(f.begin(7, 1, 0).guard.valid() == guarded);
    CHECK(f.write(LogFixture::transactional(7, 1, 0)).appended() == !guarded);
  }
}

TEST_CASE("a stale epoch is told as such before anything else from 4.1 on") {
  for (const auto& [preset, early] : {std::pair{"4.0", false}, {"4.1", true}}) {
    CAPTURE(preset);
    Verified f(preset);
    f.marker(7, 3, ControlType::kAbort);
    const VerificationStart start = f.begin(7, 2, 0, kTv2);
    CHECK((start.error == Error::kInvalidProducerEpoch) == early);
    CHECK(start.guard.valid() == !early);
    CHECK(f.write(LogFixture::transactional(7, 2, 0)).error ==
          (early ? Error::kInvalidProducerEpoch : Error::kInvalidTxnState));
  }
}

TEST_CASE("verifications expire like producers") {
  Verified f("3.8");
  const VerificationGuard guard = f.begin(7, 0, 0).guard;
  f.log.expire_producers(1'999, 1'000);
  CHECK(f.log.find_verification({7}) != nullptr);
  f.log.expire_producers(2'000, 1'000);
  CHECK(f.log.find_verification({7}) == nullptr);
  CHECK(f.begin(7, 0, 0).guard != guard);
}

TEST_CASE("a guard outlives a cut of the log and a new beginning, and stays unique") {
  Verified f("3.8");
  f.append(LogFixture::plain());
  const VerificationGuard guard = f.begin(7, 0, 0).guard;
  f.log.truncate_to(f.switches, f.batches, {0});
  CHECK(f.begin(7, 0, 0).guard == guard);
  f.log.start_at({5});
  CHECK(f.begin(8, 0, 0).guard != guard);
  CHECK(f.write(LogFixture::transactional(7, 0, 0), guard).appended());
}

TEST_CASE("what a follower appends takes a guard away like what a leader appends") {
  for (const bool marker : {false, true}) {
    CAPTURE(marker);
    Verified f("3.8");
    const VerificationGuard guard = f.begin(7, 0, 0).guard;
    f.append(LogFixture::transactional(8, 0, 0), Origin::kReplication);
    CHECK(f.log.find_verification({7}) != nullptr);
    if (marker) {
      f.marker(7, 0, ControlType::kAbort, 0, Origin::kReplication);
    } else {
      f.append(LogFixture::transactional(7, 0, 0), Origin::kReplication);
      f.marker(7, 0, ControlType::kAbort, 0, Origin::kReplication);
    }
    CHECK(f.log.find_verification({7}) == nullptr);
    CHECK(f.write(LogFixture::transactional(7, 0, 1), guard).error == Error::kInvalidTxnState);
  }
}

TEST_CASE("a duplicate is answered before anybody asks for a guard") {
  Verified f("4.2");
  f.write(LogFixture::transactional(7, 0, 0), f.begin(7, 0, 0).guard);
  f.marker(7, 0, ControlType::kCommit);
  CHECK(f.write(LogFixture::transactional(7, 0, 0)).duplicate);
  Verified bumped("4.2");
  bumped.write(LogFixture::transactional(7, 0, 0), bumped.begin(7, 0, 0).guard);
  bumped.marker(7, 1, ControlType::kCommit);
  CHECK_FALSE(bumped.write(LogFixture::transactional(7, 0, 0)).duplicate);
}

}  // namespace
}  // namespace eosim::kafka
