#include "models/broker/replica_fetchers.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

ReplicaFetchers::Fetcher& ReplicaFetchers::fetcher_for(const ReplicaManager& replicas,
                                                       BrokerId leader) {
  for (Fetcher& fetcher : fetchers_) {
    if (fetcher.leader == leader) return fetcher;
  }
  const PeerState* peer = replicas.peers().find(leader);
  EOSIM_ASSERT(peer != nullptr);
  const auto index = static_cast<uint32_t>(fetchers_.size());
  Fetcher fetcher;
  fetcher.leader = leader;
  fetcher.line =
      PeerLine(line_number(LinePurpose::kFetcher, index), peer->process, config_.timeout);
  fetchers_.push_back(std::move(fetcher));
  return fetchers_.back();
}

void ReplicaFetchers::assign(const ReplicaManager& replicas, uint32_t replica) {
  if (members_.size() < replicas.replicas().size()) members_.resize(replicas.replicas().size());
  leave(replicas, replica);
  const Replica& what = replicas.at(replica);
  if (what.role != ReplicaRole::kFollower || !what.leader.valid()) return;
  Fetcher& fetcher = fetcher_for(replicas, what.leader);
  members_[replica].fetcher = static_cast<int32_t>(&fetcher - fetchers_.data());
  join(replica, fetcher);
}

void ReplicaFetchers::join(uint32_t replica, Fetcher& fetcher) {
  Member& member = members_[replica];
  EOSIM_ASSERT(!member.in_session && !member.named);
  ++fetcher.members;
  fetcher.unnamed.push_back(replica);
}

void ReplicaFetchers::leave(const ReplicaManager& replicas, uint32_t replica) {
  Member& member = members_[replica];
  ++member.attempt;
  if (member.fetcher < 0) return;
  Fetcher& fetcher = fetchers_[static_cast<size_t>(member.fetcher)];
  if (member.in_session) fetcher.forgotten.push_back(replicas.at(replica).partition);
  if (!member.waiting) --fetcher.members;
  member.fetcher = -1;
  member.in_session = member.named = member.waiting = false;
}

void ReplicaFetchers::send_all(sim::Context& context, const ReplicaManager& replicas) {
  for (Fetcher& fetcher : fetchers_) {
    if (!fetcher.line.in_flight() && !fetcher.resting && fetcher.members > 0) {
      send(context, replicas, fetcher);
    }
  }
}

void ReplicaFetchers::send(sim::Context& context, const ReplicaManager& replicas,
                           Fetcher& fetcher) {
  const auto number = static_cast<int32_t>(&fetcher - fetchers_.data());
  FetchRequest request;
  request.header.version = config_.version;
  request.replica = config_.self;
  request.replica_epoch = broker_epoch_;
  request.session_epoch = fetcher.session_epoch++;
  request.max_wait_ms = static_cast<int32_t>(config_.wait_max.ns / 1'000'000);
  request.min_bytes = config_.min_bytes;
  request.max_bytes = config_.max_bytes;
  request.partitions.reserve(fetcher.unnamed.size());
  for (const uint32_t replica : fetcher.unnamed) {
    Member& member = members_[replica];
    if (member.fetcher != number || member.named || member.waiting) continue;
    member.named = member.in_session = true;
    request.partitions.push_back(replicas.next_fetch(replica));
  }
  fetcher.unnamed.clear();
  // One that left and came back meanwhile is named anew.
  for (const TopicPartition partition : std::exchange(fetcher.forgotten, {})) {
    const Member& member = members_[replicas.index_of(*replicas.find(partition))];
    if (member.fetcher != number || !member.in_session) request.forgotten.push_back(partition);
  }
  fetcher.line.send(context, std::move(request));
}

bool ReplicaFetchers::on_response(sim::Context& context, ReplicaManager& replicas,
                                  const sim::Message& message) {
  const auto from =
      std::ranges::find_if(fetchers_, [&](Fetcher& fetcher) { return fetcher.line.take(message); });
  if (from == fetchers_.end()) return false;
  const FetchResponse& response = kafka_shared(context).bodies.get<FetchResponse>(message.body);
  if (response.error != Error::kNone) {
    start_session(*from);  // another connection has taken the session over
    return true;
  }
  for (const FetchResponse::Partition& answer : response.partitions) {
    take_answer(context, replicas, *from, answer);
  }
  return true;
}

void ReplicaFetchers::take_answer(sim::Context& context, ReplicaManager& replicas, Fetcher& fetcher,
                                  const FetchResponse::Partition& answer) {
  const Replica* replica = replicas.find(answer.partition);
  EOSIM_ASSERT(replica != nullptr);
  const uint32_t index = replicas.index_of(*replica);
  Member& member = members_[index];
  // It left, or is to be asked for anew: the answer is to a question of the past.
  if (member.fetcher != static_cast<int32_t>(&fetcher - fetchers_.data()) || !member.named) return;
  const Offset before = replica->log.log_end_offset();
  const auto epoch = replica->log.latest_leader_epoch();
  const Error error = replicas.on_fetched(context, index, answer);
  if (error == Error::kNone) {
    const bool same = answer.error == Error::kNone && !answer.diverging_epoch.valid() &&
                      replica->log.log_end_offset() == before &&
                      replica->log.latest_leader_epoch() == epoch;
    if (same) return;
    member.named = false;
    fetcher.unnamed.push_back(index);
    return;
  }
  const auto number = member.fetcher;
  leave(replicas, index);
  member.fetcher = number;
  member.waiting = true;
  context.set_timer(context.actor(), config_.backoff,
                    timer_tag(BrokerTimer::kFetchRetry, index, member.attempt));
}

void ReplicaFetchers::on_retry(uint32_t replica, uint64_t attempt) {
  Member& member = members_.at(replica);
  if (!member.waiting || member.attempt != attempt) return;
  member.waiting = false;
  join(replica, fetchers_[static_cast<size_t>(member.fetcher)]);
}

bool ReplicaFetchers::on_closed(sim::Context& context, sim::ConnectionId connection) {
  for (Fetcher& fetcher : fetchers_) {
    bool lost = false;
    if (!fetcher.line.closed(connection, lost)) continue;
    fail(context, fetcher);
    return true;
  }
  return false;
}

void ReplicaFetchers::on_line_timer(sim::Context& context, uint32_t index) {
  Fetcher& fetcher = fetchers_.at(index);
  if (fetcher.line.overdue(context)) fail(context, fetcher);
}

// Without an answer nobody knows what the leader's session has: a new one.
void ReplicaFetchers::fail(sim::Context& context, Fetcher& fetcher) {
  start_session(fetcher);
  if (fetcher.resting) return;
  fetcher.resting = true;
  const auto number = static_cast<uint32_t>(&fetcher - fetchers_.data());
  context.set_timer(context.actor(), config_.backoff,
                    timer_tag(BrokerTimer::kFetcherBackoff, number));
}

void ReplicaFetchers::start_session(Fetcher& fetcher) {
  const auto number = static_cast<int32_t>(&fetcher - fetchers_.data());
  fetcher.session_epoch = 0;
  fetcher.forgotten.clear();
  fetcher.unnamed.clear();
  for (uint32_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    if (member.fetcher != number) continue;
    member.named = member.in_session = false;
    if (!member.waiting) fetcher.unnamed.push_back(i);
  }
}

void ReplicaFetchers::on_backoff_over(uint32_t fetcher) { fetchers_.at(fetcher).resting = false; }

void ReplicaFetchers::hang_up(sim::Context& context) {
  for (Fetcher& fetcher : fetchers_) fetcher.line.hang_up(context);
}

size_t ReplicaFetchers::in_flight() const {
  return static_cast<size_t>(std::ranges::count_if(
      fetchers_, [](const Fetcher& fetcher) { return fetcher.line.in_flight(); }));
}

}  // namespace eosim::kafka
