// A coordinator in a bottle: two brokers, topics x and y of two partitions each, and a log of
// __transaction_state that answers when the test says so.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coverage_dump.h"
#include "models/protocol/switches.h"
#include "models/transaction/coverage.h"
#include "models/transaction/replay.h"
#include "models/transaction/transaction_coordinator.h"

namespace eosim::kafka::test {

using enum TransactionState;

// Columns of transactions.md 6.1.
inline const std::vector<std::string> kVariants = {"A",  "B",  "C",  "D6", "D7",
                                                   "D8", "E0", "E1", "E2"};
inline const std::vector<std::string> kPlain = {"A", "B", "C", "D6", "D7", "D8"};
inline const std::vector<std::string> kBumping = {"E0", "E1", "E2"};  // speak EndTxn 5

inline bool is_one_of(const std::string& letter, const std::vector<std::string>& letters) {
  return std::find(letters.begin(), letters.end(), letter) != letters.end();
}

inline Switches variant(const std::string& letter) {
  static const std::map<std::string, std::string> kPresets = {
      {"A", "2.4"},  {"B", "2.5"},  {"C", "2.8"},  {"D6", "3.6"}, {"D7", "3.7"},
      {"D8", "3.8"}, {"E0", "4.0"}, {"E1", "4.1"}, {"E2", "4.2"}, {"SNAP", "4.1"}};
  Switches switches = preset_switches(*find_preset(kPresets.at(letter)));
  if (letter == "SNAP") switches.set(Switch::kPendingCheckFirst, 0);
  if (letter == "E0") switches.set(Switch::kFenceDoubleBump, 1);
  return switches;
}

inline Error fence_code(const std::string& letter) {
  return letter == "A" || letter == "B" ? Error::kInvalidProducerEpoch : Error::kProducerFenced;
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

inline kafka::testing::CoverageDump coverage{&transaction_coverage()};

class Harness {
 public:
  explicit Harness(const std::string& letter = "C") : tc_(config(letter)) {
    for (int32_t id : {1, 2}) metadata_.brokers.push_back({BrokerId{id}, {}, true});
    for (uint16_t topic = 0; topic < 4; ++topic) {
      TopicMetadata entry{TopicId{topic}, topic < 2, {}};
      for (int32_t p = 0; p < 2; ++p) {
        entry.partitions.push_back({BrokerId{p + 1}, LeaderEpoch{0}, {}});
      }
      metadata_.topics.push_back(entry);
    }
    tc_.on_start(env());
    for (int32_t p = 0; p < 2; ++p) load(p, 0);
    if (tc_.needs_producer_ids()) {
      tc_.give_producer_ids(next_block_, 1000);
      next_block_ += 1000;
    } else {
      init("(null)");  // too early, and the first block is fetched
      events_.clear();
      story_.clear();
    }
  }

  static TransactionCoordinatorConfig config(const std::string& letter) {
    TransactionCoordinatorConfig config;
    config.self = {1};
    config.transaction_topic = kTransactionTopic;
    config.offsets_topic = kOffsetsTopic;
    config.transaction_partitions = 2;
    config.offsets_partitions = 2;
    config.switches = variant(letter);
    return config;
  }

  CoordinatorEnv env() { return {{wall_, steady_}, names_, batches_, metadata_}; }
  void load(int32_t partition, int32_t epoch) {
    tc_.begin_load(partition, {epoch});
    TransactionCoordinator::Effects effects;
    tc_.finish_load(env(), partition, {epoch}, log_[partition], effects);
    take(effects);
  }
  Name name(const std::string& text) { return names_.intern(text); }

  // Each returns the correlation by which the answer is found.
  uint32_t init(const std::string& id, ProducerIdAndEpoch expected = {}, int16_t version = 4,
                int32_t timeout_ms = 60'000) {
    InitProducerIdRequest request;
    request.header.version = version;
    if (id != "(null)") request.transactional_id = name(id);
    request.transaction_timeout_ms = timeout_ms;
    request.expected = expected;
    return send(request);
  }
  uint32_t add(const std::string& id, ProducerIdAndEpoch producer, List<TopicPartition> partitions,
               int16_t version = 2) {
    AddPartitionsToTxnRequest request;
    request.header.version = version;
    request.transactional_id = name(id);
    request.producer = producer;
    request.partitions = std::move(partitions);
    return send(request);
  }
  // As a partition leader does: registers, or asks.
  uint32_t register_for(const std::string& id, ProducerIdAndEpoch producer,
                        List<TopicPartition> partitions, bool verify_only = false,
                        int16_t version = 5) {
    AddPartitionsToTxnRequest request;
    request.header.version = version;
    request.transactions.push_back({name(id), producer, verify_only, std::move(partitions), {}});
    return send(request);
  }
  uint32_t verify(const std::string& id, ProducerIdAndEpoch producer,
                  List<TopicPartition> partitions, int16_t version = 5) {
    return register_for(id, producer, std::move(partitions), true, version);
  }
  uint32_t add_offsets(const std::string& id, ProducerIdAndEpoch producer,
                       const std::string& group) {
    AddOffsetsToTxnRequest request;
    request.header.version = 2;
    request.transactional_id = name(id);
    request.producer = producer;
    request.group = name(group);
    return send(request);
  }
  uint32_t end(const std::string& id, ProducerIdAndEpoch producer, bool commit,
               int16_t version = 2) {
    EndTxnRequest request;
    request.header.version = version;
    request.transactional_id = name(id);
    request.producer = producer;
    request.committed = commit;
    return send(request);
  }
  template <class Request>
  uint32_t send(const Request& request) {
    const uint32_t correlation = ++correlation_;
    TransactionCoordinator::Effects effects;
    const Encounter met = met_by(tc_, names_, request);
    tc_.on_request(env(), RequestToken{{}, correlation, met}, request, effects);
    take(effects);
    return correlation;
  }

  // The oldest append in flight ends. REQUEST_TIMED_OUT and NOT_ENOUGH_REPLICAS_AFTER_APPEND leave
  // the record in the log.
  void ack(Error error = Error::kNone) {
    const AppendEffect effect = appends_.at(0);
    appends_.pop_front();
    if (error == Error::kNone || error == Error::kRequestTimedOut ||
        error == Error::kNotEnoughReplicasAfterAppend) {
      log_[effect.partition.partition].push_back(effect.batch);
    }
    TransactionCoordinator::Effects effects;
    tc_.on_append_done(env(), effect.token, error, effects);
    take(effects);
  }
  // The oldest marker request is answered: `errors` for some partitions, NONE for the others.
  void markers(std::map<TopicPartition, Error> errors = {}) {
    const SendMarkersEffect effect = sends_.at(0);
    sends_.pop_front();
    WriteTxnMarkersResponse response;
    for (const TxnMarkerEntry& entry : effect.request.markers) {
      WriteTxnMarkersResponse::Marker marker{entry.producer.id, {}};
      for (const TopicPartition& partition : entry.partitions) {
        const auto at = errors.find(partition);
        marker.partitions.push_back({partition, at == errors.end() ? Error::kNone : at->second});
      }
      response.markers.push_back(marker);
    }
    TransactionCoordinator::Effects effects;
    tc_.on_markers_done(env(), effect.token, &response, effects);
    take(effects);
  }
  void lose_markers() {
    const SendMarkersEffect effect = sends_.at(0);
    sends_.pop_front();
    TransactionCoordinator::Effects effects;
    tc_.on_markers_done(env(), effect.token, nullptr, effects);
    take(effects);
  }
  void settle() {
    while (!appends_.empty() || !sends_.empty()) appends_.empty() ? markers() : ack();
  }
  void advance(int64_t ms) {
    const sim::SteadyTime until = steady_ + sim::milliseconds(ms);
    while (tc_.next_deadline() <= until) {
      wall_ = wall_ + (tc_.next_deadline() - steady_);
      steady_ = tc_.next_deadline();
      TransactionCoordinator::Effects effects;
      tc_.on_deadline(env(), effects);
      take(effects);
    }
    wall_ = wall_ + (until - steady_);
    steady_ = until;
  }
  void fetched(ProducerIdsResult result) {
    --fetches_;
    tc_.on_producer_ids(env(), result);
  }
  void resign(int32_t partition, int32_t epoch) {
    TransactionCoordinator::Effects effects;
    tc_.resign(partition, {epoch}, effects);
    take(effects);
  }
  std::optional<std::string> mismatch() const {
    for (const auto& [partition, led] : tc_.cache().partitions()) {
      const auto log = log_.find(partition);
      const std::vector<BatchId> none;
      auto found =
          replay_mismatch(tc_, names_, batches_, partition, log == log_.end() ? none : log->second);
      if (found) return found;
    }
    return std::nullopt;
  }
  void new_metadata() {
    TransactionCoordinator::Effects effects;
    tc_.on_metadata(env(), effects);
    take(effects);
  }
  void set_leader(TopicPartition partition, int32_t broker) {
    metadata_.topics[partition.topic.value].partitions[partition.partition].leader = {broker};
  }

  // Writes a record by hand into the log of id's partition and loads it under a new epoch.
  void reload_with(const std::string& id, TransactionLogRecord record, int32_t epoch) {
    record.transactional_id = name(id);
    const int32_t partition = tc_.partition_of(names_, name(id));
    RecordBatch batch;
    batch.count = 1;
    batch.payload = List<TransactionLogRecord>{record};
    log_[partition].push_back(batches_.put(batch));
    load(partition, epoch);
  }

  // The same for a client of version 2. The pair is the one that the client goes on with.
  ProducerIdAndEpoch reach_bumping(const std::string& id, TransactionState state) {
    const uint32_t asked = init(id);
    settle();
    const ProducerIdAndEpoch producer = answers_.at(asked).producer;
    if (state == kEmpty) return producer;
    register_for(id, producer, {kX0, kX1});
    settle();
    if (state == kOngoing) return producer;
    const uint32_t ended =
        end(id, producer, state == kPrepareCommit || state == kCompleteCommit, 5);
    finish_round(state);
    return answers_.at(ended).producer;
  }

  // Brings id to a state without pendingState and returns its pair. Prepare* is reached by a
  // Complete record that was refused with NOT_LEADER.
  ProducerIdAndEpoch reach(const std::string& id, TransactionState state) {
    const uint32_t asked = init(id);
    settle();
    const ProducerIdAndEpoch producer = answers_.at(asked).producer;
    if (state == kEmpty) return producer;
    add(id, producer, {kX0, kX1});
    settle();
    if (state == kOngoing) return producer;
    end(id, producer, state == kPrepareCommit || state == kCompleteCommit);
    finish_round(state);
    return producer;
  }
  void finish_round(TransactionState state) {
    ack();
    while (!sends_.empty()) markers();
    ack(state == kCompleteCommit || state == kCompleteAbort ? Error::kNone
                                                            : Error::kNotLeaderOrFollower);
  }

  std::optional<Error> error(uint32_t correlation) const {
    const auto at = answers_.find(correlation);
    if (at == answers_.end()) return std::nullopt;
    return at->second.error;
  }
  const Answer& answer(uint32_t correlation) const { return answers_.at(correlation); }
  const TransactionMetadata& at(const std::string& id) const {
    const TransactionMetadata* metadata = tc_.find(names_, names_.find(id));
    if (metadata == nullptr) throw std::out_of_range(id);
    return *metadata;
  }
  bool known(const std::string& id) const { return tc_.find(names_, names_.find(id)) != nullptr; }
  const TransactionLogRecord& record(const AppendEffect& effect, size_t index = 0) const {
    return std::get<List<TransactionLogRecord>>(batches_[effect.batch].payload).at(index);
  }
  size_t count(Event event) const {
    size_t found = 0;
    for (const EmittedEvent& emitted : events_) found += emitted.event == event ? 1 : 0;
    return found;
  }

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
  int fetches_ = 0;        // of producer ids, in flight
  bool hold_ids_ = false;  // the test answers them
  int64_t next_block_ = 7;
  List<AddPartitionsToTxnResponse::Transaction> transactions_;  // of the last answer to a leader
  List<DescribeTransactionsResponse::Transaction> described_;
  ListTransactionsResponse listed_;
  std::vector<std::string> story_;  // in order: what left the coordinator

 private:
  void take(TransactionCoordinator::Effects& effects) {
    for (const auto& effect : effects) {
      std::visit([&](const auto& e) { reach(e), put(e); }, effect);
    }
    if (hold_ids_ || fetches_ == 0) return;
    fetched({Error::kNone, next_block_, 1000});
    next_block_ += 1000;
  }
  template <class Any>
  void reach(const Any&) {}
  template <class Response>
  void reach(const AnswerEffect<Response>& effect) {
    note_answer(coverage.reached, effect.request.met, effect.response);
  }
  void put(const FetchProducerIdsEffect&) { ++fetches_; }
  void put(const AnswerEffect<DescribeTransactionsResponse>& effect) {
    described_ = effect.response.transactions;
  }
  void put(const AnswerEffect<ListTransactionsResponse>& effect) { listed_ = effect.response; }
  void put(const AppendEffect& effect) {
    story_.push_back("append");
    appends_.push_back(effect);
  }
  void put(const SendMarkersEffect& effect) {
    story_.push_back("markers");
    sends_.push_back(effect);
  }
  void put(const EmittedEvent& event) { events_.push_back(event); }
  void put(const AnswerEffect<InitProducerIdResponse>& effect) {
    note(effect.request, {effect.response.error, effect.response.producer, {}});
  }
  void put(const AnswerEffect<AddPartitionsToTxnResponse>& effect) {
    transactions_ = effect.response.transactions;
    const auto& partitions =
        transactions_.empty() ? effect.response.partitions : transactions_[0].partitions;
    note(effect.request, {partitions.empty() ? Error::kNone : partitions[0].error, {}, partitions});
  }
  void put(const AnswerEffect<AddOffsetsToTxnResponse>& effect) {
    note(effect.request, {effect.response.error, {}, {}});
  }
  void put(const AnswerEffect<EndTxnResponse>& effect) {
    note(effect.request, {effect.response.error, effect.response.producer, {}});
  }
  void note(RequestToken token, Answer answer) {
    story_.push_back("answer " + std::string(error_name(answer.error)));
    if (!answers_.emplace(token.correlation, std::move(answer)).second) {
      throw std::logic_error("answered twice");
    }
  }
  uint32_t correlation_ = 0;
};

inline TransactionLogRecord make_record(ProducerIdAndEpoch producer, TransactionState state,
                                        List<TopicPartition> partitions = {}) {
  TransactionLogRecord record;
  record.producer = producer;
  record.timeout_ms = 60'000;
  record.state = state;
  record.partitions = std::move(partitions);
  record.last_update_ms = 1'000'000;
  record.start_ms = state == kEmpty ? -1 : 1'000'000;
  return record;
}

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
