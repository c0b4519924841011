// Whole transactions through real brokers: coordinator, markers, offsets, restarts.
#include "cluster.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;
using testing::ClusterOptions;

constexpr auto kCommitted = IsolationLevel::kReadCommitted;

// One producer "tid" and what it does, as its client would.
struct Transactor {
  Cluster& cluster;
  ProducerIdAndEpoch producer{};
  int32_t sequence = 0;

  int32_t coordinator() { return cluster.coordinator(CoordinatorType::kTransaction, "tid"); }
  // A partition that another broker leads.
  TopicPartition far_partition() {
    for (int32_t p = 0; p < 3; ++p) {
      const TopicPartition candidate = cluster.partition("data", p);
      if (cluster.leader(candidate) != coordinator()) return candidate;
    }
    FAIL("one broker leads all");
    return {};
  }

  // As a client: what is not yet possible is asked again.
  template <class Response, class Request, class Code>
  Response retry(Request request, Code code) {
    for (int attempt = 0; attempt < 200; ++attempt) {
      auto answer = cluster.call<Response>(coordinator(), request, 9);
      const Error error = code(answer);
      if (error != Error::kConcurrentTransactions && error != Error::kCoordinatorLoadInProgress) {
        return answer;
      }
      cluster.run_for(sim::milliseconds(20));
    }
    FAIL("no answer but to try again");
    return {};
  }
  void init() {
    InitProducerIdRequest request;
    request.transactional_id = cluster.name("tid");
    const auto answer = retry<InitProducerIdResponse>(request, [](auto& a) { return a.error; });
    REQUIRE(answer.error == Error::kNone);
    producer = answer.producer;
    sequence = 0;
  }
  void add(List<TopicPartition> partitions) {
    AddPartitionsToTxnRequest request;
    request.transactional_id = cluster.name("tid");
    request.producer = producer;
    request.partitions = std::move(partitions);
    const auto answer = retry<AddPartitionsToTxnResponse>(
        request, [](auto& a) { return a.partitions.front().error; });
    REQUIRE(answer.partitions.front().error == Error::kNone);
  }
  void write(TopicPartition to) {
    const BatchId batch = cluster.batch(1, producer, sequence++, true);
    const auto answer =
        cluster.call<ProduceResponse>(cluster.leader(to), cluster.produce(to, batch));
    REQUIRE(answer.partitions[0].error == Error::kNone);
  }
  void end(bool committed) {
    EndTxnRequest request;
    request.transactional_id = cluster.name("tid");
    request.producer = producer;
    request.committed = committed;
    const auto answer = retry<EndTxnResponse>(request, [](auto& a) { return a.error; });
    REQUIRE(answer.error == Error::kNone);
  }
  void send_offsets(int64_t offset) {
    AddOffsetsToTxnRequest add_offsets;
    add_offsets.transactional_id = cluster.name("tid");
    add_offsets.producer = producer;
    add_offsets.group = cluster.name("group");
    REQUIRE(retry<AddOffsetsToTxnResponse>(add_offsets, [](auto& a) { return a.error; }).error ==
            Error::kNone);
    TxnOffsetCommitRequest request;
    request.transactional_id = cluster.name("tid");
    request.group = cluster.name("group");
    request.producer = producer;
    request.offsets = {{cluster.partition("data", 0), Offset{offset}, {}}};
    const int32_t group = cluster.coordinator(CoordinatorType::kGroup, "group");
    REQUIRE(cluster.call<TxnOffsetCommitResponse>(group, request).partitions[0].error ==
            Error::kNone);
  }
  TransactionState state() {
    const auto* found = cluster.broker(coordinator())
                            .transaction_coordinator()
                            .find(cluster.shared().names, cluster.name("tid"));
    REQUIRE(found != nullptr);
    return found->state;
  }
};

OffsetFetchResponse::Partition committed_offset(Cluster& cluster, bool stable) {
  OffsetFetchRequest request;
  request.group = cluster.name("group");
  request.require_stable = stable;
  request.partitions = {cluster.partition("data", 0)};
  const int32_t group = cluster.coordinator(CoordinatorType::kGroup, "group");
  return cluster.call<OffsetFetchResponse>(group, request).partitions.at(0);
}

void crash(Cluster& cluster, int32_t broker, sim::Duration down) { cluster.crash(broker, down); }

TEST_CASE("a committed transaction becomes visible to read_committed, an aborted one is named") {
  const bool commit = GENERATE(true, false);
  Cluster cluster({.brokers = GENERATE(1, 3)});
  Transactor tx{cluster};
  const TopicPartition p0 = cluster.partition("data", 0);
  const TopicPartition p1 = cluster.partition("data", 1);
  tx.init();
  tx.add({p0, p1});
  tx.write(p0);
  tx.sequence = 0;
  tx.write(p1);
  CHECK(tx.state() == TransactionState::kOngoing);
  const uint32_t fetch = cluster.send(cluster.leader(p0), cluster.fetch(p0, 0, kCommitted), 5);
  cluster.run_for(sim::milliseconds(100));
  CHECK(cluster.answer<FetchResponse>(fetch) == nullptr);
  CHECK(cluster.log(p0).last_stable_offset() == Offset{0});

  tx.end(commit);
  cluster.run_for(sim::milliseconds(100));
  CHECK(tx.state() ==
        (commit ? TransactionState::kCompleteCommit : TransactionState::kCompleteAbort));
  REQUIRE(cluster.answer<FetchResponse>(fetch) != nullptr);
  const auto& seen = cluster.answer<FetchResponse>(fetch)->partitions[0];
  CHECK(seen.batches.size() == 2);  // the record and the marker
  CHECK(seen.last_stable_offset == Offset{2});
  REQUIRE(seen.aborted.size() == (commit ? 0 : 1));
  if (!commit) CHECK(seen.aborted[0].producer_id == tx.producer.id);
  CHECK(cluster.log(p1).last_stable_offset() == Offset{2});
  for (int32_t b = 0; b < static_cast<int32_t>(cluster.image().brokers.size()); ++b) {
    CHECK(cluster.broker(b).marker_writes() == 0);
    CHECK(cluster.broker(b).marker_requests_in_flight() == 0);
    CHECK(cluster.broker(b).waiting_appends().size() == 0);
  }
}

TEST_CASE("transactional offsets are pending until the marker, then committed or dropped") {
  const bool commit = GENERATE(true, false);
  Cluster cluster;
  Transactor tx{cluster};
  tx.init();
  tx.send_offsets(42);
  CHECK(committed_offset(cluster, true).error == Error::kUnstableOffsetCommit);
  CHECK(!committed_offset(cluster, false).offset.valid());
  tx.end(commit);
  cluster.run_for(sim::milliseconds(100));
  const auto after = committed_offset(cluster, true);
  CHECK(after.error == Error::kNone);
  CHECK(after.offset.value == (commit ? 42 : -1));
}

TEST_CASE("an id may be used again, many times, by a producer that asks again") {
  Cluster cluster({.calm = false});
  Transactor tx{cluster};
  tx.init();
  const TopicPartition p0 = cluster.partition("data", 0);
  for (int i = 0; i < 20; ++i) {
    tx.add({p0});
    tx.write(p0);
    tx.send_offsets(i);
    tx.end(i % 3 != 0);
  }
  cluster.run_for(sim::seconds(1));
  CHECK(cluster.log(p0).log_end_offset() == Offset{40});
  CHECK(cluster.log(p0).last_stable_offset() == Offset{40});
  CHECK(committed_offset(cluster, true).offset == Offset{19});
}

TEST_CASE("producer ids come in blocks of a thousand, one a broker at a time") {
  Cluster cluster;
  for (int32_t b = 0; b < 3; ++b) {
    for (int32_t i = 0; i < 2; ++i) {
      const auto answer = cluster.call<InitProducerIdResponse>(b, InitProducerIdRequest{});
      CHECK(answer.error == Error::kNone);
      CHECK(answer.producer.id == ProducerId{b * 1'000 + i});
      CHECK(answer.producer.epoch == ProducerEpoch{0});
    }
  }
}

TEST_CASE("a cluster that crashed comes back with its logs and all that follows from them") {
  Cluster cluster;
  Transactor tx{cluster};
  const TopicPartition p0 = cluster.partition("data", 0);
  tx.init();
  tx.add({p0});
  tx.write(p0);
  tx.end(true);
  tx.add({p0});
  tx.write(p0);
  tx.send_offsets(7);
  const PartitionLog before = cluster.log(p0);

  for (int32_t b = 0; b < 3; ++b) crash(cluster, b, sim::milliseconds(100));
  cluster.run_for(sim::milliseconds(101));
  for (int32_t b = 0; b < 3; ++b) CHECK(!cluster.broker(b).started());
  // Fenced first, then registered and elected again.
  const auto loading = [&] {
    const int32_t coordinator = tx.coordinator();
    return coordinator >= 0 && cluster.broker(coordinator).started() &&
           cluster.broker(coordinator).loading();
  };
  while (!loading()) cluster.run_for(sim::milliseconds(1));
  CHECK(cluster.world().now() > sim::Time{} + sim::seconds(9));
  InitProducerIdRequest init;
  init.transactional_id = cluster.name("tid");
  CHECK(cluster.call<InitProducerIdResponse>(tx.coordinator(), init).error ==
        Error::kCoordinatorLoadInProgress);
  cluster.run_for(sim::seconds(5));
  CHECK(std::ranges::equal(cluster.log(p0).producers(), before.producers()));
  CHECK(std::ranges::equal(cluster.log(p0).entries(), before.entries()));
  CHECK(!cluster.broker(tx.coordinator()).loading());
  CHECK(tx.state() == TransactionState::kOngoing);
  CHECK(committed_offset(cluster, true).error == Error::kUnstableOffsetCommit);
  tx.write(p0);
  tx.end(true);
  cluster.run_for(sim::milliseconds(100));
  CHECK(tx.state() == TransactionState::kCompleteCommit);
  CHECK(committed_offset(cluster, true).offset == Offset{7});
}

TEST_CASE("markers reach a leader that was down when they were first sent") {
  Cluster cluster;
  Transactor tx{cluster};
  const TopicPartition far = tx.far_partition();
  tx.init();
  tx.add({far});
  tx.write(far);
  crash(cluster, cluster.leader(far), sim::seconds(3));
  cluster.run_for(sim::milliseconds(10));
  tx.end(true);  // decided once the dead replica is out of the ISR
  cluster.run_for(sim::seconds(20));
  CHECK(tx.state() == TransactionState::kCompleteCommit);
  CHECK(cluster.log(far).last_stable_offset() == Offset{2});
}

TEST_CASE("a transaction that is being ended is completed by the next coordinator") {
  Cluster cluster;
  Transactor tx{cluster};
  const int32_t coordinator = tx.coordinator();
  const TopicPartition far = tx.far_partition();
  tx.init();
  tx.add({far});
  tx.write(far);
  tx.end(false);
  // Prepared and answered; the markers are on their way.
  REQUIRE(tx.state() == TransactionState::kPrepareAbort);
  crash(cluster, coordinator, sim::seconds(1));
  cluster.run_for(sim::seconds(20));
  CHECK(cluster.coordinator(CoordinatorType::kTransaction, "tid") != coordinator);
  CHECK(tx.state() == TransactionState::kCompleteAbort);
  // Both coordinators may have written it.
  CHECK(cluster.log(far).open_transactions().empty());
  CHECK(cluster.log(far).last_stable_offset() == cluster.log(far).log_end_offset());
}

TEST_CASE("a late marker of a coordinator's past life is refused once its successor has written") {
  Cluster cluster;
  Transactor tx{cluster};
  const TopicPartition p0 = cluster.partition("data", 0);
  const auto marker = [&](int32_t coordinator_epoch) {
    WriteTxnMarkersRequest request;
    request.markers.push_back(
        {tx.producer, {coordinator_epoch}, ControlType::kCommit, 0, {p0}, {}});
    return cluster.call<WriteTxnMarkersResponse>(cluster.leader(p0), request)
        .markers.at(0)
        .partitions.at(0)
        .error;
  };
  tx.init();
  tx.add({p0});
  tx.write(p0);
  tx.end(true);
  cluster.run_for(sim::seconds(1));
  CHECK(marker(0) == Error::kNone);  // of this life, so a repetition
  crash(cluster, tx.coordinator(), sim::milliseconds(100));
  cluster.run_for(sim::seconds(20));
  tx.add({p0});
  tx.write(p0);
  tx.end(true);
  cluster.run_for(sim::seconds(1));
  REQUIRE(tx.state() == TransactionState::kCompleteCommit);
  tx.add({p0});
  tx.write(p0);
  // Carried out, it would end the transaction that is open now.
  CHECK(marker(0) == Error::kTransactionCoordinatorFenced);
  CHECK(cluster.log(p0).open_transactions().size() == 1);
}

TEST_CASE("a marker request that is not answered within request.timeout.ms is sent again") {
  Cluster cluster;
  Transactor tx{cluster};
  const int32_t coordinator = tx.coordinator();
  const TopicPartition far = tx.far_partition();
  tx.init();
  tx.add({far});
  tx.write(far);
  sim::FaultSpec fault;
  fault.kind = sim::FaultKind::kDelay;
  fault.word = "delay";
  fault.rpc = {static_cast<uint16_t>(Rpc::kWriteTxnMarkers)};
  fault.by = sim::seconds(40);
  fault.at = cluster.world().now();
  fault.length = sim::seconds(1);
  cluster.world().add_fault(fault);
  cluster.run_for(sim::milliseconds(1));
  tx.end(true);
  cluster.run_for(sim::seconds(29));
  CHECK(cluster.broker(coordinator).marker_requests_in_flight() == 1);
  CHECK(tx.state() == TransactionState::kPrepareCommit);
  cluster.run_for(sim::seconds(3));
  CHECK(tx.state() == TransactionState::kCompleteCommit);
  CHECK(cluster.broker(coordinator).marker_requests_in_flight() == 0);
}

TEST_CASE("the coordinators' timer also works on a host whose clock drifts") {
  Cluster cluster;
  Transactor tx{cluster};
  sim::FaultSpec fault;
  fault.kind = sim::FaultKind::kClockDrift;
  fault.word = "clock_drift";
  fault.target = "broker-" + std::to_string(tx.coordinator());
  fault.ppm = 333;
  fault.length = sim::seconds(200);
  cluster.world().add_fault(fault);
  tx.init();
  const TopicPartition p0 = cluster.partition("data", 0);
  tx.add({p0});
  tx.write(p0);
  // transaction.timeout.ms of a minute, looked for every ten seconds.
  cluster.run_for(sim::seconds(75));
  CHECK(tx.state() == TransactionState::kCompleteAbort);
  CHECK(cluster.log(p0).last_stable_offset() == Offset{2});
}

TEST_CASE("WriteTxnMarkers answers for every marker and partition, also unknown ones") {
  Cluster cluster;
  const TopicPartition p0 = cluster.partition("data", 0);
  const TopicPartition p1 = cluster.partition("data", 1);
  WriteTxnMarkersRequest request;
  request.markers.push_back({{{1}, {4}}, {0}, ControlType::kAbort, 0, {p1, p0}, {}});
  request.markers.push_back(
      {{{2}, {0}}, {0}, ControlType::kCommit, 0, {cluster.partition("data", 9)}, {}});
  // An older epoch of the first producer.
  request.markers.push_back({{{1}, {3}}, {0}, ControlType::kCommit, 0, {p0}, {}});
  const auto answer = cluster.call<WriteTxnMarkersResponse>(cluster.leader(p0), request);
  REQUIRE(answer.markers.size() == 3);
  REQUIRE(answer.markers[0].partitions.size() == 2);
  for (const PartitionError& p : answer.markers[0].partitions) {
    CHECK(p.error == (p.partition == p0 ? Error::kNone : Error::kNotLeaderOrFollower));
  }
  CHECK(answer.markers[1].partitions.at(0).error == Error::kUnknownTopicOrPartition);
  CHECK(answer.markers[2].partitions.at(0).error == Error::kInvalidProducerEpoch);
  CHECK(cluster.broker(cluster.leader(p0)).marker_writes() == 0);
}

TEST_CASE("a copy of a busy cluster and its original end alike") {
  ClusterOptions options;
  options.calm = false;
  Cluster cluster(options);
  Transactor tx{cluster};
  const TopicPartition p0 = cluster.partition("data", 0);
  tx.init();
  tx.add({p0});
  tx.write(p0);
  tx.send_offsets(3);
  cluster.send(cluster.leader(p0), cluster.fetch(p0, 0, kCommitted), 5);
  EndTxnRequest end;
  end.transactional_id = cluster.name("tid");
  end.producer = tx.producer;
  end.committed = true;
  cluster.send(tx.coordinator(), end, 9);
  cluster.run_for(sim::milliseconds(12));
  auto copy = std::make_unique<Cluster>(cluster);
  copy->run_for(sim::seconds(1));
  const uint64_t digest = copy->world().digest();
  copy.reset();
  cluster.run_for(sim::seconds(1));
  CHECK(cluster.world().digest() == digest);
  CHECK(tx.state() == TransactionState::kCompleteCommit);
}

}  // namespace
}  // namespace eosim::kafka
