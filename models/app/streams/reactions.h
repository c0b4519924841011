// What a Streams thread makes of an exception (groups-streams-replication.md 5.7; StreamsProducer,
// RecordCollectorImpl, TaskExecutor.commitOffsetsOrTransaction). A pure function: the table's rows
// are its tests. An abort is not among the calls: tasks are closed dirty whatever it comes to.
#pragma once

#include "models/client/calls.h"

namespace eosim::kafka {

enum class StreamsCall : uint8_t {
  kInit,               // initTransactions
  kBegin,              // beginTransaction
  kSend,               // send, and the failure of an earlier one that flush finds
  kSendOffsets,        // sendOffsetsToTransaction
  kCommitTransaction,  //
  kCommitSync,         // of the consumer: at_least_once
};

enum class StreamsReaction : uint8_t {
  kGoOn,
  kTryLater,   // the task, or the offsets, wait for the next round
  kMigrated,   // TaskMigratedException: the tasks are somebody else's by now
  kCorrupted,  // TaskCorruptedException: the task begins again from its changelog
  kDie,        // StreamsException: the thread ends
};

StreamsReaction react(StreamsCall call, const CallResult& result);

}  // namespace eosim::kafka
