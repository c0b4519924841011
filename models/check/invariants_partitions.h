// What transactions.md 7.2 says of the batches of a partition, held against the settled log: epochs
// of a producer never run back (P1), its sequences follow one another (P2, P4) and begin with 0
// where that is promised (P3), coordinator epochs of its markers never run back (P13), a marker is
// not ahead of the data that it ends (P14), and where every transaction has its own epoch its
// batches and its marker are of one run (P11, P12). Reported as K5 (P1), K10 (P2 to P4, P13, P14)
// and K1 (P11, P12).
//
// P5, P9, P16, P18: K9. P6, P8, P17: K10. P7: K9. P10: K6. P15: invariants_transactions. P19: K4. A
// producer that was silent for as long as its entry may expire begins anew, as does a partition
// that has lost records. P20 cannot be broken here: only markers are control batches.
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class PartitionInvariants {
 public:
  // When something is settled or lost.
  void on_fact(const CheckContext& context);

 private:
  struct Producer {
    ProducerEpoch epoch;
    int64_t last_sequence = -1;  // in this epoch; -1: none
    ProducerEpoch data_epoch;    // of the newest batch of the open transaction; unset: none is open
    uint64_t instance = 0;       // of the first batch of the open transaction
    int64_t coordinator_epoch = -1;
    int64_t last_ns = 0;
  };

  void on_data(const CheckContext& context, const TailEntry& entry, Producer& known);
  void on_marker(const CheckContext& context, const TailEntry& entry, Producer& known);

  FlatMap<std::pair<TopicPartition, ProducerId>, Producer> producers_;
};

}  // namespace eosim::check
