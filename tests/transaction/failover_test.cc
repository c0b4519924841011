// A failover before and after every append and every message of a transaction (transactions.md
// 3.11, 3.12): a second coordinator goes on from the log, and the transaction ends as the client
// was told. What the first one had in flight got into the log or not, and its markers were written.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

struct Plan {
  std::string letter;
  bool bumping = false;  // the client's version
  bool commit = true;
  bool survives = true;  // what is being appended at the failover
  bool crash = true;     // else the first coordinator resigns, and answers
  int moment = 0;
};

bool passes(Error error) {
  return error == Error::kNotCoordinator || error == Error::kCoordinatorNotAvailable ||
         error == Error::kCoordinatorLoadInProgress || error == Error::kConcurrentTransactions;
}

class Failover {
 public:
  explicit Failover(const Plan& plan) : plan_(plan), h_(plan.letter) {}

  // False: the plan's moment was never reached.
  bool run() {
    const ProducerIdAndEpoch p = h_.answer(call([&] { return h_.init("t"); })).producer;
    call([&] {
      return plan_.bumping ? h_.register_for("t", p, {kX0, kX1}) : h_.add("t", p, {kX0, kX1});
    });
    const uint32_t ended =
        call([&] { return h_.end("t", p, plan_.commit, plan_.bumping ? 5 : 2); });
    while (step()) {
    }
    check(p, h_.answer(ended));
    return failed_over_;
  }

 private:
  // As a client does: again until it is done.
  template <class Send>
  uint32_t call(Send send) {
    for (int tries = 0; tries < 20; ++tries) {
      pass();
      const uint32_t asked = send();
      while (!h_.error(asked) && step()) {
      }
      const auto error = h_.error(asked);
      if (error == Error::kNone) return asked;
      if (error) REQUIRE(passes(*error));
      step();
    }
    FAIL("no end to it");
    return 0;
  }

  bool step() {
    pass();
    if (!h_.appends_.empty()) {
      h_.ack();
    } else if (!h_.sends_.empty()) {
      note_markers();
      h_.markers();
    } else {
      return false;
    }
    CHECK(h_.mismatch() == std::nullopt);
    return true;
  }

  void note_markers() {
    for (const TxnMarkerEntry& entry : h_.sends_.at(0).request.markers) {
      for (const TopicPartition& partition : entry.partitions) {
        written_[partition].push_back(entry);
      }
    }
  }

  void pass() {
    if (moment_++ != plan_.moment) return;
    failed_over_ = true;
    if (!plan_.crash) {
      for (int32_t p = 0; p < 2; ++p) h_.resign(p, 4);
    }
    while (!h_.appends_.empty()) {
      const AppendEffect effect = h_.appends_[0];
      if (plan_.survives) h_.log_[effect.partition.partition].push_back(effect.batch);
      if (plan_.crash) {
        h_.appends_.pop_front();
      } else {
        h_.ack(Error::kNotLeaderOrFollower);
      }
    }
    while (!h_.sends_.empty()) {
      note_markers();
      if (plan_.crash) {
        h_.sends_.pop_front();
      } else {
        h_.lose_markers();
      }
    }
    if (!plan_.crash) CHECK(h_.tc_.debts(h_.names_).empty());
    h_.tc_ = TransactionCoordinator(Harness::config(plan_.letter));
    h_.tc_.on_start(h_.env());
    if (h_.tc_.needs_producer_ids()) h_.tc_.give_producer_ids(h_.next_block_, 1000);
    for (int32_t p = 0; p < 2; ++p) h_.load(p, 4);
    CHECK(h_.mismatch() == std::nullopt);
  }

  void check(ProducerIdAndEpoch p, const Answer& ended) {
    const TransactionMetadata& metadata = h_.at("t");
    const ProducerIdAndEpoch last = pair_of(p.id.value, p.epoch.value + (plan_.bumping ? 1 : 0));
    CHECK(metadata.state == (plan_.commit ? kCompleteCommit : kCompleteAbort));
    CHECK_FALSE(metadata.pending);
    CHECK(metadata.producer == last);
    CHECK(ended.producer == (plan_.bumping ? last : ProducerIdAndEpoch{}));
    CHECK(h_.tc_.debts(h_.names_).empty());
    CHECK(h_.tc_.pending_completions().empty());
    CHECK(h_.tc_.open_batches() == 0);
    for (const TopicPartition partition : {kX0, kX1}) {
      const auto& markers = written_[partition];
      CHECK_FALSE(markers.empty());
      CoordinatorEpoch seen;
      for (const TxnMarkerEntry& marker : markers) {
        CHECK(marker.producer == last);
        CHECK(marker.result == (plan_.commit ? ControlType::kCommit : ControlType::kAbort));
        CHECK(marker.coordinator_epoch >= seen);
        seen = marker.coordinator_epoch;
      }
    }
  }

  Plan plan_;
  Harness h_;
  int moment_ = 0;
  bool failed_over_ = false;
  std::map<TopicPartition, std::vector<TxnMarkerEntry>> written_;
};

}  // namespace

TEST_CASE("a failover at any moment of a transaction ends it as its client was told") {
  for (const std::string& letter : kVariants) {
    for (int bits = 0; bits < 16; ++bits) {
      Plan plan{letter, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, 0};
      if (plan.bumping && !is_one_of(letter, kBumping)) continue;
      bool reached = true;
      for (plan.moment = 0; reached; ++plan.moment) {
        INFO(letter << " bumping " << plan.bumping << " commit " << plan.commit << " survives "
                    << plan.survives << " crash " << plan.crash << " moment " << plan.moment);
        reached = Failover(plan).run();
      }
      CHECK(plan.moment > 10);
    }
  }
}

TEST_CASE("requests during the load are told to come again, and nothing is lost by it") {
  Harness h("E1");
  const auto p = h.reach("t", kOngoing);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  h.tc_.begin_load(partition, {1});
  CHECK(h.error(h.init("t")) == Error::kCoordinatorLoadInProgress);
  CHECK(h.error(h.add("t", p, {kX0})) == Error::kCoordinatorLoadInProgress);
  CHECK(h.error(h.verify("t", p, {kX0})) == Error::kCoordinatorLoadInProgress);
  CHECK(h.error(h.end("t", p, true)) == Error::kCoordinatorLoadInProgress);
  h.advance(200'000);  // neither does the scan touch what is being loaded
  CHECK(h.appends_.empty());
  h.load(partition, 1);
  CHECK(h.error(h.verify("t", p, {kX0})) == Error::kNone);
  h.advance(10'000);  // the clock of the transaction ran on
  CHECK(h.appends_.size() == 1);
}
