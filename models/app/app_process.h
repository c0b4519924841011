// One instance of an application: a process with its threads and clients.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "models/app/app_config.h"
#include "models/app/client_set.h"
#include "models/app/loop_thread.h"
#include "sim/cloned.h"
#include "sim/process.h"

namespace eosim::kafka {

// TimerTag::kind of kControl steps for applications.
enum class AppControl : uint32_t { kRejoin, kStop };

class AppProcess : public sim::Process {
 public:
  explicit AppProcess(AppConfig config);

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  void on_death(sim::Shared& shared) override { clients_.on_death(shared); }
  std::string describe() const override;

  // What the next life begins with: an upgrade. The process itself goes on as it is.
  void reconfigure(AppConfig config);

  const AppConfig& config() const { return config_; }
  const ClientSet& clients() const { return clients_; }
  // Polling threads are the actors 0 .. threads - 1.
  uint16_t thread_count() const { return config_.threads; }
  // Every thread has ended, or none will start: the instance was removed.
  bool finished() const;

 protected:
  // A step, with what its threads work with.
  void run(LoopEnv& env, const sim::Step& step);
  virtual std::unique_ptr<LoopThread> make_thread(uint16_t thread) const;
  ClientSet& clients() { return clients_; }
  // Of its next life.
  const AppConfig& next_config() const { return next_config_ ? *next_config_ : config_; }
  // In place of one that has died.
  void restart_as(const AppProcess& before) { removed_ = before.removed_; }

 private:
  bool for_application(const sim::Step& step) const;

  AppConfig config_;
  std::optional<AppConfig> next_config_;
  ClientSet clients_;
  std::vector<sim::Cloned<LoopThread>> threads_;
  bool started_ = false;
  bool removed_ = false;  // for good: nothing brings it back, a crash and a restart neither
  bool exits_ = false;    // when its threads have ended
};

}  // namespace eosim::kafka
