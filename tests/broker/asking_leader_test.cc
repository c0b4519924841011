// A leader that asks the transaction coordinator and is deposed before it has the answer
// (transactions.md 4.11): what it says then, whatever its partition has come to meanwhile. Another
// broker leads in between, and that one verifies nothing
// (transaction.partition.verification.enable).
#include "models/group/coverage.h"
#include "models/log/coverage.h"
#include "transactional_client.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;
using testing::ClusterOptions;
using testing::id_coordinated_by;
using testing::initialize;
using testing::Known;
using testing::second_session;
using testing::with_epoch;

constexpr int32_t kAsker = 0;
constexpr int32_t kCareless = 1;
constexpr int32_t kAsked = 2;  // coordinates the transaction

// What the careless leader is sent before the asker leads again: what that one then knows. Unset:
// it stays deposed.
using Meanwhile = std::optional<Known>;
constexpr Meanwhile kStaysDeposed;
constexpr Meanwhile kMeanwhile[] = {kStaysDeposed,     Known::kNothing,    Known::kOlder,
                                    Known::kSame,      Known::kOnlyMarker, Known::kNewer,
                                    Known::kOpenOlder, Known::kOpenSame,   Known::kOpenNewer};

std::string_view state_after(Meanwhile meanwhile) {
  constexpr std::string_view kStates[] = {"unknown-producer", "idle-older", "idle-same",
                                          "idle-fresh",       "idle-newer", "open-older",
                                          "open-same",        "open-newer"};
  return meanwhile ? kStates[static_cast<size_t>(*meanwhile)] : "not-leader";
}

enum class Answer {
  kAdded,
  kNotAdded,
  kUnknownId,
  kStaleEpoch,
  kNone,      // none comes
  kDeciding,  // on the transaction before
  kMoved,     // to another coordinator
  kNotAppended,
};
struct Question {
  Answer answer;
  const char* preset;
  int16_t version;
};

// Whether a run has been in this cell.
bool reached(Cluster& cluster, const CoverageTable& table, std::string_view request,
             std::string_view state, Error error) {
  const auto place = [](std::span<const std::string_view> words, std::string_view word) {
    return static_cast<size_t>(std::ranges::find(words, word) - words.begin());
  };
  const size_t row = place(table.rows, request);
  const size_t column = place(table.states, state);
  REQUIRE(row < table.rows.size());
  REQUIRE(column < table.states.size());
  return cluster.shared().coverage.reached(Encounter(table.role, row, column), error);
}

class AskingLeader {
 public:
  AskingLeader(bool offsets, const Question& question, bool slow_load = false)
      : offsets_(offsets), question_(question), cluster_(options(question, slow_load)) {
    group_ = id_coordinated_by(cluster_, kAsker, "g", CoordinatorType::kGroup);
    id_ = id_coordinated_by(cluster_, kAsked, "tid");
    stranger_ = id_coordinated_by(cluster_, kAsked, "nobody");
    to_ = offsets ? TopicPartition{cluster_.layout().consumer_offsets,
                                   cluster_.shared().names.partition_for(cluster_.name(group_), 50)}
                  : led_by(kAsker);
    cluster_.run_for(sim::seconds(1));
    // A coordinator gives its append the transaction's own time.
    producer_ =
        second_session(cluster_, id_, question.answer == Answer::kNotAppended ? 3'000 : 60'000);
    if (question.answer == Answer::kAdded) add(to_);
    if (question.answer == Answer::kStaleEpoch) initialize(cluster_, id_);
    if (question.answer == Answer::kDeciding) {
      add(led_by(kAsked));
      part(kAsked, kCareless, 20);
      end();
    }
    if (question.answer == Answer::kNotAppended) {
      part(kAsked, kCareless, 20);
    } else {
      part(kAsked, kAsker, 5);
    }
  }

  Error outcome(Meanwhile meanwhile, bool named = false) {
    const uint32_t number = ask(named);
    cluster_.run_for(sim::milliseconds(20));
    REQUIRE(cluster_.broker(kAsker).verifications() == 1);
    if (meanwhile == Known::kNothing && !offsets_) return end_of(number);
    cluster_.move_leader(to_, kCareless);
    if (question_.answer == Answer::kMoved) move_coordinator();
    if (meanwhile != kStaysDeposed) {
      write(*meanwhile);
      cluster_.run_for(sim::seconds(1));
      cluster_.move_leader(to_, kAsker);
    }
    REQUIRE(cluster_.broker(kAsker).verifications() == 1);
    return end_of(number);
  }

  Cluster& cluster() { return cluster_; }

 private:
  static ClusterOptions options(const Question& question, bool slow_load) {
    ClusterOptions options{.preset = question.preset};
    options.configure = [answer = question.answer, slow_load](BrokerConfig& config) {
      const bool asker = config.id.value == kAsker;
      if (config.id.value == kCareless) config.transaction_partition_verification_enable = false;
      if (asker && answer == Answer::kNone) config.request_timeout_ms = 3'000;
      if (!asker) return;
      config.coordinator_load_median = slow_load ? sim::seconds(60) : sim::milliseconds(1);
      config.coordinator_load_p99 = config.coordinator_load_median;
    };
    return options;
  }

  TopicPartition led_by(int32_t broker) {
    for (int32_t p = 0; p < 4; ++p) {
      const TopicPartition one = cluster_.partition("data", p);
      if (cluster_.leader(one) == broker) return one;
    }
    FAIL("leads nothing");
    return {};
  }
  void part(int32_t a, int32_t b, int64_t seconds) {
    cluster_.part("broker-" + std::to_string(a), {"broker-" + std::to_string(b)},
                  sim::seconds(seconds));
  }

  // Of the client's transaction, as clients of version 1 say it.
  void add(TopicPartition partition) {
    if (offsets_ && partition == to_) {
      AddOffsetsToTxnRequest request;
      request.transactional_id = cluster_.name(id_);
      request.producer = producer_;
      request.group = cluster_.name(group_);
      const auto answer = cluster_.call<AddOffsetsToTxnResponse>(kAsked, request);
      REQUIRE(answer.error == Error::kNone);
      return;
    }
    const auto request = testing::add_request(cluster_, id_, producer_, partition);
    const auto answer = cluster_.call<AddPartitionsToTxnResponse>(kAsked, request, 0, int16_t{3});
    REQUIRE(answer.partitions.at(0).error == Error::kNone);
  }
  void end() {
    cluster_.send(kAsked, testing::end_request(cluster_, id_, producer_, false), 1, int16_t{5});
    cluster_.run_for(sim::milliseconds(20));
  }
  void move_coordinator() {
    const int32_t number = cluster_.shared().names.partition_for(cluster_.name(id_), 50);
    cluster_.move_leader({cluster_.layout().transaction_state, number}, kCareless);
  }

  uint32_t ask(bool named) {
    const std::string& id = question_.answer == Answer::kUnknownId ? stranger_ : id_;
    return offsets_ ? commit(kAsker, id, producer_, question_.version, named)
                    : produce(kAsker, id, producer_, question_.version);
  }
  uint32_t produce(int32_t broker, const std::string& id, ProducerIdAndEpoch producer,
                   int16_t version) {
    ProduceRequest request = cluster_.produce(to_, cluster_.batch(1, producer, 0, true), 1);
    request.transactional_id = cluster_.name(id);
    return cluster_.send(broker, request, next_lane_++, version);
  }
  uint32_t commit(int32_t broker, const std::string& id, ProducerIdAndEpoch producer,
                  int16_t version, bool named) {
    TxnOffsetCommitRequest request = testing::offsets_request(cluster_, id, group_, producer);
    if (named) request.generation = Generation{0};
    if (named) request.member_id = cluster_.name("somebody");
    return cluster_.send(broker, request, next_lane_++, version);
  }

  void write(Known meanwhile) {
    const auto open = [this](int difference) {
      const ProducerIdAndEpoch producer = with_epoch(producer_, difference);
      offsets_ ? commit(kCareless, id_, producer, 2, false) : produce(kCareless, id_, producer, 9);
      cluster_.run_for(sim::milliseconds(500));
      CHECK_FALSE(cluster_.log(to_).open_transactions().empty());
    };
    const auto marker = [this](int difference) {
      cluster_.send(kCareless, testing::marker_request(to_, with_epoch(producer_, difference)),
                    next_lane_++);
      cluster_.run_for(sim::milliseconds(100));
    };
    switch (meanwhile) {
      case Known::kNothing:
        return;
      case Known::kOlder:
        return marker(1);
      case Known::kSame:
        open(0);
        return marker(0);
      case Known::kOnlyMarker:
        return marker(0);
      case Known::kNewer:
        return marker(-1);
      case Known::kOpenOlder:
        return open(1);
      case Known::kOpenSame:
        return open(0);
      case Known::kOpenNewer:
        return open(-1);
    }
  }

  Error end_of(uint32_t number) {
    cluster_.run_for(sim::seconds(10));
    if (const auto* answer = cluster_.answer<ProduceResponse>(number)) {
      return answer->partitions.at(0).error;
    }
    const auto* answer = cluster_.answer<TxnOffsetCommitResponse>(number);
    REQUIRE(answer != nullptr);
    return answer->partitions.at(0).error;
  }

  bool offsets_;
  Question question_;
  Cluster cluster_;
  std::string group_;
  std::string id_;
  std::string stranger_;
  TopicPartition to_;
  ProducerIdAndEpoch producer_;
  int next_lane_ = 2;
};

TEST_CASE("a producer is told what the coordinator said, whatever became of the partition") {
  struct Row {
    Question question;
    Error told;
  };
  const Row rows[] = {
      {{Answer::kNotAdded, "3.8", 10}, Error::kInvalidTxnState},
      {{Answer::kNotAdded, "3.8", 11}, Error::kTransactionAbortable},
      {{Answer::kUnknownId, "3.8", 11}, Error::kInvalidProducerIdMapping},
      {{Answer::kStaleEpoch, "3.8", 11}, Error::kInvalidProducerEpoch},
      {{Answer::kNone, "3.6", 9}, Error::kNetworkException},
      {{Answer::kNone, "3.8", 11}, Error::kNotEnoughReplicas},
      {{Answer::kDeciding, "4.2", 12}, Error::kConcurrentTransactions},
  };
  for (const Row& row : rows) {
    for (const Meanwhile meanwhile : kMeanwhile) {
      const std::string_view state = state_after(meanwhile);
      INFO(error_name(row.told) << ' ' << state);
      AskingLeader asking(false, row.question);
      CHECK(asking.outcome(meanwhile) == row.told);
      CHECK(reached(asking.cluster(), leader_coverage(), "data(transactional)", state, row.told));
    }
  }
}

TEST_CASE("a guard of an earlier term holds until its producer writes through another leader") {
  for (const bool offsets : {false, true}) {
    for (const Meanwhile meanwhile : kMeanwhile) {
      if (meanwhile == kStaysDeposed) continue;
      if (meanwhile == Known::kNothing && !offsets) continue;
      const std::string_view state = state_after(meanwhile);
      INFO(state << " offsets " << offsets);
      // 4.0: a stale epoch is not looked at before.
      AskingLeader asking(offsets, {Answer::kAdded, "4.0", offsets ? int16_t{4} : int16_t{11}});
      // The same batch is there already: to a client it is a duplicate, offsets have no sequence.
      const bool there = meanwhile == Known::kOpenSame || (meanwhile == Known::kSame && !offsets);
      const bool holds = there || meanwhile == Known::kNothing;
      const Error told = holds ? Error::kNone : Error::kInvalidTxnState;
      CHECK(asking.outcome(meanwhile) == told);
      CHECK(reached(asking.cluster(), leader_coverage(),
                    offsets ? "offsets(transactional)" : "data(transactional)", state, told));
    }
  }
}

TEST_CASE("a group's coordinator that is gone, or loads, passes on what it was told") {
  struct Row {
    Question question;
    Error told;
  };
  const Row rows[] = {
      {{Answer::kNotAdded, "3.8", 3}, Error::kInvalidTxnState},
      {{Answer::kNotAdded, "3.8", 4}, Error::kTransactionAbortable},
      {{Answer::kUnknownId, "3.8", 4}, Error::kInvalidProducerIdMapping},
      {{Answer::kStaleEpoch, "3.8", 4}, Error::kInvalidProducerEpoch},
      {{Answer::kNone, "3.8", 4}, Error::kCoordinatorLoadInProgress},
      {{Answer::kDeciding, "4.2", 5}, Error::kConcurrentTransactions},
      {{Answer::kMoved, "4.2", 4}, Error::kNotCoordinator},
      {{Answer::kNotAppended, "4.2", 5}, Error::kCoordinatorNotAvailable},
  };
  for (const Row& row : rows) {
    for (const bool loads : {false, true}) {
      for (const bool named : {false, true}) {
        INFO(error_name(row.told) << " loads " << loads << " named " << named);
        AskingLeader asking(true, row.question, loads);
        CHECK(asking.outcome(loads ? Known::kOnlyMarker : kStaysDeposed, named) == row.told);
        CHECK(reached(asking.cluster(), group_coverage(),
                      named ? "TxnOffsetCommit" : "TxnOffsetCommit(bare)",
                      loads ? "loading" : "not-coordinator", row.told));
      }
    }
  }
}

TEST_CASE("a transactional write to what is no partition is told so") {
  Cluster cluster({.preset = "4.2"});
  const ProducerIdAndEpoch producer = second_session(cluster, "tid");
  const BatchId batch = cluster.batch(1, producer, 0, true);
  const auto answer =
      cluster.call<ProduceResponse>(0, cluster.produce(cluster.partition("data", 9), batch));
  CHECK(answer.partitions.at(0).error == Error::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace eosim::kafka
