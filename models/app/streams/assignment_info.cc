#include "models/app/streams/assignment_info.h"

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

void put(UserData& data, TaskId task) {
  data.push_back(task.sub);
  data.push_back(task.partition);
}

// Reads a user data from its front to its end.
class Reader {
 public:
  explicit Reader(const UserData& data) : data_(data) {}
  bool at_end() const { return next_ == data_.size(); }
  int64_t integer() { return data_.at(next_++); }
  TaskId task() {
    const auto sub = static_cast<int32_t>(integer());
    return {sub, static_cast<int32_t>(integer())};
  }

 private:
  const UserData& data_;
  size_t next_ = 0;
};

}  // namespace

UserData encode(const SubscriptionInfo& info) {
  UserData data{info.process, info.joins};
  for (const HeldTask& held : info.tasks) {
    put(data, held.task);
    data.push_back(held.how);
  }
  return data;
}

SubscriptionInfo decode_subscription(const UserData& data) {
  SubscriptionInfo info;
  if (data.empty()) return info;
  Reader in(data);
  info.process = in.integer();
  info.joins = in.integer();
  while (!in.at_end()) {
    HeldTask held;
    held.task = in.task();
    held.how = in.integer();
    info.tasks.push_back(held);
  }
  return info;
}

UserData encode(const AssignmentInfo& info) {
  UserData data{static_cast<int64_t>(info.active.size())};
  for (const TaskId task : info.active) put(data, task);
  for (const TaskId task : info.standby) put(data, task);
  return data;
}

AssignmentInfo decode_assignment(const UserData& data) {
  AssignmentInfo info;
  if (data.empty()) return info;
  Reader in(data);
  const auto active = static_cast<size_t>(in.integer());
  while (!in.at_end()) {
    (info.active.size() < active ? info.active : info.standby).push_back(in.task());
  }
  EOSIM_ASSERT(info.active.size() == active);
  return info;
}

}  // namespace eosim::kafka
