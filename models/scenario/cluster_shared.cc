#include "models/scenario/cluster_shared.h"

#include <algorithm>
#include <charconv>

#include "models/app/app_process.h"
#include "models/app/operator_process.h"
#include "models/app/streams/streams_process.h"
#include "models/broker/broker.h"
#include "models/protocol/features.h"
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
  if (const auto partition = partition_meant(world, selector)) {
    return leader_of(world, *partition);
  }
  std::string_view rest = selector;
  if (take_prefix(rest, kOwner)) {
    const auto partition = find_partition(world, rest);
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

const kafka::ClusterState& ClusterShared::cluster(const sim::World& world) const {
  return static_cast<const kafka::Controller&>(world.process(controller)).state();
}

std::optional<TopicPartition> ClusterShared::partition_meant(const sim::World& world,
                                                             std::string_view selector) const {
  std::string_view rest = selector;
  if (take_prefix(rest, kLeader)) return find_partition(world, rest);
  if (take_prefix(rest, kCoordinatorOfTransaction)) {
    return TopicPartition{transaction_state, partition_for(world, rest, transaction_state)};
  }
  if (take_prefix(rest, kCoordinatorOfGroup)) {
    return TopicPartition{consumer_offsets, partition_for(world, rest, consumer_offsets)};
  }
  return std::nullopt;
}

std::optional<TopicPartition> ClusterShared::find_partition(const sim::World& world,
                                                            std::string_view name) const {
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  int32_t partition = -1;
  const std::string_view digits = name.substr(dash + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), partition);
  for (size_t topic = 0; topic < topic_names.size(); ++topic) {
    const TopicPartition found{{static_cast<uint16_t>(topic)}, partition};
    if (topic_names[topic] == name.substr(0, dash) && cluster(world).known(found)) return found;
  }
  return std::nullopt;
}

int32_t ClusterShared::partition_for(const sim::World& world, std::string_view key,
                                     kafka::TopicId topic) const {
  const auto& partitions = cluster(world).image().topics.at(topic.value).partitions;
  const int32_t hash = kafka::java_string_hash(key);
  return (hash == INT32_MIN ? 0 : std::abs(hash)) % static_cast<int32_t>(partitions.size());
}

// As the controller has it: brokers and clients may know an older leader. Nobody while there is
// none.
std::vector<sim::Target> ClusterShared::leader_of(const sim::World& world,
                                                  TopicPartition partition) const {
  const kafka::BrokerId leader = cluster(world).partition(partition).leader;
  for (const kafka::BrokerMetadata& broker : cluster(world).image().brokers) {
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
                                           sim::Time start, std::optional<uint32_t> identity) {
  kafka::AppConfig config = application.config;
  config.instance = application.instances++;
  config.identity = identity.value_or(config.instance);
  const std::string name = config.instance_name();
  std::unique_ptr<sim::Process> made;
  if (config.kind == kafka::AppKind::kStreams) {
    made = std::make_unique<kafka::StreamsProcess>(std::move(config));
  } else {
    made = std::make_unique<kafka::AppProcess>(std::move(config));
  }
  const sim::ProcessId added = world.add_process(name, std::move(made), start);
  application.processes.push_back(added);
  return added;
}

// The number of the instance that a new one stands in for; nothing if none is named.
std::optional<uint32_t> ClusterShared::identity_of(const sim::World& world,
                                                   const Application& application,
                                                   const std::string& named) const {
  if (named.empty()) return std::nullopt;
  for (const sim::Target& target : world.resolve(named)) {
    const auto* app = dynamic_cast<const kafka::AppProcess*>(&world.process(target.process));
    const bool ours = app != nullptr && app->config().name == application.config.name;
    if (ours) return app->config().identity;
  }
  return std::nullopt;
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

// Brokers that nobody can count on: they are down, or their present life has not registered yet,
// and what the controller knows is of the life before.
kafka::BrokerList ClusterShared::absent_brokers(const sim::World& world) const {
  kafka::BrokerList absent;
  for (uint32_t b = 0; b < brokers; ++b) {
    const kafka::BrokerId id{static_cast<int32_t>(b)};
    const sim::ProcessState state = world.state({b});
    const bool up = state == sim::ProcessState::kRunning || state == sim::ProcessState::kPaused;
    if (!up || cluster(world).incarnation(id) != world.incarnation({b})) absent.push_back(id);
  }
  return absent;
}

bool ClusterShared::may_strike(const sim::World& world, const sim::FaultSpec& fault,
                               sim::ProcessId victim) const {
  if (fault.word != "unclean_election") {
    if (victim.index >= brokers) return true;  // applications keep nothing that matters
    const kafka::BrokerId id{static_cast<int32_t>(victim.index)};
    return cluster(world).can_lose(id, absent_brokers(world));
  }
  // Where everybody is in sync and there, whoever is elected has everything.
  const auto partition = partition_meant(world, fault.target);
  if (!partition) return false;
  const kafka::PartitionMetadata& known = cluster(world).partition(*partition);
  const kafka::BrokerList absent = absent_brokers(world);
  return known.isr.size() == known.replicas.size() && known.isr.size() > 1 &&
         std::none_of(known.replicas.begin(), known.replicas.end(), [&](kafka::BrokerId replica) {
           return std::find(absent.begin(), absent.end(), replica) != absent.end();
         });
}

void ClusterShared::apply(sim::World& world, const sim::FaultSpec& fault, bool begin) {
  if (fault.word == "slow_controller") {
    auto& process = static_cast<kafka::Controller&>(world.process(controller));
    return process.slow_down(begin ? fault.by : sim::Duration{} - fault.by);
  }
  if (fault.word == "slow_metadata") return slow_metadata_down(world, fault, begin);
  if (!begin) return;
  if (fault.word == "abort_transaction") return abort_hanging(world, fault);
  if (fault.word == "rolling_bounce") return bounces_under_way.begin(*this, world, fault.plan);
  if (fault.word == "upgrade_features") return finalise_features(world, fault);
  const bool leads = fault.word == "move_leader" || fault.word == "move_coordinator" ||
                     fault.word == "unclean_election";
  return leads ? change_leader(world, fault) : change_membership(world, fault);
}

// Whom a selector means may have changed when the fault ends: that undoes what its begin did.
void ClusterShared::slow_metadata_down(sim::World& world, const sim::FaultSpec& fault, bool begin) {
  const auto broker = [&](sim::ProcessId process) -> kafka::Broker& {
    return static_cast<kafka::Broker&>(world.process(process));
  };
  if (begin) {
    for (const sim::Target& target : world.resolve(fault.target)) {
      if (target.process.index >= brokers) continue;
      broker(target.process).slow_metadata(fault.by);
      slow_metadata.push_back({target.process, fault.by, fault.target});
    }
    return;
  }
  const auto ended = std::find_if(slow_metadata.begin(), slow_metadata.end(), [&](const auto& one) {
    return one.by == fault.by && one.cause == fault.target;
  });
  if (ended == slow_metadata.end()) return;
  broker(ended->broker).slow_metadata(sim::Duration{} - fault.by);
  slow_metadata.erase(ended);
}

void ClusterShared::abort_hanging(sim::World& world, const sim::FaultSpec& fault) {
  const auto partition = partition_meant(world, fault.target);
  const sim::ProcessId tool = world.find("operator");
  if (!partition || tool == sim::kNoProcess) return;
  world.control(tool, {},
                {static_cast<uint32_t>(kafka::OperatorControl::kAbortHanging), 0,
                 static_cast<uint64_t>(partition->packed())});
}

// kafka-features upgrade, or downgrade: what one broker lacks, the cluster cannot have.
void ClusterShared::finalise_features(sim::World& world, const sim::FaultSpec& fault) {
  const auto lower = [](kafka::FinalisedFeatures& one, const kafka::FinalisedFeatures& other) {
    one.transaction_version = std::min(one.transaction_version, other.transaction_version);
    one.eligible_leader_replicas &= other.eligible_leader_replicas;
  };
  kafka::FinalisedFeatures wanted =
      static_cast<const kafka::Broker&>(world.process({0})).config().supports;
  for (uint32_t b = 1; b < brokers; ++b) {
    lower(wanted, static_cast<const kafka::Broker&>(world.process({b})).config().supports);
  }
  if (fault.plan > 0) {
    lower(wanted, kafka::finalised_in(kafka::preset_switches(kafka::presets()[fault.plan - 1])));
  }
  const sim::ProcessState state = world.state(controller);
  if (state != sim::ProcessState::kRunning && state != sim::ProcessState::kPaused) return;
  world.control(controller, {}, kafka::features_tag(wanted));
}

void ClusterShared::change_leader(sim::World& world, const sim::FaultSpec& fault) {
  const auto partition = partition_meant(world, fault.target);
  const sim::ProcessState state = world.state(controller);
  const bool up = state == sim::ProcessState::kRunning || state == sim::ProcessState::kPaused;
  if (!partition || !up) return;
  kafka::BrokerId to;
  if (const sim::ProcessId named = world.find(fault.to); named != sim::kNoProcess) {
    to = kafka::BrokerId{static_cast<int32_t>(named.index)};
  }
  const auto what = fault.word == "unclean_election" ? kafka::ControllerControl::kUncleanElection
                                                     : kafka::ControllerControl::kMoveLeader;
  world.control(controller, {}, kafka::controller_tag(what, *partition, to));
}

void ClusterShared::change_membership(sim::World& world, const sim::FaultSpec& fault) {
  for (Application& application : applications) {
    if (application.config.name != fault.target) continue;
    if (fault.word == "add_instance") {
      add_instance(world, application, world.now(), identity_of(world, application, fault.from));
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
