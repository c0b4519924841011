#include "catch.h"
#include "log_fixture.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// A log with an open transaction of producer 7 (epoch 3) and a marker of producer 8.
LogFixture busy() {
  LogFixture f;
  f.append(LogFixture::transactional(7, 3, 0, 2));
  f.append(LogFixture::data(9, 0, 0));
  f.marker(8, 2, ControlType::kAbort, 5);
  f.log.raise_high_watermark({3});
  return f;
}

struct Refused {
  const char* what;
  RecordBatch batch;
  Origin origin;
  Error error;
};

std::vector<Refused> refused_batches() {
  RecordBatch no_records = LogFixture::plain(1);
  no_records.count = 0;
  no_records.payload = List<Record>{};
  RecordBatch miscounted = LogFixture::plain(2);
  miscounted.count = 3;
  RecordBatch without_sequence = LogFixture::data(7, 3, -1);
  RecordBatch without_producer = LogFixture::plain(1);
  without_producer.transactional = true;
  RecordBatch offsets = LogFixture::offsets(7, 3);
  RecordBatch large = LogFixture::plain(1);
  large.bytes = 10'000;
  const auto oversized = [](RecordBatch batch) {
    batch.bytes = 10'000;
    return batch;
  };
  const RecordBatch abort = make_marker({{7}, {3}}, {ControlType::kAbort, {9}}, 0);
  const RecordBatch control = make_marker({{7}, {3}}, {ControlType::kCommit, {9}}, 0);
  const auto client = Origin::kClient;
  const auto coordinator = Origin::kCoordinator;
  return {
      {"no records", no_records, client, Error::kInvalidRecord},
      {"miscounted", miscounted, client, Error::kInvalidRecord},
      {"no sequence", without_sequence, client, Error::kInvalidRecord},
      {"transactional without a producer", without_producer, client, Error::kInvalidRecord},
      {"a client's marker", control, client, Error::kInvalidRecord},
      {"a client's abort", abort, client, Error::kInvalidRecord},
      {"a client's offset commit", offsets, client, Error::kInvalidRecord},
      {"too large", large, client, Error::kMessageTooLarge},
      {"too large for a coordinator", large, coordinator, Error::kMessageTooLarge},
      {"a large batch", oversized(LogFixture::data(9, 0, 1)), client, Error::kMessageTooLarge},
      {"a large batch of a transaction", oversized(LogFixture::transactional(7, 3, 2)), client,
       Error::kMessageTooLarge},
      {"large offsets", oversized(offsets), coordinator, Error::kMessageTooLarge},
      {"a large commit", oversized(control), coordinator, Error::kMessageTooLarge},
      {"a large abort", oversized(abort), coordinator, Error::kMessageTooLarge},
      {"stale epoch", LogFixture::transactional(7, 2, 2), client, Error::kInvalidProducerEpoch},
      {"a gap", LogFixture::transactional(7, 3, 3), client, Error::kOutOfOrderSequenceNumber},
      {"not transactional", LogFixture::data(7, 3, 2), client, Error::kInvalidTxnState},
      {"not transactional, of a new epoch", LogFixture::data(7, 4, 0), client,
       Error::kInvalidTxnState},
      {"not transactional and a gap", LogFixture::data(7, 3, 5), client,
       Error::kOutOfOrderSequenceNumber},
      {"a new epoch that does not begin with 0", LogFixture::data(7, 4, 1), client,
       Error::kOutOfOrderSequenceNumber},
      {"not transactional and stale", LogFixture::data(7, 2, 2), client,
       Error::kInvalidProducerEpoch},
      {"stale marker", make_marker({{7}, {2}}, {}, 0), coordinator, Error::kInvalidProducerEpoch},
      {"stale coordinator", make_marker({{8}, {2}}, {ControlType::kCommit, {4}}, 0), coordinator,
       Error::kTransactionCoordinatorFenced},
  };
}

TEST_CASE("a refused append changes nothing") {
  for (const Refused& row : refused_batches()) {
    CAPTURE(row.what);
    LogFixture f = busy();
    LogConfig config;
    config.max_message_bytes = 5'000;
    f.log.configure(config);
    const PartitionLog before = f.log;
    const AppendResult result = f.append(row.batch, row.origin);
    CHECK(result == AppendResult{row.error, false, {}, {}});
    CHECK(f.log == before);
  }
}

TEST_CASE("a duplicate changes nothing and carries the offsets of the first time") {
  LogFixture f = busy();
  const PartitionLog before = f.log;
  CHECK(f.append(LogFixture::transactional(7, 3, 0, 2)) ==
        AppendResult{Error::kNone, true, {0}, {1}});
  CHECK(f.log == before);
}

TEST_CASE("the high watermark is at the end of a batch of the log") {
  LogFixture f;
  f.append(LogFixture::plain(4));
  CHECK_THROWS_AS(f.log.raise_high_watermark({3}), sim::InvariantBroken);
  CHECK_THROWS_AS(f.log.raise_high_watermark({5}), sim::InvariantBroken);
}

}  // namespace
}  // namespace eosim::kafka
