// A group coordinator on a bench: a clock that tests move, one partition of __consumer_offsets
// whose log is a vector, and every answer kept. Appends are acknowledged at once unless a test says
// so.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "catch.h"
#include "coverage_dump.h"
#include "models/group/coverage.h"
#include "models/group/group_coordinator.h"
#include "models/group/replay.h"

namespace eosim::kafka {

inline testing::CoverageDump coverage{&group_coverage()};

class Harness {
 public:
  static GroupCoordinatorConfig default_config() {
    GroupCoordinatorConfig config;
    config.self = {1};
    config.offsets_topic = {1};
    config.offsets_partitions = 1;
    return config;
  }
  static GroupCoordinatorConfig config_with(
      std::initializer_list<std::pair<Switch, uint8_t>> switches) {
    GroupCoordinatorConfig config = default_config();
    for (const auto& [which, value] : switches) config.switches.set(which, value);
    return config;
  }

  explicit Harness(GroupCoordinatorConfig config = default_config()) : gc(config) {
    metadata.topics.resize(2);
    metadata.topics[0] = {{0}, false, List<PartitionMetadata>(4)};
    metadata.topics[1] = {{1}, true, List<PartitionMetadata>(1)};
    clock = {{sim::seconds(1'000).ns}, {sim::seconds(5).ns}};
    start = clock.steady;
    group = names.intern("g");
    range = names.intern("range");
    consumer = names.intern("consumer");
    gc.begin_load(0, {0});
    load(0);
  }

  CoordinatorEnv env() { return {clock, names, batches, metadata}; }
  Name name(std::string_view text) { return text.empty() ? Name{} : names.intern(text); }

  template <class Request>
  RequestToken send(Request request) {
    if (!request.header.client_id.valid()) request.header.client_id = names.intern("c");
    const RequestToken token{{0, 0}, next_correlation_++, met_by(gc, names, request)};
    GroupEffects effects;
    gc.on_request(env(), token, request, effects);
    take(effects);
    return token;
  }
  template <class Response>
  std::optional<Response> response(RequestToken token) const {
    for (const GroupEffect& effect : all) {
      const auto* answered = std::get_if<AnswerEffect<Response>>(&effect);
      if (answered != nullptr && answered->request == token) return answered->response;
    }
    return std::nullopt;
  }
  bool answered(RequestToken token) const {
    for (const GroupEffect& effect : all) {
      const bool is = std::visit(
          [&](const auto& e) {
            if constexpr (requires { e.request; }) return e.request == token;
            return false;
          },
          effect);
      if (is) return true;
    }
    return false;
  }
  std::vector<EmittedEvent> events(Event kind) const {
    std::vector<EmittedEvent> found;
    for (const GroupEffect& effect : all) {
      const auto* event = std::get_if<EmittedEvent>(&effect);
      if (event != nullptr && event->event == kind) found.push_back(*event);
    }
    return found;
  }

  // Lets time pass in one jump to each deadline on the way.
  void advance_ms(int64_t ms) {
    const sim::SteadyTime until = clock.steady + sim::milliseconds(ms);
    while (gc.next_deadline() <= until) {
      move_to(std::max(clock.steady, gc.next_deadline()));
      GroupEffects effects;
      gc.on_deadline(env(), effects);
      take(effects);
    }
    move_to(until);
  }
  int64_t elapsed_ms() const { return (clock.steady - start).ms(); }

  // What waits for its acknowledgement, in order.
  std::vector<std::pair<uint64_t, Offset>> in_flight;
  void complete(size_t index, Error error) {
    const auto [token, base] = in_flight.at(index);
    in_flight.erase(in_flight.begin() + static_cast<std::ptrdiff_t>(index));
    done(token, error, base);
  }
  void done(uint64_t token, Error error, Offset base = {0}) {
    GroupEffects effects;
    gc.on_append_done(env(), token, error, base, effects);
    take(effects);
  }
  void marker(int64_t pid, ControlType type, int64_t delay_ms = 0) {
    RecordBatch batch;
    batch.producer = {{pid}, {0}};
    batch.transactional = true;
    batch.count = 1;
    batch.payload = Marker{type, {0}};
    append(batches.put(batch));
    GroupEffects effects;
    gc.on_marker_replicated(env(), 0, {pid}, type, sim::milliseconds(delay_ms), effects);
    take(effects);
  }

  void load(int32_t epoch) {
    GroupEffects effects;
    gc.finish_load(env(), 0, {epoch}, log, effects);
    take(effects);
  }
  // A new broker process over the same log.
  void restart() {
    GroupCoordinatorConfig config = gc.config();
    ++config.incarnation;
    gc = GroupCoordinator(config);
    in_flight.clear();
    gc.begin_load(0, {0});
    load(0);
  }
  void resign(int32_t epoch) {
    GroupEffects effects;
    gc.resign(0, {epoch}, effects);
    take(effects);
  }

  // Straight into the log, behind the coordinator's back.
  Offset append(BatchId batch) {
    const Offset base{next_offset_};
    next_offset_ += batches[batch].count;
    log.push_back({base, batch});
    return base;
  }

  const Group& the_group() const {
    const Group* found = gc.find_group(group);
    REQUIRE(found != nullptr);
    return *found;
  }

  // --- requests
  // -----------------------------------------------------------------------------------

  JoinGroupRequest join_request(Name member = {}, int16_t version = 3) {
    JoinGroupRequest request;
    request.header.version = version;
    request.group = group;
    request.member_id = member;
    request.protocol_type = consumer;
    request.protocols = {{range, {{{0}}, {}}}};
    return request;
  }
  JoinGroupRequest static_join(std::string_view instance, int16_t version = 5) {
    JoinGroupRequest request = join_request({}, version);
    request.instance_id = name(instance);
    return request;
  }
  SyncGroupRequest sync_request(Name member, int32_t generation) {
    SyncGroupRequest request;
    request.group = group;
    request.generation = {generation};
    request.member_id = member;
    return request;
  }
  Error heartbeat(Name member, int32_t generation, Name instance = {}) {
    HeartbeatRequest request;
    request.group = group;
    request.generation = {generation};
    request.member_id = member;
    request.instance_id = instance;
    return response<HeartbeatResponse>(send(request))->error;
  }
  LeaveGroupRequest leave_request(Name member, Name instance = {}) {
    LeaveGroupRequest request;
    request.header.version = 3;
    request.group = group;
    request.members = {{member, instance}};
    return request;
  }
  OffsetCommitRequest commit_request(Name member, int32_t generation, int64_t offset = 10) {
    OffsetCommitRequest request;
    request.group = group;
    request.generation = {generation};
    request.member_id = member;
    request.offsets = {{p0, {offset}, {0}}};
    return request;
  }
  TxnOffsetCommitRequest txn_commit_request(int64_t pid, int64_t offset, int32_t generation = -1,
                                            Name member = {}, Name instance = {}) {
    TxnOffsetCommitRequest request;
    request.header.version = 3;
    request.group = group;
    request.producer = {{pid}, {0}};
    request.generation = {generation};
    request.member_id = member;
    request.instance_id = instance;
    request.offsets = {{p0, {offset}, {0}}};
    return request;
  }
  OffsetFetchResponse::Partition fetch(bool stable, int16_t version = 7) {
    OffsetFetchRequest request;
    request.header.version = version;
    request.group = group;
    request.require_stable = stable;
    request.partitions = {p0};
    const auto answer = response<OffsetFetchResponse>(send(request));
    REQUIRE(answer);
    REQUIRE(answer->error == Error::kNone);
    REQUIRE(answer->partitions.size() == 1);
    return answer->partitions[0];
  }

  // --- situations
  // ---------------------------------------------------------------------------------

  // A member that has joined the group's first generation alone; the group awaits its Sync.
  Name first_member() {
    const RequestToken token = send(join_request());
    advance_ms(gc.config().initial_rebalance_delay_ms);
    const auto joined = response<JoinGroupResponse>(token);
    REQUIRE(joined);
    REQUIRE(joined->error == Error::kNone);
    return joined->member_id;
  }
  void sync_leader(Name leader, int32_t generation) {
    SyncGroupRequest request = sync_request(leader, generation);
    for (const Member& member : the_group().members()) {
      request.assignments.push_back({member.id, {}});
    }
    request.assignments.front().partitions = {p0};
    send(request);
  }
  // m1 leads, m2 follows, generation 2.
  struct Pair {
    Name m1;
    Name m2;
  };
  Pair stable_pair() {
    const Name m1 = first_member();
    sync_leader(m1, 1);
    const RequestToken second = send(join_request());
    send(join_request(m1));
    const Name m2 = response<JoinGroupResponse>(second)->member_id;
    send(sync_request(m2, 2));
    sync_leader(m1, 2);
    REQUIRE(the_group().is(GroupState::kStable));
    REQUIRE(the_group().generation().value == 2);
    return {m1, m2};
  }

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
  bool replayed = true;       // after every step the log is held against the cache
  std::vector<GroupCoordinator::LogEntry> log;
  std::vector<GroupEffect> all;  // every effect so far

 private:
  void move_to(sim::SteadyTime to) {
    clock.wall = clock.wall + (to - clock.steady);
    clock.steady = to;
  }
  void take(const GroupEffects& effects) {
    all.insert(all.end(), effects.begin(), effects.end());
    for (const GroupEffect& effect : effects) {
      std::visit(
          [](const auto& e) {
            if constexpr (requires { e.request; }) {
              note_answer(coverage.reached, e.request.met, e.response);
            }
          },
          effect);
    }
    for (const GroupEffect& effect : effects) {
      const auto* wanted = std::get_if<AppendEffect>(&effect);
      if (wanted == nullptr) continue;
      REQUIRE(wanted->partition == TopicPartition{{1}, 0});
      in_flight.emplace_back(wanted->token, append(wanted->batch));
    }
    while (!hold_appends && !in_flight.empty()) complete(0, Error::kNone);
    if (replayed) {
      const auto difference = replay_mismatch(gc, 0, batches, names, log);
      INFO(difference.value_or(""));
      CHECK_FALSE(difference);
    }
  }

  uint32_t next_correlation_ = 1;
  int64_t next_offset_ = 0;
};

inline Error status(const Harness& h, RequestToken token) {
  if (const auto plain = h.response<OffsetCommitResponse>(token)) return plain->partitions[0].error;
  return h.response<TxnOffsetCommitResponse>(token)->partitions[0].error;
}

}  // namespace eosim::kafka
