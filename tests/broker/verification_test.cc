// Verification by the leader and implicit registration (KIP-890; transactions.md 4.11).
#include "models/broker/verification_rules.h"
#include "transactional_client.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;

Error write(Cluster& cluster, ProducerIdAndEpoch producer, TopicPartition to, int32_t sequence,
            std::optional<int16_t> version = {}) {
  ProduceRequest request = cluster.produce(to, cluster.batch(1, producer, sequence, true));
  return cluster.call<ProduceResponse>(cluster.leader(to), request, 0, version)
      .partitions.at(0)
      .error;
}

ProducerIdAndEpoch init(Cluster& cluster) { return testing::initialize(cluster, "tid"); }

Error add(Cluster& cluster, ProducerIdAndEpoch producer, TopicPartition partition) {
  const auto request = testing::add_request(cluster, "tid", producer, partition);
  const int32_t coordinator = cluster.coordinator(CoordinatorType::kTransaction, "tid");
  return cluster.call<AddPartitionsToTxnResponse>(coordinator, request, 0, int16_t{1})
      .partitions.at(0)
      .error;
}

Error end(Cluster& cluster, ProducerIdAndEpoch& producer, bool commit,
          std::optional<int16_t> version = {}) {
  const auto request = testing::end_request(cluster, "tid", producer, commit);
  const int32_t coordinator = cluster.coordinator(CoordinatorType::kTransaction, "tid");
  const auto answer = cluster.call<EndTxnResponse>(coordinator, request, 0, version);
  if (answer.producer.id.valid()) producer = answer.producer;
  return answer.error;
}

TEST_CASE("the first write of a transaction is verified, later ones are not") {
  const std::string preset = GENERATE("2.5", "3.6", "3.8");
  Cluster cluster({.preset = preset});
  const TopicPartition to = cluster.partition("data", 0);
  const ProducerIdAndEpoch producer = init(cluster);
  const auto asked = [&] {
    return cluster.world().counts().requests[static_cast<size_t>(Rpc::kAddPartitionsToTxn)];
  };
  CHECK(add(cluster, producer, to) == Error::kNone);
  CHECK(asked() == 1);
  CHECK(write(cluster, producer, to, 0, int16_t{8}) == Error::kNone);
  const uint64_t verified = preset == "2.5" ? 0 : 1;
  CHECK(asked() == 1 + verified);
  CHECK(write(cluster, producer, to, 1, int16_t{8}) == Error::kNone);
  CHECK(asked() == 1 + verified);
}

TEST_CASE("a write to a partition that is in no transaction is refused since 3.6") {
  struct Row {
    const char* preset;
    int16_t version;
    Error error;
  };
  for (const Row& row :
       {Row{"2.5", 8, Error::kNone}, Row{"3.6", 9, Error::kInvalidTxnState},
        Row{"3.8", 10, Error::kInvalidTxnState}, Row{"3.8", 11, Error::kTransactionAbortable}}) {
    INFO(row.preset);
    Cluster cluster({.preset = row.preset});
    const TopicPartition to = cluster.partition("data", 0);
    const ProducerIdAndEpoch producer = init(cluster);
    CHECK(write(cluster, producer, to, 0, row.version) == row.error);
    CHECK(cluster.broker(cluster.leader(to)).verifications() == 0);
  }
}

TEST_CASE("a late write of a transaction that has ended opens no other one (since 3.6)") {
  const std::string preset = GENERATE("2.5", "3.8");
  Cluster cluster({.preset = preset});
  const TopicPartition to = cluster.partition("data", 0);
  ProducerIdAndEpoch producer = init(cluster);
  CHECK(add(cluster, producer, to) == Error::kNone);
  CHECK(write(cluster, producer, to, 0, int16_t{8}) == Error::kNone);
  CHECK(end(cluster, producer, true, int16_t{1}) == Error::kNone);
  cluster.run_for(sim::seconds(1));
  const Error late = write(cluster, producer, to, 1, int16_t{8});
  CHECK((late == Error::kNone) == (preset == "2.5"));
  CHECK(cluster.log(to).open_transactions().empty() == (preset != "2.5"));
}

TEST_CASE("a client of version 2 writes at once, and its partition is added to the transaction") {
  Cluster cluster({.preset = "4.2"});
  const TopicPartition to = cluster.partition("data", 0);
  ProducerIdAndEpoch producer = init(cluster);
  CHECK(write(cluster, producer, to, 0) == Error::kNone);
  const int32_t coordinator = cluster.coordinator(CoordinatorType::kTransaction, "tid");
  const TransactionMetadata* metadata = cluster.broker(coordinator)
                                            .transaction_coordinator()
                                            .find(cluster.shared().names, cluster.name("tid"));
  REQUIRE(metadata != nullptr);
  CHECK(metadata->state == TransactionState::kOngoing);
  CHECK(end(cluster, producer, true) == Error::kNone);
  // The next transaction does not wait for the markers of this one: the leader tries again.
  CHECK(write(cluster, producer, to, 0) == Error::kNone);
  cluster.run_for(sim::seconds(1));
  CHECK(cluster.log(to).log_end_offset() == Offset{3});
  CHECK(cluster.log(to).open_transactions().size() == 1);
}

TEST_CASE("what failed verification looks like to clients (4.11 steps 4 and 6)") {
  const Switches late = preset_switches(*find_preset("3.8"));
  const Switches first = preset_switches(*find_preset("3.6"));
  using enum VerificationMode;
  CHECK(verification_error(kDefault, Error::kProducerFenced) == Error::kInvalidProducerEpoch);
  CHECK(verification_error(kDefault, Error::kTransactionAbortable) == Error::kInvalidTxnState);
  CHECK(verification_error(kAbortable, Error::kTransactionAbortable) ==
        Error::kTransactionAbortable);
  for (const Error error : {Error::kCoordinatorLoadInProgress, Error::kCoordinatorNotAvailable,
                            Error::kNotCoordinator, Error::kConcurrentTransactions}) {
    CHECK(produce_error_of_verification(late, kDefault, error) == Error::kNotEnoughReplicas);
  }
  CHECK(produce_error_of_verification(late, kAdd, Error::kConcurrentTransactions) ==
        Error::kConcurrentTransactions);
  CHECK(produce_error_of_verification(late, kDefault, Error::kNetworkException) ==
        Error::kNotEnoughReplicas);
  CHECK(produce_error_of_verification(first, kDefault, Error::kNetworkException) ==
        Error::kNetworkException);
  CHECK(offset_error_of_verification(late, kDefault, 3, Error::kNetworkException) ==
        Error::kCoordinatorLoadInProgress);
  CHECK(offset_error_of_verification(late, kDefault, 1, Error::kNetworkException) ==
        Error::kCoordinatorNotAvailable);
  CHECK(offset_error_of_verification(late, kDefault, 3, Error::kInvalidTxnState) ==
        Error::kInvalidTxnState);
}

TEST_CASE("a request with transactional batches of two producers is refused where it is verified") {
  const std::string preset = GENERATE("2.5", "3.6", "4.2");
  INFO(preset);
  Cluster cluster({.preset = preset});
  const TopicPartition one = cluster.partition("data", 0);
  TopicPartition two = one;
  for (int32_t p = 1; p < 4; ++p) {
    if (cluster.leader(cluster.partition("data", p)) == cluster.leader(one)) {
      two = cluster.partition("data", p);
    }
  }
  REQUIRE(two != one);
  const ProducerIdAndEpoch producer = init(cluster);
  const ProducerIdAndEpoch other{ProducerId{producer.id.value + 1}, producer.epoch};
  ProduceRequest request = cluster.produce(one, cluster.batch(1, producer, 0, true));
  request.partitions.push_back({two, cluster.batch(1, other, 0, true)});
  const auto answer = cluster.call<ProduceResponse>(cluster.leader(one), request);
  const Error expected = preset == "2.5" ? Error::kNone : Error::kInvalidProducerIdMapping;
  for (const auto& partition : answer.partitions) CHECK(partition.error == expected);
  CHECK(cluster.log(one).log_end_offset() == Offset{preset == "2.5" ? 1 : 0});
}

}  // namespace
}  // namespace eosim::kafka
