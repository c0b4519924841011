// T7 of transactions.md 7.1: what a broker answers well is in its log by then, below the high
// watermark (2.12). Looked at when the answer leaves, for what other facts do not tell:
// AddPartitionsToTxn, of clients and of partition leaders, and AddOffsetsToTxn stand in the newest
// committed record of the transactional id; a TxnOffsetCommit is a committed batch of its producer.
// Reported as K4.
//
// A coordinator reads its log to the end, not to the high watermark (3.11): of what it has found
// there when it began to lead it may speak at once. And it takes back what it could not append in
// time, though the record stays in the log and may be committed later (3.4, indeterminate appends):
// until it has moved on, what it knew before will do.
//
// An answer about several transactions leaves when the slowest of them is known (6.6). The others
// may have moved on by then: what stood in their records at some moment since the question will do.
//
// Not looked at: answers of coordinators that do not lead their log any more, and of logs whose
// records were lost. InitProducerId is TransactionInvariants', Produce K4's, EndTxn K1's.
#pragma once

#include <deque>
#include <vector>

#include "models/check/check_context.h"
#include "models/check/exchanges.h"
#include "models/check/flat_map.h"

namespace eosim::check {

class AnswerInvariants {
 public:
  // Besides what is settled.
  static bool wants(Event fact) {
    return fact == Event::kLogAppended || fact == Event::kLogTail ||
           fact == Event::kLeaderStarted || fact == Event::kTransactionTransition;
  }
  void on_fact(const CheckContext& context);
  // A request of which a broker learns, or an answer that it sends.
  void on_message(const CheckContext& context, const sim::KernelRecord& record);
  size_t kept() const { return committed_.size() + taken_.size() + open_.open(); }

 private:
  // Partitions that are to be in a transaction, or are asked for.
  struct Registration {
    Name tid;
    ProducerIdAndEpoch producer;
    uint64_t instance = 0;
    bool reads = false;  // verifies, and changes nothing
    kafka::List<TopicPartition> partitions;
    // Those that stood in the record at some moment since the question; only kept if the request
    // names several transactions.
    kafka::List<TopicPartition> seen;
  };
  struct Offsets {
    Name group;
    ProducerIdAndEpoch producer;
    uint64_t instance = 0;
    kafka::List<kafka::OffsetAndEpoch> offsets;
  };
  struct Asked {
    std::vector<Registration> registrations;
    Offsets offsets;
  };
  // The newest committed record of a transactional id.
  struct Committed {
    kafka::TransactionState state{};
    ProducerIdAndEpoch producer;
    kafka::List<TopicPartition> partitions;
    TopicPartition log;
    Offset base;
  };
  // An offset in a batch of a transaction that was appended.
  struct Taken {
    Offset base;
    ProducerId producer;
    Name group;
    TopicPartition partition;
    Offset offset;
  };

  void on_settled(const CheckContext& context);
  void on_tail(const CheckContext& context);
  void on_append(const CheckContext& context);
  Asked kept_of(const CheckContext& context, const sim::KernelRecord& record) const;
  // The newest record that counts; null: none.
  const Committed* known(Name tid) const;
  bool holds(const Registration& asked, TopicPartition partition) const;
  static bool holds(const Committed* known, const Registration& asked, TopicPartition partition);
  void look(Asked& asked, Name tid) const;  // at the record of this transactional id
  void on_answer(const CheckContext& context, const sim::KernelRecord& record, const Asked& asked);
  void on_registered(const CheckContext& context, const Registration& asked,
                     TopicPartition partition) const;
  void on_taken(const CheckContext& context, const Offsets& asked, TopicPartition partition) const;

  Exchanges<Asked> open_;
  FlatMap<uint32_t, Committed> committed_;            // by Name::id
  FlatMap<uint32_t, Committed> believed_;             // older, until the coordinator moves on
  FlatMap<uint32_t, Committed> found_;                // newer, and in the log when its leader began
  FlatMap<TopicPartition, std::deque<Taken>> taken_;  // by log: the newest kTakenMax
};

}  // namespace eosim::check
