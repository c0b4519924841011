// Logs grown by generated appends, against what can be said of them by looking at all batches.
#include <algorithm>
#include <map>
#include <set>

#include "catch.h"
#include "log_fixture.h"
#include "models/log/replay_check.h"
#include "random_log.h"

namespace eosim::kafka {
namespace {

struct Truth {
  struct Transaction {
    ProducerId producer;
    Offset first;
    Offset marker;  // unset: open
    bool aborted = false;
  };
  std::vector<Transaction> transactions;  // closed ones in the order of their markers, then open
  std::set<int64_t> aborted_offsets;
  std::set<int64_t> control_offsets;
};

Truth truth_of(const LogFixture& f) {
  Truth truth;
  struct Open {
    Offset first;
    std::vector<int64_t> offsets;
  };
  std::map<int64_t, Open> open;
  for (const LogEntry& entry : f.log.entries()) {
    const RecordBatch& batch = f.batches[entry.batch];
    const int64_t pid = batch.producer.id.value;
    if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
      const bool aborted = marker->type == ControlType::kAbort;
      const bool empty = !open.contains(pid);
      truth.control_offsets.insert(entry.base_offset.value);
      if (!empty || f.switches.on(Switch::kEmptyMarkerBooksTxn)) {
        const Offset first = empty ? entry.base_offset : open[pid].first;
        truth.transactions.push_back({{pid}, first, entry.base_offset, aborted});
      }
      if (!empty && aborted) {
        truth.aborted_offsets.insert(open[pid].offsets.begin(), open[pid].offsets.end());
      }
      open.erase(pid);
    } else if (batch.transactional) {
      Open& transaction = open.try_emplace(pid, Open{entry.base_offset, {}}).first->second;
      for (int64_t i = 0; i < batch.count; ++i) {
        transaction.offsets.push_back(entry.base_offset.value + i);
      }
    }
  }
  for (const auto& [pid, transaction] : open) {
    truth.transactions.push_back({{pid}, transaction.first, {}, false});
  }
  return truth;
}

// P7.
Offset stable_offset(const Truth& truth, Offset high_watermark) {
  Offset stable = high_watermark;
  for (const auto& transaction : truth.transactions) {
    const bool settled = transaction.marker.valid() && transaction.marker < high_watermark;
    if (!settled) stable = std::min(stable, transaction.first);
  }
  return stable;
}

// P9.
std::vector<AbortedRange> aborted_ranges(const Truth& truth, std::span<const AbortedRange> like) {
  std::vector<AbortedRange> ranges;
  for (const auto& transaction : truth.transactions) {
    if (!transaction.aborted || ranges.size() == like.size()) continue;
    ranges.push_back({transaction.producer, transaction.first, transaction.marker,
                      like[ranges.size()].last_stable_offset});
  }
  return ranges;
}

void check_against_truth(const LogFixture& f, Steps& steps) {
  const Truth truth = truth_of(f);
  const Offset stable = f.log.last_stable_offset();
  CHECK(stable == stable_offset(truth, f.log.high_watermark()));
  const auto aborted = f.log.aborted_transactions();
  const auto expected = aborted_ranges(truth, aborted);
  CHECK(std::ranges::equal(aborted, expected));
  CHECK(std::ranges::count(truth.transactions, true, &Truth::Transaction::aborted) ==
        static_cast<int64_t>(aborted.size()));
  // A reader sees, from wherever it starts, all that is stable and not aborted.
  const Offset from{steps.below(stable.value + 1)};
  const auto max_bytes = static_cast<uint32_t>(steps.below(600));
  const ReadResult read = f.log.read(from, IsolationLevel::kReadCommitted, max_bytes);
  REQUIRE(read.error == Error::kNone);
  REQUIRE(read.batches.empty() == (from == stable));
  if (read.batches.empty()) return;
  const FetchedBatch& last = read.batches.back();
  const Offset end = last.base_offset + f.batches[last.batch].count;
  CHECK(end <= stable);
  std::vector<int64_t> visible;
  for (int64_t o = read.batches.front().base_offset.value; o < end.value; ++o) {
    if (!truth.aborted_offsets.contains(o) && !truth.control_offsets.contains(o)) {
      visible.push_back(o);
    }
  }
  CHECK(delivered(f.batches, read) == visible);
}

TEST_CASE("a log's offsets, index and reads are what its batches say") {
  for (const char* preset : {"2.4", "2.5"}) {
    for (const char* booked : {"off", "on"}) {
      for (uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(preset, booked, seed);
        LogFixture f(preset);
        f.switches.set(Switch::kEmptyMarkerBooksTxn, booked);
        Steps steps(seed);
        for (int i = 0; i < 150; ++i) {
          random_step(f, steps);
          check_against_truth(f, steps);
        }
      }
    }
  }
}

TEST_CASE("a log rebuilt from its batches is the log that was") {
  for (const char* preset : {"2.4", "2.5"}) {
    for (uint64_t seed = 100; seed < 140; ++seed) {
      CAPTURE(preset, seed);
      LogFixture f(preset);
      Steps steps(seed);
      for (int i = 0; i < 200; ++i) random_step(f, steps);
      const PartitionLog rebuilt = replayed(f.switches, f.batches, f.log);
      CHECK(replay_difference(f.log, rebuilt) == "");
      CHECK(rebuilt == f.log);
    }
  }
}

TEST_CASE("a log cut short is the log that it was when it ended there") {
  for (uint64_t seed = 200; seed < 220; ++seed) {
    CAPTURE(seed);
    LogFixture f;
    Steps steps(seed);
    for (int i = 0; i < 100; ++i) random_step(f, steps);
    PartitionLog then = f.log;
    for (int i = 0; i < 100; ++i) random_step(f, steps);
    PartitionLog cut = f.log;
    cut.truncate_to(f.switches, f.batches, then.log_end_offset());
    cut.set_high_watermark(f.switches, f.batches, then.high_watermark());
    CHECK(cut == then);
  }
}

TEST_CASE("a copied log and its original go their own ways") {
  LogFixture f;
  f.append(LogFixture::transactional(7, 0, 0));
  LogFixture copy = f;
  copy.marker(7, 0, ControlType::kAbort);
  CHECK(f.log.open_transactions().size() == 1);
  CHECK(copy.log.open_transactions().empty());
}

}  // namespace
}  // namespace eosim::kafka
