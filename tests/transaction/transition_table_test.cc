// transactions.md 3.2, every cell, and 3.3, every cell, in every variant, for requests of clients
// of version 0 or 1.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

constexpr TransactionState kStates[] = {kEmpty,        kOngoing,        kPrepareCommit,
                                        kPrepareAbort, kCompleteCommit, kCompleteAbort};

// What a request does at once: an answer, or an append of this state.
struct Outcome {
  std::optional<Error> error;
  std::optional<TransactionState> append;
};
Outcome refused(Error error) { return {error, std::nullopt}; }
Outcome appends(TransactionState state) { return {std::nullopt, state}; }
const Outcome kDone = refused(Error::kNone);
const Outcome kConcurrent = refused(Error::kConcurrentTransactions);
const Outcome kInvalidState = refused(Error::kInvalidTxnState);

struct Row {
  const char* what;
  uint32_t (*ask)(Harness&, ProducerIdAndEpoch);
  Outcome cells[6];
};

const Row kTable[] = {
    {"InitProducerId",
     [](Harness& h, ProducerIdAndEpoch) { return h.init("t"); },
     {appends(kEmpty), appends(kPrepareAbort), kConcurrent, kConcurrent, appends(kEmpty),
      appends(kEmpty)}},
    {"AddPartitions of something new",
     [](Harness& h, ProducerIdAndEpoch p) {
       return h.add("t", p, {kX0, kY0});
     },
     {appends(kOngoing), appends(kOngoing), kConcurrent, kConcurrent, appends(kOngoing),
      appends(kOngoing)}},
    {"AddPartitions of a subset",
     [](Harness& h, ProducerIdAndEpoch p) { return h.add("t", p, {kX1}); },
     {appends(kOngoing), kDone, kConcurrent, kConcurrent, appends(kOngoing), appends(kOngoing)}},
    {"AddOffsets",
     [](Harness& h, ProducerIdAndEpoch p) { return h.add_offsets("t", p, "g"); },
     {appends(kOngoing), appends(kOngoing), kConcurrent, kConcurrent, appends(kOngoing),
      appends(kOngoing)}},
    {"EndTxn commit",
     [](Harness& h, ProducerIdAndEpoch p) { return h.end("t", p, true); },
     {kInvalidState, appends(kPrepareCommit), kConcurrent, kInvalidState, kDone, kInvalidState}},
    {"EndTxn abort",
     [](Harness& h, ProducerIdAndEpoch p) { return h.end("t", p, false); },
     {kInvalidState, appends(kPrepareAbort), kInvalidState, kConcurrent, kInvalidState, kDone}},
};

void check_outcome(Harness& h, uint32_t asked, const Outcome& expected) {
  CHECK(h.error(asked) == expected.error);
  REQUIRE(h.appends_.size() == (expected.append ? 1 : 0));
  if (expected.append) {
    CHECK(h.record(h.appends_[0]).state == *expected.append);
    CHECK(h.at("t").pending == expected.append);
  }
}

}  // namespace

TEST_CASE("every event in every state without a pending one does what table 3.2 says") {
  for (const std::string& letter : kVariants) {
    for (const Row& row : kTable) {
      for (size_t column = 0; column < 6; ++column) {
        INFO(letter << " " << row.what << " in state " << static_cast<int>(kStates[column]));
        Harness h(letter);
        const ProducerIdAndEpoch producer = h.reach("t", kStates[column]);
        REQUIRE(h.at("t").state == kStates[column]);
        REQUIRE_FALSE(h.at("t").pending);
        check_outcome(h, row.ask(h, producer), row.cells[column]);
      }
    }
  }
}

TEST_CASE("a wrong producer id or epoch is refused in every state") {
  for (const std::string& letter : kVariants) {
    for (const TransactionState state : kStates) {
      INFO(letter << " in state " << static_cast<int>(state));
      Harness h(letter);
      const ProducerIdAndEpoch right = h.reach("t", state);
      // Epoch 0 is the first; -1 stands for any older one.
      const ProducerIdAndEpoch wrong_id = pair_of(right.id.value + 1, right.epoch.value);
      const ProducerIdAndEpoch old = pair_of(right.id.value, right.epoch.value - 1);
      CHECK(h.error(h.add("t", wrong_id, {kX0})) == Error::kInvalidProducerIdMapping);
      CHECK(h.error(h.add_offsets("t", wrong_id, "g")) == Error::kInvalidProducerIdMapping);
      CHECK(h.error(h.end("t", wrong_id, true)) == Error::kInvalidProducerIdMapping);
      CHECK(h.error(h.add("t", old, {kX0})) == fence_code(letter));
      CHECK(h.error(h.add_offsets("t", old, "g")) == fence_code(letter));
      CHECK(h.error(h.end("t", old, true)) == fence_code(letter));
      const ProducerIdAndEpoch higher = pair_of(right.id.value, right.epoch.value + 1);
      CHECK(h.error(h.add("t", higher, {kX0})) == fence_code(letter));
      CHECK(h.appends_.empty());
    }
  }
}

TEST_CASE(
    "while a state is pending every request of the right producer is CONCURRENT_TRANSACTIONS") {
  struct Pending {
    const char* what;
    TransactionState pending;
    ProducerIdAndEpoch (*set_up)(Harness&);
  };
  const Pending cases[] = {
      {"Empty", kEmpty,
       [](Harness& h) {
         const auto p = h.reach("t", kCompleteCommit);
         h.init("t");
         return p;
       }},
      {"Ongoing", kOngoing,
       [](Harness& h) {
         const auto p = h.reach("t", kEmpty);
         h.add("t", p, {kX0});
         return p;
       }},
      {"PrepareCommit", kPrepareCommit,
       [](Harness& h) {
         const auto p = h.reach("t", kOngoing);
         h.end("t", p, true);
         return p;
       }},
      {"PrepareAbort", kPrepareAbort,
       [](Harness& h) {
         const auto p = h.reach("t", kOngoing);
         h.end("t", p, false);
         return p;
       }},
      {"CompleteCommit, during the marker round", kCompleteCommit,
       [](Harness& h) {
         const auto p = h.reach("t", kOngoing);
         h.end("t", p, true);
         h.ack();
         return p;
       }},
      {"CompleteAbort, while its record is appended", kCompleteAbort,
       [](Harness& h) {
         const auto p = h.reach("t", kOngoing);
         h.end("t", p, false);
         h.ack();
         while (!h.sends_.empty()) h.markers();
         return p;
       }},
      {"Dead", kDead,
       [](Harness& h) {
         const auto p = h.reach("t", kCompleteCommit);
         h.advance(604'800'000 + 3'600'000);
         return p;
       }},
  };
  for (const std::string& letter : kVariants) {
    for (const Pending& c : cases) {
      INFO(letter << " " << c.what);
      Harness h(letter);
      const ProducerIdAndEpoch p = c.set_up(h);
      REQUIRE(h.at("t").pending == c.pending);
      const size_t appends = h.appends_.size();
      CHECK(h.error(h.init("t")) == Error::kConcurrentTransactions);
      CHECK(h.error(h.add("t", p, {kX0})) == Error::kConcurrentTransactions);
      CHECK(h.error(h.add_offsets("t", p, "g")) == Error::kConcurrentTransactions);
      CHECK(h.error(h.end("t", p, true)) == Error::kConcurrentTransactions);
      CHECK(h.error(h.end("t", p, false)) == Error::kConcurrentTransactions);
      // The checks of producer id and epoch come first, until 4.0 also of AddPartitionsToTxn.
      const bool pending_first = is_one_of(letter, kBumping);
      const auto then = [&](Error error) {
        return pending_first ? Error::kConcurrentTransactions : error;
      };
      const ProducerIdAndEpoch wrong_id = pair_of(p.id.value + 5, 0);
      const ProducerIdAndEpoch wrong_epoch = pair_of(p.id.value, 9);
      CHECK(h.error(h.end("t", wrong_id, true)) == Error::kInvalidProducerIdMapping);
      CHECK(h.error(h.end("t", wrong_epoch, true)) ==
            (letter == "A" || letter == "B" ? Error::kConcurrentTransactions : fence_code(letter)));
      CHECK(h.error(h.add("t", wrong_id, {kX0})) == then(Error::kInvalidProducerIdMapping));
      CHECK(h.error(h.add("t", wrong_epoch, {kX0})) == then(fence_code(letter)));
      CHECK(h.error(h.add_offsets("t", wrong_epoch, "g")) == then(fence_code(letter)));
      // Neither scan touches it.
      h.advance(3'600'000);
      CHECK(h.appends_.size() == appends);
      CHECK(h.at("t").pending == c.pending);
    }
  }
}

TEST_CASE("legal transitions are those of table 1.3") {
  const std::vector<std::vector<TransactionState>> legal = {
      {kEmpty, kCompleteCommit, kCompleteAbort},            // Empty
      {kOngoing, kEmpty, kCompleteCommit, kCompleteAbort},  // Ongoing
      {kOngoing},                                           // PrepareCommit
      {kOngoing, kPrepareEpochFence},                       // PrepareAbort
      {kPrepareCommit},                                     // CompleteCommit
      {kPrepareAbort},                                      // CompleteAbort
      {kEmpty, kCompleteCommit, kCompleteAbort},            // Dead
      {kOngoing},                                           // PrepareEpochFence
  };
  for (int to = 0; to < 8; ++to) {
    for (int from = 0; from < 8; ++from) {
      const auto& row = legal[static_cast<size_t>(to)];
      const auto before = static_cast<TransactionState>(from);
      const auto after = static_cast<TransactionState>(to);
      const bool expected = std::find(row.begin(), row.end(), before) != row.end();
      const bool empty_abort =
          after == kPrepareAbort &&
          (before == kEmpty || before == kCompleteCommit || before == kCompleteAbort);
      CHECK(is_legal_transition(before, after) == expected);
      CHECK(is_legal_transition(before, after, 2) == (expected || empty_abort));
    }
  }
}
