// An auditor: a real consumer outside any group that reads whole topics from their beginning, as
// whoever reads an application's output would. What it is delivered is what the checkers judge.
#pragma once

#include <memory>

#include "models/app/app_config.h"
#include "models/app/client_set.h"
#include "sim/process.h"

namespace eosim::kafka {

struct AuditorConfig {
  AppConfig client;  // name, settings, switches, versions, brokers; input: the topics
  IsolationLevel isolation = IsolationLevel::kReadCommitted;
};

class AuditorProcess final : public sim::Process {
 public:
  explicit AuditorProcess(AuditorConfig config) : config_(std::move(config)), clients_(1) {}

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  void on_death(sim::Shared& shared) override { clients_.on_death(shared); }
  std::string describe() const override;

 private:
  void start(sim::Context& context);

  AuditorConfig config_;
  ClientSet clients_;
  uint32_t consumer_ = 0;
  CallId poll_;
};

}  // namespace eosim::kafka
