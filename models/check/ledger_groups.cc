// The ledger's part that follows groups, their offsets, and how far consumers have read.
#include "models/check/ledger.h"
#include "sim/assert.h"

namespace eosim::check {

void Ledger::group_moved(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<GroupTransition>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  const uint32_t life = world.incarnation(event.process);
  change_.group_state_before = group.state;
  change_.group_state_known_before =
      group.state_known && group.coordinator == event.process && group.incarnation == life;
  change_.generation_before = group.generation;
  group.state = fact.to;
  group.state_known = true;
  group.coordinator = event.process;
  group.incarnation = life;
  group.generation = fact.generation;
  if (fact.to == static_cast<int>(GroupState::kEmpty)) group.members.clear();
  change_.group = &group;
}

void Ledger::generation(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<GroupGeneration>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  change_.generation_before = group.generation;
  group.generation = fact.generation;
  // A generation begins: a number may come again after its coordinator has died in between
  // (groups-streams-replication.md 1.13).
  group.assigned_generation = fact.generation;
  group.assigned.clear();
  ++group.generations;
  ++counts_.rebalances;
  change_.group = &group;
}

void Ledger::member_joined(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<GroupMemberJoined>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  if (!group.has_member(fact.member)) group.members.push_back(fact.member);
  change_.group = &group;
}

void Ledger::member_removed(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<GroupMemberRemoved>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  std::erase(group.members, fact.member);
  // A static member that came back: what it was assigned is named again, for its new id.
  if (fact.reason == RemovalReason::kReplaced) {
    std::erase_if(group.assigned, [&](const auto& of) { return of.member == fact.member; });
  }
  change_.group = &group;
}

void Ledger::assigned(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<GroupAssigned>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  if (group.assigned_generation != fact.generation) {
    group.assigned_generation = fact.generation;
    group.assigned.clear();
  }
  change_.group = &group;
  group.assigned.push_back({fact.partition, fact.member});
}

void Ledger::group_loaded(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<GroupLoaded>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  group.state_known = false;
  group.coordinator = event.process;
  group.incarnation = world.incarnation(event.process);
  group.generation = fact.generation;
  // Who was evicted in the memory of the last coordinator only is a member again, who joined there
  // only is none (groups-streams-replication.md 1.13). The whole log is read, its tail too.
  group.members_known = !group.records.empty() || fact.members == 0;
  group.members.clear();
  if (!group.records.empty()) group.members = group.records.back().members;
  const PartitionTruth* log = partition(log_of_group(fact.group));
  if (log != nullptr) {
    for (const TailEntry& entry : log->tail()) {
      const auto* records =
          std::get_if<kafka::List<kafka::GroupRecord>>(&shared(world).batches[entry.batch].payload);
      if (records == nullptr) continue;
      for (const kafka::GroupRecord& record : *records) {
        if (record.group != fact.group) continue;
        group.members_known = true;
        group.members.clear();
        for (const kafka::GroupMemberRecord& member : record.members) {
          group.members.push_back(member.member_id);
        }
      }
    }
  }
  // Pending offsets are named again after this.
  pending_ -= group.pending.size();
  group.pending.clear();
  change_.group = &group;
}

void Ledger::offset_pending(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<OffsetPending>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  change_.group = &group;
  for (PendingOffsetTruth& pending : group.pending) {
    if (pending.producer == fact.producer.id && pending.partition == fact.partition) {
      pending.offset = fact.offset;
      pending.generation = fact.generation;
      pending.member = fact.member;
      return;
    }
  }
  group.pending.push_back(
      {fact.producer.id, fact.partition, fact.offset, fact.generation, fact.member});
  ++pending_;
}

void Ledger::drop_pending(GroupTruth& group, ProducerId producer, TopicPartition partition) {
  pending_ -= std::erase_if(group.pending, [&](const PendingOffsetTruth& pending) {
    return pending.producer == producer && pending.partition == partition;
  });
}

void Ledger::offset_committed(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<OffsetCommitted>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  OffsetTruth& truth = group.committed[fact.partition];
  if (truth.offset.valid()) change_.committed_before = truth;
  // The time is that of the first commit of this offset: a coordinator names it again after a load.
  if (truth.offset != fact.offset) truth.at_ns = event.at.ns;
  truth.offset = fact.offset;
  truth.position = fact.position;
  truth.early = undecided_in_log(fact.group, fact.partition, fact.position);
  if (fact.producer.valid()) drop_pending(group, fact.producer, fact.partition);
  ++counts_.offsets;
  recount_lag(fact.partition);
  change_.group = &group;
}

// Its record is above the high watermark, or the marker of its transaction is.
bool Ledger::undecided_in_log(Name group, TopicPartition input, Offset position) const {
  const TopicPartition where = log_of_group(group);
  const PartitionTruth* log = where.valid() ? partition(where) : nullptr;
  if (log == nullptr) return false;
  if (position >= log->high_watermark()) return true;
  return std::any_of(open_offsets_.begin(), open_offsets_.end(), [&](const OpenOffset& open) {
    return open.log == where && open.group == group && open.partition == input &&
           open.offset.position == position;
  });
}

void Ledger::offset_dropped(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<OffsetDropped>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  drop_pending(group, fact.producer, fact.partition);
  change_.group = &group;
}

// Who reads there again begins where the reset policy says.
void Ledger::offset_expired(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<OffsetExpired>(event);
  change_.deposed = !coordinates_group(world, fact.group, event.process);
  if (change_.deposed) return;
  GroupTruth& group = groups_[fact.group.id];
  group.committed.erase(fact.partition);
  recount_lag(fact.partition);
  change_.group = &group;
}

void Ledger::offsets_asked(const sim::TraceEvent& event) {
  const auto fact = read<AppOffsetsSent>(event);
  GroupTruth& group = groups_[fact.group.id];
  if (group.asked.size() >= GroupTruth::kAskedMax) {
    group.asked.erase(group.asked.begin(), group.asked.begin() + GroupTruth::kAskedMax / 2);
  }
  group.asked.push_back({fact.partition, fact.offset, event.at.ns});
  change_.group = &group;
}

// Who asks for the offsets of a batch that is appended now.
void Ledger::take_offsets(const kafka::RecordBatch& batch) {
  const auto* records = std::get_if<kafka::List<kafka::OffsetRecord>>(&batch.payload);
  if (records == nullptr || !batch.transactional) return;
  for (const kafka::OffsetRecord& record : *records) {
    for (const PendingOffsetTruth& pending : groups_[record.group.id].pending) {
      if (pending.producer != batch.producer.id || pending.partition != record.partition) continue;
      change_.taken.push_back({record.group, pending});
    }
  }
}

// The offsets log, read without its coordinator: the eligible record that lies last wins
// (groups-streams-replication.md 2.6, O4).
void Ledger::book_offset_records(const kafka::RecordBatch& batch, TopicPartition log, Offset base) {
  const auto* records = std::get_if<kafka::List<kafka::OffsetRecord>>(&batch.payload);
  if (records == nullptr) return;
  for (const kafka::OffsetRecord& record : *records) {
    const OffsetTruth truth{record.offset, base, 0};
    if (batch.transactional) {
      open_offsets_.push_back({log, batch.producer.id, record.group, record.partition, truth});
    } else if (record.tombstone) {
      groups_[record.group.id].by_log.erase(record.partition);
    } else {
      groups_[record.group.id].by_log[record.partition] = truth;
    }
  }
}

void Ledger::book_group_records(const kafka::RecordBatch& batch, TopicPartition log, Offset base) {
  constexpr size_t kKeptMax = 4;
  const auto* records = std::get_if<kafka::List<kafka::GroupRecord>>(&batch.payload);
  if (records == nullptr) return;
  for (const kafka::GroupRecord& record : *records) {
    std::vector<GroupRecordTruth>& known = groups_[record.group.id].records;
    if (known.size() >= kKeptMax) known.erase(known.begin());
    GroupRecordTruth& truth = known.emplace_back();
    truth.log = log;
    truth.position = base;
    for (const kafka::GroupMemberRecord& member : record.members)
      truth.members.push_back(member.member_id);
  }
}

void Ledger::decide_offsets(TopicPartition log, ProducerId producer, bool commit) {
  if (commit) {
    for (const OpenOffset& open : open_offsets_) {
      if (open.log != log || open.producer != producer) continue;
      OffsetTruth& truth = groups_[open.group.id].by_log[open.partition];
      if (truth.position < open.offset.position) truth = open.offset;
    }
  }
  std::erase_if(open_offsets_, [&](const OpenOffset& open) {
    return open.log == log && open.producer == producer;
  });
}

const OffsetTruth* Ledger::undecided_offset(Name group, TopicPartition input) const {
  const auto open = std::find_if(open_offsets_.begin(), open_offsets_.end(), [&](const auto& o) {
    return o.group == group && o.partition == input;
  });
  return open == open_offsets_.end() ? nullptr : &open->offset;
}

void Ledger::revoked(const sim::TraceEvent& event) {
  const auto fact = read<ConsumerRevoked>(event);
  ReaderTruth* reader = readers_.find({event.process, event.actor, fact.partition});
  if (reader != nullptr) reader->revoked = true;
}

void Ledger::position(const sim::World& world, const sim::TraceEvent& event) {
  const auto fact = read<ConsumerPosition>(event);
  ReaderTruth& reader = readers_[{event.process, event.actor, fact.partition}];
  reader.cursor = fact.offset;
  reader.group = fact.group;
  reader.incarnation = world.incarnation(event.process);
  reader.revoked = false;
}

void Ledger::delivered(const sim::TraceEvent& event) {
  const auto fact = read<ConsumerDelivered>(event);
  ReaderTruth& reader = readers_[{event.process, event.actor, fact.partition}];
  change_.cursor_before = reader.cursor;
  reader.cursor = fact.end();
  reader.isolation = fact.isolation;
  reader.delivered = true;
  counts_.delivered += static_cast<uint64_t>(fact.count);
  change_.partition = partition(fact.partition);
}

// Whether some group of an application still has something to read here.
void Ledger::recount_lag(TopicPartition input) {
  const PartitionTruth* truth = partition(input);
  if (truth == nullptr) return;
  for (size_t app = 0; app < inputs_.size(); ++app) {
    const Input& reads = inputs_[app];
    if (!reads.group.valid()) continue;
    if (!std::binary_search(reads.topics.begin(), reads.topics.end(), input.topic)) continue;
    const GroupTruth* group = groups_.find(reads.group.id);
    const OffsetTruth* committed = group == nullptr ? nullptr : group->committed.find(input);
    const Offset next = committed == nullptr ? Offset{0} : committed->offset;
    const bool lags = truth->last_visible().valid() && truth->last_visible() >= next;
    bool& booked = lags_[{app, input}];
    lagging_ += lags ? 1 : 0;
    lagging_ -= booked ? 1 : 0;
    booked = lags;
  }
}

}  // namespace eosim::check
