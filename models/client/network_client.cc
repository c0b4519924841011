#include "models/client/network_client.h"

#include <algorithm>
#include <string>

#include "models/protocol/references.h"
#include "models/protocol/wire.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

sim::MessageKind message_kind(Rpc rpc) { return {static_cast<uint16_t>(rpc)}; }

Rpc rpc_of(const ClientRequest& request) {
  return std::visit([](const auto& r) { return r.kRpc; }, request);
}

}  // namespace

void NetworkClient::know(BrokerId broker, sim::ProcessId process, bool listed) {
  EOSIM_ASSERT(broker.valid());
  const auto place = std::lower_bound(broker_ids_.begin(), broker_ids_.end(), broker);
  const auto index = place - broker_ids_.begin();
  if (place != broker_ids_.end() && *place == broker) {
    broker_processes_[static_cast<size_t>(index)] = process;
    broker_listed_[static_cast<size_t>(index)] = listed;
    return;
  }
  broker_ids_.insert(place, broker);
  broker_processes_.insert(broker_processes_.begin() + index, process);
  broker_listed_.insert(broker_listed_.begin() + index, listed);
}

sim::ProcessId NetworkClient::process_of(BrokerId broker) const {
  const auto place = std::lower_bound(broker_ids_.begin(), broker_ids_.end(), broker);
  EOSIM_ASSERT(place != broker_ids_.end() && *place == broker);
  return broker_processes_[static_cast<size_t>(place - broker_ids_.begin())];
}

NetworkClient::Link& NetworkClient::link(BrokerId broker, Lane lane) {
  for (Link& link : links_) {
    if (link.broker == broker && link.lane == lane) return link;
  }
  Link& link = links_.emplace_back();
  link.broker = broker;
  link.lane = lane;
  return link;
}

const NetworkClient::Link* NetworkClient::find(BrokerId broker, Lane lane) const {
  for (const Link& link : links_) {
    if (link.broker == broker && link.lane == lane) return &link;
  }
  return nullptr;
}

const NetworkClient::Link* NetworkClient::find(sim::ConnectionId connection) const {
  for (const Link& link : links_) {
    if (connected(link) && link.connection == connection) return &link;
  }
  return nullptr;
}

bool NetworkClient::ready(sim::Context& context, BrokerId broker, Lane lane) {
  Link& l = link(broker, lane);
  connect_if_due(context, l);
  return connected(l) && l.versions_known;
}

bool NetworkClient::backing_off(sim::Context& context, BrokerId broker, Lane lane) const {
  const Link* l = find(broker, lane);
  return l != nullptr && !connected(*l) && context.steady() < l->backoff_until;
}

uint32_t NetworkClient::in_flight(BrokerId broker, Lane lane) const {
  const Link* l = find(broker, lane);
  if (l == nullptr) return 0;
  return static_cast<uint32_t>(l->in_flight.size() + l->queued.size());
}

std::optional<BrokerId> NetworkClient::least_loaded(sim::Context& context) const {
  std::optional<BrokerId> ready, connecting, untried;
  uint32_t least = UINT32_MAX;
  sim::SteadyTime longest_ago = sim::kSteadyNever;
  const bool any_listed =
      std::find(broker_listed_.begin(), broker_listed_.end(), true) != broker_listed_.end();
  for (size_t i = 0; i < broker_ids_.size(); ++i) {
    if (any_listed && !broker_listed_[i]) continue;
    const BrokerId broker = broker_ids_[i];
    const Link* l = find(broker, Lane::kData);
    if (l != nullptr && connected(*l) && l->versions_known) {
      const uint32_t load = in_flight(broker, Lane::kData);
      if (load < least) {
        least = load;
        ready = broker;
      }
    } else if (l != nullptr && connected(*l)) {
      if (!connecting) connecting = broker;
    } else if (!backing_off(context, broker, Lane::kData)) {
      const sim::SteadyTime tried = l == nullptr ? sim::SteadyTime{} : l->last_attempt;
      if (tried < longest_ago) {
        longest_ago = tried;
        untried = broker;
      }
    }
  }
  if (ready) return ready;
  return connecting ? connecting : untried;
}

std::optional<int16_t> NetworkClient::version(BrokerId broker, Lane lane, Rpc rpc) const {
  const Link* l = find(broker, lane);
  if (l == nullptr || !connected(*l) || !l->versions_known) return std::nullopt;
  return highest_common(rpc, config_.versions, l->versions);
}

int16_t NetworkClient::transaction_version() const {
  // Whoever knows the newest levels decides (ApiVersions.update, finalizedFeaturesEpoch).
  const Link* newest = nullptr;
  for (const Link& link : links_) {
    if (!link.ever_told) continue;
    const bool newer = newest == nullptr || link.features_epoch > newest->features_epoch ||
                       (link.features_epoch == newest->features_epoch &&
                        link.transaction_version < newest->transaction_version);
    if (newer) newest = &link;
  }
  return newest == nullptr ? int16_t{0} : newest->transaction_version;
}

void NetworkClient::connect_if_due(sim::Context& context, Link& link) {
  if (connected(link) || context.steady() < link.backoff_until) return;
  link.connection = context.connect(process_of(link.broker));
  kafka_shared(context).counters.connected(config_.kind);
  link.versions_known = false;
  link.last_attempt = context.steady();
  ApiVersionsRequest request;
  request.header.client_id = config_.client_id;
  Queued handshake{ClientRequest(request), 0, 0, context.actor(), INT16_MAX};
  transmit(context, link, handshake);
}

void NetworkClient::enqueue(sim::Context& context, BrokerId broker, Lane lane, Queued request) {
  Link& l = link(broker, lane);
  l.queued.push_back(std::move(request));
  connect_if_due(context, l);
  if (!connected(l) || !l.versions_known) return;
  const size_t refused = refused_.size();
  flush(context, l, refused_);
  if (refused_.size() > refused) {
    context.wake(context.actor(),
                 client_tag(ClientTimer::kReconnect, config_.component, index_of(l)));
  }
}

void NetworkClient::flush(sim::Context& context, Link& link, Completions& ended) {
  const auto begin = link.queued.begin();
  auto others = begin;  // what stays
  for (Queued& queued : link.queued) {
    if (queued.actor != context.actor()) {
      // The answer must go to the actor that asked, so that actor has to send.
      const bool first =
          std::none_of(begin, others, [&](const Queued& o) { return o.actor == queued.actor; });
      if (first) {
        context.wake(queued.actor,
                     client_tag(ClientTimer::kReconnect, config_.component, index_of(link)));
      }
      if (&*others != &queued) *others = std::move(queued);
      ++others;
    } else if (!transmit(context, link, queued)) {
      ended.push_back(ended_unsent(link, queued, Completion::Kind::kUnsupportedVersion));
    }
  }
  link.queued.erase(others, link.queued.end());
}

bool NetworkClient::transmit(sim::Context& context, Link& link, Queued& queued) {
  const Rpc rpc = rpc_of(queued.request);
  int16_t version = config_.versions[static_cast<size_t>(rpc)].max;
  if (rpc != Rpc::kApiVersions) {
    const std::optional<int16_t> common = highest_common(rpc, config_.versions, link.versions);
    if (!common) return false;
    version = std::min(*common, queued.max_version);
  }
  const int32_t timeout_ms = queued.timeout_ms > 0 ? queued.timeout_ms : config_.request_timeout_ms;
  const uint32_t correlation = next_correlation_++;
  link.in_flight.push_back({correlation, rpc, version, queued.actor, queued.tag,
                            context.steady() + sim::milliseconds(timeout_ms)});
  KafkaShared& shared = kafka_shared(context);
  std::visit(
      [&](auto& request) {
        request.header.version = version;
        request.header.client_id = config_.client_id;
        const uint32_t bytes = wire_bytes(request, shared);
        retain_references(shared, request);
        const uint32_t body = shared.bodies.put(std::move(request));
        context.send(link.connection, message_kind(rpc), correlation, bytes, body);
      },
      queued.request);
  arm_timeout(context, link);
  return true;
}

void NetworkClient::arm_timeout(sim::Context& context, Link& link) {
  if (link.in_flight.empty()) return;
  sim::SteadyTime earliest = sim::kSteadyNever;
  for (const InFlight& request : link.in_flight) earliest = std::min(earliest, request.deadline);
  // A timer that fires too early only looks again: cheaper than one timer for each request.
  if (link.timer_at <= earliest) return;
  if (link.timer_at != sim::kSteadyNever) context.cancel(link.timer);
  link.timer_at = earliest;
  const sim::SteadyTime now = context.steady();
  const sim::Duration delay = earliest > now ? earliest - now : sim::Duration{};
  link.timer = context.set_timer(
      config_.actor, delay,
      client_tag(ClientTimer::kRequestTimeout, config_.component, index_of(link)));
}

Completions NetworkClient::on_message(sim::Context& context, const sim::Message& message) {
  Completions ended;
  const Link* found = find(message.connection);
  if (found == nullptr) return ended;
  Link& l = links_[index_of(*found)];
  const auto place = std::find_if(l.in_flight.begin(), l.in_flight.end(), [&](const InFlight& r) {
    return r.correlation == message.correlation;
  });
  EOSIM_ASSERT(place != l.in_flight.end());
  const InFlight request = *place;
  EOSIM_ASSERT(message_kind(request.rpc) == message.kind && !message.request);
  l.in_flight.erase(place);
  if (request.rpc == Rpc::kApiVersions) {
    const auto& response = kafka_shared(context).bodies.get<ApiVersionsResponse>(message.body);
    EOSIM_ASSERT(response.error == Error::kNone);
    l.versions = response.versions;
    l.transaction_version = response.transaction_version;
    l.features_epoch = response.features_epoch;
    l.versions_known = l.ever_told = true;
    l.failures = 0;
    flush(context, l, ended);
    return ended;
  }
  ended.push_back({Completion::Kind::kResponse, request.rpc, l.broker, l.lane, request.tag,
                   request.version, message.body, request.actor});
  return ended;
}

Completions NetworkClient::on_closed(sim::Context& context, sim::ConnectionId connection) {
  const Link* found = find(connection);
  if (found == nullptr) return {};
  return fail(context, links_[index_of(*found)], Completion::Kind::kDisconnected);
}

Completions NetworkClient::disconnect(sim::Context& context, BrokerId broker, Lane lane) {
  Link& l = link(broker, lane);
  if (!connected(l)) return {};
  context.close(l.connection);
  return fail(context, l, Completion::Kind::kDisconnected);
}

Completions NetworkClient::on_timer(sim::Context& context, const sim::TimerTag& tag) {
  Completions ended;
  EOSIM_ASSERT(tag.small == config_.component && tag.large < links_.size());
  Link& l = links_[tag.large];
  if (tag.kind == static_cast<uint32_t>(ClientTimer::kReconnect)) {
    ended.swap(refused_);
    if (!connected(l) && context.steady() < l.backoff_until) {
      // Another failure since: look again when its backing-off ends.
      if (!l.queued.empty()) {
        context.set_timer(config_.actor, l.backoff_until - context.steady(), tag);
      }
      return ended;
    }
    if (!l.queued.empty()) connect_if_due(context, l);
    if (connected(l) && l.versions_known) flush(context, l, ended);
    return ended;
  }
  EOSIM_ASSERT(tag.kind == static_cast<uint32_t>(ClientTimer::kRequestTimeout));
  l.timer_at = sim::kSteadyNever;
  const sim::SteadyTime now = context.steady();
  const bool expired = std::any_of(l.in_flight.begin(), l.in_flight.end(),
                                   [&](const InFlight& r) { return r.deadline <= now; });
  if (!expired) {
    arm_timeout(context, l);
    return ended;
  }
  context.close(l.connection);
  return fail(context, l, Completion::Kind::kTimedOut);
}

Completions NetworkClient::fail(sim::Context& context, Link& link, Completion::Kind kind) {
  Completions ended;
  for (const InFlight& request : link.in_flight) {
    if (request.rpc == Rpc::kApiVersions) continue;
    ended.push_back({kind, request.rpc, link.broker, link.lane, request.tag, request.version,
                     UINT32_MAX, request.actor});
  }
  for (const Queued& queued : link.queued) {
    ended.push_back(ended_unsent(link, queued, Completion::Kind::kDisconnected));
  }
  link.in_flight.clear();
  link.queued.clear();
  link.connection = sim::kNoConnection;
  link.versions_known = false;
  if (link.timer_at != sim::kSteadyNever) context.cancel(link.timer);
  link.timer_at = sim::kSteadyNever;
  back_off(context, link);
  return ended;
}

void NetworkClient::back_off(sim::Context& context, Link& link) {
  if (link.jitter == sim::StreamId{}) {
    const std::string_view client = kafka_shared(context).names.text(config_.client_id);
    const std::string text = "reconnect " + std::string(client) + " -> " +
                             std::string(context.name(process_of(link.broker)));
    link.jitter = context.choices().stream(text);
  }
  const int32_t doublings = std::min(link.failures, 20);
  ++link.failures;
  const int64_t backoff_ms =
      std::min<int64_t>(static_cast<int64_t>(config_.reconnect_backoff_ms) << doublings,
                        config_.reconnect_backoff_max_ms);
  const sim::Duration backoff = sim::milliseconds(backoff_ms);
  const sim::Duration delay =
      context.choices().uniform(link.jitter, backoff * 4 / 5, backoff * 6 / 5, backoff);
  link.backoff_until = context.steady() + delay;
  context.set_timer(config_.actor, delay,
                    client_tag(ClientTimer::kReconnect, config_.component, index_of(link)));
}

Completion NetworkClient::ended_unsent(const Link& link, const Queued& queued,
                                       Completion::Kind kind) const {
  return {kind,        rpc_of(queued.request), link.broker, link.lane, queued.tag, 0, UINT32_MAX,
          queued.actor};
}

void NetworkClient::close_all(sim::Context& context) {
  for (Link& link : links_) {
    if (connected(link)) context.close(link.connection);
    if (link.timer_at != sim::kSteadyNever) context.cancel(link.timer);
    link.connection = sim::kNoConnection;
    link.versions_known = false;
    link.in_flight.clear();
    link.queued.clear();
    link.timer_at = sim::kSteadyNever;
  }
  refused_.clear();
}

bool NetworkClient::idle() const {
  return refused_.empty() && std::all_of(links_.begin(), links_.end(), [](const Link& l) {
           return l.in_flight.empty() && l.queued.empty();
         });
}

}  // namespace eosim::kafka
