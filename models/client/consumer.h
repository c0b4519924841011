// A Kafka consumer as its application sees it: the classic poll loop on the application's thread
// and a heartbeat thread beside it (groups-streams-replication.md 3).
//
// Contract. A copyable value. The application's actor makes at most one blocking call at a time;
// the call returns a CallId, the step ends, and when the call is over the application's actor gets
// a kTimer step with ClientTimer::kCallDone, component of this consumer, large = the call's number.
// During a rebalance callback (take_poll() gave kRevoked, kLost or kAssigned, or a question of the
// application's own assignor) it may call commit_sync and committed; the callback ends with
// resume_poll(), and the same poll goes on. What
// arrives for the application's thread while it is not inside a call of this consumer waits until
// it is: a thread that is busy elsewhere processes nothing (3.5). The heartbeat thread goes on.
#pragma once

#include <optional>

#include "models/client/calls.h"
#include "models/client/committed_offsets.h"
#include "models/client/consumed_record.h"
#include "models/client/consumer_config.h"
#include "models/client/consumer_coordinator.h"
#include "models/client/end_offsets.h"
#include "models/client/fetcher.h"
#include "models/client/group_metadata.h"
#include "models/client/heartbeat.h"
#include "models/client/offset_committer.h"
#include "models/client/offset_resetter.h"
#include "models/client/position_validator.h"
#include "sim/context.h"
#include "sim/outbox.h"

namespace eosim::kafka {

struct PollResult {
  enum class Kind : uint8_t {
    kRecords,
    kEmpty,     // time is over, or a position moved past records that are not for us
    kRevoked,   // callbacks: `partitions`; to be ended with resume_poll()
    kLost,      //
    kAssigned,  //
    // Questions of the application's own assignor (Assignor::kApplication), ended alike.
    kSubscriptionUserData,  // subscriptionUserData(): answer_user_data()
    kAssign,                // assign(): group_subscription(), answer_assignment()
    kOnAssignment,          // onAssignment(): `partitions` and `user_data`; group_metadata() is new
    kError,                 // fatal for this consumer: `error`
  };
  Kind kind = Kind::kEmpty;
  List<ConsumedRecord> records;     // by partition in runs, offsets ascending within a partition
  List<TopicPartition> partitions;  // sorted; may be empty (a rebalance that gave us nothing)
  UserData user_data;
  CallResult error;
  // One of ConsumerRebalanceListener's.
  bool callback() const {
    return kind == Kind::kRevoked || kind == Kind::kLost || kind == Kind::kAssigned;
  }
};

class Consumer {
 public:
  explicit Consumer(ConsumerConfig config);

  // Group-managed: joins at the next poll.
  void subscribe(List<TopicId> topics);
  // By hand, from the earliest offset on: no group, no callbacks.
  void assign(sim::Context& context, List<TopicPartition> partitions);

  CallId poll(sim::Context& context, sim::Duration timeout);
  // The result of the poll that is done; once.
  PollResult take_poll();
  // Ends a callback. A new call id: what is left of the poll's time and of its loop.
  CallId resume_poll(sim::Context& context);

  // During kSubscriptionUserData and kAssign: what the group consists of, and the answers.
  const GroupSubscription& group_subscription() const { return coordinator_.group(); }
  void answer_user_data(UserData user_data);
  void answer_assignment(List<MemberAssignment> assignments);
  // Of its metadata; 0: unknown.
  int32_t partition_count(TopicId topic) const { return core_.metadata.partition_count(topic); }
  // What its assignors have in common.
  RebalanceProtocol rebalance_protocol() const { return coordinator_.protocol(); }

  // A plain OffsetCommit (not part of a transaction). Thrown: kNothing, kCommitFailed,
  // kRebalanceInProgress, kFencedInstanceId, kTimeout (outcome unknown), kFatal.
  CallId commit_sync(sim::Context& context, List<OffsetAndEpoch> offsets);
  // Committed offsets, stable where the release asks for it (KIP-447). kTimeout: still unstable.
  CallId committed(sim::Context& context, List<TopicPartition> partitions);
  // Of the last committed() that was ok, in the order asked; an unset offset: none committed.
  const List<OffsetAndEpoch>& committed_offsets() const;
  // Where these partitions end, for readers of this isolation level. kTimeout: some are unknown.
  CallId end_offsets(sim::Context& context, List<TopicPartition> partitions,
                     IsolationLevel isolation);
  // Of the last end_offsets() that was ok.
  const List<OffsetAndEpoch>& end_offsets_found() const { return ends_.found(); }
  // Leaves the group without a callback, also from within one, whose poll is then over: whoever
  // subscribes again is a new member.
  void unsubscribe(sim::Context& context);
  // Leaves the group (dynamic members only) and closes the connections. Raises no callback: the
  // application has dealt with assignment() before. Nothing but result() may be called after.
  CallId close(sim::Context& context);
  // Of commit_sync, committed and close; also of poll (kNothing unless PollResult::kError). None:
  // not done yet. Only the last call of each kind is kept.
  std::optional<CallResult> result(CallId call) const;

  // Both need an assigned partition; buffered records of it are dropped.
  void seek(sim::Context& context, TopicPartition partition, Offset offset);
  // With the epoch that was committed with the offset, if there was one: the position is validated.
  void seek(sim::Context& context, const OffsetAndEpoch& to);
  void seek_to_beginning(sim::Context& context, TopicPartition partition);
  // Assigned partitions. A paused one is not fetched and nothing of it is returned, until it is
  // resumed or taken away; what is buffered and its position stay.
  void pause(const List<TopicPartition>& partitions);
  void resume(const List<TopicPartition>& partitions);
  bool paused(TopicPartition partition) const;
  std::optional<Offset> position(TopicPartition partition) const;  // none: not known yet
  // The same with the epoch of the last batch before it, as commitSync() without arguments commits
  // it (SubscriptionState.allConsumed), and as ConsumerRecords.nextOffsets() gives it (KIP-1094).
  std::optional<OffsetAndEpoch> consumed(TopicPartition partition) const;
  bool assigned(TopicPartition partition) const;
  List<TopicPartition> assignment() const;  // sorted
  // (group, -1, "", instance) until the first rebalance has completed; then what the last completed
  // one gave, whatever has happened since (3.8): that is what fences a zombie.
  const GroupMetadata& group_metadata() const;
  // The next poll joins again.
  void enforce_rebalance();

  // Steps of the application's and of the heartbeat's actor that concern this consumer: timers with
  // its component (but kCallDone, which is the application's), messages and ends of its
  // connections.
  void step(sim::Context& context, const sim::Step& step);
  // The process dies without a close(): gives back what the world's stores hold for this consumer.
  void on_death(KafkaShared& shared);
  bool owns(sim::ConnectionId connection) const;

  // One line for reports: member state, generation, what the call in progress waits for.
  std::string describe() const;

 private:
  // An entry of the call table. A poll stands still during a callback (it is then not running) and
  // the callback may make another call: hence one entry for polls and one for all others.
  enum class Work : uint8_t { kNone, kPoll, kCommit, kCommitted, kEndOffsets, kClose };
  struct Call {
    CallId id;
    Work work = Work::kNone;
    bool running = false;
    sim::SteadyTime deadline;
    sim::TimerId timer;
    CallResult result;
  };

  bool inside() const { return poll_.running || other_.running; }
  CallId begin(sim::Context& context, Call& call, Work work, sim::SteadyTime deadline);
  void finish(sim::Context& context, Call& call, CallResult result);
  void finish_poll(sim::Context& context, PollResult::Kind kind);

  // Drives the running call as far as it goes.
  void drive(sim::Context& context);
  void run_poll(sim::Context& context);
  bool join(sim::Context& context, bool late);
  bool find_positions(sim::Context& context);
  bool try_collect(sim::Context& context);
  void run_commit(sim::Context& context);
  void run_committed(sim::Context& context);
  void run_end_offsets(sim::Context& context);
  void run_close(sim::Context& context);
  void saw_epochs(const List<OffsetAndEpoch>& offsets);

  void route(sim::Context& context, const Completion& completion);
  void route_all(sim::Context& context, const Completions& completions);
  bool in_background(sim::Context& context, const Completion& completion);
  void handle(sim::Context& context, const Reply& reply);
  void wake_application(sim::Context& context);
  void arm_retry(sim::Context& context);

  ConsumerCore core_;
  ConsumerCoordinator coordinator_;
  Heartbeat heartbeat_;
  CommittedOffsets position_offsets_;
  CommittedOffsets asked_offsets_;
  OffsetCommitter committer_;
  OffsetResetter resetter_;
  EndOffsets ends_;
  PositionValidator validator_;
  Fetcher fetcher_;

  Call poll_;
  Call other_;
  uint64_t last_call_ = 0;
  PollResult poll_result_;
  bool poll_result_ready_ = false;
  bool waiting_for_fetch_ = false;
  List<TopicPartition> committed_asked_;
  List<OffsetAndEpoch> committed_found_;
  uint64_t leave_tag_ = 0;
  bool closed_ = false;
  sim::Outbox<Reply> inbox_;  // for the application's thread, until it is inside a call
  bool wake_pending_ = false;
  sim::TimerId retry_timer_;
  sim::SteadyTime retry_timer_at_ = sim::kSteadyNever;
};

}  // namespace eosim::kafka
