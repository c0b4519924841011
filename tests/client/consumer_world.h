// A world of one stub broker and one consumer. The broker answers by script: a group of one member,
// canned partitions, errors in a queue by RPC. The application polls in a loop and writes down what
// it saw; commands reach it as kControl steps.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "models/client/consumer.h"
#include "models/protocol/shared.h"
#include "sim/world.h"

namespace eosim::kafka::consumer_test {

using Strings = std::vector<std::string>;

inline constexpr TopicPartition kP0{{0}, 0};
inline constexpr TopicPartition kP1{{0}, 1};
inline constexpr sim::ActorId kApplication{0};
inline constexpr sim::ActorId kHeartbeat{1};
inline constexpr uint32_t kComponent = 3;

class TestShared final : public KafkaShared {
 public:
  std::unique_ptr<sim::Shared> clone() const override {
    return std::make_unique<TestShared>(*this);
  }
  std::vector<sim::Target> resolve(const sim::World& world, std::string_view) const override {
    // The only selector that the tests use: the application's thread.
    return {{world.find("app"), true, kApplication}};
  }
  std::vector<sim::ActorId> stallable_actors(const sim::World&, sim::ProcessId) const override {
    return {kApplication};
  }
  void apply(sim::World&, const sim::FaultSpec&, bool) override {}
};

// "call ended: commit failed".
inline std::string call_ended(Thrown thrown) {
  constexpr const char* kWords[] = {"well",    "timeout",       "fenced",    "stale",
                                    "order",   "commit failed", "rebalance", "instance",
                                    "illegal", "abortable",     "fatal"};
  return std::string("call ended: ") + kWords[static_cast<size_t>(thrown)];
}

struct CannedPartition {
  FetchedBatches batches;
  List<AbortedTransaction> aborted;
  Offset end{0};     // exclusive: high watermark or last stable offset
  Offset committed;  // unset: none
  LeaderEpoch committed_epoch;
  LeaderEpoch read_epoch{0};  // of the batches, and the greatest that this leader has
  Offset epoch_end;           // where it ends; unset: at the end
};

class StubBroker final : public sim::Process {
 public:
  std::map<TopicPartition, CannedPartition> partitions;
  std::map<Rpc, std::deque<Error>> errors;  // taken one by one; kNone: an ordinary answer
  std::vector<std::string> seen;            // requests, without Fetch and Metadata
  List<OffsetFetchRequest> offset_fetches;
  List<OffsetCommitRequest> commits;
  List<OffsetForLeaderEpochRequest> epoch_questions;
  List<LeaderEpoch> fetch_epochs;  // of partition 0: what each Fetch took for the leader's
  List<JoinGroupRequest> joins;
  List<SyncGroupRequest> syncs;
  List<HeartbeatRequest> beats;
  std::map<Rpc, int> closes;  // so many requests are answered by the end of their connection
  int metadata_requests = 0;
  Generation generation{0};
  bool silent = false;                     // group requests are never answered
  std::deque<List<TopicPartition>> gives;  // assignments of the next Syncs, instead of the leader's
  sim::Duration sync_delay;                // before SyncGroup is answered
  const char* speaks = "2.5";
  MetadataId image;

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<StubBroker>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override { return clone(); }
  std::string describe() const override { return "stub"; }

 private:
  struct Parked {
    sim::ConnectionId connection;
    uint32_t correlation = 0;
    bool sync = false;
    List<TopicPartition> assignment;
  };
  template <class Response>
  void answer(sim::Context& context, Response response);
  void answer_fetch(sim::Context& context, const FetchRequest& request);
  void answer_join(sim::Context& context, const JoinGroupRequest& request);
  Error next_error(Rpc rpc);

  sim::Message message_;
  std::vector<Parked> parked_;
};

// What the application of the tests does.
class StubApplication final : public sim::Process {
 public:
  explicit StubApplication(ConsumerConfig config) : consumer(std::move(config)) {}

  enum class Command : uint64_t {
    kNone,
    kCommit,
    kCommitted,
    kClose,
    kEnforceRebalance,
    kPause,
    kResume
  };

  Consumer consumer;
  List<TopicPartition> by_hand;  // empty: subscribes to topic 0
  sim::Duration poll_timeout = sim::milliseconds(200);
  bool hold_callbacks = false;
  Command next = Command::kNone;  // instead of the next poll
  int polls = 0;
  std::vector<std::string> seen;  // "assigned 0 1", "records 0:3 0:4", "committed 0@7", ...
  std::vector<std::optional<Offset>> positions;  // of partition 0, after each poll with records
  List<int64_t> delivered;                       // offsets of partition 0

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<StubApplication>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override { return clone(); }
  void on_death(sim::Shared& shared) override {
    consumer.on_death(static_cast<KafkaShared&>(shared));
  }
  std::string describe() const override { return consumer.describe(); }

 private:
  void go_on(sim::Context& context);
  void polled(sim::Context& context);
  bool answer_assignor(const PollResult& result);

  CallId call_;
  bool polling_ = false;
  Command running_ = Command::kNone;
};

struct TestWorld {
  explicit TestWorld(bool with_group = true, const char* preset = "2.5");

  ConsumerConfig config;
  std::unique_ptr<sim::World> world;
  sim::ProcessId broker_id;
  sim::ProcessId app_id;

  void build();
  StubBroker& broker() { return dynamic_cast<StubBroker&>(world->process(broker_id)); }
  StubApplication& app() { return dynamic_cast<StubApplication&>(world->process(app_id)); }
  TestShared& shared() { return dynamic_cast<TestShared&>(world->shared()); }
  void run(sim::Duration length);
  // Appends a batch to a partition of the stub; a marker if `marker` is given.
  void append(TopicPartition partition, int32_t count, int64_t producer,
              std::optional<ControlType> marker = {});
  void stall_application(sim::Duration length);
  // From the next Metadata on, the leader of both partitions is one of this epoch.
  void lead(int32_t epoch);
};

// A member of a group with three records to read.
TestWorld member(const char* preset = "2.5");
size_t times_seen(const Strings& seen, std::string_view what);

}  // namespace eosim::kafka::consumer_test
