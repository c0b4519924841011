#include "models/broker/follower_sessions.h"

#include <algorithm>
#include <utility>

#include "models/broker/timers.h"
#include "sim/assert.h"

namespace eosim::kafka {

FollowerSessions::Session& FollowerSessions::session_of(const ReplicaManager& replicas,
                                                        BrokerId follower) {
  for (Session& session : sessions_) {
    if (session.follower == follower) return session;
  }
  Session session;
  session.follower = follower;
  session.members.resize(replicas.replicas().size());
  sessions_.push_back(std::move(session));
  return sessions_.back();
}

void FollowerSessions::open(ReplicaManager& replicas, Session& session,
                            sim::ConnectionId connection) {
  for (uint32_t i = 0; i < session.members.size(); ++i) {
    if (session.members[i].in) leave(replicas, session, i);
  }
  session.connection = connection;
  session.next_epoch = 0;
  session.urgent = false;
  // Who still waits on the connection before this one waits for nothing: it is gone.
  session.parked.reset();
}

void FollowerSessions::leave(ReplicaManager& replicas, Session& session, uint32_t replica) {
  Member& member = session.members[replica];
  replicas.note_follower_gone(replicas.at(replica).partition, session.follower);
  member.in = false;
}

void FollowerSessions::mark(Session& session, uint32_t replica) {
  Member& member = session.members[replica];
  if (member.touched) return;
  member.touched = true;
  session.touched.push_back(replica);
}

std::optional<RequestToken> FollowerSessions::on_request(sim::Context& context,
                                                         ReplicaManager& replicas,
                                                         RequestToken token,
                                                         const FetchRequest& request) {
  Session& session = session_of(replicas, request.replica);
  const bool full = request.session_epoch == 0;
  response_.partitions.clear();
  response_.error = Error::kNone;
  if (!full && (session.connection != token.connection || session.next_epoch == 0)) {
    response_.error = Error::kFetchSessionIdNotFound;
  } else if (!full && session.next_epoch != request.session_epoch) {
    response_.error = Error::kInvalidFetchSessionEpoch;
  }
  if (response_.error != Error::kNone) return token;
  if (full) open(replicas, session, token.connection);
  ++session.next_epoch;
  const sim::SteadyTime previous = replicas.note_session_fetch(context, request.replica);
  for (const TopicPartition partition : request.forgotten) {
    const Replica* replica = replicas.find(partition);
    EOSIM_ASSERT(replica != nullptr);
    leave(replicas, session, replicas.index_of(*replica));
  }
  for (const FetchRequest::Partition& asked : request.partitions) {
    const Replica* replica = replicas.find(asked.partition);
    EOSIM_ASSERT(replica != nullptr);
    const uint32_t index = replicas.index_of(*replica);
    Member& member = session.members[index];
    if (!member.in) member.told_high_watermark = member.told_start = {};
    member.in = true;
    member.asked = asked;
    member.told_end = asked.offset;
    mark(session, index);
    const FollowerView view = replicas.look(asked);
    if (view.good()) {
      replicas.note_follower_fetch(context, request.replica, request.replica_epoch, previous,
                                   asked);
    } else {
      replicas.note_follower_gone(asked.partition, request.replica);
    }
    session.urgent = session.urgent || view.data || !view.good();
  }
  if (session.urgent || request.max_wait_ms <= 0) {
    answer(replicas, session);
    return token;
  }
  park(context, session, token, sim::milliseconds(request.max_wait_ms));
  return std::nullopt;
}

void FollowerSessions::park(sim::Context& context, Session& session, RequestToken token,
                            sim::Duration time) {
  EOSIM_ASSERT(!session.parked);
  session.parked = token;
  session.parked_until = context.steady() + time;
  // One timer for all waits: most end long before it, and it then waits for the next one.
  if (session.timer_set) return;
  session.timer_set = true;
  const auto index = static_cast<uint32_t>(&session - sessions_.data());
  context.set_timer(context.actor(), time, timer_tag(BrokerTimer::kSessionWait, index));
}

std::optional<RequestToken> FollowerSessions::on_wait_over(sim::Context& context,
                                                           ReplicaManager& replicas,
                                                           uint32_t index) {
  Session& session = sessions_.at(index);
  session.timer_set = false;
  if (!session.parked) return std::nullopt;
  const sim::Duration left = session.parked_until - context.steady();
  if (left >= sim::microseconds(1)) {
    session.timer_set = true;
    context.set_timer(context.actor(), left, timer_tag(BrokerTimer::kSessionWait, index));
    return std::nullopt;
  }
  answer(replicas, session);
  return std::exchange(session.parked, std::nullopt);
}

void FollowerSessions::touch(const ReplicaManager& replicas, uint32_t index) {
  const Replica& replica = replicas.at(index);
  for (Session& session : sessions_) {
    Member& member = session.members[index];
    if (!member.in) continue;
    mark(session, index);
    // A role that went, an epoch that is another now: errors. Else: records that it has not got.
    const bool tells = !replica.leads() ||
                       replica.leader_epoch != member.asked.current_leader_epoch ||
                       member.told_end != replica.log.log_end_offset();
    if (!tells) continue;
    session.urgent = true;
    urgent_ = urgent_ || session.parked.has_value();
  }
}

std::optional<RequestToken> FollowerSessions::answer_urgent(ReplicaManager& replicas) {
  for (Session& session : sessions_) {
    if (!session.urgent || !session.parked) continue;
    answer(replicas, session);
    return std::exchange(session.parked, std::nullopt);
  }
  urgent_ = false;
  return std::nullopt;
}

// Into response_.
void FollowerSessions::answer(ReplicaManager& replicas, Session& session) {
  response_.error = Error::kNone;
  response_.partitions.clear();
  int64_t room = config_.response_max_bytes;
  session.urgent = false;
  for (const uint32_t replica : session.touched.take()) {
    Member& member = session.members[replica];
    member.touched = false;
    if (!member.in) continue;
    if (room <= 0) {  // comes with the next answer
      mark(session, replica);
      session.urgent = true;
      continue;
    }
    FetchResponse::Partition& partition = response_.partitions.emplace_back();
    if (!describe(replicas, session, member, room, partition)) response_.partitions.pop_back();
  }
}

// false: there is nothing to say.
bool FollowerSessions::describe(ReplicaManager& replicas, Session& session, Member& member,
                                int64_t& room, FetchResponse::Partition& answer) const {
  const FollowerView view = replicas.look(member.asked);
  answer.partition = member.asked.partition;
  answer.fetch_offset = member.asked.offset;
  answer.error = view.error;
  answer.diverging_epoch = view.diverging_epoch;
  answer.diverging_end = view.diverging_end;
  if (!view.good()) {
    replicas.note_follower_gone(answer.partition, session.follower);
    if (const Replica* replica = replicas.find(answer.partition)) {
      answer.log_start_offset = replica->log.log_start_offset();
    }
    return true;
  }
  const PartitionLog& log = *view.log;
  answer.high_watermark = log.high_watermark();
  answer.last_stable_offset = log.last_stable_offset();
  answer.log_start_offset = log.log_start_offset();
  if (view.data) {
    member.told_end = replicas.read_for_follower(log, member.asked.offset, room, answer);
  }
  const bool news = !answer.batches.empty() ||
                    member.told_high_watermark != answer.high_watermark ||
                    member.told_start != answer.log_start_offset;
  member.told_high_watermark = answer.high_watermark;
  member.told_start = answer.log_start_offset;
  return news;
}

size_t FollowerSessions::parked() const {
  return static_cast<size_t>(
      std::ranges::count_if(sessions_, [](const Session& s) { return s.parked.has_value(); }));
}

}  // namespace eosim::kafka
