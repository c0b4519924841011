// A run made by hand: facts fed into a CheckSuite as a world would, in the words of the protocol.
// The world behind it has processes and names and does nothing.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "models/check/check_suite.h"
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
};

class RunBuilder {
 public:
  // Topics: __consumer_offsets, __transaction_state, input, output.
  static constexpr TopicPartition kOffsets{{0}, 0};
  static constexpr TopicPartition kInput0{{2}, 0};
  static constexpr TopicPartition kInput1{{2}, 1};
  static constexpr TopicPartition kOutput0{{3}, 0};
  static constexpr TopicPartition kOutput1{{3}, 1};

  explicit RunBuilder(CheckConfig config = default_config());
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

  // A source's records in an input partition.
  RunBuilder& source(TopicPartition partition, int64_t base, int64_t count);
  // A batch with one record an input; not transactional if `instance` is 0.
  RunBuilder& data(TopicPartition partition, int64_t base, ProducerIdAndEpoch producer,
                   uint64_t instance, const std::vector<Input>& inputs);
  // A transactional offset record.
  RunBuilder& offset_record(int64_t base, ProducerIdAndEpoch producer, uint64_t instance,
                            TopicPartition partition, int64_t offset);
  // The record that a group writes of itself.
  RunBuilder& group_record(int64_t base, const std::vector<std::string>& members);
  RunBuilder& marker(TopicPartition partition, int64_t offset, ProducerIdAndEpoch producer,
                     bool commit, uint64_t instance = 0);
  RunBuilder& transition(const std::string& tid, int from, int to, ProducerIdAndEpoch producer,
                         uint64_t instance = 0);
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
  RunBuilder& delivered(TopicPartition partition, int64_t base, int64_t count,
                        bool read_committed = true);

  // Ends the run with brokers of which nothing is left to do, or as `seen` says.
  RunBuilder& quiesce(Observation seen = calm());
  static Observation calm();

  std::vector<std::string> kinds() const;  // of the violations, in order
  const Violation& violation(size_t i = 0) const { return suite_.violations().at(i); }

 private:
  std::unique_ptr<sim::World> world_;
  CheckSuite suite_;
  sim::ProcessId process_;
  int64_t now_ms_ = 0;
  uint64_t step_ = 0;
  sim::Observer* watcher_ = nullptr;
};

inline constexpr ProducerIdAndEpoch producer(int64_t id, int16_t epoch) { return {{id}, {epoch}}; }
using Kinds = std::vector<std::string>;

}  // namespace eosim::check
