// OffsetCommit, TxnOffsetCommit and OffsetFetch (groups-streams-replication.md 2.2-2.8,
// transactions.md 2.6). Check, pending entry and append of a commit are one step: nothing can be
// fetched or rebalanced between them.
#pragma once

#include "models/group/group_step.h"

namespace eosim::kafka {

inline constexpr int16_t kTxnOffsetCommitMembershipVersion = 3;  // KIP-447

// A status for each partition; those that the broker's metadata does not know have their error
// already, and never reach the group (KafkaApis).
List<PartitionError> commit_statuses(const MetadataImage& metadata,
                                     const List<OffsetAndEpoch>& offsets);
bool nothing_left(const List<PartitionError>& statuses);

void refuse_offset_commit(GroupEffects& effects, RequestToken token,
                          const OffsetCommitRequest& request, List<PartitionError> statuses,
                          Error error);
void refuse_txn_offset_commit(GroupEffects& effects, RequestToken token,
                              const TxnOffsetCommitRequest& request, List<PartitionError> statuses,
                              Error error);

void handle_offset_commit(GroupStep& step, Group& group, RequestToken token,
                          const OffsetCommitRequest& request, List<PartitionError> statuses);
void handle_txn_offset_commit(GroupStep& step, Group& group, RequestToken token,
                              const TxnOffsetCommitRequest& request, List<PartitionError> statuses);
// `group` is null if the group object is gone; the sender is answered all the same.
void on_offsets_stored(GroupStep& step, Group* group, OffsetStore store, Error error,
                       Offset base_offset);

// The sender of a commit waits no longer; the write goes on (the new coordinator).
void on_commit_timeout(GroupStep& step, OffsetStore& store);

// What a marker of this producer does to the group's cache.
void complete_offsets(GroupEffects& effects, Group& group, ProducerId producer, ControlType type,
                      GroupOffsets::Unacknowledged rule);

// What a load brought back, as events: the group, its committed and its pending offsets.
void announce_loaded_group(GroupEffects& effects, const Group& group);

bool wants_stable(const OffsetFetchRequest& request, const Switches& switches);
OffsetFetchResponse fetch_offsets(GroupStep& step, Name group_name, const Group* group,
                                  const OffsetFetchRequest& request);

}  // namespace eosim::kafka
