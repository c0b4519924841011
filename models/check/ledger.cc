#include "models/check/ledger.h"

#include <string_view>

#include "sim/assert.h"

namespace eosim::check {
namespace {

// "app-0" -> "app": instances are named <app>-<index> (cli-and-scenarios.md 2.3).
std::string_view app_part(std::string_view process) {
  const size_t dash = process.rfind('-');
  return dash == std::string_view::npos ? process : process.substr(0, dash);
}

kafka::TopicId find_topic(const kafka::KafkaShared& shared, std::string_view name) {
  for (size_t i = 0; i < shared.topic_names.size(); ++i) {
    if (shared.topic_names[i] == name) return {static_cast<uint16_t>(i)};
  }
  return {};
}

}  // namespace

Ledger::Ledger(const CheckConfig& config)
    : apps_(config.apps),
      offsets_topic_text_(config.offsets_topic),
      transaction_topic_text_(config.transaction_topic),
      source_topics_text_(config.source_topics) {}

const kafka::KafkaShared& Ledger::shared(const sim::World& world) {
  return static_cast<const kafka::KafkaShared&>(world.shared());
}

void Ledger::bind(const sim::World& world) {
  const kafka::KafkaShared& all = shared(world);
  offsets_topic_ = find_topic(all, offsets_topic_text_);
  transaction_topic_ = find_topic(all, transaction_topic_text_);
  for (const std::string& topic : source_topics_text_) {
    source_topics_.push_back(find_topic(all, topic));
  }
  for (const AppDescription& app : apps_) {
    Input input;
    input.group_text = app.group;
    for (const std::string& topic : app.input_topics) {
      input.topics.push_back(find_topic(all, topic));
    }
    std::sort(input.topics.begin(), input.topics.end());
    for (const auto& [topic, effects] : app.effects_of_input) {
      input.effects[find_topic(all, topic)] = effects;
    }
    inputs_.push_back(std::move(input));
    for (const std::string& table : app.tables) tables_.push_back(find_topic(all, table));
  }
  std::sort(tables_.begin(), tables_.end());
  bound_ = true;
}

int32_t Ledger::effects_expected(size_t app, kafka::TopicId input) const {
  const int32_t* own = inputs_[app].effects.find(input);
  return own != nullptr ? *own : apps_[app].effects_per_record;
}

// A group's name is known to the world when its first member has it: until then nothing is owed.
void Ledger::bind_groups(const kafka::Names& names) {
  groups_bound_ = true;
  application_names_.resize(apps_.size());
  for (size_t app = 0; app < apps_.size(); ++app) {
    application_names_[app] = names.find(apps_[app].name);
    if (!application_names_[app].valid() && !apps_[app].group.empty()) groups_bound_ = false;
  }
  for (Input& input : inputs_) {
    if (input.group.valid() || input.group_text.empty()) continue;
    input.group = names.find(input.group_text);
    if (!input.group.valid()) {
      groups_bound_ = false;
      continue;
    }
    for (const auto& [partition, truth] : partitions_) recount_lag(partition);
  }
}

void Ledger::on_event(const sim::World& world, const sim::TraceEvent& event) {
  if (!bound_) bind(world);
  if (!groups_bound_) bind_groups(shared(world).names);
  switch (static_cast<Event>(event.kind.index)) {
    case Event::kLogAppended:
      return appended(world, event);
    case Event::kLogMarkerAppended:
      return marker(world, event);
    case Event::kLogHighWatermark:
    case Event::kLogLastStableOffset:
      return offsets_moved(world, event);
    case Event::kLogLoaded:
      return log_loaded(world, event);
    case Event::kLeaderStarted:
      return leader_started(world, event);
    case Event::kLogTail:
      return tail(world, event);
    case Event::kFollowerStarted:
    case Event::kReplicaAppended:
    case Event::kLogTruncated:
      return replica_moved(event);
    case Event::kLogStartMoved:
      return log_start_moved(event);
    case Event::kPartitionChanged:
    case Event::kUncleanElection:
      return partition_changed(event);
    case Event::kProducerAcknowledged:
      return acknowledged(world, event);
    case Event::kLogDuplicate:
      ++counts_.retries;
      return;
    case Event::kTransactionTransition:
      return transition(world, event);
    case Event::kTransactionFenced:
      return fenced(event);
    case Event::kTransactionExpired:
      return expired(world, event);
    case Event::kTransactionLoaded:
      return loaded(world, event);
    case Event::kGroupTransition:
      return group_moved(world, event);
    case Event::kGroupMemberJoined:
      return member_joined(world, event);
    case Event::kGroupMemberRemoved:
      return member_removed(world, event);
    case Event::kGroupGeneration:
      return generation(world, event);
    case Event::kGroupAssigned:
      return assigned(world, event);
    case Event::kGroupLoaded:
      return group_loaded(world, event);
    case Event::kOffsetPending:
      return offset_pending(world, event);
    case Event::kOffsetCommitted:
      return offset_committed(world, event);
    case Event::kOffsetDropped:
      return offset_dropped(world, event);
    case Event::kOffsetExpired:
      return offset_expired(world, event);
    case Event::kProducerInitialized:
      return initialized(world, event);
    case Event::kProducerTransition:
      return producer_moved(world, event);
    case Event::kProducerFailed:
      return batch_failed(world, event);
    case Event::kTransactionBegan:
      return began(event);
    case Event::kTransactionEndSent:
      return end_sent(event);
    case Event::kTransactionEnded:
      return ended(event);
    case Event::kConsumerRevoked:
      return revoked(event);
    case Event::kConsumerPosition:
      return position(world, event);
    case Event::kConsumerDelivered:
      return delivered(event);
    case Event::kAppOffsetsSent:
      return offsets_asked(event);
    case Event::kAppProducerClosed:
      // A producer that is closed in the middle of a call owes its end to nobody.
      return producers_.erase({event.process, static_cast<uint32_t>(event.fields[0])});
    default:
      return;
  }
}

void Ledger::end_event() {
  change_.partition = nullptr;
  change_.deposed = false;
  change_.taken.clear();
  change_.passed.clear();
  change_.unfounded.clear();
  if (change_.lost_from.valid()) {
    change_.lost_from = {};
    change_.lost.clear();
  }
  change_.replaced.reset();
  change_.closed.clear();
  change_.effects.clear();
  change_.instance = nullptr;
  change_.transactional_id = nullptr;
  change_.group = nullptr;
  change_.committed_before.reset();
  change_.cursor_before = {};
}

bool Ledger::leads(const sim::World& world, TopicPartition log, sim::ProcessId process) const {
  const PartitionTruth* truth = log.valid() ? partition(log) : nullptr;
  if (truth == nullptr || !truth->term().told) return true;
  return truth->term().leader == process && truth->term().incarnation == world.incarnation(process);
}

// Before its first record is written, the log of a group is told by the hash of its name
// (groups-streams-replication.md 6.9).
TopicPartition Ledger::home_of_group(const sim::World& world, Name group) const {
  const TopicPartition log = log_of_group(group);
  if (log.valid() || offsets_partitions_ == 0) return log;
  return {offsets_topic_, shared(world).names.partition_for(group, offsets_partitions_)};
}

TopicPartition Ledger::home_of_transactional_id(const sim::World& world, Name tid) const {
  const TopicPartition log = log_of_transactional_id(tid);
  if (log.valid() || transaction_partitions_ == 0) return log;
  return {transaction_topic_, shared(world).names.partition_for(tid, transaction_partitions_)};
}

bool Ledger::coordinates_group(const sim::World& world, Name group, sim::ProcessId process) const {
  return leads(world, home_of_group(world, group), process);
}

bool Ledger::coordinates(const sim::World& world, Name tid, sim::ProcessId process) const {
  return leads(world, home_of_transactional_id(world, tid), process);
}

TopicPartition Ledger::log_of_group(Name group) const {
  const TopicPartition* log = group_logs_.find(group.id);
  return log == nullptr ? TopicPartition{} : *log;
}

TopicPartition Ledger::log_of_transactional_id(Name tid) const {
  const TopicPartition* log = tid_logs_.find(tid.id);
  return log == nullptr ? TopicPartition{} : *log;
}

Name Ledger::owner(ProducerId id) const {
  const Name* name = owners_.find(id);
  return name == nullptr ? Name{} : *name;
}

const InstanceTruth* Ledger::instance(uint64_t number) const {
  if (number < first_instance_) return nullptr;
  const uint64_t index = number - first_instance_;
  return index < instances_.size() ? &instances_[index] : nullptr;
}

Decision Ledger::decision(uint64_t number) const {
  if (number == 0) return Decision::kNone;
  if (number < first_instance_) return folded_.at(number - 1);
  const InstanceTruth* found = instance(number);
  return found == nullptr ? Decision::kNone : found->decision;
}

const InputEffects* Ledger::effects(Name application, TopicPartition input) const {
  return effects_.find({application.id, input});
}

int Ledger::app_of(const sim::World& world, sim::ProcessId process) const {
  if (process == sim::kNoProcess || process.index >= world.process_count()) return -1;
  const std::string_view name = app_part(world.name(process));
  for (size_t i = 0; i < apps_.size(); ++i) {
    if (apps_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

int Ledger::app_of(const sim::World& world, Name application) const {
  const std::string_view name = shared(world).names.text(application);
  for (size_t i = 0; i < apps_.size(); ++i) {
    if (apps_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

size_t Ledger::kept() const {
  size_t kept = instances_.size() + open_offsets_.size() + readers_.size() + producers_.size();
  for (const auto& [partition, truth] : partitions_) {
    kept += truth.batches().size() + truth.tail().size();
  }
  for (const auto& [key, effects] : effects_) kept += effects.kept();
  for (const auto& [name, group] : groups_) kept += group.pending.size() + group.asked.size();
  return kept;
}

}  // namespace eosim::check
