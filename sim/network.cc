// Connections, as over TCP: order holds within one direction of one connection and nowhere else. A
// message is delivered at the later of its own draw and its predecessor's delivery. When a
// connection ends from the client's side, each request that is still on the way is drawn to be
// lost, to arrive in its time, or to arrive late; the answer goes nowhere (design.md section 2,
// Network).
//
// Where a message is: on the way (in the queue and in requests/responses of its connection), held
// by a partition (held_*), arrived at a server that still handles an earlier request of the
// connection (backlog), or deferred with its process. It is always in exactly one of these.

#include <algorithm>

#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::sim {

namespace {

constexpr uint32_t kSentMark = 0x1000'0000;
constexpr uint32_t kDeliveredMark = 0x2000'0000;
constexpr uint32_t kDroppedMark = 0x3000'0000;
constexpr uint32_t kClosedMark = 0x4000'0000;

uint32_t mark(uint32_t what, MessageKind kind, bool request) {
  return what | (request ? 0x1'0000u : 0u) | kind.index;
}

}  // namespace

ConnectionId World::connect(ProcessId client, ActorId owner, ProcessId server) {
  uint32_t place;
  if (free_connections_.empty()) {
    place = static_cast<uint32_t>(connections_.size());
    connections_.emplace_back();
  } else {
    place = free_connections_.back();
    free_connections_.pop_back();
  }
  const uint32_t to_server = link(client, server);
  const uint32_t to_client = link(server, client);
  Connection& made = connections_[place];
  const uint32_t generation = made.generation;
  made = Connection{};
  made.generation = generation;
  made.in_use = true;
  made.open = true;
  made.client = client;
  made.server = server;
  made.client_incarnation = slot(client).incarnation;
  made.server_incarnation = slot(server).incarnation;
  made.owner = owner;
  made.link_to_server = to_server;
  made.link_to_client = to_client;
  const ProcessState state = slot(server).state;
  made.broken = state != ProcessState::kRunning && state != ProcessState::kPaused;
  ++counts_.connections;
  return {place, generation};
}

World::Connection& World::connection_of(const Event& event) {
  Connection* found = find(event.connection);
  EOSIM_ASSERT(found != nullptr);
  return *found;
}

uint32_t World::link(ProcessId from, ProcessId to) {
  std::vector<uint32_t>& row = link_index_.at(from.index);
  const auto place = std::lower_bound(row.begin(), row.end(), to,
                                      [this](uint32_t l, ProcessId p) { return links_[l].to < p; });
  if (place != row.end() && links_[*place].to == to) return *place;
  const auto index = static_cast<uint32_t>(links_.size());
  row.insert(place, index);
  Link made;
  made.from = from;
  made.to = to;
  const std::string ends = slot(from).name + "->" + slot(to).name;
  made.hash = hash_text(ends);
  made.end = choices_.stream("end of connection " + ends);
  made.latency.resize(kinds_.size() * 2);
  refresh_link(made);
  links_.push_back(std::move(made));
  return index;
}

Duration World::travel_time(Link& link, const Event& event) {
  const size_t which = event.kind.index * 2u + (event.request ? 0 : 1);
  StreamId& stream = link.latency[which];
  if (stream.index == UINT32_MAX) {
    stream = choices_.stream("latency " + kinds_[event.kind.index] +
                             (event.request ? " " : " response ") + slot(link.from).name + "->" +
                             slot(link.to).name);
  }
  Duration travel = choices_.log_normal(stream, config_.network.latency);
  if (link.factor_thousandths != 1'000) {
    travel.ns = travel.ns / 1'000 * link.factor_thousandths +
                travel.ns % 1'000 * link.factor_thousandths / 1'000;
  }
  if (config_.network.bytes_per_second > 0) {
    const Time begin = std::max(now_, link.busy_until);
    link.busy_until = begin + nanoseconds(int64_t{event.bytes} * 1'000'000'000 /
                                          config_.network.bytes_per_second);
    travel += link.busy_until - now_;
  }
  return travel;
}

void World::send_request(ConnectionId id, ActorId actor, MessageKind kind, uint32_t correlation,
                         uint32_t bytes, uint32_t body) {
  Connection* connection = find(id);
  EOSIM_ASSERT(connection != nullptr && !connection->forgotten);
  const uint32_t index = new_event(EventType::kDeliver, connection->server);
  Event& event = events_[index];
  event.request = true;
  event.kind = kind;
  event.actor = actor;
  event.incarnation = connection->server_incarnation;
  event.from = connection->client;
  event.connection = id;
  event.correlation = correlation;
  event.bytes = bytes;
  event.body = body;
  ++connection->references;
  ++counts_.requests[kind.index];
  if (!connection->open) return drop_message(index);  // reset, and the client does not know yet
  transmit(*connection, index);
}

bool World::send_response(ConnectionId id, MessageKind kind, uint32_t correlation, uint32_t bytes,
                          uint32_t body) {
  Connection* connection = find(id);
  EOSIM_ASSERT(connection != nullptr && connection->busy);
  EOSIM_ASSERT(connection->handling_correlation == correlation &&
               connection->handling_kind == kind);
  const bool reaches = connection->open;
  if (!reaches && triggered_kinds_[kind.index] != 0) {
    Event ready;  // to leave, to a client that is gone
    ready.kind = kind;
    ready.actor = connection->handling_actor;
    ready.process = connection->client;
    ready.from = connection->server;
    ready.connection = id;
    ready.correlation = correlation;
    message_trigger(Phase::kHandled, ready, kNone);
  }
  if (reaches) {
    const uint32_t index = new_event(EventType::kDeliver, connection->client);
    Event& event = events_[index];
    event.kind = kind;
    event.actor = connection->handling_actor;
    event.incarnation = connection->client_incarnation;
    event.from = connection->server;
    event.connection = id;
    event.correlation = correlation;
    event.bytes = bytes;
    event.body = body;
    ++connection->references;
    transmit(*connection, index);
  } else {
    shared_->release_body(kind, false, body);
  }
  finish_request(id);
  return reaches;
}

// A message leaves: the fact, the faults that wait for it, and its way.
void World::transmit(Connection& connection, uint32_t index) {
  const Event& event = events_[index];
  const Link& on = links_[event.request ? connection.link_to_server : connection.link_to_client];
  digest_.record(mark(kSentMark, event.kind, event.request), static_cast<uint64_t>(now_.ns),
                 on.hash, event.correlation, event.bytes);
  if (watchers_.kernel_records) report(event, KernelEvent::kSent);
  if (triggered_kinds_[event.kind.index] != 0) {
    message_trigger(event.request ? Phase::kSent : Phase::kHandled, event, index);
  }
  Duration extra{};
  if (message_rule_count_ > 0 && message_rules(connection, index, extra)) {
    if (!event.request) connection.hole = true;
    return drop_message(index);
  }
  if (!event.request && connection.handling_unanswered) connection.hole = true;
  if (!event.request && connection.hole) return drop_message(index);
  put_on_the_way(connection, index, extra);
}

void World::put_on_the_way(Connection& connection, uint32_t index, Duration extra) {
  Event& event = events_[index];
  Link& on = links_[event.request ? connection.link_to_server : connection.link_to_client];
  if (on.blocked > 0) {
    return append(event.request ? connection.held_requests : connection.held_responses, index);
  }
  Time& last = event.request ? connection.to_server_last : connection.to_client_last;
  last = std::max(now_ + travel_time(on, event) + extra, last);
  push_event(last, index);
  append(event.request ? connection.requests : connection.responses, index);
}

void World::deliver_request(uint32_t index) {
  Connection& connection = connection_of(events_[index]);
  if (!events_[index].arrived) {
    unlink(connection.requests, index);
    if (!connection.open) --orphans_;
    events_[index].arrived = true;
  }
  if (connection.broken || events_[index].incarnation != slot(connection.server).incarnation) {
    connection.broken = true;
    if (!slot(connection.server).host_down) tell_client(events_[index].connection);
    return drop_message(index);
  }
  if (!defer(index)) handle_request(index);
}

void World::handle_request(uint32_t index) {
  const Event event = events_[index];
  Connection& connection = connection_of(event);
  if (connection.busy || (connection.promised && !event.promised)) {
    EOSIM_ASSERT(!event.promised);
    return append(connection.backlog, index);
  }
  connection.promised = false;
  connection.busy = true;
  connection.handling_unanswered = event.unanswered;
  connection.handling_correlation = event.correlation;
  connection.handling_actor = event.actor;
  connection.handling_kind = event.kind;
  digest_.record(mark(kDeliveredMark, event.kind, true), static_cast<uint64_t>(now_.ns),
                 links_[connection.link_to_server].hash, event.correlation);
  if (!connection.open) ++counts_.late_requests;
  if (watchers_.kernel_records) report(event, KernelEvent::kDelivered);
  Step step;
  step.kind = StepKind::kMessage;
  step.message = {event.connection, event.kind, true,      event.correlation,
                  event.bytes,      event.body, event.from};
  free_event(index);
  run_step(event.process, step);
  shared_->release_body(event.kind, true, event.body);
  if (triggered_kinds_[event.kind.index] != 0) message_trigger(Phase::kDelivered, event, kNone);
}

void World::deliver_response(uint32_t index) {
  Connection& connection = connection_of(events_[index]);
  if (!events_[index].arrived) unlink(connection.responses, index);
  events_[index].arrived = true;
  if (!connection.open || events_[index].incarnation != slot(connection.client).incarnation) {
    return drop_message(index);
  }
  if (defer(index)) return;
  const Event event = events_[index];
  digest_.record(mark(kDeliveredMark, event.kind, false), static_cast<uint64_t>(now_.ns),
                 links_[connection.link_to_client].hash, event.correlation);
  ++counts_.responses[event.kind.index];
  if (watchers_.kernel_records) report(event, KernelEvent::kDelivered);
  Step step;
  step.kind = StepKind::kMessage;
  step.actor = event.actor;
  step.message = {event.connection, event.kind, false,     event.correlation,
                  event.bytes,      event.body, event.from};
  free_event(index);
  run_step(event.process, step);
  shared_->release_body(event.kind, false, event.body);
  if (triggered_kinds_[event.kind.index] != 0) message_trigger(Phase::kResponded, event, kNone);
}

// The server is done with the request: the next one of the connection gets its turn, at this time
// but as an item of its own. What arrives in between has to wait behind it.
void World::finish_request(ConnectionId id) {
  Connection* connection = find(id);
  EOSIM_ASSERT(connection != nullptr && connection->busy);
  connection->busy = false;
  if (!connection->backlog.empty()) {
    const uint32_t next = connection->backlog.first;
    unlink(connection->backlog, next);
    events_[next].promised = true;
    connection->promised = true;
    push_event(now_, next);
    return;
  }
  if (connection->references == 0) maybe_free(id);
}

void World::close_by_client(ConnectionId id) {
  Connection* connection = find(id);
  EOSIM_ASSERT(connection != nullptr);
  connection->forgotten = true;
  if (connection->open) end_connection(id);
  maybe_free(id);
}

// From now on nothing comes back, and what is on the way to the server has an unknown outcome.
void World::end_connection(ConnectionId id) {
  Connection& connection = *find(id);
  connection.open = false;
  settle_outcomes(connection, connection.requests, false);
  settle_outcomes(connection, connection.held_requests, true);
  drop_list(connection.responses);
  drop_list(connection.held_responses);
}

// Each request has draws of its own, but a connection is a stream of bytes: what follows a lost
// request is lost too, and what follows a late one comes after it.
void World::settle_outcomes(Connection& connection, EventList& list, bool held) {
  const Link& on = links_[connection.link_to_server];
  const NetworkConfig& network = config_.network;
  for (uint32_t index = list.first; index != kNone;) {
    const uint32_t following = events_[index].next;
    const bool late = choices_.chance(on.end, network.late, false);
    const bool lost = choices_.chance(on.end, {1, 2}, false);
    if (!late && lost) connection.lost_requests = true;
    const Duration by = choices_.log_uniform(
        on.end, microseconds(100), std::max(network.late_max, microseconds(100)), milliseconds(1));
    events_[index].late = true;
    if (connection.lost_requests) {
      withdraw_message(index);
    } else {
      ++orphans_;
      if (!held) {
        Time at = std::max(queue_.time_of(index), connection.to_server_orphans);
        if (late) at = std::max(at, now_ + by);
        connection.to_server_orphans = at;
        connection.to_server_last = std::max(connection.to_server_last, at);
        if (at != queue_.time_of(index)) {
          unqueue(index);
          push_event(at, index);
        }
      }
    }
    index = following;
  }
}

void World::end_by_server(ConnectionId id, bool tell) {
  Connection* connection = find(id);
  EOSIM_ASSERT(connection != nullptr);
  connection->broken = true;
  connection->busy = false;
  connection->promised = false;
  const bool was_orphaned = !connection->open;
  for (EventList* list : {&connection->requests, &connection->held_requests}) {
    for (uint32_t i = list->first; was_orphaned && i != kNone; i = events_[i].next) --orphans_;
    drop_list(*list);
  }
  drop_list(connection->backlog);
  if (connection->open && tell) tell_client(id);
  maybe_free(id);
}

// A reset travels to the client, behind what the server had answered.
void World::tell_client(ConnectionId id) {
  Connection& connection = *find(id);
  if (connection.telling || connection.forgotten) return;
  connection.telling = true;
  const Link& on = links_[connection.link_to_client];
  if (on.blocked > 0) {
    connection.telling_held = true;
    return;
  }
  const uint32_t index = new_event(EventType::kClosed, connection.client);
  Event& event = events_[index];
  event.incarnation = connection.client_incarnation;
  event.actor = connection.owner;
  event.connection = id;
  ++connection.references;
  push_event(std::max(now_ + config_.network.latency.median(), connection.to_client_last), index);
}

void World::deliver_closed(uint32_t index) {
  Event event = events_[index];
  Connection& connection = connection_of(event);
  if (connection.forgotten || event.incarnation != slot(event.process).incarnation) {
    return free_event(index);
  }
  if (defer(index)) return;
  connection.forgotten = true;
  if (connection.open) end_connection(event.connection);
  digest_.record(kClosedMark, static_cast<uint64_t>(now_.ns),
                 links_[connection.link_to_client].hash);
  if (watchers_.kernel_records) report(event, KernelEvent::kClosed);
  Step step;
  step.kind = StepKind::kClosed;
  step.actor = event.actor;
  step.connection = event.connection;
  free_event(index);
  run_step(event.process, step);
}

void World::drop_message(uint32_t index) {
  const Event event = events_[index];
  digest_.record(mark(kDroppedMark, event.kind, event.request), static_cast<uint64_t>(now_.ns),
                 event.correlation);
  if (watchers_.kernel_records) report(event, KernelEvent::kDropped);
  ++counts_.lost_messages;
  shared_->release_body(event.kind, event.request, event.body);
  free_event(index);
}

void World::drop_list(EventList& list) {
  while (!list.empty()) {
    const uint32_t index = list.first;
    unlink(list, index);
    unqueue(index);
    drop_message(index);
  }
}

// One message that is on the way, or held by a partition, is later than it would have been; what
// follows it on its connection comes after it.
void World::delay_message(uint32_t index, Duration by) {
  if (!events_[index].queued) return;  // held: who knows when it would have arrived
  Connection& connection = connection_of(events_[index]);
  const Time at = queue_.time_of(index) + by;
  for (uint32_t i = index; i != kNone && queue_.time_of(i) <= at; i = events_[i].next) {
    unqueue(i);
    push_event(at, i);
  }
  Time& last = events_[index].request ? connection.to_server_last : connection.to_client_last;
  last = std::max(last, at);
}

// A message that is on the way or held will reach nobody.
void World::withdraw_message(uint32_t index) {
  const Event& event = events_[index];
  Connection& connection = connection_of(event);
  EOSIM_ASSERT(!event.arrived);
  if (event.queued) {
    unlink(event.request ? connection.requests : connection.responses, index);
  } else {
    unlink(event.request ? connection.held_requests : connection.held_responses, index);
  }
  unqueue(index);
  drop_message(index);
}

void World::maybe_free(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->references > 0 || connection->busy) return;
  if (!connection->forgotten) return;
  connection->in_use = false;
  ++connection->generation;
  free_connections_.push_back(id.slot);
}

// A partition has lifted: what it held leaves now, in order.
void World::release_held(uint32_t link_index) {
  for (uint32_t place = 0; place < connections_.size(); ++place) {
    Connection& connection = connections_[place];
    if (!connection.in_use) continue;
    const bool requests = connection.link_to_server == link_index;
    if (!requests && connection.link_to_client != link_index) continue;
    EventList& held = requests ? connection.held_requests : connection.held_responses;
    while (!held.empty()) {
      const uint32_t index = held.first;
      unlink(held, index);
      put_on_the_way(connection, index, {});
    }
    if (!requests && connection.telling_held) {
      connection.telling_held = false;
      connection.telling = false;
      tell_client({place, connection.generation});
    }
  }
}

void World::append(EventList& list, uint32_t index) {
  Event& event = events_[index];
  event.previous = list.last;
  event.next = kNone;
  if (list.last != kNone) events_[list.last].next = index;
  if (list.first == kNone) list.first = index;
  list.last = index;
}

void World::unlink(EventList& list, uint32_t index) {
  Event& event = events_[index];
  if (event.previous != kNone) events_[event.previous].next = event.next;
  if (event.next != kNone) events_[event.next].previous = event.previous;
  if (list.first == index) list.first = event.next;
  if (list.last == index) list.last = event.previous;
  event.previous = kNone;
  event.next = kNone;
}

}  // namespace eosim::sim
