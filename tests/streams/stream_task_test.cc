// A task's states, queues and offsets (groups-streams-replication.md 5.1, 5.4, 5.5).
#include "models/app/streams/stream_task.h"
#include "catch.h"
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::streams_test;

namespace {

constexpr TopicPartition kA{kInput, 0};
constexpr TopicPartition kB{kOutput, 0};

BufferedRecord record(TopicPartition partition, int64_t offset, int64_t timestamp_ms) {
  Record made;
  made.timestamp_ms = timestamp_ms;
  return {partition, Offset{offset}, made, LeaderEpoch{1}};
}

StreamTask running(List<TopicPartition> inputs) {
  StreamTask task({0, 0}, std::move(inputs), true);
  task.enter(TaskState::kRestoring);
  task.enter(TaskState::kRunning);
  return task;
}

}  // namespace

TEST_CASE(
    "a task goes from CREATED over RESTORING to RUNNING, and is suspended before it is closed") {
  using enum TaskState;
  const struct {
    TaskState from;
    List<TaskState> to;
  } rows[] = {{kCreated, {kRestoring, kSuspended}},
              {kRestoring, {kRunning, kSuspended}},
              {kRunning, {kSuspended}},
              {kSuspended, {kRestoring, kClosed}},
              {kClosed, {kCreated}}};
  for (const auto& row : rows) {
    for (const TaskState to : {kCreated, kRestoring, kRunning, kSuspended, kClosed}) {
      CAPTURE(word(row.from), word(to));
      const bool legal = std::find(row.to.begin(), row.to.end(), to) != row.to.end();
      CHECK(legal_transition(row.from, to) == legal);
    }
  }
}

TEST_CASE("the record with the lowest timestamp of all queues is next") {
  StreamTask task = running({kA, kB});
  task.add(record(kA, 0, 10));
  task.add(record(kA, 1, 30));
  task.add(record(kB, 7, 20));
  CHECK(task.take()->partition == kA);
  CHECK(task.take()->offset == Offset{7});
  CHECK(task.take()->offset == Offset{1});
  CHECK_FALSE(task.take().has_value());
}

TEST_CASE(
    "a task commits up to the first record that still waits, else where its consumer reads on") {
  StreamTask task = running({kA});
  task.add(record(kA, 4, 1));
  task.add(record(kA, 7, 2));
  CHECK(task.committable({{kA, Offset{9}, LeaderEpoch{2}}}, CommitPosition::kPosition).empty());
  task.take();
  CHECK(task.commit_needed());
  // The offsets 5 and 6 are a marker's and an aborted record's.
  CHECK(
      task.committable({{kA, Offset{9}, LeaderEpoch{2}}}, CommitPosition::kPosition).at(0).offset ==
      Offset{7});
  task.take();
  CHECK(
      task.committable({{kA, Offset{9}, LeaderEpoch{2}}}, CommitPosition::kPosition).at(0).offset ==
      Offset{9});
  CHECK(task.committable({}, CommitPosition::kPosition).at(0).offset == Offset{8});
}

TEST_CASE(
    "since 4.0 a task commits the leader epoch of the record that waits, or of its position") {
  const struct {
    CommitPosition way;
    LeaderEpoch waiting, read;
  } rows[] = {{CommitPosition::kLastRecord, {}, {}},
              {CommitPosition::kPosition, {}, {}},
              {CommitPosition::kPositionAndEpoch, LeaderEpoch{1}, LeaderEpoch{2}}};
  for (const auto& row : rows) {
    StreamTask task = running({kA});
    task.add(record(kA, 4, 1));
    task.add(record(kA, 5, 2));
    task.take();
    CHECK(task.committable({{kA, Offset{9}, LeaderEpoch{2}}}, row.way).at(0).leader_epoch ==
          row.waiting);
    task.take();
    CHECK(task.committable({{kA, Offset{9}, LeaderEpoch{2}}}, row.way).at(0).leader_epoch ==
          row.read);
  }
}

TEST_CASE("before 2.5 a task commits behind its last record, markers or not") {
  StreamTask task = running({kA});
  task.add(record(kA, 4, 1));
  task.take();
  const auto offsets =
      task.committable({{kA, Offset{9}, LeaderEpoch{2}}}, CommitPosition::kLastRecord);
  CHECK(offsets.at(0).offset == Offset{5});
}

TEST_CASE("only partitions of which something was processed are committed") {
  StreamTask task = running({kA, kB});
  task.add(record(kB, 3, 1));
  task.take();
  const auto offsets =
      task.committable({{kA, Offset{1}, {}}, {kB, Offset{4}, {}}}, CommitPosition::kPosition);
  REQUIRE(offsets.size() == 1);
  CHECK(offsets.at(0).partition == kB);
}

TEST_CASE("a cleared task has nothing to commit") {
  StreamTask task = running({kA});
  task.add(record(kA, 0, 1));
  task.add(record(kA, 1, 1));
  task.take();
  task.clear();
  CHECK_FALSE(task.commit_needed());
  CHECK_FALSE(task.has_records());
  CHECK(task.committable({}, CommitPosition::kPosition).empty());
}

TEST_CASE("a store is restored when its position has reached the target") {
  StreamTask task({1, 0}, {{kRepartition, 0}}, true);
  CHECK_FALSE(task.restored());
  task.changelog_position = Offset{4};
  CHECK_FALSE(task.restored());
  task.restore_target = Offset{5};
  CHECK_FALSE(task.restored());
  task.changelog_position = Offset{5};
  CHECK(task.restored());
}
