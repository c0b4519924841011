// What transactions.md 7.1 says of coordinators and no other checker looks at, by the records that
// they write and the sessions that clients get: a producer id has one owner (T1), no session is
// given out twice or before its record is committed (T2, T7, T17), epochs stay in range (T3), a
// marker comes after its decision (T6) and all markers of a run are of one kind where runs can be
// told apart (T5), Complete comes after every marker (T8), Prepare lists what was registered (T9),
// records hold what their state allows (T10), an end raises the epoch by what is promised (T18,
// T20); and a batch opens a transaction only where its coordinator knows of it (P15). Reported as
// K10 (T1), K11 (T2, T3, T9, T10, T17, T18, T20), K4 (T7), K1 (T5, T6, T8) and K6 (P15).
//
// T4, T13, T14, T15, T19, L1: K11, K5, K1, K7, K9, K7. T11: a coordinator asserts it. T12: K10.
// T16: no generation here has transactions without a timeout.
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class TransactionInvariants {
 public:
  // Besides markers that are settled.
  static bool wants(Event fact) {
    return fact == Event::kTransactionTransition || fact == Event::kTransactionLoaded ||
           fact == Event::kTransactionExpired || fact == Event::kProducerInitialized ||
           fact == Event::kTransactionBegan || fact == Event::kLogAppended;
  }
  void on_fact(const CheckContext& context);

 private:
  // What the newest record of a transactional id says.
  struct Known {
    bool complete = false;  // false: a record may be newer
    int state = kNoState;
    ProducerIdAndEpoch ongoing;  // session at the last Ongoing record
    std::vector<TopicPartition> partitions;
    int64_t prepared_ns = -1;
  };
  struct Holder {
    sim::ProcessId process;
    uint32_t incarnation = 0;
    ProducerIdAndEpoch session;
  };

  void on_transition(const CheckContext& context);
  void on_record(const CheckContext& context, const TransactionTransition& fact,
                 const kafka::TransactionLogRecord& record);
  void on_session(const CheckContext& context, Name tid, ProducerIdAndEpoch session, bool fresh);
  void on_marker(const CheckContext& context, const TailEntry& entry);
  void on_first_batch(const CheckContext& context);
  bool marked(const CheckContext& context, TopicPartition partition, ProducerId id,
              int64_t since_ns) const;

  FlatMap<uint32_t, Known> known_;     // by Name::id
  FlatMap<uint32_t, Holder> holders_;  // of the newest session, by Name::id
  FlatMap<ProducerId, Name> owners_;   // transactional
  FlatMap<ProducerId, bool> plain_;    // given out without a transactional id
  FlatMap<std::pair<TopicPartition, ProducerId>, int64_t> markers_;  // newest, when appended
};

}  // namespace eosim::check
