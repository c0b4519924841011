// A source of input: an idempotent producer with acks=all that sends records at a rate, to the
// partitions of its topic in turn (cli-and-scenarios.md 2.3).
#pragma once

#include <memory>

#include "models/app/app_config.h"
#include "models/app/client_set.h"
#include "sim/process.h"

namespace eosim::kafka {

struct SourceConfig {
  AppConfig client;  // name, settings, switches, versions, brokers; output: the topic
  int64_t records_per_1000s = 0;
  uint32_t record_bytes = 100;
  int64_t count = -1;  // negative: no limit
  bool poisson = false;
  sim::Duration length;  // of its own steady clock; then it is finished
};

class SourceProcess final : public sim::Process {
 public:
  explicit SourceProcess(SourceConfig config);

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  void on_death(sim::Shared& shared) override { clients_.on_death(shared); }
  std::string describe() const override;

 private:
  void send_next(sim::Context& context);
  void schedule(sim::Context& context);

  SourceConfig config_;
  ClientSet clients_;
  uint32_t producer_ = 0;
  CallId sending_;  // while it blocks
  int64_t sent_ = 0;
  sim::SteadyTime started_{};
  sim::SteadyTime due_{};
  sim::StreamId arrivals_;
  bool finished_ = false;
};

}  // namespace eosim::kafka
