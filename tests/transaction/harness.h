// A coordinator in a bottle: two brokers, topics x and y of two partitions each, and a log of
// __transaction_state that answers when the test says so.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/protocol/switches.h"
#include "models/transaction/transaction_coordinator.h"

namespace eosim::kafka::test {

using enum TransactionState;

Switches variant(char letter);

inline Error fence_code(char letter) {
  return letter == 'C' ? Error::kProducerFenced : Error::kInvalidProducerEpoch;
}

inline ProducerIdAndEpoch pair_of(int64_t id, int epoch) {
  return {ProducerId{id}, ProducerEpoch{static_cast<int16_t>(epoch)}};
}

inline const TopicId kOffsetsTopic{0};
inline const TopicId kTransactionTopic{1};
inline const TopicPartition kX0{{2}, 0}, kX1{{2}, 1}, kY0{{3}, 0}, kY1{{3}, 1};

struct Answer {
  Error error = Error::kNone;
  ProducerIdAndEpoch producer;
  List<PartitionError> partitions;
};

class Harness {
 public:
  explicit Harness(char letter = 'C');
  ~Harness();

  static TransactionCoordinatorConfig config(char letter);

  CoordinatorEnv env() { return {{wall_, steady_}, names_, batches_, metadata_}; }
  void load(int32_t partition, int32_t epoch);
  Name name(const std::string& text) { return names_.intern(text); }

  // Each returns the correlation by which the answer is found.
  uint32_t init(const std::string& id, ProducerIdAndEpoch expected = {}, int16_t version = 4,
                int32_t timeout_ms = 60'000);
  uint32_t add(const std::string& id, ProducerIdAndEpoch producer, List<TopicPartition> partitions,
               int16_t version = 2);
  uint32_t add_offsets(const std::string& id, ProducerIdAndEpoch producer,
                       const std::string& group);
  uint32_t end(const std::string& id, ProducerIdAndEpoch producer, bool commit,
               int16_t version = 2);
  template <class Request>
  uint32_t send(const Request& request);  // harness.cc has those that there are

  // The oldest append in flight ends. REQUEST_TIMED_OUT and NOT_ENOUGH_REPLICAS_AFTER_APPEND leave
  // the record in the log.
  void ack(Error error = Error::kNone);
  // The oldest marker request is answered: `errors` for some partitions, NONE for the others.
  void markers(std::map<TopicPartition, Error> errors = {});
  void lose_markers();
  void settle();
  void advance(int64_t ms);
  void new_metadata();
  void set_leader(TopicPartition partition, int32_t broker);

  // Writes a record by hand into the log of id's partition and loads it under a new epoch.
  void reload_with(const std::string& id, TransactionLogRecord record, int32_t epoch);

  // Brings id to a state without pendingState and returns its pair. Prepare* is reached by a
  // Complete record that was refused with NOT_LEADER.
  ProducerIdAndEpoch reach(const std::string& id, TransactionState state);

  std::optional<Error> error(uint32_t correlation) const;
  const Answer& answer(uint32_t correlation) const { return answers_.at(correlation); }
  const TransactionMetadata& at(const std::string& id) const;
  bool known(const std::string& id) const { return tc_.find(names_, names_.find(id)) != nullptr; }
  const TransactionLogRecord& record(const AppendEffect& effect, size_t index = 0) const;
  size_t count(Event event) const;

  Names names_;
  BatchStore batches_;
  MetadataImage metadata_;
  sim::WallTime wall_{1'000'000'000'000};
  sim::SteadyTime steady_{5'000'000'000};
  TransactionCoordinator tc_;
  std::map<int32_t, std::vector<BatchId>> log_;
  std::deque<AppendEffect> appends_;
  std::deque<SendMarkersEffect> sends_;
  std::vector<EmittedEvent> events_;
  std::map<uint32_t, Answer> answers_;
  std::vector<std::string> story_;  // in order: what left the coordinator

 private:
  void take(TransactionCoordinator::Effects& effects);
  void put(const AppendEffect& effect);
  void put(const SendMarkersEffect& effect);
  void put(const EmittedEvent& event);
  void put(const AnswerEffect<InitProducerIdResponse>& effect);
  void put(const AnswerEffect<AddPartitionsToTxnResponse>& effect);
  void put(const AnswerEffect<AddOffsetsToTxnResponse>& effect);
  void put(const AnswerEffect<EndTxnResponse>& effect);
  void note(RequestToken token, Answer answer);
  uint32_t correlation_ = 0;
};

TransactionLogRecord make_record(ProducerIdAndEpoch producer, TransactionState state,
                                 List<TopicPartition> partitions = {});

}  // namespace eosim::kafka::test

#include "catch.h"

namespace Catch {
template <>
struct StringMaker<eosim::kafka::Error> {
  static std::string convert(eosim::kafka::Error error) {
    return std::string(eosim::kafka::error_name(error));
  }
};
template <>
struct StringMaker<eosim::kafka::ProducerIdAndEpoch> {
  static std::string convert(eosim::kafka::ProducerIdAndEpoch producer) {
    return "(" + std::to_string(producer.id.value) + ", " + std::to_string(producer.epoch.value) +
           ")";
  }
};
template <>
struct StringMaker<eosim::kafka::TransactionState> {
  static std::string convert(eosim::kafka::TransactionState state) {
    return "state " + std::to_string(static_cast<int>(state));
  }
};
}  // namespace Catch
