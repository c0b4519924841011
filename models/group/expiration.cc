#include "models/group/expiration.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace eosim::kafka {
namespace {

using enum GroupState;

// What an offset's age is counted from; unset: it does not expire. An idle group keeps its offsets
// from the moment on at which it became empty, offsets without a group from their commit on, and a
// group with members those of the topics that it reads.
class Retention {
 public:
  Retention(const GroupStep& step, const Group& group) : group_(group) {
    if (group.is(kStable)) return;
    // KAFKA-13636: the topics of a group that is not stable were those of its last generation,
    // none if that ended without members.
    if (!group.is(kEmpty) && step.config.switches.on(Switch::kExpireOnlyWhenStable)) keeps_ = true;
  }

  std::optional<int64_t> begin(TopicPartition partition, const OffsetEntry& entry) const {
    if (keeps_ || group_.offsets.unstable(partition)) return std::nullopt;
    if (!group_.protocol_type().valid()) return entry.commit_ms;
    if (group_.is(kEmpty)) return group_.state_ms() >= 0 ? group_.state_ms() : entry.commit_ms;
    if (subscribed(partition.topic)) return std::nullopt;
    return entry.commit_ms;
  }

 private:
  bool subscribed(TopicId topic) const {
    if (!group_.protocol().valid()) return false;
    return std::ranges::any_of(group_.members(), [&](const Member& member) {
      return std::ranges::binary_search(member.subscription(group_.protocol()).topics, topic);
    });
  }

  const Group& group_;
  bool keeps_ = false;
};

void expire_offsets(GroupStep& step, Group& group) {
  const Retention retention(step, group);
  const int64_t horizon = step.wall_ms() - step.config.offsets_retention_ms;
  List<OffsetRecord> tombstones;
  for (const auto& [partition, entry] : group.offsets.committed()) {
    const std::optional<int64_t> begin = retention.begin(partition, entry);
    if (!begin || *begin > horizon) continue;
    tombstones.push_back({group.name(), partition, true, {}, {}, -1});
    step.emit(Event::kOffsetExpired, {field(group.name()), partition.packed(), entry.offset.value});
  }
  if (tombstones.empty()) return;
  for (const OffsetRecord& gone : tombstones) group.offsets.remove(gone.partition);
  append_tombstones(step, group, std::move(tombstones));
}

}  // namespace

bool expire_group(GroupStep& step, Group& group) {
  expire_offsets(step, group);
  if (!group.is(kEmpty) || !group.offsets.empty()) return false;
  step.transition(group, kDead);
  // In generation 0 it has stored offsets only, and has no record; the new coordinator does not
  // ask.
  if (group.generation().value > 0 || step.config.new_coordinator()) {
    GroupRecord tombstone;
    tombstone.group = group.name();
    tombstone.tombstone = true;
    append_group_record(step, group, std::move(tombstone), QuietStore{group.uid()});
  }
  return true;
}

}  // namespace eosim::kafka
