#include "models/check/invariants_groups.h"

#include <algorithm>

namespace eosim::check {
namespace {

constexpr Rule kMembers = {"K11", "machine", "illegal_transition",
                           "all records of one generation of a group have the same members"};
constexpr Rule kLeader = {"K11", "machine", "illegal_transition",
                          "the leader of a stable group is one of its members"};
constexpr Rule kGiven = {
    "K12", "assign", "double_ownership",
    "what a member is given stands in a record of its generation, committed or loaded"};

constexpr size_t kKept = 6;

bool void_log(const CheckContext& context, Name group, TopicPartition log) {
  const GroupTruth* truth = context.ledger.group(group);
  return context.ledger.partition_void(log) || (truth != nullptr && truth->offsets_void);
}

// Who they are, whatever their member ids: sorted.
std::vector<uint32_t> identities(const kafka::List<kafka::GroupMemberRecord>& members) {
  std::vector<uint32_t> all;
  for (const kafka::GroupMemberRecord& member : members) {
    all.push_back(member.instance_id.valid() ? member.instance_id.id : member.member_id.id);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

void report_of_group(const CheckContext& context, const Rule& rule, Name group,
                     const std::string& what) {
  if (!context.judges(rule)) return;
  Violation violation =
      context.violation(rule, "group " + context.text(group) + ": " + what, -1, 0);
  violation.subject.group = group;
  violation.details = {{"group", context.text(group)}};
  context.report(std::move(violation), std::string(rule.text) + context.text(group));
}

void GroupInvariants::on_fact(const CheckContext& context) {
  switch (static_cast<Event>(context.event->kind.index)) {
    case Event::kLogAppended:
      return on_append(context);
    case Event::kConsumerAssigned:
      return on_given(context);
    case Event::kGroupTransition:
      return on_transition(context);
    case Event::kGroupGeneration: {
      if (context.change().deposed) return;
      const auto fact = read<GroupGeneration>(*context.event);
      leaders_[fact.group.id] = fact.leader;
      return;
    }
    // Another coordinator, or a static leader with another member id.
    case Event::kGroupLoaded:
      leaders_[read<GroupLoaded>(*context.event).group.id] = {};
      return;
    case Event::kGroupMemberRemoved: {
      const auto fact = read<GroupMemberRemoved>(*context.event);
      Name& leader = leaders_[fact.group.id];
      if (fact.reason == RemovalReason::kReplaced && leader == fact.member) leader = {};
      return;
    }
    default:
      return;
  }
}

void GroupInvariants::on_append(const CheckContext& context) {
  const Change& change = context.change();
  if (change.partition == nullptr || !context.ledger.is_offsets(change.partition->partition())) {
    return;
  }
  const auto fact = read<LogAppended>(*context.event);
  const auto* records =
      std::get_if<kafka::List<kafka::GroupRecord>>(&context.shared().batches[fact.batch].payload);
  if (records == nullptr) return;
  for (const kafka::GroupRecord& record : *records) {
    // A group that comes back later counts its generations anew.
    if (record.tombstone) records_.erase(record.group.id);
    if (record.tombstone || record.generation.value < 0) continue;
    on_record(context, record,
              {record.generation, fact.base, fact.partition, context.event->process,
               fact.leader_epoch, record.members});
  }
}

void GroupInvariants::on_record(const CheckContext& context, const kafka::GroupRecord& record,
                                Record appended) {
  std::vector<Record>& known = records_[record.group.id];
  // A group without members is one that has ended: its last generation's number stands there, too.
  for (const Record& other : known) {
    const bool same = other.generation == appended.generation && other.by == appended.by &&
                      other.term == appended.term;
    if (!same || other.members.empty() || appended.members.empty()) continue;
    if (identities(other.members) == identities(appended.members)) continue;
    if (void_log(context, record.group, appended.log)) continue;
    report_of_group(context, kMembers, record.group,
                    "two records of generation " + std::to_string(record.generation.value) +
                        " have " + std::to_string(other.members.size()) + " and " +
                        std::to_string(appended.members.size()) + " members, and not the same");
  }
  if (known.size() >= kKept) known.erase(known.begin());
  known.push_back(std::move(appended));
}

void GroupInvariants::on_given(const CheckContext& context) const {
  const auto fact = read<ConsumerAssigned>(*context.event);
  const std::vector<Record>* known = records_.find(fact.group.id);
  if (known == nullptr) return;
  bool any = false;
  for (const Record& record : *known) {
    if (record.generation != fact.generation) continue;
    if (void_log(context, fact.group, record.log)) return;
    any = true;
    const PartitionTruth* log = context.ledger.partition(record.log);
    // Of a leader that was deposed since then the ledger does not know how far it had come. One
    // that leads anew has loaded its whole log, and answers by what is not committed yet (1.13).
    const bool committed = log == nullptr || log->high_watermark() > record.position ||
                           !context.ledger.coordinates_group(context.world, fact.group, record.by);
    const bool loaded =
        log != nullptr && log->term().epoch > record.term && log->log_end() > record.position;
    for (const kafka::GroupMemberRecord& member : record.members) {
      if (member.member_id != fact.member && !member.instance_id.valid()) continue;
      const auto& given = member.assignment;
      const bool stands = std::find(given.begin(), given.end(), fact.partition) != given.end();
      if (stands && (committed || loaded)) return;
    }
  }
  // The records of this generation may be older than those that are kept.
  if (!any && known->size() >= kKept) return;
  report_of_group(context, kGiven, fact.group,
                  context.text(fact.member) + " is given " + context.text(fact.partition) +
                      " in generation " + std::to_string(fact.generation.value));
}

void GroupInvariants::on_transition(const CheckContext& context) const {
  if (context.change().deposed) return;
  const auto fact = read<GroupTransition>(*context.event);
  const Name* leader = leaders_.find(fact.group.id);
  const GroupTruth* group = context.ledger.group(fact.group);
  if (fact.to != static_cast<int>(GroupState::kStable) || leader == nullptr) return;
  if (!leader->valid() || group == nullptr || !group->members_known) return;
  if (group->has_member(*leader)) return;
  report_of_group(
      context, kLeader, fact.group,
      context.text(*leader) + " leads generation " + std::to_string(fact.generation.value));
}

}  // namespace eosim::check
