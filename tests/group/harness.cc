#include "harness.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace eosim::kafka {

template <class Request>
RequestToken Harness::send(Request request) {
  if (!request.header.client_id.valid()) request.header.client_id = names.intern("c");
  const RequestToken token{{0, 0}, next_correlation_++};
  GroupEffects effects;
  gc.on_request(env(), token, request, effects);
  take(effects);
  return token;
}

template <class Response>
std::optional<Response> Harness::response(RequestToken token) const {
  for (const GroupEffect& effect : all) {
    const auto* answered = std::get_if<AnswerEffect<Response>>(&effect);
    if (answered != nullptr && answered->request == token) return answered->response;
  }
  return std::nullopt;
}

template RequestToken Harness::send(JoinGroupRequest request);
template std::optional<JoinGroupResponse> Harness::response(RequestToken token) const;
template RequestToken Harness::send(SyncGroupRequest request);
template std::optional<SyncGroupResponse> Harness::response(RequestToken token) const;
template RequestToken Harness::send(HeartbeatRequest request);
template std::optional<HeartbeatResponse> Harness::response(RequestToken token) const;
template RequestToken Harness::send(LeaveGroupRequest request);
template std::optional<LeaveGroupResponse> Harness::response(RequestToken token) const;
template RequestToken Harness::send(OffsetCommitRequest request);
template std::optional<OffsetCommitResponse> Harness::response(RequestToken token) const;
template RequestToken Harness::send(TxnOffsetCommitRequest request);
template std::optional<TxnOffsetCommitResponse> Harness::response(RequestToken token) const;
template RequestToken Harness::send(OffsetFetchRequest request);
template std::optional<OffsetFetchResponse> Harness::response(RequestToken token) const;

bool Harness::answered(RequestToken token) const {
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

Harness::~Harness() = default;

GroupCoordinatorConfig Harness::default_config() {
  GroupCoordinatorConfig config;
  config.self = {1};
  config.offsets_topic = {1};
  config.offsets_partitions = 1;
  return config;
}

GroupCoordinatorConfig Harness::config_with(
    std::initializer_list<std::pair<Switch, uint8_t>> switches) {
  GroupCoordinatorConfig config = default_config();
  for (const auto& [which, value] : switches) config.switches.set(which, value);
  return config;
}

Harness::Harness(GroupCoordinatorConfig config) : gc(config) {
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

std::vector<EmittedEvent> Harness::events(Event kind) const {
  std::vector<EmittedEvent> found;
  for (const GroupEffect& effect : all) {
    const auto* event = std::get_if<EmittedEvent>(&effect);
    if (event != nullptr && event->event == kind) found.push_back(*event);
  }
  return found;
}

void Harness::advance_ms(int64_t ms) {
  const sim::SteadyTime until = clock.steady + sim::milliseconds(ms);
  while (gc.next_deadline() <= until) {
    move_to(std::max(clock.steady, gc.next_deadline()));
    GroupEffects effects;
    gc.on_deadline(env(), effects);
    take(effects);
  }
  move_to(until);
}

void Harness::complete(size_t index, Error error) {
  const auto [token, base] = in_flight.at(index);
  in_flight.erase(in_flight.begin() + static_cast<std::ptrdiff_t>(index));
  GroupEffects effects;
  gc.on_append_done(env(), token, error, base, effects);
  take(effects);
}

void Harness::marker(int64_t pid, ControlType type, int64_t delay_ms) {
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

void Harness::load(int32_t epoch) {
  GroupEffects effects;
  gc.finish_load(env(), 0, {epoch}, log, effects);
  take(effects);
}

void Harness::restart() {
  GroupCoordinatorConfig config = gc.config();
  ++config.incarnation;
  gc = GroupCoordinator(config);
  in_flight.clear();
  gc.begin_load(0, {0});
  load(0);
}

void Harness::resign(int32_t epoch) {
  GroupEffects effects;
  gc.resign(0, {epoch}, effects);
  take(effects);
}

const Group& Harness::the_group() const {
  const Group* found = gc.find_group(group);
  REQUIRE(found != nullptr);
  return *found;
}

JoinGroupRequest Harness::join_request(Name member, int16_t version) {
  JoinGroupRequest request;
  request.header.version = version;
  request.group = group;
  request.member_id = member;
  request.protocol_type = consumer;
  request.protocols = {{range, {{{0}}, {}}}};
  return request;
}

SyncGroupRequest Harness::sync_request(Name member, int32_t generation) {
  SyncGroupRequest request;
  request.group = group;
  request.generation = {generation};
  request.member_id = member;
  return request;
}

Error Harness::heartbeat(Name member, int32_t generation, Name instance) {
  HeartbeatRequest request;
  request.group = group;
  request.generation = {generation};
  request.member_id = member;
  request.instance_id = instance;
  return response<HeartbeatResponse>(send(request))->error;
}

LeaveGroupRequest Harness::leave_request(Name member, Name instance) {
  LeaveGroupRequest request;
  request.header.version = 3;
  request.group = group;
  request.members = {{member, instance}};
  return request;
}

OffsetCommitRequest Harness::commit_request(Name member, int32_t generation, int64_t offset) {
  OffsetCommitRequest request;
  request.group = group;
  request.generation = {generation};
  request.member_id = member;
  request.offsets = {{p0, {offset}, {0}}};
  return request;
}

TxnOffsetCommitRequest Harness::txn_commit_request(int64_t pid, int64_t offset, int32_t generation,
                                                   Name member, Name instance) {
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

OffsetFetchResponse::Partition Harness::fetch(bool stable, int16_t version) {
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

Name Harness::first_member() {
  const RequestToken token = send(join_request());
  advance_ms(gc.config().initial_rebalance_delay_ms);
  const auto joined = response<JoinGroupResponse>(token);
  REQUIRE(joined);
  REQUIRE(joined->error == Error::kNone);
  return joined->member_id;
}

void Harness::sync_leader(Name leader, int32_t generation) {
  SyncGroupRequest request = sync_request(leader, generation);
  for (const Member& member : the_group().members()) {
    request.assignments.push_back({member.id, {}});
  }
  request.assignments.front().partitions = {p0};
  send(request);
}

Harness::Pair Harness::stable_pair() {
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

void Harness::move_to(sim::SteadyTime to) {
  clock.wall = clock.wall + (to - clock.steady);
  clock.steady = to;
}

Offset Harness::append(BatchId batch) {
  const Offset base{next_offset_};
  next_offset_ += batches[batch].count;
  log.push_back({base, batch});
  return base;
}

void Harness::take(const GroupEffects& effects) {
  all.insert(all.end(), effects.begin(), effects.end());
  for (const GroupEffect& effect : effects) {
    const auto* wanted = std::get_if<AppendEffect>(&effect);
    if (wanted == nullptr) continue;
    REQUIRE(wanted->partition == TopicPartition{{1}, 0});
    in_flight.emplace_back(wanted->token, append(wanted->batch));
  }
  while (!hold_appends && !in_flight.empty()) complete(0, Error::kNone);
}

}  // namespace eosim::kafka
