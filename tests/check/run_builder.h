// A run made by hand: facts fed into a CheckSuite as a world would, in the words of the protocol.
// The world behind it has processes and names and does nothing, but for loss of power.
//
// What is appended is committed in one go: the high watermark follows. After commits(false) it
// follows when high_watermark() says so. Leaders move with leads() and what it is told of the tail.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "models/check/check_suite.h"
#include "models/check/cluster_view.h"
#include "models/check/observation.h"
#include "models/log/marker.h"
#include "models/protocol/shared.h"
#include "sim/world.h"

namespace eosim::check {

using kafka::TopicId;

struct Input {
  TopicPartition partition;
  int64_t offset = 0;
  int32_t ordinal = 0;
  int32_t key = 0;  // of the record that is its effect
  int64_t value = 0;
};

class RunBuilder {
 public:
  // Topics: __consumer_offsets, __transaction_state, input, output.
  static constexpr TopicPartition kOffsets{{0}, 0};
  static constexpr TopicPartition kTransactions{{1}, 0};
  static constexpr TopicPartition kInput0{{2}, 0};
  static constexpr TopicPartition kInput1{{2}, 1};
  static constexpr TopicPartition kOutput0{{3}, 0};
  static constexpr TopicPartition kOutput1{{3}, 1};

  explicit RunBuilder(CheckConfig config = default_config());
  // Who looks into brokers, for configs that name some; it outlives the builder.
  RunBuilder(CheckConfig config, const ClusterView& view);
  static CheckConfig default_config();

  // Somebody else who gets the facts.
  void watch(sim::Observer* observer) { watcher_ = observer; }
  sim::World& world() { return *world_; }
  CheckSuite& suite() { return suite_; }
  kafka::KafkaShared& shared() { return static_cast<kafka::KafkaShared&>(world_->shared()); }
  Name name(const std::string& text) { return shared().names.intern(text); }
  sim::ProcessId process(const std::string& text) const { return world_->find(text); }

  RunBuilder& at(int64_t ms);
  RunBuilder& from(const std::string& process);
  RunBuilder& fact(Event event, std::initializer_list<int64_t> values);
  // A broker is handed a request, or answers the one of this number: this process does so.
  template <class Body>
  RunBuilder& asked(uint32_t number, Body request) {
    return message(number, true, static_cast<uint16_t>(Body::kRpc),
                   shared().bodies.put(std::move(request)));
  }
  template <class Body>
  RunBuilder& answers(uint32_t number, Body response) {
    return message(number, false, static_cast<uint16_t>(Body::kRpc),
                   shared().bodies.put(std::move(response)));
  }
  RunBuilder& message(uint32_t number, bool request, uint16_t kind, uint32_t body);

  // --- replication ---
  RunBuilder& commits(bool at_once);
  // Up to here, by the leader of the newest term that this builder knows.
  RunBuilder& high_watermark(TopicPartition partition, int64_t offset);
  RunBuilder& stable(TopicPartition partition, int64_t offset);
  // `broker` begins to lead, with all that was appended in older terms below `end`.
  RunBuilder& leads(const std::string& broker, TopicPartition partition, int64_t epoch,
                    int64_t high_watermark, int64_t end);
  // Later appends are those of this term, whoever may be newer: a zombie's.
  RunBuilder& in_term(TopicPartition partition, const std::string& broker, int64_t epoch);
  // A follower has copied all that was appended up to `end`.
  RunBuilder& copies(const std::string& broker, TopicPartition partition, int64_t end);
  RunBuilder& power_loss(const std::string& broker);
  // The last batch that was appended.
  BatchId last_batch() const { return last_batch_; }

  // A source's records in an input partition.
  RunBuilder& source(TopicPartition partition, int64_t base, int64_t count);
  // A batch with one record an input; not transactional if `instance` is 0.
  RunBuilder& data(TopicPartition partition, int64_t base, ProducerIdAndEpoch producer,
                   uint64_t instance, const std::vector<Input>& inputs, int32_t sequence = -1);
  // One record of a coordinator.
  template <class Record>
  RunBuilder& logged(TopicPartition partition, int64_t base, const Record& record) {
    kafka::RecordBatch batch;
    batch.count = 1;
    batch.payload = kafka::List<Record>{record};
    return again(partition, base, shared().batches.put(std::move(batch)));
  }
  // The batch again, elsewhere.
  RunBuilder& again(TopicPartition partition, int64_t base, BatchId batch);
  // A transactional offset record.
  RunBuilder& offset_record(int64_t base, ProducerIdAndEpoch producer, uint64_t instance,
                            TopicPartition partition, int64_t offset);
  // The record that a group writes of itself.
  RunBuilder& group_record(int64_t base, const std::vector<std::string>& members);
  RunBuilder& marker(TopicPartition partition, int64_t offset, ProducerIdAndEpoch producer,
                     bool commit, uint64_t instance = 0, int32_t coordinator_epoch = 0);
  RunBuilder& transition(const std::string& tid, int from, int to, ProducerIdAndEpoch producer,
                         uint64_t instance = 0);
  // The same with a record that has all that it should have.
  RunBuilder& recorded(const std::string& tid, int from, int to, ProducerIdAndEpoch producer,
                       uint64_t instance, const std::vector<TopicPartition>& partitions,
                       int16_t client_version = 0);
  // And that record in the transaction log.
  RunBuilder& logged(int64_t base, const std::string& tid, int state, ProducerIdAndEpoch producer,
                     const std::vector<TopicPartition>& partitions);
  RunBuilder& initialized(const std::string& tid, ProducerIdAndEpoch producer);
  RunBuilder& began(uint64_t instance, const std::string& tid, ProducerIdAndEpoch producer);
  RunBuilder& end_sent(uint64_t instance, const std::string& tid, bool commit);
  RunBuilder& ended(uint64_t instance, const std::string& tid, CommitOutcome outcome);
  // Ongoing, PrepareCommit or PrepareAbort.
  RunBuilder& open(uint64_t instance, const std::string& tid, ProducerIdAndEpoch producer);
  RunBuilder& decide(uint64_t instance, const std::string& tid, ProducerIdAndEpoch producer,
                     bool commit);
  RunBuilder& complete(uint64_t instance, const std::string& tid, ProducerIdAndEpoch producer,
                       bool commit);
  RunBuilder& committed(TopicPartition partition, int64_t offset, int64_t producer = -1);
  RunBuilder& position(TopicPartition partition, int64_t offset);
  // A producer is told that its batch is at this offset; the last batch if none is named.
  RunBuilder& acknowledged(TopicPartition partition, int64_t base, BatchId batch = {});
  RunBuilder& delivered(TopicPartition partition, int64_t base, int64_t count,
                        bool read_committed = true);

  // Ends the run with brokers of which nothing is left to do, or as `seen` says.
  RunBuilder& quiesce(Observation seen = calm());
  static Observation calm();

  std::vector<std::string> kinds() const;  // of the violations, in order
  const Violation& violation(size_t i = 0) const { return suite_.violations().at(i); }

 private:
  struct Entry {
    int64_t base = 0;
    int64_t last = 0;
    BatchId batch;
  };
  struct Log {
    TopicPartition partition;
    sim::ProcessId leader;
    int64_t epoch = 0;
    std::vector<Entry> entries;
  };
  Log& log(TopicPartition partition);
  RunBuilder& appended(TopicPartition partition, Entry entry, bool marker);

  std::unique_ptr<sim::World> world_;
  CheckSuite suite_;
  sim::ProcessId process_;
  int64_t now_ms_ = 0;
  uint64_t step_ = 0;
  sim::Observer* watcher_ = nullptr;
  std::vector<Log> logs_;
  bool commits_ = true;
  BatchId last_batch_;
  uint64_t next_uid_ = 1;
};

inline constexpr ProducerIdAndEpoch producer(int64_t id, int16_t epoch) { return {{id}, {epoch}}; }
inline constexpr auto kIn = RunBuilder::kInput0;
inline constexpr auto kIn1 = RunBuilder::kInput1;
inline constexpr auto kOut = RunBuilder::kOutput0;
inline constexpr auto kOut1 = RunBuilder::kOutput1;
inline constexpr auto kOffsets = RunBuilder::kOffsets;
inline constexpr auto kA0 = producer(1000, 0);
inline constexpr auto kA1 = producer(1000, 1);
inline constexpr auto kB0 = producer(1001, 0);
using Kinds = std::vector<std::string>;

}  // namespace eosim::check
