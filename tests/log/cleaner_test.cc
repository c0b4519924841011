// Compaction: what a cleaner keeps (transactions.md 4.9).
#include "models/log/cleaner.h"

#include <map>

#include "catch.h"
#include "models/log/record_keys.h"
#include "models/log/replay_check.h"
#include "random_log.h"

namespace eosim::kafka {
namespace {

LogConfig compacted() {
  LogConfig config;
  config.compacts = true;
  config.segment_bytes = 400;
  config.delete_retention_ms = 1'000;
  config.min_cleanable_dirty_permille = 1;
  return config;
}

struct CleanedLog : LogFixture {
  explicit CleanedLog(const char* preset = "2.5") : LogFixture(preset) {
    log.configure(compacted());
  }
  RecordBatch keyed(std::vector<int32_t> keys, int64_t pid = -1, int32_t sequence = -1,
                    bool transactional = false) {
    RecordBatch batch = data(pid, pid < 0 ? int16_t{-1} : int16_t{0}, sequence,
                             static_cast<int32_t>(keys.size()), transactional);
    auto& records = std::get<List<Record>>(batch.payload);
    for (size_t i = 0; i < keys.size(); ++i) {
      records[i].key = keys[i];
      records[i].bytes = 10;
    }
    return batch;
  }
  // So that all before is in segments that are not active.
  void seal() {
    const size_t segments = log.segments().size();
    while (log.segments().size() == segments) append(keyed({++filler, ++filler, ++filler}));
    replicate_all();
  }
  int32_t filler = 1'000;
  CleanResult run(int64_t now_ms = 2'000) {
    CleanResult result = clean(log, batches, now_ms);
    log = result.log;
    return result;
  }
};

// Offset and key of what a reader gets, in the order of the log.
std::vector<std::pair<int64_t, RecordKey>> seen(const LogFixture& f, IsolationLevel isolation) {
  const ReadResult read = f.log.read(f.log.log_start_offset(), isolation, PartitionLog::kNoLimit);
  std::vector<std::pair<int64_t, RecordKey>> records;
  std::vector<ProducerId> aborted;
  auto waiting = read.aborted;
  for (const FetchedBatch& fetched : read.batches) {
    const RecordBatch& batch = f.batches[fetched.batch];
    const Offset last = fetched.base_offset + (batch.count - 1);
    std::erase_if(waiting, [&](const AbortedTransaction& transaction) {
      if (transaction.first_offset > last) return false;
      aborted.push_back(transaction.producer_id);
      return true;
    });
    if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
      if (marker->type == ControlType::kAbort) std::erase(aborted, batch.producer.id);
      continue;
    }
    if (batch.transactional && std::ranges::find(aborted, batch.producer.id) != aborted.end()) {
      continue;
    }
    for (size_t i = 0; i < record_count(batch); ++i) {
      if (is_tombstone(batch, i)) continue;
      records.emplace_back(fetched.base_offset.value + record_delta(batch, i),
                           record_key(batch, i));
    }
  }
  return records;
}

// The newest offset of each key; a key whose newest record deletes it is absent.
std::map<RecordKey, int64_t> newest(const LogFixture& f) {
  std::map<RecordKey, int64_t> map;
  const ReadResult read = f.log.read(f.log.log_start_offset(), kCommitted, PartitionLog::kNoLimit);
  const auto offsets = delivered(f.batches, read);
  for (const FetchedBatch& fetched : read.batches) {
    const RecordBatch& batch = f.batches[fetched.batch];
    if (batch.control()) continue;
    for (size_t i = 0; i < record_count(batch); ++i) {
      const int64_t offset = fetched.base_offset.value + record_delta(batch, i);
      if (!std::ranges::binary_search(offsets, offset)) continue;
      map[record_key(batch, i)] = offset;
      if (is_tombstone(batch, i)) map.erase(record_key(batch, i));
    }
  }
  return map;
}

TEST_CASE("of each key the newest record stays, at its offset") {
  CleanedLog f;
  f.append(f.keyed({1, 2, 3}));
  f.append(f.keyed({2}));
  f.append(f.keyed({1, 4}));
  f.seal();
  const Offset end = f.log.log_end_offset();
  const CleanResult result = f.run();
  CHECK(result.put.size() == 1);
  CHECK(f.log.log_end_offset() == end);
  const RecordBatch& first = f.batches[f.log.entries()[0].batch];
  CHECK(first.count == 3);
  CHECK(first.offset_deltas == List<int32_t>{2});
  CHECK(record_key(first, 0).text == 3);
  CHECK(f.log.entries()[0].bytes == kBatchOverheadBytes + 10);
  CHECK(f.log.entries()[1].base_offset == Offset{3});
  CHECK(f.log.entries()[2].count == 2);
}

TEST_CASE("a batch of which nothing stays leaves a hole, into which nothing is appended") {
  CleanedLog f;
  f.append(f.keyed({1}));
  f.append(f.keyed({1}));
  f.append(f.keyed({1}));
  f.seal();
  const CleanResult result = f.run();
  CHECK(result.released.size() == 2);
  CHECK(f.log.entries()[0].base_offset == Offset{2});
  CHECK(f.log.log_start_offset() == Offset{0});
  CHECK(f.log.read({0}, kUncommitted, 1).batches.at(0).base_offset == Offset{2});
  // A copy of it has the same hole.
  LogFixture follower;
  for (const FetchedBatch& fetched : f.log.read_for_follower({0}, PartitionLog::kNoLimit).batches) {
    follower.log.append_replica(f.switches, f.batches, fetched);
  }
  CHECK(std::ranges::equal(follower.log.entries(), f.log.entries()));
}

TEST_CASE("neither the active segment nor what is not stable is touched") {
  CleanedLog f;
  f.append(f.keyed({1}));
  f.append(f.keyed({1}, 7, 0, true));
  f.append(f.keyed({1}));
  CHECK(dirty_permille(f.log, 0) == 0);
  f.seal();
  CHECK(dirty_permille(f.log, 0) == 0);
  CHECK(f.run().released.empty());
  f.marker(7, 0, ControlType::kCommit);
  CHECK(dirty_permille(f.log, 0) == 0);  // the marker is not replicated
  f.replicate_all();
  CHECK(dirty_permille(f.log, 0) == 1000);
  CHECK(wants_cleaning(f.log, 0));
  CHECK(f.run().released.size() == 2);
  CHECK(f.log.first_dirty_offset() == f.log.segments().back().base);
  CHECK(dirty_permille(f.log, 0) == 0);
}

TEST_CASE("what was written lately is left alone as long as the topic says") {
  CleanedLog f;
  LogConfig config = compacted();
  config.min_compaction_lag_ms = 500;
  f.log.configure(config);
  f.append(f.keyed({1}));
  f.append(f.keyed({1}));
  f.seal();
  CHECK(dirty_permille(f.log, 1'499) == 0);
  CHECK(dirty_permille(f.log, 1'500) > 0);
}

TEST_CASE("an aborted record goes and makes no older one obsolete") {
  CleanedLog f;
  f.append(f.keyed({1}));
  f.append(f.keyed({1}, 7, 0, true));
  f.marker(7, 0, ControlType::kAbort);
  f.append(f.keyed({5}, 7, 1));
  f.seal();
  f.run();
  CHECK(newest(f).at(RecordKey{RecordKey::Kind::kUser, 1, {}}) == 0);
  CHECK(f.log.entries()[1].base_offset == Offset{2});
}

TEST_CASE("a marker stays until its data is gone, and then for the retention of deletes") {
  for (const ControlType type : {ControlType::kCommit, ControlType::kAbort}) {
    CAPTURE(static_cast<int>(type));
    CleanedLog f;
    f.append(f.keyed({1}, 7, 0, true));
    f.marker(7, 0, type);
    f.append(f.keyed({1}));
    f.append(f.keyed({8}, 7, 1));
    f.seal();
    const auto markers = [&] {
      return std::ranges::count_if(
          f.log.entries(), [&](const LogEntry& entry) { return f.batches[entry.batch].control(); });
    };
    f.run(2'000);  // takes the data; the marker ends what was here
    CHECK(markers() == 1);
    CHECK(f.log.aborted_transactions().size() == (type == ControlType::kAbort ? 1 : 0));
    f.seal();
    f.run(2'000);  // sees that nothing is left, and sets the horizon
    CHECK(markers() == 1);
    CHECK(f.log.aborted_transactions().empty());
    f.seal();
    f.run(2'999);
    CHECK(markers() == 1);
    f.seal();
    f.run(3'000);
    CHECK(markers() == 0);
    CHECK(f.log.find_producer({7})->last_sequence() == Sequence{1});
  }
}

// KAFKA-14055: the key of a marker is never looked up, so no record has the same.
TEST_CASE("no record of a user takes a marker away") {
  CleanedLog f;
  f.append(f.keyed({3}, 7, 0, true));
  f.marker(7, 0, ControlType::kAbort);
  f.append(f.keyed({9}, 7, 1));
  for (int32_t key = 0; key < 4; ++key) f.append(f.keyed({key}));
  f.seal();
  f.run();
  const RecordBatch& first = f.batches[f.log.entries()[0].batch];
  CHECK(first.control());
  CHECK_THROWS(record_key(first, 0));
}

TEST_CASE("a tombstone hides its key at once and goes after the retention of deletes") {
  CleanedLog f;
  const RecordKey one{RecordKey::Kind::kUser, 1, {}};
  RecordBatch tombstone = f.keyed({1});
  std::get<List<Record>>(tombstone.payload)[0].bytes = 0;
  f.append(f.keyed({1}));
  f.append(tombstone);
  f.seal();
  f.run(2'000);
  REQUIRE(f.log.entries()[0].base_offset == Offset{1});
  CHECK(f.batches[f.log.entries()[0].batch].delete_horizon_ms == 3'000);
  CHECK_FALSE(newest(f).contains(one));
  f.seal();
  f.run(2'999);
  CHECK(f.log.entries()[0].base_offset == Offset{1});
  f.seal();
  f.run(3'000);
  CHECK(f.log.entries()[0].base_offset > Offset{1});
}

TEST_CASE("the last batch of a producer stays as a header, so that its sequences do") {
  CleanedLog f;
  f.append(f.keyed({1}, 7, 0));
  f.append(f.keyed({1, 1}, 7, 1));
  f.append(f.keyed({1}));
  f.seal();
  f.run();
  const LogEntry& kept = f.log.entries()[0];
  CHECK(kept.base_offset == Offset{1});
  CHECK(kept.bytes == kBatchOverheadBytes);
  CHECK(record_count(f.batches[kept.batch]) == 0);
  LogFixture back;
  back.log = replayed(f.switches, f.batches, f.log);
  back.batches = f.batches;
  CHECK(back.append(LogFixture::data(7, 0, 1, 2)).duplicate);
  CHECK(back.append(LogFixture::data(7, 0, 3)).appended());
  f.log.expire_producers(10'000, 1);
  f.append(f.keyed({1}));
  f.seal();
  f.run();
  CHECK(f.log.entries()[0].base_offset > Offset{1});
}

TEST_CASE("keys are those of the internal topics' schemas") {
  RecordBatch offsets;
  offsets.count = 3;
  const TopicPartition p{{1}, 0};
  offsets.payload = List<OffsetRecord>{
      {Name{1}, p, false, {5}, {}, 0}, {Name{1}, {{1}, 1}, false, {5}, {}, 0}, {Name{2}, p, true}};
  RecordBatch groups;
  groups.count = 1;
  groups.payload = List<GroupRecord>{{Name{1}}};
  RecordBatch transactions;
  transactions.count = 1;
  transactions.payload = List<TransactionLogRecord>{{Name{1}, true}};
  CHECK(record_key(offsets, 0) == (RecordKey{RecordKey::Kind::kOffset, 1, p}));
  CHECK(record_key(offsets, 0) != record_key(offsets, 1));
  CHECK(record_key(offsets, 0) != record_key(offsets, 2));
  CHECK(is_tombstone(offsets, 2));
  CHECK(record_key(groups, 0) == (RecordKey{RecordKey::Kind::kGroup, 1, {}}));
  CHECK(record_key(transactions, 0) == (RecordKey{RecordKey::Kind::kTransactionalId, 1, {}}));
  CHECK(is_tombstone(transactions, 0));
}

TEST_CASE("neighbours that lost much become one segment") {
  CleanedLog f;
  for (int i = 0; i < 60; ++i) f.append(f.keyed({1}));
  f.replicate_all();
  f.run();
  const size_t once = f.log.segments().size();
  f.append(f.keyed({2}));
  f.seal();
  f.seal();
  f.run();
  CHECK(f.log.segments().size() < once);
  CHECK(f.log.segments().front().base == Offset{0});
}

// Whatever was appended: who reads a key's newest value reads what he would have read before, every
// record that stays is one that was there, and the log that is read back is the log that is.
TEST_CASE("a cleaned log says of every key what it said before") {
  for (const char* preset : {"2.5", "2.8"}) {
    for (uint64_t seed = 500; seed < 530; ++seed) {
      CAPTURE(preset, seed);
      CleanedLog f(preset);
      Steps steps(seed);
      for (int round = 0; round < 8; ++round) {
        for (int i = 0; i < 60; ++i) random_step(f, steps);
        if (round % 2 == 1) settle(f);
        const auto producers = std::vector(f.log.producers().begin(), f.log.producers().end());
        const Offset stable = f.log.last_stable_offset();
        const Offset end = f.log.log_end_offset();
        const auto map = newest(f);
        const auto before = seen(f, kCommitted);
        const size_t size = f.log.entries().size();
        const CleanResult result = f.run(2'000 + 500 * round);
        CHECK(newest(f) == map);
        const auto after = seen(f, kCommitted);
        CHECK(std::ranges::includes(before, after));
        CHECK(f.log.last_stable_offset() == stable);
        CHECK(f.log.log_end_offset() == end);
        CHECK(f.log.entries().size() == size - result.released.size() + result.put.size());
        CHECK(std::ranges::equal(f.log.producers(), producers));
        CHECK(replay_difference(f.log, replayed(f.switches, f.batches, f.log)) == "");
        CHECK(replay_difference(f.log, replayed_from_snapshots(f.switches, f.batches, f.log)) ==
              "");
      }
      CHECK(f.log.first_dirty_offset() > Offset{0});
    }
  }
}

}  // namespace
}  // namespace eosim::kafka
