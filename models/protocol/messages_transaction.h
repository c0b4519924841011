// Transactions, and looking at them (transactions.md 2, KIP-664).
#pragma once

#include <cstdint>

#include "models/protocol/errors.h"
#include "models/protocol/ghost.h"
#include "models/protocol/rpc.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

struct InitProducerIdRequest : RequestOf<Rpc::kInitProducerId> {
  Name transactional_id;  // unset: idempotent only
  int32_t transaction_timeout_ms = 60'000;
  ProducerIdAndEpoch expected;  // v3+ (KIP-360)
};
struct InitProducerIdResponse : ResponseOf<Rpc::kInitProducerId> {
  Error error = Error::kNone;
  ProducerIdAndEpoch producer;
};

struct AddPartitionsToTxnRequest : RequestOf<Rpc::kAddPartitionsToTxn> {
  struct Transaction {
    Name transactional_id;
    ProducerIdAndEpoch producer;
    bool verify_only = false;
    List<TopicPartition> partitions;
    Ghost<TransactionInstance> instance;
  };
  // v0-3, from clients.
  Name transactional_id;
  ProducerIdAndEpoch producer;
  List<TopicPartition> partitions;
  Ghost<TransactionInstance> instance;
  // v4+, from partition leaders (KIP-890): everything that waited for this coordinator.
  List<Transaction> transactions;
};
struct AddPartitionsToTxnResponse : ResponseOf<Rpc::kAddPartitionsToTxn> {
  struct Transaction {
    Name transactional_id;
    List<PartitionError> partitions;
  };
  List<PartitionError> partitions;  // v0-3
  Error error = Error::kNone;       // v4+: of the whole request
  List<Transaction> transactions;   // v4+: in the order of the request
};

struct AddOffsetsToTxnRequest : RequestOf<Rpc::kAddOffsetsToTxn> {
  Name transactional_id;
  ProducerIdAndEpoch producer;
  Name group;
  Ghost<TransactionInstance> instance;
};
struct AddOffsetsToTxnResponse : ResponseOf<Rpc::kAddOffsetsToTxn> {
  Error error = Error::kNone;
};

struct TxnOffsetCommitRequest : RequestOf<Rpc::kTxnOffsetCommit> {
  Name transactional_id;
  Name group;
  ProducerIdAndEpoch producer;
  Generation generation;  // v3+; -1, "", null below (KIP-447)
  Name member_id;
  Name instance_id;
  List<OffsetAndEpoch> offsets;
  Ghost<TransactionInstance> instance;
};
struct TxnOffsetCommitResponse : ResponseOf<Rpc::kTxnOffsetCommit> {
  List<PartitionError> partitions;
};

struct EndTxnRequest : RequestOf<Rpc::kEndTxn> {
  Name transactional_id;
  ProducerIdAndEpoch producer;
  bool committed = false;
  Ghost<TransactionInstance> instance;
};
struct EndTxnResponse : ResponseOf<Rpc::kEndTxn> {
  Error error = Error::kNone;
  ProducerIdAndEpoch producer;  // v5+
};

struct TxnMarkerEntry {
  ProducerIdAndEpoch producer;
  CoordinatorEpoch coordinator_epoch;
  ControlType result = ControlType::kAbort;
  int16_t transaction_version = 0;  // v2+ (KIP-1228)
  List<TopicPartition> partitions;
  Ghost<TransactionInstance> instance;
};
struct WriteTxnMarkersRequest : RequestOf<Rpc::kWriteTxnMarkers> {
  List<TxnMarkerEntry> markers;
};
struct WriteTxnMarkersResponse : ResponseOf<Rpc::kWriteTxnMarkers> {
  struct Marker {
    ProducerId producer_id;
    List<PartitionError> partitions;
  };
  List<Marker> markers;  // in the order of the request
};

// --- looking at transactions (KIP-664, transactions.md 2.11)

struct DescribeTransactionsRequest : RequestOf<Rpc::kDescribeTransactions> {
  List<Name> transactional_ids;
};
struct DescribeTransactionsResponse : ResponseOf<Rpc::kDescribeTransactions> {
  struct Transaction {
    Error error = Error::kNone;
    Name transactional_id;
    TransactionState state = TransactionState::kEmpty;
    ProducerIdAndEpoch producer;
    int32_t timeout_ms = 0;
    int64_t start_ms = -1;
    List<TopicPartition> partitions;
  };
  List<Transaction> transactions;
};

struct ListTransactionsRequest : RequestOf<Rpc::kListTransactions> {
  List<TransactionState> states;  // empty: all
  List<ProducerId> producers;     // empty: all
  int64_t duration_ms = -1;       // v1+: at least this old; -1: any
};
struct ListTransactionsResponse : ResponseOf<Rpc::kListTransactions> {
  struct Transaction {
    Name transactional_id;
    ProducerId producer_id;
    TransactionState state = TransactionState::kEmpty;
  };
  Error error = Error::kNone;
  List<Transaction> transactions;
};

struct DescribeProducersRequest : RequestOf<Rpc::kDescribeProducers> {
  List<TopicPartition> partitions;
};
struct DescribeProducersResponse : ResponseOf<Rpc::kDescribeProducers> {
  struct Producer {
    ProducerIdAndEpoch producer;
    Sequence last_sequence;
    int64_t last_timestamp_ms = -1;
    CoordinatorEpoch coordinator_epoch;
    Offset open_transaction;  // first offset; unset: none
  };
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    List<Producer> producers;
  };
  List<Partition> partitions;
};

}  // namespace eosim::kafka
