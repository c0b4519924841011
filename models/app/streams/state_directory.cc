#include "models/app/streams/state_directory.h"

#include "sim/assert.h"

namespace eosim::kafka {

const StateDirectory::TaskDirectory* StateDirectory::find(TaskId task) const {
  const auto place = tasks_.find(task);
  return place == tasks_.end() ? nullptr : &place->second;
}

bool StateDirectory::lock(TaskId task, uint16_t thread) {
  TaskDirectory& directory = tasks_[task];
  if (directory.owner && *directory.owner != thread) return false;
  directory.owner = thread;
  return true;
}

void StateDirectory::unlock(TaskId task, uint16_t thread) {
  EOSIM_ASSERT(locked_by(task, thread));
  tasks_[task].owner.reset();
}

bool StateDirectory::locked_by(TaskId task, uint16_t thread) const {
  const TaskDirectory* directory = find(task);
  return directory != nullptr && directory->owner == thread;
}

bool StateDirectory::locked(TaskId task) const {
  const TaskDirectory* directory = find(task);
  return directory != nullptr && directory->owner.has_value();
}

bool StateDirectory::has_state(TaskId task) const {
  const TaskDirectory* directory = find(task);
  return directory != nullptr && !directory->table.empty();
}

std::optional<Offset> StateDirectory::checkpoint(TaskId task) const {
  const TaskDirectory* directory = find(task);
  return directory == nullptr ? std::nullopt : directory->checkpoint;
}

void StateDirectory::write_checkpoint(TaskId task, Offset offset) {
  EOSIM_ASSERT(offset.valid());
  tasks_[task].checkpoint = offset;
}

bool StateDirectory::delete_checkpoint(TaskId task) {
  const bool there = checkpoint(task).has_value();
  tasks_[task].checkpoint.reset();
  return there;
}

void StateDirectory::wipe(TaskId task) {
  tasks_[task].table.clear();
  tasks_[task].checkpoint.reset();
}

const Table& StateDirectory::table(TaskId task) const {
  static const Table kEmpty;
  const TaskDirectory* directory = find(task);
  return directory == nullptr ? kEmpty : directory->table;
}

void StateDirectory::put(TaskId task, int32_t key, int64_t value) {
  EOSIM_ASSERT(tasks_[task].owner.has_value());
  tasks_[task].table[key] = value;
}

List<TaskId> StateDirectory::tasks() const {
  List<TaskId> all;
  for (const auto& [task, directory] : tasks_) {
    if (!directory.table.empty() || directory.checkpoint) all.push_back(task);
  }
  return all;
}

void StateDirectory::drop_locks() {
  for (auto& [task, directory] : tasks_) directory.owner.reset();
}

}  // namespace eosim::kafka
