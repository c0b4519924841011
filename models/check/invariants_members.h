// What members say when they join, and what becomes of it (groups-streams-replication.md 8): G2,
// what a member owns by the newest claim is given to nobody else in the generation that begins, as
// it is not revoked yet (KIP-429); G6, a generation has one protocol, and each member has offered
// it. Joins and their answers are read as messages: no fact tells of claims and protocols. G2 is
// reported as K12, G6 as K11.
//
// A claim that does not tell its generation (before KIP-792) is of the one that its member was the
// last to complete. Not looked at: claims that two members make alike, claims older than somebody
// else's, claims that neither their member nor the leader was told to be in the generation,
// coordinators that do not lead their log any more.
#pragma once

#include <cstdint>
#include <vector>

#include "models/check/check_context.h"
#include "models/check/exchanges.h"
#include "models/check/flat_map.h"

namespace eosim::check {

class MemberInvariants {
 public:
  static bool wants(Event fact) {
    return fact == Event::kGroupAssigned || fact == Event::kGroupMemberRemoved ||
           fact == Event::kConsumerGeneration;
  }
  void on_fact(const CheckContext& context);
  // A JoinGroup of which a broker learns, or its answer.
  void on_message(const CheckContext& context, const sim::KernelRecord& record);
  size_t kept() const { return rounds_.size() + completed_.size() + open_.open(); }

 private:
  struct Asked {
    Name group;
    kafka::List<kafka::JoinGroupRequest::Protocol> protocols;
  };
  struct Claim {
    Name member;
    TopicPartition partition;
    Generation since;
  };
  // A generation of one coordinator. A number may come again, of another one or in another life
  // (1.13).
  struct Round {
    Generation generation;
    sim::ProcessId coordinator;
    uint32_t incarnation = 0;
    int64_t term = -1;
    Name protocol;
    std::vector<Claim> claims;
    bool same(const Round& other) const {
      return generation == other.generation && coordinator == other.coordinator &&
             incarnation == other.incarnation && term == other.term;
    }
  };

  Round round_of(const CheckContext& context, Name group, Generation generation) const;
  void on_joined(const CheckContext& context, const Asked& asked,
                 const kafka::JoinGroupResponse& told);
  void claims(Round& round, Name member, const kafka::Subscription& said) const;
  void on_assigned(const CheckContext& context) const;

  Exchanges<Asked> open_;
  FlatMap<uint32_t, Round> rounds_;          // by group: the newest
  FlatMap<uint32_t, Generation> completed_;  // by member
};

}  // namespace eosim::check
