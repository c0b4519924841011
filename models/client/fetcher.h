// Fetches records ahead of the application and hands them out (Fetcher and CompletedFetch;
// groups-streams-replication.md 3.6, 3.7).
//
// One Fetch a broker in flight, for the partitions that have a valid position and nothing buffered,
// each with the epoch of the leader as it is known. A
// response that does not begin at the position, or whose partition is no longer assigned, is
// dropped. The batches of what is buffered, and of what the last poll returned, are retained in the
// store.
#pragma once

#include "models/client/consumer_core.h"
#include "models/client/read_committed_filter.h"

namespace eosim::kafka {

struct ConsumedRecord;

class Fetcher {
 public:
  // A new poll begins: the application is done with the records of the last one.
  void begin_poll(sim::Context& context);
  // The consumer is closed: nothing is retained any more.
  void drop_all(KafkaShared& shared);
  void send(sim::Context& context, ConsumerCore& core);
  void on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

  // Appends up to max.poll.records buffered records and moves the positions past them; unless it
  // stops at that number, also past the control and aborted batches that follow. true: a position
  // has moved.
  bool collect(sim::Context& context, ConsumerCore& core, List<ConsumedRecord>& records);

  // Not ok: OFFSET_OUT_OF_RANGE and no policy for it.
  CallResult failure() const { return failure_; }

 private:
  struct InFlight {
    uint64_t tag = 0;
    BrokerId broker;
    uint64_t assignment_number = 0;
  };
  struct Asked {
    BrokerId broker;
    FetchRequest::Partition what;
  };
  // What one response holds of one partition.
  struct CompletedFetch {
    TopicPartition partition;
    uint64_t assignment_number = 0;
    Offset next;             // to hand out; equal to the position, or this is of the past
    LeaderEpoch last_epoch;  // of the batch that `next` lies in or behind
    FetchedBatches batches;
    size_t batch = 0;  // the current one
    bool judged = false;
    bool delivers = false;
    ReadCommittedFilter filter;
  };

  void release_held(KafkaShared& shared);
  bool buffered(TopicPartition partition) const;
  bool busy(BrokerId broker) const;
  void take(sim::Context& context, ConsumerCore& core, const FetchResponse::Partition& answer,
            uint64_t assignment_number);
  void on_error(sim::Context& context, ConsumerCore& core, TopicPartition partition, Error error);
  bool current(const ConsumerCore& core, const CompletedFetch& fetch) const;
  void drain(sim::Context& context, const ConsumerCore& core, CompletedFetch& fetch,
             List<ConsumedRecord>& records);
  void hand_out(sim::Context& context, const ConsumerCore& core, CompletedFetch& fetch,
                const BatchSummary& batch, List<ConsumedRecord>& records);
  void hand_out_cleaned(sim::Context& context, const ConsumerCore& core, CompletedFetch& fetch,
                        const BatchSummary& batch, List<ConsumedRecord>& records);
  void tell_delivered(sim::Context& context, const ConsumerCore& core, const CompletedFetch& fetch,
                      const BatchSummary& batch, int64_t first_index, int64_t count);

  List<InFlight> in_flight_;
  List<CompletedFetch> completed_;  // in the order of arrival
  List<BatchId> held_;              // released at the next poll
  CallResult failure_;
  List<Asked> asked_;  // of send(): means nothing afterwards; here for its memory
};

}  // namespace eosim::kafka
