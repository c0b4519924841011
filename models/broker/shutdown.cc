// The end of a life in order (groups-streams-replication.md 6.7, 6.8). Kafka:
// BrokerServer.shutdown, LogManager.shutdown, CleanShutdownFileHandler.
#include "models/broker/broker.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// How long BrokerServer waits for the controller to let it go.
constexpr sim::Duration kPatience = sim::seconds(300);

// Of the host: one file that says whether the life before ended in order, and which one that was
// (KIP-966). It stands behind those of the replicas (replica_disk.cc).
sim::FileId clean_mark(const KafkaShared& shared) { return {4 * shared.log_files}; }

}  // namespace

// Without controlled shutdown it goes at once, and the controller learns of it when its session
// ends. One that does not serve yet has nothing to bring in order: the mark of the life before, if
// there is one, stays, but the registration of this life has made it worthless.
void Broker::on_stop(sim::Context& context) {
  if (stage_ != Stage::kServing) {
    stage_ = Stage::kStopped;
    return context.exit();
  }
  if (!has_controller() || !config_.controlled_shutdown_enable) return stop(context);
  if (wants_shutdown_) return;
  wants_shutdown_ = true;
  context.set_timer(context.actor(), kPatience, timer_tag(BrokerTimer::kShutdown));
  say_hello(context);
}

// Everything is on the disk, and the mark says so.
void Broker::stop(sim::Context& context) {
  EOSIM_ASSERT(stage_ == Stage::kServing);
  replicas_.checkpoint_high_watermarks(context);
  replicas_.close(context);
  write_clean_mark(context, broker_epoch_);
  stage_ = Stage::kStopped;
  context.exit();
}

BrokerEpoch Broker::read_clean_mark(sim::Context& context) const {
  const auto mark = std::as_const(context.disk()).read(clean_mark(shared(context)));
  return mark.empty() ? BrokerEpoch{} : BrokerEpoch{mark.front().id};
}

void Broker::write_clean_mark(sim::Context& context, BrokerEpoch epoch) const {
  sim::Disk& disk = context.disk();
  const sim::FileId file = clean_mark(shared(context));
  disk.truncate(file, 0);
  if (!epoch.valid()) return;
  EOSIM_ASSERT(epoch.value < UINT32_MAX);
  disk.append(file, {static_cast<uint32_t>(epoch.value), 0});
  disk.begin_flush(file);
  disk.end_flush(file);
}

}  // namespace eosim::kafka
