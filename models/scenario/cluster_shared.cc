#include "models/scenario/cluster_shared.h"

#include <algorithm>
#include <charconv>

#include "models/app/app_process.h"
#include "models/broker/broker.h"
#include "sim/assert.h"

namespace eosim::scenario {

namespace {

using kafka::TopicPartition;

constexpr std::string_view kLeader = "leader:";
constexpr std::string_view kCoordinatorOfTransaction = "coordinator:txn:";
constexpr std::string_view kCoordinatorOfGroup = "coordinator:group:";
constexpr std::string_view kOwner = "owner:";

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool running(const sim::World& world, sim::ProcessId process) {
  return world.state(process) == sim::ProcessState::kRunning;
}

}  // namespace

std::unique_ptr<sim::Shared> ClusterShared::clone() const {
  return std::make_unique<ClusterShared>(*this);
}

std::vector<sim::Target> ClusterShared::resolve(const sim::World& world,
                                                std::string_view selector) const {
  std::string_view rest = selector;
  if (take_prefix(rest, kLeader)) {
    const auto partition = find_partition(rest);
    return partition ? leader_of(*partition) : std::vector<sim::Target>{};
  }
  if (take_prefix(rest, kCoordinatorOfTransaction)) {
    return leader_of({transaction_state, partition_for(rest, transaction_state)});
  }
  if (take_prefix(rest, kCoordinatorOfGroup)) {
    return leader_of({consumer_offsets, partition_for(rest, consumer_offsets)});
  }
  if (take_prefix(rest, kOwner)) {
    const auto partition = find_partition(rest);
    return partition ? owner_of(world, *partition) : std::vector<sim::Target>{};
  }
  // A thread: "app-0/1".
  const size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos) return {};
  const sim::ProcessId process = world.find(rest.substr(0, slash));
  uint16_t thread = 0;
  const std::string_view digits = rest.substr(slash + 1);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), thread);
  if (process == sim::kNoProcess || parsed.ec != std::errc{}) return {};
  return {{process, true, {thread}}};
}

std::optional<TopicPartition> ClusterShared::find_partition(std::string_view name) const {
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  int32_t partition = -1;
  const std::string_view digits = name.substr(dash + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), partition);
  const kafka::MetadataImage& known = metadata[image];
  for (size_t topic = 0; topic < topic_names.size(); ++topic) {
    if (topic_names[topic] != name.substr(0, dash)) continue;
    if (partition < 0 || partition >= static_cast<int32_t>(known.topics[topic].partitions.size())) {
      return std::nullopt;
    }
    return TopicPartition{{static_cast<uint16_t>(topic)}, partition};
  }
  return std::nullopt;
}

int32_t ClusterShared::partition_for(std::string_view key, kafka::TopicId topic) const {
  const auto partitions =
      static_cast<int32_t>(metadata[image].topics[topic.value].partitions.size());
  const int32_t hash = kafka::java_string_hash(key);
  return (hash == INT32_MIN ? 0 : std::abs(hash)) % partitions;
}

std::vector<sim::Target> ClusterShared::leader_of(TopicPartition partition) const {
  const kafka::MetadataImage& known = metadata[image];
  const auto index = static_cast<size_t>(partition.partition);
  const kafka::BrokerId leader = known.topics[partition.topic.value].partitions.at(index).leader;
  for (const kafka::BrokerMetadata& broker : known.brokers) {
    if (broker.id == leader) return {{broker.process, false, {}}};
  }
  return {};
}

// Whoever the group has given the partition to: the thread, by the client id of the member.
std::vector<sim::Target> ClusterShared::owner_of(const sim::World& world,
                                                 TopicPartition partition) const {
  for (uint32_t b = 0; b < brokers; ++b) {
    const auto& broker = static_cast<const kafka::Broker&>(world.process({b}));
    if (!broker.started()) continue;
    for (const kafka::Group& group : broker.group_coordinator().groups()) {
      for (const kafka::Member& member : group.members()) {
        for (const TopicPartition owned : member.assignment) {
          if (owned == partition) return resolve(world, names.text(member.client_id));
        }
      }
    }
  }
  return {};
}

std::vector<sim::ActorId> ClusterShared::stallable_actors(const sim::World& world,
                                                          sim::ProcessId process) const {
  const auto* app = dynamic_cast<const kafka::AppProcess*>(&world.process(process));
  std::vector<sim::ActorId> actors;
  const uint16_t threads = app == nullptr ? 1 : app->thread_count();
  for (uint16_t thread = 0; thread < threads; ++thread) actors.push_back({thread});
  return actors;
}

sim::ProcessId ClusterShared::add_instance(sim::World& world, Application& application,
                                           sim::Time start) {
  kafka::AppConfig config = application.config;
  config.instance = application.instances++;
  const std::string name = config.instance_name();
  const sim::ProcessId added =
      world.add_process(name, std::make_unique<kafka::AppProcess>(std::move(config)), start);
  application.processes.push_back(added);
  return added;
}

// The youngest one that runs, or the one that is named.
size_t ClusterShared::leaving_instance(const sim::World& world, const Application& application,
                                       const std::string& named) const {
  std::vector<sim::Target> meant;
  if (const sim::ProcessId process = world.find(named); process != sim::kNoProcess) {
    meant.push_back({process, false, {}});
  } else if (!named.empty()) {
    meant = resolve(world, named);
  }
  for (size_t i = application.processes.size(); i-- > 0;) {
    const sim::ProcessId process = application.processes[i];
    const bool leaves =
        named.empty() ? running(world, process)
                      : std::any_of(meant.begin(), meant.end(),
                                    [&](const auto& target) { return target.process == process; });
    if (leaves && world.state(process) != sim::ProcessState::kWaiting) return i;
  }
  return application.processes.size();
}

void ClusterShared::apply(sim::World& world, const sim::FaultSpec& fault, bool begin) {
  if (!begin) return;
  for (Application& application : applications) {
    if (application.config.name != fault.target) continue;
    if (fault.word == "add_instance") {
      add_instance(world, application, world.now());
      return;
    }
    const auto control = [&](sim::ProcessId process, kafka::AppControl what) {
      world.control(process, {0}, {static_cast<uint32_t>(what), 0, 0});
    };
    if (fault.word == "remove_instance") {
      const size_t leaver = leaving_instance(world, application, fault.from);
      if (leaver == application.processes.size()) return;
      const sim::ProcessId process = application.processes[leaver];
      application.processes.erase(application.processes.begin() +
                                  static_cast<std::ptrdiff_t>(leaver));
      // One that runs leaves the group and ends; one that stands still does so when it goes on.
      if (world.state(process) == sim::ProcessState::kDown) {
        world.remove(process);
      } else {
        control(process, kafka::AppControl::kStop);
      }
      return;
    }
    EOSIM_ASSERT(fault.word == "rebalance");
    // All join again: the coordinator starts a rebalance for the group's leader, and answers a
    // follower with unchanged metadata at once (groups-streams-replication.md 1.4, Stable).
    for (const sim::ProcessId process : application.processes) {
      if (running(world, process)) control(process, kafka::AppControl::kRejoin);
    }
    return;
  }
}

}  // namespace eosim::scenario
