#include "catch.h"
#include "log_fixture.h"

namespace eosim::kafka {
namespace {

constexpr Error kAccept = Error::kNone;
constexpr Error kOutOfOrder = Error::kOutOfOrderSequenceNumber;
constexpr Error kUnknown = Error::kUnknownProducerId;

struct SequenceRow {
  const char* number;
  int16_t known_epoch;
  int32_t known_last;
  int16_t epoch;
  int32_t first;
  Error in_a;
  Error in_b;
};

// transactions.md 4.4, rows 2 to 8.
constexpr SequenceRow kSequences[] = {
    {"2: higher epoch from 0", 3, 14, 4, 0, kAccept, kAccept},
    {"2: no entry, from 0", -1, -1, 0, 0, kAccept, kAccept},
    {"3: higher epoch, not from 0", 3, 14, 4, 15, kOutOfOrder, kOutOfOrder},
    {"3: higher epoch after a marker, not from 0", 3, -1, 4, 1, kOutOfOrder, kOutOfOrder},
    {"4: no entry, not from 0", -1, -1, 3, 15, kUnknown, kAccept},
    {"5: the successor", 3, 14, 3, 15, kAccept, kAccept},
    {"5: the successor wraps", 3, INT32_MAX, 3, 0, kAccept, kAccept},
    {"6: only a marker, from 0", 3, -1, 3, 0, kAccept, kAccept},
    {"7: only a marker, not from 0", 3, -1, 3, 15, kUnknown, kOutOfOrder},
    {"8: a gap", 3, 14, 3, 16, kOutOfOrder, kOutOfOrder},
    {"8: again", 3, 14, 3, 14, kOutOfOrder, kOutOfOrder},
    {"8: an old one", 3, 14, 3, 2, kOutOfOrder, kOutOfOrder},
    {"8: from 0 at the same epoch", 3, 14, 3, 0, kOutOfOrder, kOutOfOrder},
    {"8: wrapping too early", 3, INT32_MAX - 1, 3, 0, kOutOfOrder, kOutOfOrder},
    {"8: not wrapping", 3, INT32_MAX, 3, 1, kOutOfOrder, kOutOfOrder},
};

TEST_CASE("the sequence of a batch is judged by the rows of the table") {
  for (const SequenceRow& row : kSequences) {
    CAPTURE(row.number);
    const SequenceState known{{row.known_epoch}, {row.known_last}};
    CHECK(check_sequence(known, {row.epoch}, {row.first}, true) == row.in_a);
    CHECK(check_sequence(known, {row.epoch}, {row.first}, false) == row.in_b);
  }
}

TEST_CASE("an epoch may be the known one or higher") {
  CHECK(check_epoch({3}, {2}) == Error::kInvalidProducerEpoch);
  CHECK(check_epoch({3}, {3}) == Error::kNone);
  CHECK(check_epoch({3}, {4}) == Error::kNone);
  CHECK(check_epoch({}, {0}) == Error::kNone);
}

// transactions.md 11.5: entry epoch 3, last batch 10-14.
LogFixture at_epoch_3(const char* preset) {
  LogFixture f(preset);
  CHECK(f.append(LogFixture::data(7, 3, 0, 10)).appended());
  CHECK(f.append(LogFixture::data(7, 3, 10, 5)).base_offset == Offset{10});
  return f;
}

struct Incoming {
  int16_t epoch;
  int32_t first;
  int32_t last;
  Error error;
  bool duplicate;
};

constexpr Incoming kIncoming[] = {
    {3, 15, 15, kAccept, false},
    {3, 10, 14, kAccept, true},
    {3, 10, 12, kOutOfOrder, false},
    {3, 16, 16, kOutOfOrder, false},
    {2, 15, 15, Error::kInvalidProducerEpoch, false},
    {4, 0, 0, kAccept, false},
    {4, 15, 15, kOutOfOrder, false},
};

TEST_CASE("batches after one of 10 to 14 are appended, repeated or refused") {
  for (const char* preset : {"2.4", "2.5", "3.5", "3.8", "4.0", "4.1", "4.2"}) {
    for (const Incoming& row : kIncoming) {
      CAPTURE(preset, row.epoch, row.first, row.last);
      LogFixture f = at_epoch_3(preset);
      const AppendResult result =
          f.append(LogFixture::data(7, row.epoch, row.first, row.last - row.first + 1));
      CHECK(result.error == row.error);
      CHECK(result.duplicate == row.duplicate);
      if (row.duplicate) {
        CHECK(result.base_offset == Offset{10});
        CHECK(result.last_offset == Offset{14});
      }
      CHECK(f.log.log_end_offset() == Offset{result.appended() ? 16 : 15});
    }
  }
}

TEST_CASE("a higher epoch begins with an empty window") {
  LogFixture f = at_epoch_3("2.5");
  CHECK(f.append(LogFixture::data(7, 4, 0)).appended());
  const ProducerEntry& entry = *f.log.find_producer({7});
  CHECK(entry.epoch == ProducerEpoch{4});
  REQUIRE(entry.window.batches().size() == 1);
  CHECK(entry.last_sequence() == Sequence{0});
}

TEST_CASE("a marker of the same epoch keeps the window, one of a higher epoch clears it") {
  LogFixture same = at_epoch_3("2.5");
  CHECK(same.marker(7, 3, ControlType::kCommit).appended());
  CHECK(same.append(LogFixture::data(7, 3, 10, 5)).duplicate);
  CHECK(same.append(LogFixture::data(7, 3, 15)).appended());

  for (const char* preset : {"2.4", "2.5", "3.5", "3.8", "4.0", "4.1", "4.2"}) {
    CAPTURE(preset);
    LogFixture higher = at_epoch_3(preset);
    CHECK(higher.marker(7, 4, ControlType::kAbort).appended());
    const Error expected = preset == std::string("2.4") ? kUnknown : kOutOfOrder;
    CHECK(higher.append(LogFixture::data(7, 4, 15)).error == expected);
    CHECK(higher.append(LogFixture::data(7, 4, 0)).appended());
  }
}

TEST_CASE("what a forgotten producer sends is unknown in 2.4 and accepted in 2.5") {
  LogFixture old = at_epoch_3("2.4");
  CHECK(old.log.expire_producers(2000, 1000) == 1);
  CHECK(old.append(LogFixture::data(7, 3, 15)).error == kUnknown);
  LogFixture recent = at_epoch_3("2.5");
  CHECK(recent.log.expire_producers(2000, 1000) == 1);
  CHECK(recent.append(LogFixture::data(7, 3, 15)).appended());
}

TEST_CASE("sequences wrap inside a batch and between batches") {
  LogFixture f("2.5");
  CHECK(f.append(LogFixture::data(7, 0, INT32_MAX - 1, 3)).appended());  // ..., MAX, 0
  CHECK(f.log.find_producer({7})->last_sequence() == Sequence{0});
  CHECK(f.append(LogFixture::data(7, 0, INT32_MAX - 1, 3)).duplicate);
  CHECK(f.append(LogFixture::data(7, 0, 1)).appended());

  LogFixture at_end("2.5");
  CHECK(at_end.append(LogFixture::data(7, 0, INT32_MAX)).appended());
  CHECK(at_end.append(LogFixture::data(7, 0, 0)).appended());
}

TEST_CASE("the last five batches are known again, and no more") {
  LogFixture f("2.5");
  for (int32_t i = 0; i < 6; ++i) CHECK(f.append(LogFixture::data(7, 0, 2 * i, 2)).appended());
  CHECK(f.append(LogFixture::data(7, 0, 0, 2)).error == kOutOfOrder);
  for (int32_t i = 1; i < 6; ++i) {
    CAPTURE(i);
    const AppendResult again = f.append(LogFixture::data(7, 0, 2 * i, 2));
    CHECK(again.duplicate);
    CHECK(again.base_offset == Offset{2 * i});
    CHECK(again.last_offset == Offset{2 * i + 1});
  }
  CHECK(f.append(LogFixture::data(7, 0, 9, 2)).error == kOutOfOrder);  // across two of them
}

}  // namespace
}  // namespace eosim::kafka
