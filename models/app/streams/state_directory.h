// The state directory of an instance: for each task that has a store here its table and, at times,
// a checkpoint file (groups-streams-replication.md 5.6; StateDirectory, ProcessorStateManager).
//
// It is what is on the host's disk: a restart of the process keeps it and drops the locks of the
// threads. A table has every write at once, whether its transaction commits or not, and a crash
// keeps them all (RocksDB may lose the newest). The checkpoint says which changelog offset the
// table reflects; where there is none, a table that is not empty may hold anything.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "models/app/topology.h"

namespace eosim::kafka {

using Table = std::map<int32_t, int64_t>;

class StateDirectory {
 public:
  // false: another thread of this process has it (LockException).
  bool lock(TaskId task, uint16_t thread);
  void unlock(TaskId task, uint16_t thread);
  bool locked_by(TaskId task, uint16_t thread) const;
  bool locked(TaskId task) const;

  bool has_state(TaskId task) const;  // the store's directory is not empty
  std::optional<Offset> checkpoint(TaskId task) const;
  void write_checkpoint(TaskId task, Offset offset);
  // true: there was one.
  bool delete_checkpoint(TaskId task);
  // The whole directory of the task.
  void wipe(TaskId task);

  const Table& table(TaskId task) const;
  void put(TaskId task, int32_t key, int64_t value);

  // Tasks that have state here, in order.
  List<TaskId> tasks() const;
  // All of it is gone: another disk.
  void clear() { tasks_.clear(); }
  // The process has died.
  void drop_locks();

 private:
  struct TaskDirectory {
    std::optional<uint16_t> owner;
    std::optional<Offset> checkpoint;
    Table table;
  };
  const TaskDirectory* find(TaskId task) const;

  std::map<TaskId, TaskDirectory> tasks_;
};

}  // namespace eosim::kafka
