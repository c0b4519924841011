#include "catch.h"
#include "log_fixture.h"

namespace eosim::kafka {
namespace {

constexpr uint32_t kAll = UINT32_MAX;

// The batches of transactions.md 11.6, one offset each.
std::vector<RecordBatch> trace_11_6() {
  const auto marker = [](int64_t pid, ControlType type) {
    return make_marker({{pid}, {0}}, {type, {0}}, 1000);
  };
  return {LogFixture::transactional(1, 0, 0),
          LogFixture::transactional(2, 0, 0),
          LogFixture::plain(),
          LogFixture::transactional(1, 0, 1),
          marker(2, ControlType::kAbort),
          LogFixture::transactional(2, 0, 1),
          marker(1, ControlType::kCommit),
          marker(2, ControlType::kAbort)};
}

Origin origin_of(const RecordBatch& batch) {
  return batch.control() ? Origin::kCoordinator : Origin::kClient;
}

std::vector<std::pair<int64_t, int64_t>> pairs(const List<AbortedTransaction>& list) {
  std::vector<std::pair<int64_t, int64_t>> out;
  for (const auto& item : list) out.push_back({item.producer_id.value, item.first_offset.value});
  return out;
}

TEST_CASE("the last stable offset follows the transactions of the worked trace") {
  LogFixture f;
  std::vector<int64_t> stable;
  for (const RecordBatch& batch : trace_11_6()) {
    REQUIRE(f.append(batch, origin_of(batch)).appended());
    f.replicate_all();
    stable.push_back(f.log.last_stable_offset().value);
  }
  CHECK(stable == std::vector<int64_t>{0, 0, 0, 0, 0, 0, 5, 8});
  REQUIRE(f.log.aborted_transactions().size() == 2);
  CHECK(f.log.aborted_transactions()[0] == (AbortedRange{{2}, {1}, {4}, {0}}));
  CHECK(f.log.aborted_transactions()[1] == (AbortedRange{{2}, {5}, {7}, {8}}));

  using Pairs = std::vector<std::pair<int64_t, int64_t>>;
  const ReadResult from_0 = f.log.read({0}, kCommitted, kAll);
  CHECK(from_0.batches.size() == 8);
  CHECK(pairs(from_0.aborted) == Pairs{{2, 1}, {2, 5}});
  CHECK(delivered(f.batches, from_0) == std::vector<int64_t>{0, 2, 3});
  const ReadResult from_5 = f.log.read({5}, kCommitted, kAll);
  CHECK(from_5.batches.size() == 3);
  CHECK(pairs(from_5.aborted) == Pairs{{2, 5}});
  CHECK(delivered(f.batches, from_5).empty());
}

TEST_CASE("nothing is stable before the high watermark says that it is there") {
  LogFixture f;
  for (const RecordBatch& batch : trace_11_6()) f.append(batch, origin_of(batch));
  CHECK(f.log.high_watermark() == Offset{0});
  CHECK(f.log.last_stable_offset() == Offset{0});
  CHECK(f.log.read({0}, kUncommitted, kAll).batches.empty());
  // The markers are there, and hold the offset back until they are below the high watermark.
  const std::vector<int64_t> expected = {0, 0, 0, 0, 0, 0, 0, 5, 8};
  for (int64_t hw = 1; hw <= 8; ++hw) {
    CAPTURE(hw);
    CHECK(f.log.raise_high_watermark({hw}));
    CHECK(f.log.last_stable_offset().value == expected[static_cast<size_t>(hw)]);
    CHECK(f.log.read({0}, kUncommitted, kAll).batches.size() == static_cast<size_t>(hw));
  }
  CHECK_FALSE(f.log.raise_high_watermark({8}));
  CHECK_FALSE(f.log.raise_high_watermark({3}));
  CHECK(f.log.high_watermark() == Offset{8});
}

TEST_CASE("a transaction that began above the high watermark holds nothing back") {
  LogFixture f;
  f.append(LogFixture::plain(3));
  f.append(LogFixture::transactional(1, 0, 0));
  f.log.raise_high_watermark({3});
  CHECK(f.log.last_stable_offset() == Offset{3});
  f.log.raise_high_watermark({4});
  CHECK(f.log.last_stable_offset() == Offset{3});
}

TEST_CASE("the list of a fetch ends where its data ends") {
  LogFixture f;
  for (const RecordBatch& batch : trace_11_6()) f.append(batch, origin_of(batch));
  f.replicate_all();
  const uint32_t two = f.log.entries()[0].bytes + f.log.entries()[1].bytes;
  const ReadResult first = f.log.read({0}, kCommitted, two);
  CHECK(first.batches.size() == 2);
  CHECK(first.bytes == two);
  CHECK(first.aborted.size() == 1);
  CHECK(f.log.read({0}, kCommitted, two - 1).batches.size() == 1);
  CHECK(f.log.read({0}, kCommitted, two - 1).aborted.empty());
  CHECK(f.log.read({0}, kUncommitted, kAll).aborted.empty());
}

TEST_CASE("the search in the index stops at the first entry that leaves all below it stable") {
  TransactionIndex index;
  index.append({{1}, {0}, {4}, {5}});
  index.append({{2}, {8}, {9}, {10}});
  index.append({{3}, {10}, {12}, {13}});
  const auto found = [&](Offset from, Offset upper) {
    List<AbortedTransaction> list;
    index.collect(from, upper, list);
    return list.size();
  };
  CHECK(found({0}, {5}) == 1);
  CHECK(found({0}, {9}) == 2);
  CHECK(found({5}, {10}) == 1);
  CHECK(found({10}, {13}) == 1);
  CHECK(found({13}, {20}) == 0);
  List<AbortedTransaction> list;
  CHECK_FALSE(index.collect({0}, {9}, list));
  CHECK(index.collect({0}, {20}, list));
}

TEST_CASE("whole batches are read, one at least") {
  LogFixture f;
  f.append(LogFixture::plain(5));
  f.append(LogFixture::plain(5));
  f.replicate_all();
  const ReadResult inside = f.log.read({7}, kUncommitted, 1);
  REQUIRE(inside.batches.size() == 1);
  CHECK(inside.batches[0].base_offset == Offset{5});
  CHECK(inside.batches[0].leader_epoch == f.leader_epoch);
  CHECK(f.log.read({0}, kUncommitted, 1).batches.size() == 1);
  CHECK(f.log.read({4}, kUncommitted, kAll).batches.size() == 2);
}

TEST_CASE("an offset outside of the log is an error, one above the high watermark is not") {
  LogFixture f;
  f.append(LogFixture::plain(5));
  CHECK(f.log.read({-1}, kUncommitted, kAll).error == Error::kOffsetOutOfRange);
  CHECK(f.log.read({6}, kUncommitted, kAll).error == Error::kOffsetOutOfRange);
  const ReadResult ahead = f.log.read({5}, kUncommitted, kAll);
  CHECK(ahead.error == Error::kNone);
  CHECK(ahead.batches.empty());
}

}  // namespace
}  // namespace eosim::kafka
