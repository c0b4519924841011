// A group coordinator on a bench: a clock that tests move, one partition of __consumer_offsets
// whose log is a vector, and every answer kept. Appends are acknowledged at once unless a test says
// so.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "catch.h"
#include "models/group/group_coordinator.h"

namespace eosim::kafka {

class Harness {
 public:
  static GroupCoordinatorConfig default_config();
  static GroupCoordinatorConfig config_with(
      std::initializer_list<std::pair<Switch, uint8_t>> switches);

  explicit Harness(GroupCoordinatorConfig config = default_config());
  ~Harness();

  CoordinatorEnv env() { return {clock, names, batches, metadata}; }
  Name name(std::string_view text) { return text.empty() ? Name{} : names.intern(text); }

  // Both for what a coordinator of groups knows; harness.cc has the list.
  template <class Request>
  RequestToken send(Request request);
  template <class Response>
  std::optional<Response> response(RequestToken token) const;
  bool answered(RequestToken token) const;
  std::vector<EmittedEvent> events(Event kind) const;

  // Lets time pass in one jump to each deadline on the way.
  void advance_ms(int64_t ms);
  int64_t elapsed_ms() const { return (clock.steady - start).ms(); }

  // What waits for its acknowledgement, in order.
  std::vector<std::pair<uint64_t, Offset>> in_flight;
  void complete(size_t index, Error error);
  void marker(int64_t pid, ControlType type, int64_t delay_ms = 0);

  void load(int32_t epoch);
  // A new broker process over the same log.
  void restart();
  void resign(int32_t epoch);

  const Group& the_group() const;

  // --- requests
  // -----------------------------------------------------------------------------------

  JoinGroupRequest join_request(Name member = {}, int16_t version = 3);
  SyncGroupRequest sync_request(Name member, int32_t generation);
  Error heartbeat(Name member, int32_t generation, Name instance = {});
  LeaveGroupRequest leave_request(Name member, Name instance = {});
  OffsetCommitRequest commit_request(Name member, int32_t generation, int64_t offset = 10);
  TxnOffsetCommitRequest txn_commit_request(int64_t pid, int64_t offset, int32_t generation = -1,
                                            Name member = {}, Name instance = {});
  OffsetFetchResponse::Partition fetch(bool stable, int16_t version = 7);

  // --- situations
  // ---------------------------------------------------------------------------------

  // A member that has joined the group's first generation alone; the group awaits its Sync.
  Name first_member();
  void sync_leader(Name leader, int32_t generation);
  // m1 leads, m2 follows, generation 2.
  struct Pair {
    Name m1;
    Name m2;
  };
  Pair stable_pair();

  Names names;
  BatchStore batches;
  MetadataImage metadata;
  Clock clock;
  sim::SteadyTime start;
  GroupCoordinator gc;
  Name group;
  Name range;
  Name consumer;
  TopicPartition p0{{0}, 0};
  TopicPartition p1{{0}, 1};
  bool hold_appends = false;  // true: tests call complete()
  std::vector<GroupCoordinator::LogEntry> log;
  std::vector<GroupEffect> all;  // every effect so far

 private:
  void move_to(sim::SteadyTime to);
  Offset append(BatchId batch);
  void take(const GroupEffects& effects);

  uint32_t next_correlation_ = 1;
  int64_t next_offset_ = 0;
};

}  // namespace eosim::kafka
