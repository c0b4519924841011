#include "harness.h"

#include <stdexcept>
#include <utility>
#include <variant>

namespace eosim::kafka::test {

Switches variant(char letter) {
  Switches switches = preset_switches(*find_preset(letter == 'A' ? "2.4" : "2.5"));
  if (letter == 'C') {
    switches.set(Switch::kFenceLastEpoch, static_cast<uint8_t>(FenceLastEpoch::kNone));
    switches.set(Switch::kClientEndtxnEpoch, static_cast<uint8_t>(ClientEndTxnEpoch::kEqual));
    switches.set(Switch::kFailedFenceGuard, 1);
    switches.set(Switch::kTcFenceCode, static_cast<uint8_t>(FenceCode::kProducerFenced));
  }
  return switches;
}

TransactionLogRecord make_record(ProducerIdAndEpoch producer, TransactionState state,
                                 List<TopicPartition> partitions) {
  TransactionLogRecord record;
  record.producer = producer;
  record.timeout_ms = 60'000;
  record.state = state;
  record.partitions = std::move(partitions);
  record.last_update_ms = 1'000'000;
  record.start_ms = state == kEmpty ? -1 : 1'000'000;
  return record;
}

TransactionCoordinatorConfig Harness::config(char letter) {
  TransactionCoordinatorConfig config;
  config.self = {1};
  config.transaction_topic = kTransactionTopic;
  config.offsets_topic = kOffsetsTopic;
  config.transaction_partitions = 2;
  config.offsets_partitions = 2;
  config.switches = variant(letter);
  return config;
}

Harness::~Harness() = default;

template <class Request>
uint32_t Harness::send(const Request& request) {
  const uint32_t correlation = ++correlation_;
  TransactionCoordinator::Effects effects;
  tc_.on_request(env(), RequestToken{{}, correlation}, request, effects);
  take(effects);
  return correlation;
}
template uint32_t Harness::send(const InitProducerIdRequest& request);
template uint32_t Harness::send(const AddPartitionsToTxnRequest& request);
template uint32_t Harness::send(const AddOffsetsToTxnRequest& request);
template uint32_t Harness::send(const EndTxnRequest& request);

Harness::Harness(char letter) : tc_(config(letter)) {
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
  tc_.give_producer_ids(7, 1000);
}

void Harness::load(int32_t partition, int32_t epoch) {
  tc_.begin_load(partition, {epoch});
  TransactionCoordinator::Effects effects;
  tc_.finish_load(env(), partition, {epoch}, log_[partition], effects);
  take(effects);
}

uint32_t Harness::init(const std::string& id, ProducerIdAndEpoch expected, int16_t version,
                       int32_t timeout_ms) {
  InitProducerIdRequest request;
  request.header.version = version;
  if (id != "(null)") request.transactional_id = name(id);
  request.transaction_timeout_ms = timeout_ms;
  request.expected = expected;
  return send(request);
}

uint32_t Harness::add(const std::string& id, ProducerIdAndEpoch producer,
                      List<TopicPartition> partitions, int16_t version) {
  AddPartitionsToTxnRequest request;
  request.header.version = version;
  request.transactional_id = name(id);
  request.producer = producer;
  request.partitions = std::move(partitions);
  return send(request);
}

uint32_t Harness::add_offsets(const std::string& id, ProducerIdAndEpoch producer,
                              const std::string& group) {
  AddOffsetsToTxnRequest request;
  request.header.version = 2;
  request.transactional_id = name(id);
  request.producer = producer;
  request.group = name(group);
  return send(request);
}

uint32_t Harness::end(const std::string& id, ProducerIdAndEpoch producer, bool commit,
                      int16_t version) {
  EndTxnRequest request;
  request.header.version = version;
  request.transactional_id = name(id);
  request.producer = producer;
  request.committed = commit;
  return send(request);
}

void Harness::ack(Error error) {
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

void Harness::markers(std::map<TopicPartition, Error> errors) {
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

void Harness::lose_markers() {
  const SendMarkersEffect effect = sends_.at(0);
  sends_.pop_front();
  TransactionCoordinator::Effects effects;
  tc_.on_markers_done(env(), effect.token, nullptr, effects);
  take(effects);
}

void Harness::settle() {
  while (!appends_.empty() || !sends_.empty()) appends_.empty() ? markers() : ack();
}

void Harness::advance(int64_t ms) {
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

void Harness::new_metadata() {
  TransactionCoordinator::Effects effects;
  tc_.on_metadata(env(), effects);
  take(effects);
}

void Harness::set_leader(TopicPartition partition, int32_t broker) {
  metadata_.topics[partition.topic.value].partitions[partition.partition].leader = {broker};
}

void Harness::reload_with(const std::string& id, TransactionLogRecord record, int32_t epoch) {
  record.transactional_id = name(id);
  const int32_t partition = tc_.partition_of(names_, name(id));
  RecordBatch batch;
  batch.count = 1;
  batch.payload = List<TransactionLogRecord>{record};
  log_[partition].push_back(batches_.put(batch));
  load(partition, epoch);
}

ProducerIdAndEpoch Harness::reach(const std::string& id, TransactionState state) {
  const uint32_t asked = init(id);
  settle();
  const ProducerIdAndEpoch producer = answers_.at(asked).producer;
  if (state == kEmpty) return producer;
  add(id, producer, {kX0, kX1});
  settle();
  if (state == kOngoing) return producer;
  end(id, producer, state == kPrepareCommit || state == kCompleteCommit);
  ack();
  while (!sends_.empty()) markers();
  ack(state == kCompleteCommit || state == kCompleteAbort ? Error::kNone
                                                          : Error::kNotLeaderOrFollower);
  return producer;
}

std::optional<Error> Harness::error(uint32_t correlation) const {
  const auto at = answers_.find(correlation);
  if (at == answers_.end()) return std::nullopt;
  return at->second.error;
}

const TransactionMetadata& Harness::at(const std::string& id) const {
  const TransactionMetadata* metadata = tc_.find(names_, names_.find(id));
  if (metadata == nullptr) throw std::out_of_range(id);
  return *metadata;
}

const TransactionLogRecord& Harness::record(const AppendEffect& effect, size_t index) const {
  return std::get<List<TransactionLogRecord>>(batches_[effect.batch].payload).at(index);
}

size_t Harness::count(Event event) const {
  size_t found = 0;
  for (const EmittedEvent& emitted : events_) found += emitted.event == event ? 1 : 0;
  return found;
}

void Harness::take(TransactionCoordinator::Effects& effects) {
  for (const auto& effect : effects) std::visit([&](const auto& e) { put(e); }, effect);
}

void Harness::put(const AppendEffect& effect) {
  story_.push_back("append");
  appends_.push_back(effect);
}

void Harness::put(const SendMarkersEffect& effect) {
  story_.push_back("markers");
  sends_.push_back(effect);
}

void Harness::put(const AnswerEffect<InitProducerIdResponse>& effect) {
  note(effect.request, {effect.response.error, effect.response.producer, {}});
}

void Harness::put(const AnswerEffect<AddPartitionsToTxnResponse>& effect) {
  const auto& partitions = effect.response.partitions;
  note(effect.request, {partitions.empty() ? Error::kNone : partitions[0].error, {}, partitions});
}

void Harness::put(const AnswerEffect<AddOffsetsToTxnResponse>& effect) {
  note(effect.request, {effect.response.error, {}, {}});
}

void Harness::put(const AnswerEffect<EndTxnResponse>& effect) {
  note(effect.request, {effect.response.error, effect.response.producer, {}});
}

void Harness::note(RequestToken token, Answer answer) {
  story_.push_back("answer " + std::string(error_name(answer.error)));
  if (!answers_.emplace(token.correlation, std::move(answer)).second) {
    throw std::logic_error("answered twice");
  }
}

void Harness::put(const EmittedEvent& event) { events_.push_back(event); }

}  // namespace eosim::kafka::test
