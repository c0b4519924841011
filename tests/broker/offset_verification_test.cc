// What failed verification tells who commits offsets (transactions.md 2.6, 4.11 step 4), in every
// state of the group.
#include "transactional_client.h"

namespace eosim::kafka {
namespace {

using testing::add_request;
using testing::Cluster;
using testing::ClusterOptions;
using testing::end_request;
using testing::id_coordinated_by;
using testing::initialize;
using testing::second_session;

// Why the transaction's coordinator does not vouch for the offsets.
enum class Unvouched {
  kNotAdded,     // to the transaction; old clients are told INVALID_TXN_STATE
  kNotAddedNew,  // clients that know TRANSACTION_ABORTABLE
  kUnknownId,
  kStaleEpoch,
  kUnreachable,
  kDeciding,  // on the transaction before
};
struct UnvouchedRow {
  Unvouched why;
  Error told;
};
constexpr UnvouchedRow kUnvouched[] = {
    {Unvouched::kNotAdded, Error::kInvalidTxnState},
    {Unvouched::kNotAddedNew, Error::kTransactionAbortable},
    {Unvouched::kUnknownId, Error::kInvalidProducerIdMapping},
    {Unvouched::kStaleEpoch, Error::kInvalidProducerEpoch},
    {Unvouched::kUnreachable, Error::kCoordinatorLoadInProgress},
    {Unvouched::kDeciding, Error::kConcurrentTransactions},
};

// A group that messages have brought so far; with a member, if there can be one.
class GroupScene {
 public:
  GroupScene(const std::string& state, Unvouched why) : cluster(options(why)), why_(why) {
    broker = cluster.coordinator(CoordinatorType::kGroup, "g");
    id_ = id_coordinated_by(cluster, (broker + 1) % 3, "tid");
    producer = second_session(cluster, id_);
    cluster.run_for(sim::seconds(1));
    if (state == "Empty") commit_plainly();
    if (state == "Preparing" || state == "Completing" || state == "Stable") join(state);
  }

  Error commit(bool named) {
    hinder();
    const std::string id = why_ == Unvouched::kUnknownId ? "nobody" : id_;
    TxnOffsetCommitRequest request = testing::offsets_request(cluster, id, "g", producer);
    if (named) {
      request.generation = generation.value >= 0 ? generation : Generation{0};
      request.member_id = member.valid() ? member : cluster.name("somebody");
    }
    const auto answer = cluster.call<TxnOffsetCommitResponse>(broker, request, 1, version());
    return answer.partitions.at(0).error;
  }

 private:
  static ClusterOptions options(Unvouched why) {
    ClusterOptions options{.preset = why == Unvouched::kDeciding ? "4.2" : "3.8"};
    options.configure = [](BrokerConfig& config) { config.request_timeout_ms = 500; };
    return options;
  }
  int16_t version() const {
    if (why_ == Unvouched::kDeciding) return 5;
    return why_ == Unvouched::kNotAddedNew ? 4 : 3;
  }
  void cut(int32_t other) {
    cluster.part("broker-" + std::to_string((broker + 1) % 3), {"broker-" + std::to_string(other)},
                 sim::seconds(10));
  }

  void hinder() {
    if (why_ == Unvouched::kStaleEpoch) initialize(cluster, id_);
    if (why_ == Unvouched::kUnreachable) cut(broker);
    if (why_ != Unvouched::kDeciding) return;
    // Its decision waits for a replica that it does not reach.
    const int32_t coordinator = (broker + 1) % 3;
    const auto add = add_request(cluster, id_, producer, cluster.partition("data", 0));
    cluster.call<AddPartitionsToTxnResponse>(coordinator, add, 2, int16_t{3});
    cut((broker + 2) % 3);
    cluster.send(coordinator, end_request(cluster, id_, producer, false), 2, int16_t{5});
    cluster.run_for(sim::milliseconds(50));
  }

  void join(const std::string& state) {
    JoinGroupRequest join;
    join.group = cluster.name("g");
    join.header.client_id = cluster.name("c");
    join.session_timeout_ms = 30'000;
    join.rebalance_timeout_ms = 60'000;
    join.protocol_type = cluster.name("consumer");
    join.protocols = {{cluster.name("range"), {}}};
    const uint32_t number = cluster.send(broker, join, 0, int16_t{3});
    cluster.run_for(sim::seconds(state == "Preparing" ? 1 : 5));
    if (state == "Preparing") return;
    const auto* joined = cluster.answer<JoinGroupResponse>(number);
    REQUIRE(joined != nullptr);
    REQUIRE(joined->error == Error::kNone);
    member = joined->member_id;
    generation = joined->generation;
    if (state == "Completing") return;
    SyncGroupRequest sync;
    sync.group = join.group;
    sync.generation = generation;
    sync.member_id = member;
    sync.assignments = {{member, {}}};
    REQUIRE(cluster.call<SyncGroupResponse>(broker, sync).error == Error::kNone);
  }

  void commit_plainly() {
    OffsetCommitRequest request;
    request.group = cluster.name("g");
    request.generation = Generation{-1};
    request.offsets = {{cluster.partition("data", 0), Offset{1}, LeaderEpoch{0}}};
    const auto answer = cluster.call<OffsetCommitResponse>(broker, request);
    REQUIRE(answer.partitions.at(0).error == Error::kNone);
  }

  Cluster cluster;
  Unvouched why_;
  std::string id_;
  Name member;
  Generation generation{-1};
  int32_t broker = 0;
  ProducerIdAndEpoch producer;
};

TEST_CASE("offsets that the coordinator does not vouch for, in every state of the group") {
  for (const std::string state : {"none", "Empty", "Preparing", "Completing", "Stable"}) {
    for (const UnvouchedRow& row : kUnvouched) {
      for (const bool named : {false, true}) {
        INFO(state << " why " << static_cast<int>(row.why) << " named " << named);
        GroupScene group(state, row.why);
        CHECK(group.commit(named) == row.told);
      }
    }
  }
}

}  // namespace
}  // namespace eosim::kafka
