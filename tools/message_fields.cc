// Bodies say the same things under the same names, so one function looks for each name in a body
// instead of one function for each of the bodies.
#include "tools/message_fields.h"

#include <type_traits>

#include "models/protocol/shared.h"
#include "models/protocol/words.h"

namespace eosim::tools {
namespace {

using kafka::Error;
using kafka::KafkaShared;

// A follower fetches fifty partitions; a line is for people.
constexpr size_t kShownMax = 8;

// The bodies that Bodies has, by their RPC. Metadata and versions decide nothing that a reader of a
// trace looks for, and are left out.
template <class... M>
struct TypeList {};
using Decisive = TypeList<
    kafka::ProduceRequest, kafka::ProduceResponse, kafka::FetchRequest, kafka::FetchResponse,
    kafka::ListOffsetsRequest, kafka::ListOffsetsResponse, kafka::OffsetCommitRequest,
    kafka::OffsetCommitResponse, kafka::OffsetFetchRequest, kafka::OffsetFetchResponse,
    kafka::FindCoordinatorRequest, kafka::FindCoordinatorResponse, kafka::JoinGroupRequest,
    kafka::JoinGroupResponse, kafka::HeartbeatRequest, kafka::HeartbeatResponse,
    kafka::LeaveGroupRequest, kafka::LeaveGroupResponse, kafka::SyncGroupRequest,
    kafka::SyncGroupResponse, kafka::InitProducerIdRequest, kafka::InitProducerIdResponse,
    kafka::AddPartitionsToTxnRequest, kafka::AddPartitionsToTxnResponse,
    kafka::AddOffsetsToTxnRequest, kafka::AddOffsetsToTxnResponse, kafka::EndTxnRequest,
    kafka::EndTxnResponse, kafka::WriteTxnMarkersRequest, kafka::WriteTxnMarkersResponse,
    kafka::TxnOffsetCommitRequest, kafka::TxnOffsetCommitResponse, kafka::BrokerRegistrationRequest,
    kafka::BrokerRegistrationResponse, kafka::BrokerHeartbeatRequest,
    kafka::BrokerHeartbeatResponse, kafka::AlterPartitionRequest, kafka::AlterPartitionResponse,
    kafka::AllocateProducerIdsRequest, kafka::AllocateProducerIdsResponse,
    kafka::FetchClusterMetadataRequest, kafka::FetchClusterMetadataResponse,
    kafka::DescribeTransactionsRequest, kafka::DescribeTransactionsResponse,
    kafka::ListTransactionsRequest, kafka::ListTransactionsResponse,
    kafka::DescribeProducersRequest, kafka::DescribeProducersResponse,
    kafka::OffsetForLeaderEpochRequest, kafka::OffsetForLeaderEpochResponse>;

template <class Items, class Text>
std::string listed(const Items& items, Text text) {
  std::string out = "{";
  for (size_t i = 0; i < items.size() && i < kShownMax; ++i) {
    if (i > 0) out += ", ";
    out += text(items[i]);
  }
  if (items.size() > kShownMax) out += ", " + std::to_string(items.size() - kShownMax) + " more";
  return out + "}";
}

class FieldReader {
 public:
  explicit FieldReader(const KafkaShared& shared) : shared_(shared) {}

  template <class M>
  std::vector<TraceField> read(const M& body) {
    read_error(body);
    if constexpr (requires { body.transactional_id; })
      name("transactional_id", body.transactional_id);
    if constexpr (requires { body.group; }) name("group", body.group);
    if constexpr (requires { body.key; }) name("key", body.key);
    if constexpr (requires { body.producer.epoch; }) producer(body.producer);
    if constexpr (requires { body.generation; }) number("generation", body.generation.value);
    if constexpr (requires { body.member_id; }) name("member_id", body.member_id);
    if constexpr (requires { body.leader; }) name("leader", body.leader);
    if constexpr (requires { body.broker; }) number("broker", body.broker.value);
    if constexpr (requires { body.committed; })
      text("committed", body.committed ? "true" : "false");
    if constexpr (requires { body.isolation; }) {
      text("isolation", std::string(kafka::word(body.isolation)));
    }
    if constexpr (requires { body.markers; }) markers(body.markers);
    if constexpr (requires { body.transactions.front().partitions; }) {
      transactions(body.transactions);
    }
    if constexpr (requires { body.partitions; }) partitions("partitions", body.partitions);
    if constexpr (requires { body.offsets; }) partitions("offsets", body.offsets);
    if constexpr (requires { body.assignment; }) partitions("assignment", body.assignment);
    return std::move(fields_);
  }

 private:
  void number(std::string_view name, int64_t value) {
    fields_.push_back(TraceField::of(name, value));
  }
  void text(std::string_view name, std::string value) {
    fields_.push_back(TraceField::of(name, std::move(value)));
  }
  void name(std::string_view name, kafka::Name value) {
    if (value.valid()) text(name, std::string(shared_.names.text(value)));
  }

  // Unset in responses of versions that do not have it.
  void producer(const kafka::ProducerIdAndEpoch& producer) {
    if (!producer.id.valid()) return;
    number("producer_id", producer.id.value);
    number("producer_epoch", producer.epoch.value);
  }

  // Of the whole, else the first of a partition, so that a response always has one to look for.
  template <class M>
  void read_error(const M& body) {
    if constexpr (M::kRequest) return;
    Error error = Error::kNone;
    const auto consider = [&error](const auto& parts) {
      if constexpr (requires { parts.front().error; }) {
        for (const auto& part : parts) {
          if (error == Error::kNone) error = part.error;
        }
      }
    };
    if constexpr (requires { body.error; }) error = body.error;
    if constexpr (requires { body.partitions; }) consider(body.partitions);
    if constexpr (requires { body.transactions.front().partitions.front().error; }) {
      for (const auto& transaction : body.transactions) consider(transaction.partitions);
    }
    if constexpr (requires { body.markers; }) {
      for (const auto& marker : body.markers) consider(marker.partitions);
    }
    text("error", std::string(kafka::error_name(error)));
  }

  std::string of(const kafka::TopicPartition& partition) const {
    return shared_.partition_name(partition);
  }
  template <class Part>
  std::string of(const Part& part) const {
    std::string out = shared_.partition_name(part.partition);
    const auto at = [&out](kafka::Offset offset) {
      if (offset.valid()) out += '@' + std::to_string(offset.value);
    };
    if constexpr (requires { part.offset; }) at(part.offset);
    if constexpr (requires { part.base_offset; }) at(part.base_offset);
    if constexpr (requires { part.fetch_offset; }) at(part.fetch_offset);
    if constexpr (requires { part.batches; }) {
      if (!part.batches.empty()) out += '+' + std::to_string(part.batches.size());
    }
    if constexpr (requires { part.error; }) {
      if (part.error != Error::kNone) out += ' ' + std::string(kafka::error_name(part.error));
    }
    return out;
  }

  template <class Parts>
  void partitions(std::string_view name, const Parts& parts) {
    text(name, listed(parts, [this](const auto& part) { return this->of(part); }));
  }

  // Of a leader's AddPartitionsToTxn, and of DescribeTransactions.
  template <class Transactions>
  void transactions(const Transactions& all) {
    if (all.empty()) return;
    text("transactions", listed(all, [this](const auto& one) {
           std::string out(shared_.names.text(one.transactional_id));
           if constexpr (requires { one.producer; }) {
             out += ' ' + std::to_string(one.producer.id.value) + '/' +
                    std::to_string(one.producer.epoch.value);
           }
           return out + ' ' +
                  listed(one.partitions, [this](const auto& part) { return this->of(part); });
         }));
  }

  template <class Markers>
  void markers(const Markers& all) {
    text("markers", listed(all, [this](const auto& marker) {
           std::string out;
           if constexpr (requires { marker.result; }) {
             out = std::string(kafka::word(marker.result)) + " of " +
                   std::to_string(marker.producer.id.value) + '/' +
                   std::to_string(marker.producer.epoch.value);
           } else {
             out = std::to_string(marker.producer_id.value);
           }
           return out + ' ' +
                  listed(marker.partitions, [this](const auto& part) { return this->of(part); });
         }));
  }

  const KafkaShared& shared_;
  std::vector<TraceField> fields_;
};

template <class... M>
std::vector<TraceField> read(TypeList<M...>, const KafkaShared& shared, kafka::Rpc rpc,
                             bool request, uint32_t body) {
  std::vector<TraceField> fields;
  const auto try_one = [&]<class One>(std::type_identity<One>) {
    if (One::kRpc != rpc || One::kRequest != request) return false;
    fields = FieldReader(shared).read(shared.bodies.get<One>(body));
    return true;
  };
  (try_one(std::type_identity<M>{}) || ...);
  return fields;
}

}  // namespace

std::vector<TraceField> message_fields(const sim::Shared& shared, sim::MessageKind kind,
                                       bool request, uint32_t body) {
  const auto* kafka_shared = dynamic_cast<const KafkaShared*>(&shared);
  if (kafka_shared == nullptr || body == UINT32_MAX || kind.index >= kafka::kRpcCount) return {};
  return read(Decisive{}, *kafka_shared, static_cast<kafka::Rpc>(kind.index), request, body);
}

}  // namespace eosim::tools
