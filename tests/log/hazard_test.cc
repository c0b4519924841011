// What late requests can do to a partition, by generation (the table of transactions.md 4.6), and
// the markers of KIP-1228.
#include "catch.h"
#include "log_fixture.h"

namespace eosim::kafka {
namespace {

// A leader of a release and the transactions of its coordinator. From 4.0 on every end bumps the
// epoch, so transaction n has epoch n and its marker n + 1; before, all have epoch 0.
struct Leader : LogFixture {
  explicit Leader(const char* preset) : LogFixture(preset), tv2(switches.on(Switch::kTv2Endtxn)) {
    verification.enabled = true;
  }
  int16_t epoch_of(int n) const { return tv2 ? static_cast<int16_t>(n) : int16_t{0}; }
  RecordBatch data_of(int n, int32_t sequence) const {
    return transactional(7, epoch_of(n), sequence);
  }
  // The coordinator vouches for `registered`.
  AppendResult write(const RecordBatch& batch, bool registered) {
    const VerificationStart start =
        log.begin_verification(switches, {batch.producer, batch.base_sequence, 1'000, tv2});
    if (start.error != Error::kNone) return {start.error};
    // Nobody vouches: the coordinator refuses, and the batch is not appended.
    if (start.guard.valid() && !registered && switches.on(Switch::kVerifyProduce)) {
      return {Error::kInvalidTxnState};
    }
    verification.guard = start.guard;
    return append(batch);
  }
  AppendResult end(int n, ControlType type = ControlType::kCommit) {
    Marker marker{type, {0}, static_cast<int16_t>(switches.on(Switch::kStrictMarkerEpoch) ? 2 : 0)};
    const auto epoch = static_cast<int16_t>(tv2 ? n + 1 : 0);
    return append(make_marker({{7}, {epoch}}, marker, 1'000), Origin::kCoordinator);
  }
  int32_t first_sequence(int n) const { return tv2 ? 0 : n; }

  bool tv2;
};

struct HazardRow {
  const char* preset;
  bool late_hangs;
  bool late_lands_in_next;
  bool late_marker_ends_next;
  bool unregistered_hangs;
};

constexpr HazardRow kRows[] = {
    {"2.4", true, true, true, true},    {"2.5", true, true, true, true},
    {"3.5", true, true, true, true},    {"3.6", false, true, true, false},
    {"3.8", false, true, true, false},  {"4.0", false, false, true, false},
    {"4.1", false, false, true, false}, {"4.2", false, false, false, false},
};

TEST_CASE("a late batch of a transaction that has ended hangs where nobody verifies") {
  for (const HazardRow& row : kRows) {
    CAPTURE(row.preset);
    Leader f(row.preset);
    REQUIRE(f.write(f.data_of(0, 0), true).appended());
    REQUIRE(f.end(0).appended());
    f.write(f.data_of(0, 1), false);
    CHECK(!f.log.open_transactions().empty() == row.late_hangs);
  }
}

TEST_CASE("a late batch lands in the next transaction where the epoch is the same") {
  for (const HazardRow& row : kRows) {
    CAPTURE(row.preset);
    Leader f(row.preset);
    REQUIRE(f.write(f.data_of(0, 0), true).appended());
    REQUIRE(f.end(0).appended());
    REQUIRE(f.write(f.data_of(1, f.first_sequence(1)), true).appended());
    CHECK(f.write(f.data_of(0, 2), false).appended() == row.late_lands_in_next);
  }
}

TEST_CASE("a late marker ends the next transaction, but for KIP-1228") {
  for (const HazardRow& row : kRows) {
    CAPTURE(row.preset);
    Leader f(row.preset);
    REQUIRE(f.write(f.data_of(0, 0), true).appended());
    REQUIRE(f.end(0).appended());
    CHECK(f.end(0).appended());  // a repeat finds nothing open and does no harm
    REQUIRE(f.write(f.data_of(1, f.first_sequence(1)), true).appended());
    const AppendResult late = f.end(0);
    CHECK(f.log.open_transactions().empty() == row.late_marker_ends_next);
    CHECK(late.error == (row.late_marker_ends_next ? Error::kNone : Error::kInvalidProducerEpoch));
    CHECK(f.end(1).appended());
    CHECK(f.log.open_transactions().empty());
  }
}

TEST_CASE("a write that nobody registered hangs where nobody verifies") {
  for (const HazardRow& row : kRows) {
    CAPTURE(row.preset);
    Leader f(row.preset);
    f.write(f.data_of(0, 0), false);
    CHECK(!f.log.open_transactions().empty() == row.unregistered_hangs);
  }
}

TEST_CASE("markers of the epoch of the data: refused only of version 2, and only if they end it") {
  struct Strict {
    const char* preset;
    int16_t version;
    bool open;
    bool accepted;
  };
  for (const Strict& row : {Strict{"4.1", 2, true, true}, Strict{"4.2", 1, true, true},
                            Strict{"4.2", 2, true, false}, Strict{"4.2", 2, false, true}}) {
    CAPTURE(row.preset, row.version, row.open);
    LogFixture f(row.preset);
    f.append(LogFixture::data(7, 3, 0, 1, row.open));
    const Marker marker{ControlType::kAbort, {0}, row.version};
    const RecordBatch batch = make_marker({{7}, {3}}, marker, 1'000);
    CHECK(f.append(batch, Origin::kCoordinator).appended() == row.accepted);
    CHECK(f.append(batch, Origin::kReplication).appended());
  }
}

TEST_CASE("a follower takes a deposed coordinator's marker and says so; up to 2.3 it does not") {
  for (const char* raise : {"log", "raise"}) {
    CAPTURE(raise);
    LogFixture f;
    f.switches.set(Switch::kPlMarkerCoordEpochOnReplication, raise);
    f.marker(7, 0, ControlType::kAbort, 5);
    const AppendResult late = f.marker(7, 0, ControlType::kAbort, 4, Origin::kReplication);
    const bool logs = raise == std::string("log");
    CHECK(late.appended() == logs);
    CHECK((logs ? late.violation : late.error) == Error::kTransactionCoordinatorFenced);
    CHECK(f.log.log_end_offset() == Offset{logs ? 2 : 1});
  }
}

}  // namespace
}  // namespace eosim::kafka
