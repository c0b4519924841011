// What becomes of an append that cannot be finished, for every kind of batch and everything that
// the partition can know of its producer (transactions.md 2.7 rows 7 to 10, 2.8, 4.3): too few
// replicas before and after it, time that is up, a leader that is deposed.
#include "transactional_client.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;
using testing::ClusterOptions;
using testing::Known;
using testing::marker_request;
using testing::offsets_request;

enum class Batch { kData, kTransactional, kOffsets, kCommitMarker, kAbortMarker };
constexpr Batch kBatches[] = {Batch::kData, Batch::kTransactional, Batch::kOffsets,
                              Batch::kCommitMarker, Batch::kAbortMarker};

enum class Hindrance { kNone, kFewBefore, kFewAfter, kTime, kDeposed };

constexpr int16_t kEpoch = 5;
constexpr int64_t kAppender = 7;

ProducerIdAndEpoch producer_at(int epoch) {
  return {ProducerId{kAppender}, ProducerEpoch{static_cast<int16_t>(epoch)}};
}

class Append {
 public:
  Append(Batch batch, Known known, Hindrance hindrance)
      : batch_(batch), known_(known), hindrance_(hindrance), cluster_(options(hindrance)) {
    to_ = cluster_.partition("data", 0);
    if (batch == Batch::kOffsets) {
      const int32_t number = cluster_.shared().names.partition_for(cluster_.name("g"), 50);
      to_ = {cluster_.layout().consumer_offsets, number};
    }
    leader_ = cluster_.leader(to_);
    cluster_.run_for(sim::seconds(1));  // the coordinators have loaded
    prepare();
  }

  Error outcome() {
    if (hindrance_ == Hindrance::kNone) {
      // Nothing stands in its way.
    } else if (hindrance_ == Hindrance::kDeposed) {
      std::vector<std::string> others = {"controller"};
      for (const int32_t b : followers()) others.push_back("broker-" + std::to_string(b));
      cluster_.part("broker-" + std::to_string(leader_), others, sim::seconds(20));
    } else {
      for (const int32_t b : followers()) cluster_.crash(b, sim::seconds(300));
      if (hindrance_ == Hindrance::kFewBefore) cluster_.run_for(sim::seconds(15));
    }
    const uint32_t number = send(batch_, kEpoch);
    cluster_.run_for(sim::seconds(hindrance_ == Hindrance::kTime ? 3 : 40));
    const Error told = answer(number);
    if (hindrance_ == Hindrance::kDeposed) {
      const uint32_t late = send(batch_, kEpoch);
      cluster_.run_for(sim::seconds(1));
      CHECK(answer(late) == as_told(Error::kNotLeaderOrFollower));
    }
    return told;
  }

  Error expected() const {
    const bool stale = known_ == Known::kOlder || known_ == Known::kOpenOlder;
    const bool open = known_ == Known::kOpenSame || known_ == Known::kOpenNewer;
    if (hindrance_ == Hindrance::kFewBefore) return as_told(Error::kNotEnoughReplicas);
    if (stale) return Error::kInvalidProducerEpoch;
    if (batch_ == Batch::kData && open) return Error::kInvalidTxnState;
    switch (hindrance_) {
      case Hindrance::kNone:
      case Hindrance::kFewBefore:
        break;
      case Hindrance::kFewAfter:
        return as_told(Error::kNotEnoughReplicasAfterAppend);
      case Hindrance::kTime:
        return Error::kRequestTimedOut;
      case Hindrance::kDeposed:
        return as_told(Error::kNotLeaderOrFollower);
    }
    return Error::kNone;
  }

 private:
  static ClusterOptions options(Hindrance hindrance) {
    const int32_t patience_ms = hindrance == Hindrance::kTime ? 1'000 : 60'000;
    ClusterOptions options;
    options.min_insync_replicas = 2;
    options.configure = [patience_ms](BrokerConfig& config) {
      for (int32_t& min_isr : config.min_insync_replicas) min_isr = 2;
      config.request_timeout_ms = patience_ms;
      config.offsets_commit_timeout_ms = patience_ms;
    };
    return options;
  }
  std::vector<int32_t> followers() const { return {(leader_ + 1) % 3, (leader_ + 2) % 3}; }

  // A group's coordinator has words of its own.
  Error as_told(Error error) const {
    if (batch_ != Batch::kOffsets) return error;
    return error == Error::kNotLeaderOrFollower ? Error::kNotCoordinator
                                                : Error::kCoordinatorNotAvailable;
  }

  void prepare() {
    const bool transactional = batch_ != Batch::kData;
    const Batch data = batch_ == Batch::kOffsets ? Batch::kOffsets : Batch::kTransactional;
    switch (known_) {
      case Known::kNothing:
        return;
      case Known::kOlder:
        return well(Batch::kCommitMarker, kEpoch + 1);
      case Known::kOnlyMarker:
        return well(Batch::kCommitMarker, kEpoch);
      case Known::kNewer:
        return well(Batch::kCommitMarker, kEpoch - 1);
      case Known::kSame:
        well(transactional ? data : Batch::kData, kEpoch);
        if (transactional) well(Batch::kAbortMarker, kEpoch);
        return;
      case Known::kOpenOlder:
        return well(data, kEpoch + 1);
      case Known::kOpenSame:
        return well(data, kEpoch);
      case Known::kOpenNewer:
        return well(data, kEpoch - 1);
    }
  }

  void well(Batch batch, int epoch) {
    const uint32_t number = send(batch, epoch);
    cluster_.run_for(sim::milliseconds(500));
    REQUIRE(answer(number) == Error::kNone);
    if (batch == Batch::kData || batch == Batch::kTransactional) last_epoch_ = epoch;
  }

  uint32_t send(Batch batch, int epoch) {
    const auto patience = hindrance_ == Hindrance::kTime ? 1'000 : 60'000;
    switch (batch) {
      case Batch::kData:
      case Batch::kTransactional: {
        const bool transactional = batch == Batch::kTransactional;
        const int32_t sequence = last_epoch_ == epoch ? 1 : 0;
        ProduceRequest request =
            cluster_.produce(to_, cluster_.batch(1, producer_at(epoch), sequence, transactional));
        request.timeout_ms = patience;
        return cluster_.send(leader_, std::move(request));
      }
      case Batch::kOffsets:
        return cluster_.send(leader_, offsets_request(cluster_, "tid", "g", producer_at(epoch)), 0,
                             int16_t{2});
      case Batch::kCommitMarker:
      case Batch::kAbortMarker:
        break;
    }
    const auto result = batch == Batch::kCommitMarker ? ControlType::kCommit : ControlType::kAbort;
    return cluster_.send(leader_, marker_request(to_, producer_at(epoch), result));
  }

  Error answer(uint32_t number) {
    if (const auto* produced = cluster_.answer<ProduceResponse>(number)) {
      return produced->partitions.at(0).error;
    }
    if (const auto* committed = cluster_.answer<TxnOffsetCommitResponse>(number)) {
      return committed->partitions.at(0).error;
    }
    const auto* written = cluster_.answer<WriteTxnMarkersResponse>(number);
    REQUIRE(written != nullptr);
    return written->markers.at(0).partitions.at(0).error;
  }

  Batch batch_;
  Known known_;
  Hindrance hindrance_;
  Cluster cluster_;
  TopicPartition to_;
  int32_t leader_ = 0;
  int last_epoch_ = -1;
};

void check_all(Hindrance hindrance) {
  for (const Batch batch : kBatches) {
    for (const Known known : testing::kAllKnown) {
      INFO("batch " << static_cast<int>(batch) << " known " << static_cast<int>(known));
      Append append(batch, known, hindrance);
      CHECK(append.outcome() == append.expected());
    }
  }
}

TEST_CASE("an append goes by what its partition knows of the producer") {
  check_all(Hindrance::kNone);
}

TEST_CASE("without enough replicas in sync nothing is appended, whatever it is") {
  check_all(Hindrance::kFewBefore);
}

TEST_CASE("what too few replicas have when it is below the high watermark is told so") {
  check_all(Hindrance::kFewAfter);
}

TEST_CASE("an append whose time is up stays in the log and is REQUEST_TIMED_OUT") {
  check_all(Hindrance::kTime);
}

TEST_CASE(
    "an append of a leader that is deposed before it is replicated is NOT_LEADER_OR_FOLLOWER") {
  check_all(Hindrance::kDeposed);
}

}  // namespace
}  // namespace eosim::kafka
