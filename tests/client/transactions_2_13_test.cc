// The table of transactions.md 2.13, cell by cell: a producer meets the error once, in the request
// of the column, and is judged by what it sends and tells after that. The letters are the table's:
//
//   R    the same request again            L    the coordinator is looked up before
//   AB   the transaction has to be aborted AB+  and the abort raises the epoch by InitProducerId
//   F    the end of the producer           FF   as ProducerFencedException
//   CF   AB, as CommitFailedException      FI   AB, as FencedInstanceIdException
#include <algorithm>

#include "reaction_cells.h"
#include "stub_cluster.h"

namespace eosim::kafka::producer_test::section_2_13 {
namespace {

using C = Command;
using Words = std::vector<std::string>;

constexpr Rpc kColumns[] = {Rpc::kFindCoordinator, Rpc::kInitProducerId,  Rpc::kAddPartitionsToTxn,
                            Rpc::kAddOffsetsToTxn, Rpc::kTxnOffsetCommit, Rpc::kEndTxn};

struct Row {
  Error error;
  const char* cells[6];
};

// "other" where the table has a dash.
const Row kRows[] = {
    {Error::kCoordinatorNotAvailable, {"R", "L", "L", "L", "L", "L"}},
    {Error::kNotCoordinator, {"R", "L", "L", "L", "L", "L"}},
    {Error::kCoordinatorLoadInProgress, {"R", "R", "R", "R", "R", "R"}},
    {Error::kConcurrentTransactions, {"F", "R", "R", "R", "F|3.8:R", "R"}},
    {Error::kRequestTimedOut, {"R", "F|3.5:R", "AB|3.5:R", "F|3.5:R", "L", "F|3.5:R"}},
    {Error::kUnknownTopicOrPartition, {"R", "F|3.5:R", "R", "F|3.5:R", "R", "F|3.5:R"}},
    {Error::kNotEnoughReplicas, {"R", "F|3.5:R", "AB|3.5:R", "F|3.5:R", "F|3.8:R", "F|3.5:R"}},
    {Error::kKafkaStorageError, {"R", "F|3.5:R", "AB|3.5:R", "F|3.5:R", "F|3.8:R", "F|3.5:R"}},
    {Error::kInvalidProducerEpoch, {"F", "FF", "FF", "FF", "FF", "FF"}},
    {Error::kProducerFenced, {"F", "FF", "FF", "FF", "FF", "FF"}},
    {Error::kInvalidProducerIdMapping,
     {"F", "F", "F|2.5:AB+|4.0:F", "F|2.5:AB+|4.0:F", "F", "F|2.5:AB+|4.0:F"}},
    {Error::kUnknownProducerId, {"F", "F", "F|2.5:AB+", "F|2.5:AB+", "F", "F|2.5:AB+"}},
    {Error::kInvalidTxnState, {"F", "F", "F", "F", "F", "F"}},
    {Error::kTransactionalIdAuthorizationFailed, {"F", "F|3.6:AB", "F", "F", "F", "F"}},
    {Error::kClusterAuthorizationFailed, {"F", "F|3.6:AB", "AB", "F", "F", "F"}},
    {Error::kTopicAuthorizationFailed, {"F", "F", "AB", "F", "F", "F"}},
    // Of the group's lookup: see below.
    {Error::kGroupAuthorizationFailed, {"-", "F", "AB", "AB", "AB", "F"}},
    {Error::kOperationNotAttempted, {"F", "F", "AB", "F", "F", "F"}},
    {Error::kIllegalGeneration, {"F", "F", "AB", "F", "-|2.5:CF", "F"}},
    {Error::kUnknownMemberId, {"F", "F", "AB", "F", "-|2.5:CF", "F"}},
    {Error::kFencedInstanceId, {"F", "F", "AB", "F", "-|2.5:FI", "F"}},
    {Error::kTransactionAbortable,
     {"-|3.8:AB", "-|3.8:AB", "-|3.8:AB", "-|3.8:AB", "-|3.8:AB", "-|3.8:AB"}},
    {Error::kInvalidRequest, {"F", "F", "AB", "F", "F", "F"}},
    {Error::kUnknownServerError, {"F", "F", "AB", "F", "F", "F"}},
};

const std::vector<C> kTransaction = {{C::kInit, {}},
                                     {C::kBegin, {}},
                                     {C::kSend, {TopicId{0}, 0}, 1},
                                     {C::kOffsets, {TopicId{0}, 1}, 0},
                                     {C::kCommit, {}}};
// Lookups of a transaction in which nothing goes wrong: its coordinator's and the group's.
constexpr size_t kLookups = 2;

// What the producer did with the error that its script has for it.
std::string observed(StubWorld& w, Rpc rpc) {
  const Words log = w.run(kTransaction);
  if (log == Words(4, "ok")) {
    const Words& seen = w.script().seen;
    const size_t asked = rpc == Rpc::kFindCoordinator ? kLookups : 1;
    if (count(seen, rpc_name(rpc)) == asked) return "nothing";
    if (rpc == Rpc::kFindCoordinator) return "R";
    return count(seen, "FindCoordinator") > kLookups ? "L" : "R";
  }
  const auto failed = std::find_if(w.app().results.begin(), w.app().results.end(),
                                   [](const CallResult& result) { return !result.ok(); });
  const CallResult told = *failed;
  const ProducerClientState state = w.app().producer.state();
  if (state == ProducerClientState::kFatalError) {
    return told.thrown == Thrown::kProducerFenced ? "FF" : "F";
  }
  if (state == ProducerClientState::kUninitialized) {
    return w.go_on({{C::kInit, {}}}) == Words{"ok"} ? "AB" : "not initialised again";
  }
  if (state != ProducerClientState::kAbortableError) return "in another state";
  if (w.go_on({{C::kAbort, {}}}) != Words{"ok"}) return "not aborted";
  if (told.thrown == Thrown::kCommitFailed) return "CF";
  if (told.thrown == Thrown::kFencedInstanceId) return "FI";
  return count(w.script().seen, "InitProducerId") > 1 ? "AB+" : "AB";
}

}  // namespace

TEST_CASE("transactions.md 2.13: what a client does with each error of each request") {
  for (const Preset& preset : presets()) {
    // A TV2 client announces nothing: its explicit requests go to brokers before TV2.
    const bool v2 = preset.release >= Release::k40;
    const std::string brokers = v2 ? "3.9" : std::string(preset.name);
    for (const Row& row : kRows) {
      for (size_t i = 0; i < std::size(kColumns); ++i) {
        const std::string cell = cell_in(row.cells[i], preset.name);
        if (cell == "-") continue;
        CAPTURE(preset.name, error_name(row.error), rpc_name(kColumns[i]));
        StubWorld w(std::string(preset.name), brokers);
        w.script().errors[kColumns[i]] = {row.error};
        CHECK(observed(w, kColumns[i]) == cell);
      }
    }
  }
}

TEST_CASE("transactions.md 2.13 in TV2: the end of a transaction heals what a bump did before") {
  for (const char* preset : {"4.0", "4.1", "4.2"}) {
    for (const Row& row : kRows) {
      for (const size_t i : {size_t{0}, size_t{1}, size_t{4}, size_t{5}}) {
        std::string cell = cell_in(row.cells[i], preset);
        if (cell == "-") continue;
        if (cell == "AB+") cell = "AB";
        // There is no id yet: the abort gets the first one.
        const bool first = kColumns[i] == Rpc::kInitProducerId;
        if (first && row.error == Error::kTransactionAbortable) cell = "AB+";
        CAPTURE(preset, error_name(row.error), rpc_name(kColumns[i]));
        StubWorld w(preset);
        w.script().errors[kColumns[i]] = {row.error};
        CHECK(observed(w, kColumns[i]) == cell);
      }
    }
  }
}

TEST_CASE("transactions.md 2.13: a group that may not be read ends the transaction") {
  for (const Preset& preset : presets()) {
    StubWorld w(std::string(preset.name));
    w.script().errors[Rpc::kFindCoordinator] = {Error::kNone, Error::kGroupAuthorizationFailed};
    CAPTURE(preset.name);
    CHECK(observed(w, Rpc::kFindCoordinator) == "AB");
  }
}

TEST_CASE("transactions.md 2.13: an abort that is told to abort is the end since 4.1") {
  for (const Preset& preset : presets()) {
    if (preset.release < Release::k38) continue;
    StubWorld w(std::string(preset.name));
    w.script().errors[Rpc::kEndTxn] = {Error::kTransactionAbortable};
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    w.go_on({{C::kAbort, {}}});
    CAPTURE(preset.name);
    CHECK((w.app().producer.state() == ProducerClientState::kFatalError) ==
          (preset.release >= Release::k41));
  }
}

TEST_CASE("transactions.md 2.13: a disconnect looks the coordinator up and asks again") {
  for (const Preset& preset : presets()) {
    const bool v2 = preset.release >= Release::k40;
    for (size_t i = 0; i < std::size(kColumns); ++i) {
      StubWorld w(std::string(preset.name), v2 ? "3.9" : "");
      w.script().closes_at[kColumns[i]] = 1;
      CAPTURE(preset.name, rpc_name(kColumns[i]));
      CHECK(observed(w, kColumns[i]) == (i == 0 ? "R" : "L"));
    }
  }
}

TEST_CASE("transactions.md 2.13: TxnOffsetCommit looks the group up once for a whole answer") {
  StubWorld w("2.8");
  w.script().errors[Rpc::kTxnOffsetCommit] = {Error::kNotCoordinator, Error::kNotCoordinator};
  CHECK(w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kOffsets, w.data(0), 0}}) == Words(3, "ok"));
  CHECK(count(w.script().seen, "FindCoordinator v3 group") == 3);
  CHECK(count(w.script().seen, "TxnOffsetCommit") == 3);
}

}  // namespace eosim::kafka::producer_test::section_2_13
