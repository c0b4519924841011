// Rolling bounces (cli-and-scenarios.md 2.4): the instances of an application, or the brokers,
// restart one after another with new settings.
//
// There is one operator: a bounce that strikes while another goes on waits for its end. Each
// process in its turn: what its next life begins with is put in place, it is asked to stop in
// order, stays down for a while and is started. With `wait_stable` the operator then looks until
// the group, or every partition, is as it should be (stability.h); `gap` later the next one has its
// turn. A process that dies before it has stopped in order comes back with the new settings, too,
// and one that is down when its turn comes is started with them.
//
// When the cluster heals, the process whose turn it is comes back; those behind it stay as they
// are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/app/app_config.h"
#include "models/broker/broker_config.h"
#include "sim/world.h"

namespace eosim::scenario {

class ClusterShared;

// One bounce, prepared when the world is built.
struct BouncePlan {
  std::string app;                           // "": the brokers
  std::optional<kafka::AppConfig> instance;  // what an instance is then, but for its number
  std::vector<kafka::BrokerConfig> brokers;  // by id
  std::string only;                          // this process and no other; "": all of them
  sim::Duration down;
  sim::Duration gap;
  bool wait_stable = true;
};

class RollingBounces {
 public:
  std::vector<BouncePlan> plans;

  void begin(ClusterShared& shared, sim::World& world, uint32_t plan);
  void on_wake(ClusterShared& shared, sim::World& world);
  void on_heal();

 private:
  enum class Phase : uint8_t { kNext, kStopping, kReturning, kGap };

  const BouncePlan& plan() const { return plans.at(orders_.front()); }
  bool advance(ClusterShared& shared, sim::World& world);
  bool next(ClusterShared& shared, sim::World& world);
  bool stopping(sim::World& world);
  bool returning(ClusterShared& shared, const sim::World& world);
  void list_processes(ClusterShared& shared, sim::World& world);
  void reconfigure(sim::World& world, sim::ProcessId process) const;

  std::vector<uint32_t> orders_;  // plans to be carried out; the first one goes on
  bool listed_ = false;           // the processes of the first one are in waiting_
  std::vector<sim::ProcessId> waiting_;
  Phase phase_ = Phase::kNext;
  sim::ProcessId current_;
  uint32_t incarnation_ = 0;  // that was to end
  bool was_down_ = false;
  sim::Time since_{};  // down, or back
  bool healed_ = false;
};

}  // namespace eosim::scenario
