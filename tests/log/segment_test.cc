// Segments: when they roll, what is beside them, and how they go (transactions.md 1.9, 1.10, 4.8,
// 4.9).
#include "catch.h"
#include "models/log/replay_check.h"
#include "random_log.h"

namespace eosim::kafka {
namespace {

LogFixture with(const LogConfig& config, const char* preset = "2.5") {
  LogFixture f(preset);
  f.log.configure(config);
  return f;
}

RecordBatch at(RecordBatch batch, int64_t timestamp_ms) {
  batch.max_timestamp_ms = timestamp_ms;
  return batch;
}

TEST_CASE("a segment rolls when the next batch would not fit") {
  LogConfig config;
  config.segment_bytes = 3 * LogFixture::plain().bytes;
  LogFixture f = with(config);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(f.append(LogFixture::plain()).rolled);
  CHECK(f.append(LogFixture::plain()).rolled);
  REQUIRE(f.log.segments().size() == 2);
  CHECK(f.log.segments()[1].base == Offset{3});
  CHECK(f.log.entries_of(0).size() == 3);
  CHECK(f.log.entries_of(1).size() == 1);
  CHECK(f.log.bytes() == 4 * LogFixture::plain().bytes);
}

TEST_CASE("a segment rolls when its batches span too long a time") {
  LogConfig config;
  config.segment_ms = 100;
  LogFixture f = with(config);
  f.append(at(LogFixture::plain(), 1'000));
  CHECK_FALSE(f.append(at(LogFixture::plain(), 1'100)).rolled);
  CHECK(f.append(at(LogFixture::plain(), 1'101)).rolled);
  CHECK_FALSE(f.append(at(LogFixture::plain(), 900)).rolled);
}

TEST_CASE("a snapshot has the newest batch of a producer and its open transaction") {
  LogConfig config;
  config.segment_bytes = 400;
  LogFixture f = with(config);
  for (int32_t i = 0; i < 4; ++i) f.append(LogFixture::data(9, 1, i));
  f.append(LogFixture::transactional(7, 3, 0, 2));
  while (f.log.segments().size() < 2) f.append(LogFixture::plain());
  const ProducerSnapshot& snapshot = f.log.segments()[1].snapshot;
  REQUIRE(snapshot.entries.size() == 2);
  CHECK(snapshot.entries[0].id == ProducerId{7});
  CHECK(snapshot.entries[0].open_transaction == Offset{4});
  CHECK(snapshot.entries[1].last_batch.last_sequence == Sequence{3});
  const PartitionLog read = replayed_from_snapshots(f.switches, f.batches, f.log);
  CHECK(read.find_producer({9})->window.batches().size() == 1);
  CHECK(read.find_producer({9})->last_sequence() == Sequence{3});
  CHECK(read.open_transactions().size() == 1);
}

TEST_CASE("who has expired is not read from a snapshot, unless its transaction is open") {
  LogFixture f;
  f.append(LogFixture::transactional(7, 3, 0));
  f.append(LogFixture::data(9, 0, 0));
  const ProducerSnapshot snapshot = take_snapshot(f.log.log_end_offset(), f.log.producers());
  ProducerTable producers;
  OpenTransactions open;
  restore_snapshot(snapshot, {5'000, 1'000}, producers, open);
  CHECK(producers.find({7}) != nullptr);
  CHECK(producers.find({9}) == nullptr);
}

TEST_CASE("aborted transactions are collected from all segments of a fetch and beyond") {
  LogConfig config;
  config.segment_bytes = 1;  // a segment a batch
  LogFixture f = with(config);
  f.append(LogFixture::transactional(1, 0, 0));
  f.append(LogFixture::transactional(2, 0, 0));
  f.append(LogFixture::plain());
  f.marker(2, 0, ControlType::kAbort);
  f.marker(1, 0, ControlType::kAbort);
  f.replicate_all();
  CHECK(f.log.segments().size() == 5);
  CHECK(f.log.segments()[3].aborted.all().size() == 1);
  const ReadResult first = f.log.read({0}, kCommitted, 1);
  REQUIRE(first.batches.size() == 1);
  CHECK(first.aborted.size() == 1);  // of 1, whose marker is four segments later
  const ReadResult all = f.log.read({0}, kCommitted, PartitionLog::kNoLimit);
  CHECK(delivered(f.batches, all) == std::vector<int64_t>{2});
}

TEST_CASE("old segments go, whole ones, and never above the high watermark") {
  LogConfig config;
  config.deletes = true;
  config.retention_ms = 1'000;
  config.segment_bytes = 1;
  LogFixture f = with(config);
  for (int64_t i = 0; i < 5; ++i) f.append(at(LogFixture::plain(2), 1'000 * i));
  f.log.raise_high_watermark({6});
  CHECK(f.log.delete_old_segments(f.switches, 3'500).size() == 3);
  CHECK(f.log.log_start_offset() == Offset{6});
  CHECK(f.log.entries().front().base_offset == Offset{6});
  CHECK(f.log.delete_old_segments(f.switches, 99'000).empty());
  f.replicate_all();
  CHECK(f.log.delete_old_segments(f.switches, 99'000).size() == 2);
  CHECK(f.log.log_start_offset() == Offset{10});
  CHECK(f.log.segments().size() == 1);
  CHECK(f.log.delete_old_segments(f.switches, 99'000).empty());
  CHECK(f.append(LogFixture::plain()).base_offset == Offset{10});
  CHECK(f.log.read({9}, kCommitted, 1).error == Error::kOffsetOutOfRange);
}

TEST_CASE("what is above retention.bytes goes from the start") {
  LogConfig config;
  config.deletes = true;
  config.segment_bytes = 1;
  config.retention_ms = -1;
  config.retention_bytes = 2 * LogFixture::plain().bytes + 1;
  LogFixture f = with(config);
  for (int i = 0; i < 5; ++i) f.append(LogFixture::plain());
  f.replicate_all();
  CHECK(f.log.delete_old_segments(f.switches, 0).size() == 2);
  CHECK(f.log.log_start_offset() == Offset{2});
}

TEST_CASE("deleted records hide at once and go with their segment") {
  LogConfig config;
  config.segment_bytes = 2 * LogFixture::plain().bytes;
  LogFixture f = with(config);
  for (int i = 0; i < 6; ++i) f.append(LogFixture::plain());
  f.replicate_all();
  CHECK(f.log.move_start(f.switches, {3}));
  CHECK_FALSE(f.log.move_start(f.switches, {2}));
  CHECK(f.log.read({2}, kCommitted, 1).error == Error::kOffsetOutOfRange);
  CHECK(f.log.leader_epochs().all().front() == (EpochStart{{0}, {3}}));
  CHECK(f.log.delete_old_segments(f.switches, 0).size() == 2);
  CHECK(f.log.log_start_offset() == Offset{3});
  CHECK(f.log.entries().front().base_offset == Offset{2});
  CHECK(replay_difference(f.log, replayed(f.switches, f.batches, f.log)) == "");
}

TEST_CASE("a producer whose data is deleted is known on, but for brokers up to 2.3") {
  for (const char* evicts : {"off", "on"}) {
    CAPTURE(evicts);
    LogFixture f;
    f.switches.set(Switch::kPlEvictStateOnLogStart, evicts);
    f.append(LogFixture::data(7, 0, 0));
    f.append(LogFixture::data(8, 0, 0));
    f.append(LogFixture::data(8, 0, 1));
    f.replicate_all();
    f.log.move_start(f.switches, {2});
    const bool on = evicts == std::string("on");
    CHECK((f.log.find_producer({7}) == nullptr) == on);
    REQUIRE(f.log.find_producer({8}) != nullptr);
    CHECK(f.log.find_producer({8})->window.batches().size() == (on ? 1 : 2));
  }
}

TEST_CASE("a start that passes an open transaction keeps the stable offset at the start") {
  LogFixture f;
  f.append(LogFixture::transactional(7, 0, 0));
  f.append(LogFixture::plain());
  f.append(LogFixture::plain());
  f.replicate_all();
  f.log.move_start(f.switches, {2});
  CHECK(f.log.last_stable_offset() == Offset{2});
  CHECK(f.log.open_transactions().size() == 1);
}

TEST_CASE("a producer whose last marker is deleted reads back alike in its open transaction") {
  LogConfig config;
  config.segment_bytes = 2 * LogFixture::plain().bytes;
  LogFixture f = with(config);
  f.append(LogFixture::transactional(7, 0, 0));
  f.marker(7, 0, ControlType::kCommit);
  for (int i = 0; i < 2; ++i) f.append(LogFixture::plain());
  f.append(LogFixture::transactional(7, 0, 1));  // 4
  f.replicate_all();
  f.log.move_start(f.switches, {4});
  f.log.delete_old_segments(f.switches, 0);
  REQUIRE(f.log.log_start_offset() == Offset{4});
  const PartitionLog back = replayed(f.switches, f.batches, f.log);
  const ProducerEntry* live = f.log.find_producer({7});
  REQUIRE(back.find_producer({7})->coordinator_epoch != live->coordinator_epoch);
  CHECK(replay_difference(f.log, back) == "");
}

TEST_CASE("what ended beside a transaction whose begin is deleted reads back alike") {
  LogConfig config;
  config.segment_bytes = 2 * LogFixture::plain().bytes;
  LogFixture f = with(config);
  f.append(LogFixture::transactional(7, 0, 0));
  for (int i = 0; i < 3; ++i) f.append(LogFixture::plain());
  f.append(LogFixture::transactional(8, 0, 0));  // 4
  f.marker(8, 0, ControlType::kAbort);           // held back by 7, from 0 on
  const bool goes_on = GENERATE(false, true);
  if (goes_on) f.append(LogFixture::transactional(7, 0, 1));
  f.marker(7, 0, ControlType::kAbort);
  f.replicate_all();
  f.log.move_start(f.switches, {4});
  f.log.delete_old_segments(f.switches, 0);
  REQUIRE(f.log.log_start_offset() == Offset{4});
  const PartitionLog back = replayed(f.switches, f.batches, f.log);
  REQUIRE(back.aborted_transactions() != f.log.aborted_transactions());
  CHECK(replay_difference(f.log, back) == "");
}

TEST_CASE("a log comes back from its file, its epochs and its snapshots") {
  for (uint64_t seed = 400; seed < 420; ++seed) {
    CAPTURE(seed);
    LogConfig config;
    config.segment_bytes = 600;
    LogFixture f = with(config);
    Steps steps(seed);
    for (int i = 0; i < 150; ++i) {
      if (i % 50 == 49) {
        f.leader_epoch = {f.leader_epoch.value + 2};
        f.log.begin_leader_epoch(f.leader_epoch);
      }
      random_step(f, steps);
    }
    f.append(LogFixture::plain());  // an epoch without a batch does not come back
    f.log.move_start(f.switches, Offset{f.log.high_watermark().value / 2});
    f.log.delete_old_segments(f.switches, 0);
    const auto file = to_file(f.log.entries(), {0}, f.log.log_end_offset());
    StoredLog stored = from_file(file, f.log.leader_epochs().all(), f.batches);
    CHECK(stored.end == f.log.log_end_offset());
    stored.start = f.log.log_start_offset();
    stored.snapshots = f.log.snapshots();
    PartitionLog back(config);
    back.rebuild(f.switches, f.batches, stored);
    back.raise_high_watermark(f.log.high_watermark());
    CHECK(replay_difference(f.log, back) == "");
    CHECK(back.leader_epochs() == f.log.leader_epochs());
    CHECK(back.snapshots().size() == f.log.snapshots().size());
  }
}

}  // namespace
}  // namespace eosim::kafka
