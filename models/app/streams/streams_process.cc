#include "models/app/streams/streams_process.h"

#include "models/app/streams/stream_thread.h"
#include "models/app/streams/streams_configs.h"
#include "sim/disk.h"
#include "sim/world.h"

namespace eosim::kafka {

std::unique_ptr<sim::Process> StreamsProcess::clone() const {
  return std::make_unique<StreamsProcess>(*this);
}

std::unique_ptr<sim::Process> StreamsProcess::restarted() const {
  auto made = std::make_unique<StreamsProcess>(next_config());
  made->restart_as(*this);
  made->directory_ = directory_;
  made->directory_.drop_locks();
  made->process_id_ = process_id_;
  return made;
}

std::unique_ptr<LoopThread> StreamsProcess::make_thread(uint16_t thread) const {
  return std::make_unique<StreamThread>(config(), thread);
}

void StreamsProcess::step(sim::Context& context, const sim::Step& step) {
  if (step.kind == sim::StepKind::kDiskDone) return;
  if (step.kind == sim::StepKind::kStart) find_disk(context);
  StreamsEnv env{{context, clients()}, directory_, process_id_};
  run(env, step);
}

void StreamsProcess::find_disk(sim::Context& context) {
  const sim::FileId file{static_cast<const KafkaShared&>(context.shared()).log_files};
  if (context.disk().written(file) == 0) {
    directory_.clear();
    process_id_ = 0;
    context.disk().append(file, {});
    context.flush(file, {});
  }
  if (process_id_ == 0 || !keeps_process_id(config())) {
    process_id_ = context.world().incarnation(context.process());
  }
}

}  // namespace eosim::kafka
