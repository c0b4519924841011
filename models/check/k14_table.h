// K14 table. The tables of an application (groups-streams-replication.md 5.6, 8: S2, S6): a table
// counts the records of its input by key, and each committed record of its changelog is one update,
// with the value after it.
//
// As it happens: the n-th update of a key has the value n, and no input record updates twice. A
// smaller value has forgotten an update that was committed, a greater one has counted a record
// twice, or one whose transaction was aborted. When a store was restored: it holds, for each key,
// the last committed value below the position that it was restored to. What a store has been given
// may be decided and lack its marker still (a checkpoint is written when EndTxn is answered): it is
// judged when nothing below that position is open, or at the end.
//
// Not here: an input record that updates nothing at all is K3's lost_output. A table whose
// changelog lost records for a reason that no protocol helps against is not judged any more. Of a
// key's history so many updates are kept as a restore can be behind; below them nothing is judged.
#pragma once

#include <map>
#include <vector>

#include "models/check/check_context.h"

namespace eosim::check {

class TableCheck {
 public:
  // Beside effects that show, and records that are lost.
  static bool wants(Event fact) {
    return fact == Event::kStreamsStoreEntry || fact == Event::kStreamsRestored;
  }
  void on_fact(const CheckContext& context);
  void at_quiescence(const CheckContext& context);

 private:
  struct Update {
    Offset at;
    int64_t value = 0;
  };
  struct Row {
    int64_t updates = 0;
    std::vector<Update> newest;  // by offset; the oldest are let go
    bool folded = false;
  };
  struct Restore {
    sim::ProcessId process;
    Offset position;
    std::map<int32_t, int64_t> store;
  };
  struct Table {
    std::map<int32_t, Row> rows;
    std::map<int32_t, int64_t> restored;  // what a restore has told so far
    std::vector<Restore> unjudged;
    bool judged = true;
  };

  void update(const CheckContext& context, const VisibleEffect& visible);
  void restored(const CheckContext& context);
  void judge_restores(const CheckContext& context, bool all);
  void judge(const CheckContext& context, TopicPartition changelog, const Restore& restore);

  std::map<TopicPartition, Table> tables_;
  size_t unjudged_ = 0;  // restores of all tables
};

}  // namespace eosim::check
