#include "models/group/offset_requests.h"

#include <algorithm>
#include <utility>

#include "models/group/rebalance.h"
#include "models/group/txn_offset_check.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using enum GroupState;

constexpr int16_t kOffsetFetchStableVersion = 7;  // KIP-447

bool known(const MetadataImage& metadata, TopicPartition partition) {
  if (partition.topic.value >= metadata.topics.size() || !partition.valid()) return false;
  const auto& partitions = metadata.topics[partition.topic.value].partitions;
  return static_cast<size_t>(partition.partition) < partitions.size();
}

void fill(List<PartitionError>& statuses, Error error) {
  for (PartitionError& status : statuses) {
    if (status.error == Error::kNone) status.error = error;
  }
}

template <class Response>
void respond(GroupEffects& effects, RequestToken token, List<PartitionError> statuses) {
  Response response;
  response.partitions = std::move(statuses);
  answer(effects, token, std::move(response));
}

void emit_refused(GroupEffects& effects, Name group, Error error, ProducerId producer,
                  Generation generation, Name member_id) {
  emit(effects, Event::kOffsetRefused,
       {field(group), static_cast<int64_t>(error), producer.value, generation.value,
        field(member_id)});
}

void emit_pending(GroupEffects& effects, const OffsetStore& store, const OffsetStore::Item& item) {
  emit(effects, Event::kOffsetPending,
       {field(store.group), item.partition.packed(), item.entry.offset.value,
        item.entry.position.value, store.producer.id.value, store.producer.epoch.value,
        store.generation.value, field(store.member_id)});
}

void emit_committed(GroupEffects& effects, Name group, TopicPartition partition,
                    const OffsetEntry& entry, ProducerId producer) {
  emit(
      effects, Event::kOffsetCommitted,
      {field(group), partition.packed(), entry.offset.value, entry.position.value, producer.value});
}

void emit_dropped(GroupEffects& effects, Name group, TopicPartition partition, Offset offset,
                  ProducerId producer) {
  emit(effects, Event::kOffsetDropped,
       {field(group), partition.packed(), offset.value, producer.value});
}

// Row OffsetCommit of 1.4 (GroupCoordinator.doCommitOffsets).
Error check_offset_commit(const GroupStep& step, const Group& group,
                          const OffsetCommitRequest& request) {
  if (group.is(kDead)) return Error::kCoordinatorNotAvailable;
  // The group only uses Kafka to store its offsets.
  const bool names_member = request.member_id.valid() || request.instance_id.valid();
  const bool any = !names_member || empty_group_takes_any_member(step.config.switches);
  if (group.is(kEmpty) && request.generation.value < 0 && any) return Error::kNone;
  const Error unknown =
      group.check_member(request.member_id, request.instance_id, step.unknown_instance());
  if (unknown != Error::kNone) return unknown;
  if (request.generation != group.generation()) return Error::kIllegalGeneration;
  return group.is(kCompletingRebalance) ? Error::kRebalanceInProgress : Error::kNone;
}

List<OffsetStore::Item> items_of(const List<OffsetAndEpoch>& offsets,
                                 const List<PartitionError>& statuses, int64_t commit_ms) {
  EOSIM_ASSERT(offsets.size() == statuses.size());
  List<OffsetStore::Item> items;
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (statuses[i].error != Error::kNone) continue;
    const OffsetAndEpoch& offset = offsets[i];
    items.push_back(
        {offset.partition, {offset.offset, offset.leader_epoch, commit_ms, Offset{}}, {}});
  }
  return items;
}

// Pending first, then the append: its result may come back before anybody can look (2.4).
void store_offsets(GroupStep& step, Group& group, OffsetStore store,
                   Ghost<TransactionInstance> instance) {
  EOSIM_ASSERT(!store.items.empty());
  List<OffsetRecord> records;
  for (OffsetStore::Item& item : store.items) {
    if (store.transactional()) {
      item.replaced = group.offsets.pending(store.producer.id, item.partition);
      group.offsets.prepare(store.producer.id, item.partition, item.entry);
      emit_pending(step.effects, store, item);
    } else {
      group.offsets.prepare(item.partition, item.entry);
    }
    records.push_back({group.name(), item.partition, false, item.entry.offset,
                       item.entry.leader_epoch, item.entry.commit_ms});
  }
  append_offset_records(step, group, std::move(records), instance, std::move(store));
}

void acknowledge(GroupEffects& effects, Group& group, const OffsetStore& store,
                 const OffsetStore::Item& item) {
  if (!store.transactional()) {
    if (group.offsets.acknowledge(item.partition, item.entry)) {
      emit_committed(effects, store.group, item.partition, item.entry, ProducerId{});
    }
  } else if (group.offsets.acknowledge(store.producer.id, item.partition, item.entry)) {
    emit_pending(effects, store, item);
  }
}

// The cache of the classic coordinator loses what is pending there, whoever wrote it; the new one
// takes back this write.
bool take_back(Group& group, const OffsetStore& store, const OffsetStore::Item& item, bool exact) {
  GroupOffsets& offsets = group.offsets;
  if (exact) {
    return offsets.roll_back(store.producer.id, item.partition, item.entry, item.replaced);
  }
  offsets.doubt(item.partition);
  return offsets.fail(store.producer.id, item.partition);
}

void fail(GroupStep& step, Group& group, const OffsetStore& store, const OffsetStore::Item& item) {
  if (!store.transactional()) {
    group.offsets.doubt(item.partition);
    group.offsets.fail(item.partition, item.entry);
  } else if (take_back(group, store, item, step.config.new_coordinator())) {
    emit_dropped(step.effects, store.group, item.partition, item.entry.offset, store.producer.id);
  }
}

void answer_commit(GroupEffects& effects, OffsetStore& store) {
  if (std::exchange(store.answered, true)) return;
  if (store.transactional()) {
    respond<TxnOffsetCommitResponse>(effects, store.request, std::move(store.statuses));
  } else {
    respond<OffsetCommitResponse>(effects, store.request, std::move(store.statuses));
  }
}

void refuse_commit(const GroupStep& step, OffsetStore& store, Error append_error) {
  if (store.answered) return;
  const Error told = step.config.new_coordinator() ? new_offset_store_error(append_error)
                                                   : offset_store_error(append_error);
  emit_refused(step.effects, store.group, told, store.producer.id, store.generation,
               store.member_id);
  fill(store.statuses, told);
}

}  // namespace

List<PartitionError> commit_statuses(const MetadataImage& metadata,
                                     const List<OffsetAndEpoch>& offsets) {
  List<PartitionError> statuses;
  for (const OffsetAndEpoch& offset : offsets) {
    const bool exists = known(metadata, offset.partition);
    statuses.push_back({offset.partition, exists ? Error::kNone : Error::kUnknownTopicOrPartition});
  }
  return statuses;
}

bool nothing_left(const List<PartitionError>& statuses) {
  return std::ranges::none_of(statuses,
                              [](const PartitionError& s) { return s.error == Error::kNone; });
}

void refuse_offset_commit(GroupEffects& effects, RequestToken token,
                          const OffsetCommitRequest& request, List<PartitionError> statuses,
                          Error error) {
  if (error != Error::kNone) {
    emit_refused(effects, request.group, error, ProducerId{}, request.generation,
                 request.member_id);
  }
  fill(statuses, error);
  respond<OffsetCommitResponse>(effects, token, std::move(statuses));
}

void refuse_txn_offset_commit(GroupEffects& effects, RequestToken token,
                              const TxnOffsetCommitRequest& request, List<PartitionError> statuses,
                              Error error) {
  if (error != Error::kNone) {
    emit_refused(effects, request.group, error, request.producer.id, request.generation,
                 request.member_id);
  }
  fill(statuses, error);
  respond<TxnOffsetCommitResponse>(effects, token, std::move(statuses));
}

void handle_offset_commit(GroupStep& step, Group& group, RequestToken token,
                          const OffsetCommitRequest& request, List<PartitionError> statuses) {
  const Error error = check_offset_commit(step, group, request);
  if (error != Error::kNone) {
    return refuse_offset_commit(step.effects, token, request, std::move(statuses), error);
  }
  Member* member = group.find_member(request.member_id);
  if (member != nullptr) restart_session(step, *member);
  OffsetStore store;
  store.group_uid = group.uid();
  store.group = group.name();
  store.request = token;
  store.generation = request.generation;
  store.member_id = request.member_id;
  store.items = items_of(request.offsets, statuses, step.env.clock.wall.ms());
  store.statuses = std::move(statuses);
  store_offsets(step, group, std::move(store), Ghost<TransactionInstance>{});
}

void handle_txn_offset_commit(GroupStep& step, Group& group, RequestToken token,
                              const TxnOffsetCommitRequest& request,
                              List<PartitionError> statuses) {
  Committer committer;
  if (request.header.version >= kTxnOffsetCommitMembershipVersion) {
    committer = {request.generation, request.member_id, request.instance_id};
  }
  const Error error = check_txn_offset_commit(group, committer, step.config.switches);
  if (error != Error::kNone) {
    return refuse_txn_offset_commit(step.effects, token, request, std::move(statuses), error);
  }
  OffsetStore store;
  store.group_uid = group.uid();
  store.group = group.name();
  store.request = token;
  store.producer = request.producer;
  store.generation = committer.generation;
  store.member_id = committer.member_id;
  store.items = items_of(request.offsets, statuses, step.env.clock.wall.ms());
  store.statuses = std::move(statuses);
  store_offsets(step, group, std::move(store), request.instance);
}

void on_offsets_stored(GroupStep& step, Group* group, OffsetStore store, Error error,
                       Offset base_offset) {
  for (OffsetStore::Item& item : store.items) {
    if (group == nullptr) break;
    if (error == Error::kNone) {
      item.entry.position = base_offset;
      acknowledge(step.effects, *group, store, item);
    } else {
      fail(step, *group, store, item);
    }
  }
  if (error != Error::kNone) refuse_commit(step, store, error);
  answer_commit(step.effects, store);
}

void on_commit_timeout(GroupStep& step, OffsetStore& store) {
  refuse_commit(step, store, Error::kRequestTimedOut);
  answer_commit(step.effects, store);
}

void complete_offsets(GroupEffects& effects, Group& group, ProducerId producer, ControlType type,
                      GroupOffsets::Unacknowledged rule) {
  for (const GroupOffsets::Decided& decided : group.offsets.complete(producer, type, rule)) {
    if (decided.committed) {
      emit_committed(effects, group.name(), decided.partition, decided.entry, producer);
    } else {
      emit_dropped(effects, group.name(), decided.partition, decided.entry.offset, producer);
    }
  }
}

void announce_loaded_group(GroupEffects& effects, const Group& group) {
  emit(effects, Event::kGroupLoaded,
       {field(group.name()), group.generation().value,
        static_cast<int64_t>(group.members().size())});
  for (const auto& [partition, entry] : group.offsets.committed()) {
    emit_committed(effects, group.name(), partition, entry, ProducerId{});
  }
  for (const auto& [producer, entries] : group.offsets.pending_transactional()) {
    for (const auto& [partition, entry] : entries) {
      OffsetStore store;
      store.group = group.name();
      store.producer.id = producer;
      emit_pending(effects, store, {partition, entry, {}});
    }
  }
}

bool wants_stable(const OffsetFetchRequest& request, const Switches& switches) {
  return request.header.version >= kOffsetFetchStableVersion && request.require_stable &&
         switches.on(Switch::kStableOffsetFetch);
}

OffsetFetchResponse fetch_offsets(GroupStep& step, Name group_name, const Group* group,
                                  const OffsetFetchRequest& request) {
  const bool stable = wants_stable(request, step.config.switches);
  const auto unstable = [&](TopicPartition partition) {
    if (!stable || group == nullptr) return false;
    // The new coordinator answers behind the plain commits that it knows of (1.14 e).
    return step.config.new_coordinator() ? group->offsets.unstable_transactional(partition)
                                         : group->offsets.unstable(partition);
  };
  List<TopicPartition> asked = request.partitions;
  if (asked.empty() && group != nullptr) {
    for (const auto& [partition, entry] : group->offsets.committed()) asked.push_back(partition);
  }
  OffsetFetchResponse response;
  for (const TopicPartition partition : asked) {
    OffsetFetchResponse::Partition result;
    result.partition = partition;
    const OffsetEntry* entry = group == nullptr ? nullptr : group->offsets.find(partition);
    if (unstable(partition)) {
      result.error = Error::kUnstableOffsetCommit;
    } else if (entry != nullptr) {
      result.offset = entry->offset;
      result.leader_epoch = entry->leader_epoch;
    }
    step.emit(Event::kOffsetFetched, {field(group_name), partition.packed(), result.offset.value,
                                      static_cast<int64_t>(result.error), stable});
    response.partitions.push_back(result);
  }
  return response;
}

}  // namespace eosim::kafka
