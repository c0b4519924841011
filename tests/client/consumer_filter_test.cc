// The abort filter of a read_committed consumer: groups-streams-replication.md 11.5 and the rules
// of transactions.md 4.12.
#include "catch.h"
#include "models/client/read_committed_filter.h"

namespace eosim::kafka {
namespace {

BatchSummary data(int64_t base, int64_t last, int64_t producer, bool transactional = true) {
  return {{base}, {last}, {producer}, transactional, false, false};
}
BatchSummary marker(int64_t offset, int64_t producer, bool abort) {
  return {{offset}, {offset}, {producer}, true, true, abort};
}
List<bool> verdicts(IsolationLevel isolation, List<AbortedTransaction> aborted,
                    const List<BatchSummary>& batches) {
  ReadCommittedFilter filter(isolation, std::move(aborted));
  List<bool> result;
  for (const BatchSummary& batch : batches) result.push_back(filter.delivers(batch));
  return result;
}

constexpr IsolationLevel kCommitted = IsolationLevel::kReadCommitted;
const List<BatchSummary> kVector = {data(0, 1, 7), data(2, 2, 8),       marker(3, 7, true),
                                    data(4, 5, 7), marker(6, 8, false), marker(7, 7, false)};

TEST_CASE("the filter delivers 2, 4 and 5 of the vector") {
  CHECK(verdicts(kCommitted, {{{7}, {0}}}, kVector) ==
        List<bool>{false, true, false, true, false, false});
}

TEST_CASE("below the last stable offset of the cut vector nothing is delivered") {
  CHECK(verdicts(kCommitted, {{{7}, {0}}}, {data(0, 1, 7)}) == List<bool>{false});
}

TEST_CASE("read_uncommitted delivers aborted records and no markers") {
  CHECK(verdicts(IsolationLevel::kReadUncommitted, {{{7}, {0}}}, kVector) ==
        List<bool>{true, true, false, true, false, false});
}

TEST_CASE("records of the same producer outside a transaction are delivered") {
  CHECK(verdicts(kCommitted, {{{7}, {0}}}, {data(0, 0, 7), data(1, 1, 7, false)}) ==
        List<bool>{false, true});
}

TEST_CASE("an aborted transaction that begins in the middle of a batch takes the batch") {
  CHECK(verdicts(kCommitted, {{{7}, {1}}}, {data(0, 2, 7)}) == List<bool>{false});
}

TEST_CASE("an aborted transaction that begins after a batch leaves it alone") {
  CHECK(verdicts(kCommitted, {{{7}, {3}}}, {data(0, 2, 7), data(3, 3, 7)}) ==
        List<bool>{true, false});
}

TEST_CASE("two aborted transactions of one producer need two markers") {
  const List<BatchSummary> batches = {data(0, 0, 7), marker(1, 7, true), data(2, 2, 7),
                                      marker(3, 7, true), data(4, 4, 7)};
  CHECK(verdicts(kCommitted, {{{7}, {2}}, {{7}, {0}}}, batches) ==
        List<bool>{false, false, false, false, true});
}

TEST_CASE("a batch is summarized with the offsets that the leader gave it") {
  RecordBatch abort;
  abort.count = 1;
  abort.producer = {{7}, {3}};
  abort.transactional = true;
  abort.payload = Marker{ControlType::kAbort, {1}};
  const BatchSummary summary = summarize({{41}, {2}, {}}, abort);
  CHECK(summary.base == Offset{41});
  CHECK(summary.last == Offset{41});
  CHECK(summary.control);
  CHECK(summary.abort_marker);
  abort.payload = Marker{ControlType::kCommit, {1}};
  CHECK_FALSE(summarize({{41}, {2}, {}}, abort).abort_marker);
}

}  // namespace
}  // namespace eosim::kafka
