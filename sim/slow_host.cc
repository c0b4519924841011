// Slow processors and disks. A step costs nothing as long as its host is as it should be; on a slow
// one each step occupies the process for a base cost times the factor, and what arrives or falls
// due meanwhile waits in its order, as behind a single busy thread. There is no model of service
// times behind it: the base costs are round numbers of the size that a request costs a broker.

#include <algorithm>

#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::sim {

namespace {

constexpr Duration kStepCost = microseconds(50);
constexpr Duration kWriteCost = microseconds(50);  // of an append that has to wait for the disk
constexpr Duration kFlushCost = milliseconds(1);
constexpr uint32_t kNothing = UINT32_MAX;

Duration times(Duration cost, int64_t thousandths) {
  return nanoseconds(cost.ns / 1'000 * thousandths);
}

}  // namespace

// The slowest of the faults that hold decides, as for links.
void World::refresh_speed(ProcessId process) {
  ProcessSlot& host = slot(process);
  const bool was_slow = host.slow();
  host.cpu_factor_thousandths = 1'000;
  host.disk_factor_thousandths = 1'000;
  for (const ActiveFault& active : active_) {
    if (active.fault == kNone) continue;
    const FaultSpec& spec = faults_[active.fault].spec;
    if (spec.kind != FaultKind::kSlowCpu && spec.kind != FaultKind::kSlowDisk) continue;
    for (const Victim& victim : active.victims) {
      if (victim.target.process != process) continue;
      int64_t& factor = spec.kind == FaultKind::kSlowCpu ? host.cpu_factor_thousandths
                                                         : host.disk_factor_thousandths;
      factor = std::max(factor, spec.factor_thousandths);
    }
  }
  if (!was_slow || host.slow()) return;
  host.occupied_until = {};
  release_deferred(process, take_waiting(host));
}

void World::occupy(ProcessSlot& process, uint64_t writes_before) {
  Time& until = process.occupied_until;
  until = std::max(until, now_);
  if (process.cpu_factor_thousandths > 1'000) {
    until = until + times(kStepCost, process.cpu_factor_thousandths);
  }
  if (process.disk_factor_thousandths > 1'000) {
    const auto writes = static_cast<int64_t>(process.disk.writes() - writes_before);
    until = until + times(kWriteCost, process.disk_factor_thousandths) * writes;
  }
}

// Whether the item has to wait for steps before it. The kernel's other reasons to wait (a pause, a
// stall) are looked at when its turn comes.
bool World::wait_for_turn(ProcessSlot& process, uint32_t index) {
  if (process.admitted == index) return false;
  if (now_ >= process.occupied_until && !process.any_waiting()) return false;
  process.waiting.push_back(index);
  await_turn(process);
  return true;
}

void World::await_turn(ProcessSlot& process) {
  if (process.unoccupied != kNothing || !process.any_waiting()) return;
  const ProcessId id{static_cast<uint32_t>(&process - processes_.data())};
  const uint32_t event = new_event(EventType::kUnoccupied, id);
  process.unoccupied = event;
  push_event(std::max(now_, process.occupied_until), event);
}

void World::next_turn(ProcessId process) {
  ProcessSlot& host = slot(process);
  host.unoccupied = kNothing;
  EOSIM_ASSERT(host.any_waiting() && host.state == ProcessState::kRunning);
  host.admitted = host.waiting[host.waiting_first++];
  current_cause_ = events_[host.admitted].cause;
  if (host.waiting_first * 2 > host.waiting.size()) {
    host.waiting.erase(host.waiting.begin(),
                       host.waiting.begin() + static_cast<std::ptrdiff_t>(host.waiting_first));
    host.waiting_first = 0;
  }
  dispatch(host.admitted);
  slot(process).admitted = kNothing;
  await_turn(slot(process));
}

// What waits, in its order; nothing does any more.
std::vector<uint32_t> World::take_waiting(ProcessSlot& process) {
  std::vector<uint32_t> taken(
      process.waiting.begin() + static_cast<std::ptrdiff_t>(process.waiting_first),
      process.waiting.end());
  process.waiting.clear();
  process.waiting_first = 0;
  if (process.unoccupied != kNothing) {
    unqueue(process.unoccupied);
    free_event(process.unoccupied);
    process.unoccupied = kNothing;
  }
  return taken;
}

// Flushes of a disk come one after another. As it should be, a flush ends with the next item.
Time World::flush_end(ProcessId process) {
  ProcessSlot& host = slot(process);
  host.disk_busy_until = std::max(host.disk_busy_until, now_);
  if (host.disk_factor_thousandths > 1'000) {
    host.disk_busy_until = host.disk_busy_until + times(kFlushCost, host.disk_factor_thousandths);
  }
  return host.disk_busy_until;
}

}  // namespace eosim::sim
