// Every request in every state, with the answers that the state alone does not decide: gates, wrong
// producers while something is pending, and appends that fail or end too late (transactions.md 2.3
// to 2.5, 3.1, 3.3 to 3.5). The tables by state are in transition_table_test and bumping_end_test.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

constexpr TransactionState kEveryState[] = {kEmpty,        kOngoing,        kPrepareCommit,
                                            kPrepareAbort, kCompleteCommit, kCompleteAbort};

struct AnyRequest {
  const char* what;
  uint32_t (*ask)(Harness&, const std::string& id, ProducerIdAndEpoch);
  bool (*speaks)(const std::string& letter);
  bool newest_fence_code;  // understands PRODUCER_FENCED
  bool reads_only = false;
  bool version_5 = false;  // of EndTxn
};

bool everybody(const std::string&) { return true; }
// The released variants, and E1 with the order of checks that it had before its release.
std::vector<std::string> with_snapshot() {
  std::vector<std::string> letters = kVariants;
  letters.emplace_back("SNAP");
  return letters;
}
bool bumping(const std::string& letter) { return is_one_of(letter, kBumping) || letter == "SNAP"; }
bool verifying(const std::string& letter) { return bumping(letter) || letter.starts_with('D'); }
bool with_pair(const std::string& letter) { return letter != "A"; }

// In the order of the specification. Partition 1 of x is always registered, y never.
const AnyRequest kRequests[] = {
    {"InitProducerId with a pair, version 3",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.init(id, p, 3); },
     with_pair, false},
    {"InitProducerId with a pair, version 4",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.init(id, p, 4); },
     with_pair, true},
    {"AddPartitionsToTxn, version 1",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.add(id, p, {kY0}, 1); },
     everybody, false},
    {"AddPartitionsToTxn, version 2",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.add(id, p, {kY0}, 2); },
     everybody, true},
    {"AddOffsetsToTxn",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) {
       return h.add_offsets(id, p, "g");
     },
     everybody, true},
    {"register",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) {
       return h.register_for(id, p, {kY0});
     },
     bumping, true},
    {"verify",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.verify(id, p, {kX1}); },
     verifying, true, true},
    {"EndTxn commit, version 1",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.end(id, p, true, 1); },
     everybody, false},
    {"EndTxn commit, version 2",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.end(id, p, true, 2); },
     everybody, true},
    {"EndTxn abort, version 1",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.end(id, p, false, 1); },
     everybody, false},
    {"EndTxn abort, version 2",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.end(id, p, false, 2); },
     everybody, true},
    {"EndTxn commit, version 5",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.end(id, p, true, 5); },
     bumping, true, false, true},
    {"EndTxn abort, version 5",
     [](Harness& h, const std::string& id, ProducerIdAndEpoch p) { return h.end(id, p, false, 5); },
     bumping, true, false, true},
};

bool is(const AnyRequest& request, const char* prefix) {
  return std::string(request.what).starts_with(prefix);
}

Error stale_code(const std::string& letter, const AnyRequest& request) {
  return request.newest_fence_code ? fence_code(letter) : Error::kInvalidProducerEpoch;
}

// What is pending, and how it came to be.
struct PendingState {
  TransactionState pending;
  ProducerIdAndEpoch (*set_up)(Harness&);
};
const PendingState kPendings[] = {{kEmpty,
                                   [](Harness& h) {
                                     const auto p = h.reach("t", kCompleteCommit);
                                     h.init("t");
                                     return p;
                                   }},
                                  {kOngoing,
                                   [](Harness& h) {
                                     const auto p = h.reach("t", kEmpty);
                                     h.add("t", p, {kX0});
                                     return p;
                                   }},
                                  {kPrepareCommit,
                                   [](Harness& h) {
                                     const auto p = h.reach("t", kOngoing);
                                     h.end("t", p, true);
                                     return p;
                                   }},
                                  {kPrepareAbort,
                                   [](Harness& h) {
                                     const auto p = h.reach("t", kOngoing);
                                     h.end("t", p, false);
                                     return p;
                                   }},
                                  {kCompleteCommit,
                                   [](Harness& h) {
                                     const auto p = h.reach("t", kOngoing);
                                     h.end("t", p, true);
                                     h.ack();
                                     return p;
                                   }},
                                  {kCompleteAbort,
                                   [](Harness& h) {
                                     const auto p = h.reach("t", kOngoing);
                                     h.end("t", p, false);
                                     h.ack();
                                     return p;
                                   }},
                                  {kDead, [](Harness& h) {
                                     const auto p = h.reach("t", kCompleteCommit);
                                     h.advance(604'800'000 + 3'600'000);
                                     return p;
                                   }}};

uint32_t describe(Harness& h, const std::string& id) {
  DescribeTransactionsRequest request;
  request.transactional_ids = {h.name(id)};
  return h.send(request);
}

Error described(const Harness& h) { return h.described_.at(0).error; }

}  // namespace

TEST_CASE("gates come before everything else, for every request") {
  for (const std::string& letter : kVariants) {
    for (const AnyRequest& request : kRequests) {
      if (!request.speaks(letter)) continue;
      INFO(letter << ' ' << request.what);
      Harness h(letter);
      const auto p = h.reach("t", kOngoing);
      const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
      const ProducerIdAndEpoch wrong = pair_of(p.id.value + 1, 7);
      h.tc_.begin_load(partition, {1});
      for (const ProducerIdAndEpoch producer : {p, wrong}) {
        CHECK(h.error(request.ask(h, "t", producer)) == Error::kCoordinatorLoadInProgress);
      }
      h.resign(partition, 1);
      for (const ProducerIdAndEpoch producer : {p, wrong}) {
        CHECK(h.error(request.ask(h, "t", producer)) == Error::kNotCoordinator);
      }
      CHECK(h.error(request.ask(h, "", p)) == Error::kInvalidRequest);
      CHECK(h.appends_.empty());
    }
  }
}

TEST_CASE("an id that nobody has initialised is INVALID_PRODUCER_ID_MAPPING") {
  for (const std::string& letter : kVariants) {
    for (const AnyRequest& request : kRequests) {
      if (!request.speaks(letter) || is(request, "InitProducerId")) continue;
      INFO(letter << ' ' << request.what);
      Harness h(letter);
      CHECK(h.error(request.ask(h, "t", pair_of(7, 0))) == Error::kInvalidProducerIdMapping);
      CHECK_FALSE(h.known("t"));
    }
  }
}

TEST_CASE("partitions that are not there are told before any state is looked at") {
  Harness h("E2");
  const TopicPartition nowhere{{2}, 9};
  const auto p = h.reach("t", kOngoing);
  const std::vector<uint32_t> asked = {h.add("t", p, {kX0, nowhere}),
                                       h.register_for("t", p, {kX0, nowhere}),
                                       h.verify("t", p, {kX0, nowhere})};
  for (const uint32_t one : asked) {
    const auto& partitions = h.answer(one).partitions;
    REQUIRE(partitions.size() == 2);
    CHECK(partitions[0].error == Error::kOperationNotAttempted);
    CHECK(partitions[1].error == Error::kUnknownTopicOrPartition);
  }
}

TEST_CASE("InitProducerId with a pair looks at the pair and the timeout first") {
  Harness h("C");
  const auto p = h.reach("t", kOngoing);
  CHECK(h.error(h.init("t", {p.id, ProducerEpoch{}})) == Error::kInvalidRequest);
  CHECK(h.error(h.init("t", p, 4, 0)) == Error::kInvalidTransactionTimeout);
  CHECK(h.error(h.init("t", {}, 4, 0)) == Error::kInvalidTransactionTimeout);
}

TEST_CASE("the code of a stale epoch goes by the version of the request, in every state") {
  for (const std::string& letter : kVariants) {
    for (const TransactionState state : kEveryState) {
      for (const AnyRequest& request : kRequests) {
        if (!request.speaks(letter)) continue;
        INFO(letter << ' ' << request.what << " in state " << static_cast<int>(state));
        Harness h(letter);
        const auto p = h.reach("t", state);
        // For InitProducerId a pair of another producer is as stale.
        const bool init = is(request, "InitProducerId");
        // One behind is a repetition to an end of version 5.
        const int behind = request.version_5 ? 2 : 1;
        const auto stale =
            init ? pair_of(p.id.value + 9, 3) : pair_of(p.id.value, p.epoch.value - behind);
        CHECK(h.error(request.ask(h, "t", stale)) == stale_code(letter, request));
        if (!init) {
          const auto other = pair_of(p.id.value + 9, p.epoch.value);
          CHECK(h.error(request.ask(h, "t", other)) == Error::kInvalidProducerIdMapping);
        }
        CHECK(h.appends_.empty());
      }
    }
  }
}

TEST_CASE("while something is pending each request is told what 3.3 says") {
  for (const std::string& letter : with_snapshot()) {
    for (const PendingState& c : kPendings) {
      for (const AnyRequest& request : kRequests) {
        if (!request.speaks(letter) || request.reads_only) continue;
        INFO(letter << ' ' << request.what << ", pending " << static_cast<int>(c.pending));
        Harness h(letter);
        const auto p = c.set_up(h);
        REQUIRE(h.at("t").pending == c.pending);
        const size_t appends = h.appends_.size();
        // While markers are on their way a repetition is one epoch behind: this one is none.
        const bool no_repetition = letter == "SNAP" && request.version_5 &&
                                   (c.pending == kCompleteCommit || c.pending == kCompleteAbort);
        CHECK(h.error(request.ask(h, "t", p)) ==
              (no_repetition ? Error::kProducerFenced : Error::kConcurrentTransactions));
        const bool init = is(request, "InitProducerId");
        const bool end = is(request, "EndTxn");
        const bool pending_first =
            init || (letter != "SNAP" && (request.version_5 || (bumping(letter) && !end)));
        const auto then = [&](Error error) {
          return pending_first ? Error::kConcurrentTransactions : error;
        };
        CHECK(h.error(request.ask(h, "t", pair_of(p.id.value + 5, 0))) ==
              then(Error::kInvalidProducerIdMapping));
        // Half a pair would be no pair at all; one behind is a repetition to version 5.
        const int other = init ? 5 : request.version_5 ? -2 : -1;
        CHECK(h.error(request.ask(h, "t", pair_of(p.id.value, p.epoch.value + other))) ==
              then(init ? Error::kConcurrentTransactions : stale_code(letter, request)));
        CHECK(h.appends_.size() == appends);
        CHECK(h.at("t").pending == c.pending);
      }
    }
  }
}

TEST_CASE("a leader's question is answered by the state, whatever is pending") {
  for (const std::string letter : {"D6", "D8", "E1"}) {
    const Error absent = letter == "D6" ? Error::kInvalidTxnState : Error::kTransactionAbortable;
    for (const PendingState& c : kPendings) {
      INFO(letter << ", pending " << static_cast<int>(c.pending));
      Harness h(letter);
      const auto p = c.set_up(h);
      const TransactionState state = h.at("t").state;
      const bool preparing = state == kPrepareCommit || state == kPrepareAbort;
      const auto expected = [&](Error error) {
        return preparing ? Error::kConcurrentTransactions : error;
      };
      CHECK(h.error(h.verify("t", p, {kY0})) == expected(absent));
      const bool open = state == kOngoing;
      CHECK(h.error(h.verify("t", p, {kX0})) == expected(open ? Error::kNone : absent));
      CHECK(h.error(h.verify("t", pair_of(p.id.value + 1, 0), {kX0})) ==
            Error::kInvalidProducerIdMapping);
      CHECK(h.error(h.verify("t", pair_of(p.id.value, p.epoch.value - 1), {kX0})) ==
            Error::kProducerFenced);
    }
  }
}

TEST_CASE("an operator is told of an id in every state") {
  for (const std::string letter : {"C", "E2"}) {
    for (const TransactionState state : kEveryState) {
      Harness h(letter);
      h.reach("t", state);
      describe(h, "t");
      CHECK(described(h) == Error::kNone);
      CHECK(h.described_.at(0).state == state);
    }
    for (const PendingState& c : kPendings) {
      Harness h(letter);
      c.set_up(h);
      describe(h, "t");
      CHECK(described(h) == Error::kNone);
      CHECK(h.described_.at(0).state == h.at("t").state);
    }
    Harness h(letter);
    describe(h, "t");
    CHECK(described(h) == Error::kTransactionalIdNotFound);
    describe(h, "");
    CHECK(described(h) == Error::kInvalidRequest);
    const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
    h.tc_.begin_load(partition, {1});
    describe(h, "t");
    CHECK(described(h) == Error::kCoordinatorLoadInProgress);
    h.resign(partition, 1);
    describe(h, "t");
    CHECK(described(h) == Error::kNotCoordinator);
  }
}

TEST_CASE("an append that fails or ends too late is told, whatever it was for") {
  struct Ending {
    const char* what;
    void (*end)(Harness&, int32_t partition);
    Error told;
  };
  const Ending endings[] = {
      {"written", [](Harness& h, int32_t) { h.ack(); }, Error::kNone},
      {"time is up", [](Harness& h, int32_t) { h.ack(Error::kRequestTimedOut); },
       Error::kCoordinatorNotAvailable},
      {"leadership lost", [](Harness& h, int32_t) { h.ack(Error::kNotLeaderOrFollower); },
       Error::kNotCoordinator},
      {"too large", [](Harness& h, int32_t) { h.ack(Error::kMessageTooLarge); },
       Error::kUnknownServerError},
      {"written, and the coordinator has moved",
       [](Harness& h, int32_t partition) {
         h.resign(partition, 1);
         h.ack();
       },
       Error::kNotCoordinator},
      {"written, and the coordinator loads again",
       [](Harness& h, int32_t partition) {
         h.tc_.begin_load(partition, {1});
         h.ack();
       },
       Error::kCoordinatorLoadInProgress},
  };
  const AnyRequest plain_init = {
      "InitProducerId",
      [](Harness& h, const std::string& id, ProducerIdAndEpoch) { return h.init(id); }, everybody,
      true};
  std::vector<AnyRequest> requests(std::begin(kRequests), std::end(kRequests));
  requests.push_back(plain_init);
  for (const std::string& letter : kVariants) {
    for (const AnyRequest& request : requests) {
      if (!request.speaks(letter)) continue;
      const bool init = is(request, "InitProducerId");
      for (size_t state = init ? 0 : 1; state <= std::size(kEveryState); ++state) {
        for (const Ending& ending : endings) {
          INFO(letter << ' ' << request.what << " in state " << state << ": " << ending.what);
          Harness h(letter);
          const auto p = state == 0 ? pair_of(99, 0) : h.reach("t", kEveryState[state - 1]);
          const uint32_t asked = request.ask(h, "t", p);
          if (h.appends_.empty()) continue;  // decided at once: transition_table_test
          REQUIRE_FALSE(h.error(asked));
          const bool fences = init && state > 0 && kEveryState[state - 1] == kOngoing;
          const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
          ending.end(h, partition);
          const bool well = ending.told == Error::kNone;
          CHECK(h.error(asked) == (well && fences ? Error::kConcurrentTransactions : ending.told));
        }
      }
    }
  }
}
