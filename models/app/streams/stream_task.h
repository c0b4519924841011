// A task: one partition of a sub-topology's work (groups-streams-replication.md 5.1; StreamTask,
// StandbyTask). A plain value; whoever makes calls for it is the thread.
#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "models/app/topology.h"
#include "models/client/group_metadata.h"
#include "models/protocol/batch.h"
#include "models/protocol/messages.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

enum class TaskState : uint8_t { kCreated, kRestoring, kRunning, kSuspended, kClosed };
std::string_view word(TaskState state);  // "RUNNING"
bool legal_transition(TaskState from, TaskState to);

// A producer as StreamsProducer has it: of a task (exactly_once) or of a thread.
struct StreamsProducer {
  uint32_t component = UINT32_MAX;
  std::string transactional_id;  // "": at_least_once
  bool initialised = false;      // initTransactions() has returned
  bool in_transaction = false;   // begin is lazy: with the first record or the commit
  uint64_t failed_before = 0;    // records that had failed when somebody last looked
};

// A record that was fetched and waits: a copy, because a consumer keeps what it returned until the
// next poll only.
struct BufferedRecord {
  TopicPartition partition;
  Offset offset;
  Record record;
  LeaderEpoch leader_epoch;  // of its batch
};

class StreamTask {
 public:
  StreamTask(TaskId of, List<TopicPartition> inputs, bool active);

  TaskId id() const { return id_; }
  bool active() const { return active_; }
  TaskState state() const { return state_; }
  void enter(TaskState to);
  List<TopicPartition> inputs() const;
  bool reads(TopicPartition partition) const;

  // --- records -----------------------------------------------------------------------------------
  void add(const BufferedRecord& record);
  // Takes the next record, that with the lowest timestamp of all queues; none: nothing is buffered.
  std::optional<BufferedRecord> take();
  size_t buffered(TopicPartition partition) const;
  bool has_records() const;
  // What is buffered, and what was processed since the last commit, is forgotten.
  void clear();

  // --- commit (5.5) ------------------------------------------------------------------------------
  bool commit_needed() const { return commit_needed_; }
  void committed() { commit_needed_ = false; }
  // For each consumed partition: the first record that waits, else where the consumer reads on
  // (nothing known: behind the last record); before 2.5 always behind the last record. With the
  // leader epoch of that record, or of the position, since 4.0 (KAFKA-15344, KIP-1094).
  List<OffsetAndEpoch> committable(const List<OffsetAndEpoch>& positions, CommitPosition way) const;

  // --- store (5.6) -------------------------------------------------------------------------------
  Offset changelog_position;             // what the table reflects; unset: not known yet
  Offset restore_target;                 // unset: not asked for yet
  bool revived = false;                  // was corrupted: positions are those committed
  std::optional<StreamsProducer> owner;  // exactly_once: its own producer
  bool restored() const {
    return changelog_position.valid() && restore_target.valid() &&
           changelog_position >= restore_target;
  }

 private:
  struct Queue {
    TopicPartition partition;
    std::deque<BufferedRecord> records;
    Offset last_processed;  // since the task was created or cleared
  };
  Queue* find(TopicPartition partition);
  const Queue* find(TopicPartition partition) const;

  TaskId id_;
  bool active_;
  TaskState state_ = TaskState::kCreated;
  std::vector<Queue> queues_;  // by partition
  bool commit_needed_ = false;
};

}  // namespace eosim::kafka
