// Processes start, crash, stand still and go on. A crash destroys the state and keeps the disk;
// each start is a new incarnation, and what was addressed to the old one is dropped. A pause defers
// everything that arrives or falls due, in its order; a stall does so for one actor.

#include <algorithm>
#include <utility>

#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::sim {

namespace {

// Hosts' wall clocks show a plausible date at time 0 (2020-09-13), so that no stored timestamp is
// near Kafka's NO_TIMESTAMP.
constexpr int64_t kWallStartNs = 1'600'000'000'000'000'000;

}  // namespace

void World::start_process(ProcessId process) {
  ProcessSlot& started = slot(process);
  if (started.state == ProcessState::kRemoved) return;
  EOSIM_ASSERT(started.state == ProcessState::kWaiting || started.state == ProcessState::kDown);
  if (started.state == ProcessState::kWaiting) ++started.incarnation;
  started.state = ProcessState::kRunning;
  started.host_down = false;
  digest_.record(static_cast<uint8_t>(KernelEvent::kStarted), static_cast<uint64_t>(now_.ns),
                 started.hash, started.incarnation);
  if (watchers_.kernel_records) {
    Event event;
    event.process = process;
    report(event, KernelEvent::kStarted);
  }
  run_step(process, Step{});
}

void World::crash(ProcessId process, FaultKind how) {
  const bool power_loss = how == FaultKind::kPowerLoss;
  ProcessSlot& crashed = slot(process);
  EOSIM_ASSERT(crashed.state == ProcessState::kRunning || crashed.state == ProcessState::kPaused);
  ++crashed.incarnation;
  crashed.state = ProcessState::kDown;
  crashed.host_down = power_loss;
  crashed.returns = false;
  if (exiting_ == process) exiting_ = kNoProcess;
  crashed.pauses = 0;
  crashed.releasing = 0;
  crashed.disk.forget_flushes();
  std::vector<uint32_t> deferred = std::move(crashed.deferred);
  crashed.deferred.clear();
  for (Stall& stall : crashed.stalls) {
    deferred.insert(deferred.end(), stall.deferred.begin(), stall.deferred.end());
  }
  crashed.stalls.clear();
  const std::vector<uint32_t> waiting = take_waiting(crashed);
  deferred.insert(deferred.end(), waiting.begin(), waiting.end());
  crashed.occupied_until = {};
  crashed.disk_busy_until = {};
  auto next_life = crashed.process->restarted();
  crashed.process->on_death(*shared_);
  crashed.process = Cloned<Process>(std::move(next_life));
  for (const uint32_t index : deferred) {
    if (events_[index].type == EventType::kDeliver) {
      drop_message(index);
    } else {
      free_event(index);
    }
  }
  for (uint32_t place = 0; place < connections_.size(); ++place) {
    Connection& connection = connections_[place];
    const ConnectionId id{place, connection.generation};
    if (!connection.in_use) continue;
    if (connection.server == process && !connection.broken) end_by_server(id, !power_loss);
    if (!connection.in_use) continue;
    if (connection.client == process && !connection.forgotten) close_by_client(id);
  }
  if (power_loss) cut_disk(process);
  if (how == FaultKind::kDiskLoss) {
    Disk& lost = slot(process).disk;
    for (uint32_t file = 0; file < lost.file_count(); ++file) {
      shared_->entries_lost({file}, std::as_const(lost).read({file}));
    }
    lost.clear();
  }
}

// The process that said so in this step is gone. Restarts that wait for its end know it by its new
// incarnation: a crash in between would have made it another's victim.
void World::end_exited() {
  const ProcessId process = exiting_;
  const uint32_t ended = slot(process).incarnation;
  const bool returns = slot(process).returns;
  crash(process, FaultKind::kRestart);
  const ProcessSlot& gone = slot(process);
  digest_.record(static_cast<uint8_t>(KernelEvent::kExited), static_cast<uint64_t>(now_.ns),
                 gone.hash, ended);
  if (watchers_.kernel_records) {
    Event event;
    event.process = process;
    report(event, KernelEvent::kExited);
  }
  for (ActiveFault& active : active_) {
    if (active.fault == kNone || faults_[active.fault].spec.kind != FaultKind::kRestart) continue;
    for (Victim& victim : active.victims) {
      const bool same = victim.target.process == process && victim.incarnation == ended;
      if (same) victim.incarnation = gone.incarnation;
    }
  }
  if (returns) push_event(now_, new_event(EventType::kRestart, process));
}

// The end of a restart: one that is still about to end starts when it has.
void World::come_back(ProcessId process) {
  ProcessSlot& stopped = slot(process);
  if (stopped.state == ProcessState::kDown) {
    push_event(now_, new_event(EventType::kRestart, process));
  } else {
    EOSIM_ASSERT(stopped.state != ProcessState::kWaiting);
    stopped.returns = stopped.state != ProcessState::kRemoved;
  }
}

// What was not flushed survives up to a point that is drawn for each file, at an entry's boundary.
void World::cut_disk(ProcessId process) {
  ProcessSlot& host = slot(process);
  for (uint32_t file = 0; file < host.disk.file_count(); ++file) {
    const uint64_t flushed = host.disk.flushed({file});
    const uint64_t unflushed = host.disk.written({file}) - flushed;
    if (unflushed == 0) continue;
    const StreamId stream =
        choices_.stream("power loss " + host.name + " file " + std::to_string(file));
    const uint64_t kept = choices_.below(stream, unflushed + 1, unflushed);
    shared_->entries_lost({file}, host.disk.read({file}).subspan(flushed + kept));
    host.disk.truncate({file}, flushed + kept);
  }
}

void World::remove(ProcessId process) {
  const ProcessState state = slot(process).state;
  if (state == ProcessState::kRunning || state == ProcessState::kPaused) {
    crash(process, FaultKind::kCrash);
  }
  slot(process).state = ProcessState::kRemoved;
}

void World::pause(ProcessId process) {
  ProcessSlot& paused = slot(process);
  EOSIM_ASSERT(paused.state == ProcessState::kRunning || paused.state == ProcessState::kPaused);
  ++paused.pauses;
  paused.state = ProcessState::kPaused;
  const std::vector<uint32_t> waiting = take_waiting(paused);
  paused.deferred.insert(paused.deferred.begin(), waiting.begin(), waiting.end());
}

void World::resume(ProcessId process) {
  ProcessSlot& paused = slot(process);
  EOSIM_ASSERT(paused.state == ProcessState::kPaused && paused.pauses > 0);
  if (--paused.pauses > 0) return;
  paused.state = ProcessState::kRunning;
  std::vector<uint32_t> deferred = std::move(paused.deferred);
  paused.deferred.clear();
  release_deferred(process, deferred);
}

World::Stall* World::find_stall(ProcessSlot& process, ActorId actor) {
  for (Stall& stall : process.stalls) {
    if (stall.actor == actor) return &stall;
  }
  return nullptr;
}

void World::stall(ProcessId process, ActorId actor) {
  ProcessSlot& stalled = slot(process);
  if (Stall* stall = find_stall(stalled, actor)) {
    ++stall->depth;
  } else {
    stalled.stalls.push_back({actor, 1, {}});
  }
}

void World::unstall(ProcessId process, ActorId actor) {
  ProcessSlot& stalled = slot(process);
  Stall* stall = find_stall(stalled, actor);
  EOSIM_ASSERT(stall != nullptr && stall->depth > 0);
  if (--stall->depth > 0) return;
  std::vector<uint32_t> deferred = std::move(stall->deferred);
  stalled.stalls.erase(stalled.stalls.begin() + (stall - stalled.stalls.data()));
  if (stalled.state == ProcessState::kPaused) {
    // It waits on, before what came later.
    stalled.deferred.insert(stalled.deferred.begin(), deferred.begin(), deferred.end());
  } else {
    release_deferred(process, deferred);
  }
}

// What had waited falls due now, in its order, and before what else falls due now and has not been
// stepped yet: a connection's messages must not overtake each other.
void World::release_deferred(ProcessId process, const std::vector<uint32_t>& deferred) {
  ProcessSlot& released = slot(process);
  if (released.slow() && (now_ < released.occupied_until || released.any_waiting())) {
    const auto first = static_cast<std::ptrdiff_t>(released.waiting_first);
    released.waiting.insert(released.waiting.begin() + first, deferred.begin(), deferred.end());
    return await_turn(released);
  }
  released.releasing += static_cast<uint32_t>(deferred.size());
  for (const uint32_t index : deferred) {
    events_[index].released = true;
    push_event(now_, index);
  }
}

WallTime World::wall(ProcessId process) const {
  return {kWallStartNs + steady(process).ns + slot(process).wall_offset.ns};
}

SteadyTime World::steady(ProcessId process) const {
  const ProcessSlot& host = slot(process);
  if (host.drift_ppm_sum == 0) return {now_.ns + host.drift_so_far.ns};
  const int64_t ppm = host.drift_ppm();
  const int64_t since = (now_ - host.drift_since).ns;
  const int64_t drift = since / 1'000'000 * ppm + since % 1'000'000 * ppm / 1'000'000;
  return {now_.ns + host.drift_so_far.ns + drift};
}

// Drifts that hold at once add up; a clock neither stands still nor runs at more than double speed.
int64_t World::ProcessSlot::drift_ppm() const {
  return std::clamp<int64_t>(drift_ppm_sum, -999'000, 1'000'000);
}

void World::add_drift(ProcessId process, int64_t ppm) {
  const SteadyTime shown = steady(process);
  ProcessSlot& host = slot(process);
  host.drift_so_far = {shown.ns - now_.ns};
  host.drift_since = now_;
  host.drift_ppm_sum += ppm;
}

}  // namespace eosim::sim
