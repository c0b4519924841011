// One instance of a Streams application: an AppProcess whose threads share a state directory, which
// is on the host's disk, and a process id.
#pragma once

#include "models/app/app_process.h"
#include "models/app/streams/state_directory.h"

namespace eosim::kafka {

class StreamsProcess final : public AppProcess {
 public:
  explicit StreamsProcess(AppConfig config) : AppProcess(std::move(config)) {}

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;

  const StateDirectory& directory() const { return directory_; }

 private:
  std::unique_ptr<LoopThread> make_thread(uint16_t thread) const override;
  void find_disk(sim::Context& context);

  // The contents of the disk. Checkpoints are flushed as they are written, and so is a store before
  // its checkpoint: a loss of power leaves both; another disk has neither. A file with one entry on
  // the kernel's disk stands for the directory, and tells.
  StateDirectory directory_;
  uint32_t process_id_ = 0;  // the life in which it was made; 0: not yet
};

}  // namespace eosim::kafka
