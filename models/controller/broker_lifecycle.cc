// From registration to fencing (groups-streams-replication.md 6.7). Kafka: ClusterControlManager
// and BrokerHeartbeatManager.
#include <algorithm>
#include <limits>

#include "models/controller/cluster_state.h"
#include "sim/assert.h"

namespace eosim::kafka {

Error ClusterState::check_epoch(BrokerId id, BrokerEpoch epoch) const {
  const size_t index = index_of(id);
  if (index == kNowhere) return Error::kBrokerIdNotRegistered;
  return image_.brokers[index].epoch == epoch ? Error::kNone : Error::kStaleBrokerEpoch;
}

BrokerRegistrationResponse ClusterState::register_broker(const BrokerRegistrationRequest& request,
                                                         sim::SteadyTime now) {
  const size_t index = index_of(request.broker);
  EOSIM_ASSERT(index != kNowhere);
  BrokerMetadata& broker = image_.brokers[index];
  Life& life = lives_[index];
  // The answer was lost, and it asks again.
  if (request.incarnation == life.incarnation) {
    life.last_contact = now;
    return {.error = Error::kNone, .broker_epoch = broker.epoch};
  }
  // Kafka's incarnations have no order; here a request that comes late, from a life that is over,
  // must not take the place of its successor for good.
  if (request.incarnation < life.incarnation) {
    return {.error = Error::kDuplicateBrokerRegistration};
  }
  if (has_session(index, now) && !broker.shutting_down) {
    return {.error = Error::kDuplicateBrokerRegistration};
  }
  if (broker.alive) fence(index);
  // The mark of another life than the last one that registered says nothing.
  const bool after_clean_stop =
      request.previous_epoch.valid() && request.previous_epoch == broker.epoch;
  broker.epoch = BrokerEpoch{next_broker_epoch_++};
  broker.shutting_down = false;
  life = Life{.incarnation = request.incarnation,
              .registered_version = image_.version + 1,
              .last_contact = now};
  brokers_changed_ = true;
  facts_.push_back(
      make_event(Event::kBrokerRegistered, {request.broker.value, broker.epoch.value}));
  // It may have lost what it had not flushed (7.3).
  if (elr_on() && !after_clean_stop) forget_replicas(request.broker);
  EOSIM_ASSERT(!broker.alive);
  return {.error = Error::kNone, .broker_epoch = broker.epoch};
}

BrokerHeartbeatResponse ClusterState::heartbeat(const BrokerHeartbeatRequest& request,
                                                sim::SteadyTime now) {
  BrokerHeartbeatResponse response;
  response.error = check_epoch(request.broker, request.broker_epoch);
  if (response.error != Error::kNone) return response;
  const size_t index = index_of(request.broker);
  const BrokerMetadata& broker = image_.brokers[index];
  Life& life = lives_[index];
  life.last_contact = now;
  EOSIM_ASSERT(request.metadata_version <= image_.version);
  life.applied_version = std::max(life.applied_version, request.metadata_version);
  response.caught_up = life.applied_version >= life.registered_version;

  if (request.want_shut_down) {
    on_shutdown_wish(index, response);
  } else if (request.want_fence) {
    if (broker.alive) fence(index);
  } else if (!broker.alive && response.caught_up) {
    unfence(index);
  }
  response.fenced = !broker.alive;
  return response;
}

// Controlled shutdown: leaderships go first; the broker may end once every other one knows of it,
// and is fenced with that answer.
void ClusterState::on_shutdown_wish(size_t index, BrokerHeartbeatResponse& response) {
  const BrokerMetadata& broker = image_.brokers[index];
  if (broker.alive && !broker.shutting_down && leads(broker.id)) {
    begin_shutdown(index);
    return;
  }
  if (broker.alive && broker.shutting_down && lowest_applied() < lives_[index].shutdown_version) {
    return;
  }
  if (broker.alive) fence(index);
  response.should_shut_down = true;
}

void ClusterState::begin_shutdown(size_t index) {
  BrokerMetadata& broker = image_.brokers[index];
  EOSIM_ASSERT(broker.alive && !broker.shutting_down);
  broker.shutting_down = true;
  brokers_changed_ = true;
  lives_[index].shutdown_version = image_.version + 1;
  leave_isrs(broker.id);
  EOSIM_ASSERT(!leads(broker.id));
}

void ClusterState::fence(size_t index) {
  BrokerMetadata& broker = image_.brokers[index];
  EOSIM_ASSERT(broker.alive);
  broker.alive = false;
  brokers_changed_ = true;
  facts_.push_back(make_event(Event::kBrokerFenced, {broker.id.value, broker.epoch.value}));
  leave_isrs(broker.id);
  EOSIM_ASSERT(!leads(broker.id));
}

// Also re-runs the election of every partition without a leader, not only of its own.
void ClusterState::unfence(size_t index) {
  BrokerMetadata& broker = image_.brokers[index];
  EOSIM_ASSERT(!broker.alive && !broker.shutting_down);
  broker.alive = true;
  brokers_changed_ = true;
  facts_.push_back(make_event(Event::kBrokerUnfenced, {broker.id.value, broker.epoch.value}));
  each_partition([&](TopicPartition tp, const PartitionMetadata& p) {
    if (!p.leader.valid()) elect(tp, BrokerList(p.isr));
  });
}

void ClusterState::leave_isrs(BrokerId broker) {
  each_partition([&](TopicPartition tp, const PartitionMetadata& p) {
    if (!p.isr.contains(broker)) return;
    BrokerList others = p.isr;
    others.erase(broker);
    elect(tp, others);
  });
}

void ClusterState::forget_replicas(BrokerId broker) {
  each_partition([&](TopicPartition tp, const PartitionMetadata& p) {
    if (!p.isr.contains(broker) && !reserve(tp).elr.contains(broker)) return;
    BrokerList others = p.isr;
    others.erase(broker);
    elect(tp, others, broker);
  });
}

bool ClusterState::leads(BrokerId broker) const {
  bool any = false;
  each_partition(
      [&](TopicPartition, const PartitionMetadata& p) { any = any || p.leader == broker; });
  return any;
}

int64_t ClusterState::lowest_applied() const {
  int64_t lowest = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < lives_.size(); ++i) {
    if (active(image_.brokers[i].id)) lowest = std::min(lowest, lives_[i].applied_version);
  }
  return lowest;
}

sim::SteadyTime ClusterState::deadline(size_t index) const {
  return lives_[index].last_contact + sim::milliseconds(config_.broker_session_timeout_ms);
}

bool ClusterState::has_session(size_t index, sim::SteadyTime now) const {
  return image_.brokers[index].alive && now < deadline(index);
}

void ClusterState::restart_sessions(sim::SteadyTime now) {
  for (Life& life : lives_) life.last_contact = now;
}

sim::SteadyTime ClusterState::next_deadline() const {
  sim::SteadyTime next = sim::kSteadyNever;
  for (size_t i = 0; i < lives_.size(); ++i) {
    if (image_.brokers[i].alive) next = std::min(next, deadline(i));
  }
  return next;
}

bool ClusterState::expire_session(sim::SteadyTime now) {
  size_t first = kNowhere;
  for (size_t i = 0; i < lives_.size(); ++i) {
    if (!image_.brokers[i].alive || has_session(i, now)) continue;
    if (first == kNowhere || deadline(i) < deadline(first)) first = i;
  }
  if (first == kNowhere) return false;
  fence(first);
  return true;
}

}  // namespace eosim::kafka
