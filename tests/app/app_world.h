// A world of one real broker, one source and one application. Requests of the application may meet
// errors by script instead of the broker, or never be answered; what the application does from the
// first of these on is written down, until a transaction is committed.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "models/app/app_process.h"
#include "models/app/source_process.h"
#include "models/broker/broker.h"
#include "models/broker/cluster_layout.h"
#include "sim/world.h"

namespace eosim::kafka::app_test {

struct AppScript {
  std::map<Rpc, std::deque<Error>> errors;  // taken one by one; kNone: an ordinary answer
  std::map<Rpc, int> unanswered;            // that many requests are handled, and not answered
  bool begun = false;                       // the first error was given
  std::vector<std::string> seen;            // since then
  int commits_wanted = 1;
  bool over = false;       // so many transactions were committed since then
  uint64_t delivered = 0;  // records that the application has read, ever
};

class AppShared final : public KafkaShared {
 public:
  AppScript script;

  std::unique_ptr<sim::Shared> clone() const override { return std::make_unique<AppShared>(*this); }
  std::vector<sim::Target> resolve(const sim::World& world, std::string_view text) const override {
    return {{world.find(text), false, {}}};
  }
  std::vector<sim::ActorId> stallable_actors(const sim::World&, sim::ProcessId) const override {
    return {};
  }
  void apply(sim::World&, const sim::FaultSpec&, bool) override {}
};

struct AppOptions {
  std::string preset = "2.8";
  ProducerScope scope = ProducerScope::kThread;
  OffsetCommitWay commit = OffsetCommitWay::kTransactionFenced;
  std::map<SettingId, int64_t> settings;
  Mistakes mistakes;
};

class AppWorld final : public sim::Observer {
 public:
  explicit AppWorld(const AppOptions& options);

  AppScript& script() { return static_cast<AppShared&>(world_->shared()).script; }
  // Lets the application work for a while, then answers its next request of this kind with the
  // error. Gives what the application did until it had committed again, or for a minute.
  std::vector<std::string> meet(Rpc rpc, std::deque<Error> errors);
  std::vector<std::string> leave_unanswered(Rpc rpc, int requests);

  void on_event(const sim::World& world, const sim::TraceEvent& event) override;

 private:
  std::vector<std::string> watch();
  void run_for(sim::Duration time);

  ClusterLayout layout_;
  std::unique_ptr<sim::World> world_;
  sim::ProcessId app_;
};

}  // namespace eosim::kafka::app_test
