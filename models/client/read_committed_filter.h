// Which batches of one fetched partition a consumer hands out (transactions.md 4.12,
// groups-streams-replication.md 3.7; Kafka: CompletedFetch.nextFetchedRecord,
// consumeAbortedTransactionsUpTo, isBatchAborted, containsAbortMarker).
//
// Fed with the batches of one response in offset order. The response's list of aborted transactions
// overlaps the returned range; an entry becomes active once a batch reaches its first offset, and
// an ABORT marker of its producer ends it. Nothing is carried over to the next response: the broker
// sends every overlapping entry again.
#pragma once

#include "models/protocol/batch.h"
#include "models/protocol/messages.h"

namespace eosim::kafka {

struct BatchSummary {
  Offset base;
  Offset last;
  ProducerId producer;
  bool transactional = false;
  bool control = false;
  bool abort_marker = false;
};

BatchSummary summarize(const FetchedBatch& fetched, const RecordBatch& batch);

class ReadCommittedFilter {
 public:
  ReadCommittedFilter() = default;
  // read_uncommitted ignores `aborted`.
  ReadCommittedFilter(IsolationLevel isolation, List<AbortedTransaction> aborted);

  // Whether the records of the next batch are for the application. Control batches never are.
  bool delivers(const BatchSummary& batch);

 private:
  IsolationLevel isolation_ = IsolationLevel::kReadUncommitted;
  List<AbortedTransaction> queue_;  // by first offset
  size_t next_ = 0;
  List<ProducerId> aborted_;  // active; a set, without order of meaning
  Offset last_;
};

}  // namespace eosim::kafka
