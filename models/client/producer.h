// A Kafka producer as application threads see it (KafkaProducer; transactions.md 5.10, 5.11). A
// value: it is copied with the process that holds it.
//
// A call that blocks returns a CallId and the step ends. When the call is over, the application's
// actor gets a kTimer step with ClientTimer::kCallDone, this producer's component and the call's
// number; or kCallTimeout after max.block.ms, which must be handed to step() first. result() then
// says how it ended, once. A call that timed out is not cancelled: the same call may be made again
// (5.10). Every step of the process that concerns the producer is handed to step(): timers with its
// component, messages and ends of the connections it owns().
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "models/client/calls.h"
#include "models/client/group_metadata.h"
#include "models/client/producer_config.h"
#include "models/client/sender.h"
#include "sim/context.h"
#include "sim/process.h"

namespace eosim::kafka {

class Producer {
 public:
  explicit Producer(ProducerConfig config);

  // Transactional producers only; otherwise illegal.
  CallId init_transactions(sim::Context& context);
  CallResult begin_transaction(sim::Context& context);
  CallId send_offsets_to_transaction(sim::Context& context, const List<OffsetAndEpoch>& offsets,
                                     const GroupMetadata& group);
  CallId commit_transaction(sim::Context& context);
  CallId abort_transaction(sim::Context& context);
  // Appends to the accumulator, or throws. What becomes of the record shows in the transaction, in
  // facts, and in failed_records(). It blocks, at most max.block.ms, while the topic is not known
  // or the accumulator has no room (buffer.memory): then blocked_send() is the call that the thread
  // has to wait for, and result() tells what send() came to. Who does not wait is another thread.
  CallResult send(sim::Context& context, TopicPartition partition, const Record& record);
  // The last send(), while it blocks.
  CallId blocked_send() const { return blocked_.empty() ? CallId{} : blocked_.back().call; }
  // Over when every record sent so far was acknowledged or has failed.
  CallId flush(sim::Context& context);
  // Sends what is left, aborts an open transaction; by force after the timeout. Ends well always.
  CallId close(sim::Context& context, int32_t timeout_ms);
  // Of a call that is over; once.
  std::optional<CallResult> result(CallId call);

  void step(sim::Context& context, const sim::Step& step);
  // The process dies without a close(): gives back what the world's stores hold for this producer.
  void on_death(KafkaShared& shared);
  bool owns(sim::ConnectionId connection) const { return core_.network.owns(connection); }

  const ProducerConfig& config() const { return core_.config; }
  ProducerClientState state() const { return core_.manager.state(); }
  ProducerIdAndEpoch producer() const { return core_.manager.producer(); }
  CallResult last_error() const { return core_.manager.last_error(); }
  TransactionInstance instance() const { return core_.instance; }
  uint32_t incomplete_batches() const { return core_.accumulator.incomplete(); }
  // Records that were told to have failed, ever.
  uint64_t failed_records() const { return core_.failed_records; }
  // The offset of the last record that was acknowledged in this partition; unset: none was.
  Offset acknowledged(TopicPartition partition) const {
    const auto place = core_.acknowledged.find(partition);
    return place == core_.acknowledged.end() ? Offset{} : place->second;
  }
  bool closed() const { return closed_; }
  // "the answer to EndTxn"
  std::string waits_for() const { return closed_ ? "nothing" : sender_.waits_for(core_); }

 private:
  enum class CallKind : uint8_t { kInit, kSend, kSendOffsets, kFlush, kCommit, kAbort, kClose };
  // A record that send() has not got into the accumulator yet.
  struct BlockedSend {
    CallId call;
    TopicPartition partition;
    Record record;
  };
  struct Call {
    CallId id;
    CallKind kind = CallKind::kInit;
    uint64_t result = 0;    // of the transaction manager
    uint64_t flush_to = 0;  // number of the last batch that a flush waits for
    bool timed = false;
    sim::TimerId timer;
    bool done = false;
    CallResult outcome;
  };

  CallId start_call(sim::Context& context, Call call, int32_t timeout_ms);
  CallId start_call(sim::Context& context, CallKind kind, const ApiAnswer& answer);
  void end_call(sim::Context& context, Call& call, CallResult outcome);
  // Ends the calls whose outcome is there.
  void harvest(sim::Context& context);
  void on_call_timeout(sim::Context& context, uint64_t number);
  void run(sim::Context& context);
  // close(): true when it has just made the sender something to do.
  bool proceed_with_close(sim::Context& context);
  void finish_close(sim::Context& context);
  bool knows(TopicPartition partition) const {
    return partition.partition < core_.metadata.partition_count(partition.topic);
  }
  // What send() does when nothing holds it back; none: it has to wait.
  std::optional<CallResult> try_send(sim::Context& context, TopicPartition partition,
                                     const Record& record);
  CallResult append(sim::Context& context, TopicPartition partition, const Record& record);
  // The error is in the future that send() returns.
  CallResult fail_send(sim::Context& context, Error error);
  // Blocked sends that can go on, first come first served. true: the sender has something new.
  bool admit(sim::Context& context);
  void emit_manager_events(sim::Context& context);

  ProducerCore core_;
  Sender sender_;
  std::vector<Call> calls_;
  std::deque<BlockedSend> blocked_;  // in the order of their calls
  uint64_t last_call_ = 0;
  bool closing_ = false;
  bool closed_ = false;
};

}  // namespace eosim::kafka
