// A thread that polls a consumer of a group: what all loops over an input do alike. A callback of a
// rebalance is a poll that has returned early; the thread does what it wants to do in it, and then
// goes on with that poll.
#pragma once

#include <map>

#include "models/app/loop_thread.h"

namespace eosim::kafka {

class PollingThread : public LoopThread {
 protected:
  using LoopThread::LoopThread;

  bool transactional() const { return config().commit != OffsetCommitWay::kPlain; }
  // To a producer that takes offsets into a transaction (KIP-447).
  bool tells_membership() const { return config().commit != OffsetCommitWay::kTransaction; }
  Consumer& consumer(LoopEnv& env) { return env.clients.consumer(consumer_); }
  void create_consumer(LoopEnv& env);
  // Asks for a rebalance first, if the thread is to join again.
  void start_poll(LoopEnv& env, sim::Duration longest);
  void take_poll(LoopEnv& env);
  void resume_poll(LoopEnv& env);
  void ask_committed(LoopEnv& env, List<TopicPartition> partitions);
  void close_consumer(LoopEnv& env);
  void remove_consumer(LoopEnv& env);

  // How far the outputs of a list of records have been sent.
  struct Sending {
    size_t record = 0;
    int32_t output = 0;
  };
  // Goes on from there up to the record `end`, until one throws, or one blocks: then the thread
  // waits, and result() will be what that send() came to. Outputs are a deterministic function of
  // their input, with its lineage.
  CallResult send_outputs(LoopEnv& env, uint32_t producer, const List<ConsumedRecord>& inputs,
                          Sending& at, size_t end);
  // What the consumer has read up to behind a record that it returned, to be committed
  // (groups-streams-replication.md 4.2: "lastOffset+1 or position"), with the epoch that guards the
  // next owner against a leader of before. A call since then may have made the position unknown.
  OffsetAndEpoch read_up_to(LoopEnv& env, const ConsumedRecord& record);
  // The application asks for offsets to be committed, and says so: outside transactions, or with
  // what is known of the membership if the application hands it on (KIP-447).
  void commit_plain_offsets(LoopEnv& env, const List<OffsetAndEpoch>& offsets);
  void send_offsets_to_transaction(LoopEnv& env, uint32_t producer,
                                   const List<OffsetAndEpoch>& offsets, GroupMetadata group,
                                   bool tells_membership);
  // Reads on from what ask_committed() has brought, or from the beginning where there is none
  // (4.4); nothing for a partition that is not ours any more. false: it has brought nothing.
  bool seek_back(LoopEnv& env);
  void take_time_for(LoopEnv& env, size_t records);  // to transform them
  // How long the next poll may take: until the next commit is due if there is work.
  sim::Duration poll_time(const LoopEnv& env, bool work) const;
  bool commit_due(const LoopEnv& env) const;
  void committed_now(const LoopEnv& env) { last_commit_ = env.context.steady(); }

  using Positions = std::map<TopicPartition, OffsetAndEpoch>;
  static List<OffsetAndEpoch> listed(const Positions& positions);

  uint32_t consumer_ = 0;
  PollResult polled_;
  bool in_callback_ = false;  // of the poll that is going on

 private:
  void started(const LoopEnv& env) override { committed_now(env); }
  CallResult send_output(LoopEnv& env, uint32_t producer, const ConsumedRecord& input,
                         int32_t ordinal);

  sim::SteadyTime last_commit_{};
};

}  // namespace eosim::kafka
