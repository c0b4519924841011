#include "run_builder.h"

namespace eosim::check {
namespace {

class IdleProcess final : public sim::Process {
 public:
  void step(sim::Context&, const sim::Step&) override {}
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<IdleProcess>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<IdleProcess>();
  }
  std::string describe() const override { return "idle"; }
};

class TestShared final : public kafka::KafkaShared {
 public:
  std::unique_ptr<sim::Shared> clone() const override {
    return std::make_unique<TestShared>(*this);
  }
  std::vector<sim::Target> resolve(const sim::World&, std::string_view) const override {
    return {};
  }
  std::vector<sim::ActorId> stallable_actors(const sim::World&, sim::ProcessId) const override {
    return {};
  }
  void apply(sim::World&, const sim::FaultSpec&, bool) override {}
};

std::unique_ptr<sim::World> make_world() {
  auto shared = std::make_unique<TestShared>();
  shared->topic_names = {"__consumer_offsets", "__transaction_state", "input", "output"};
  shared->names.intern("app");
  auto world = std::make_unique<sim::World>(sim::WorldConfig{}, std::move(shared));
  for (const char* name :
       {"broker-0", "app-0", "app-1", "auditor-0", "source-0", "broker-1", "broker-2"}) {
    world->add_process(name, std::make_unique<IdleProcess>(), sim::kNever);
  }
  return world;
}

}  // namespace

CheckConfig RunBuilder::default_config() {
  CheckConfig config;
  config.era = "E2";
  config.cluster = kafka::preset_switches(*kafka::find_preset("2.5"));
  AppDescription app;
  app.name = "app";
  app.group = "app";
  app.guarantee = "exactly_once_v2";
  app.input_topics = {"input"};
  app.output_topics = {"output"};
  app.switches = config.cluster;
  config.apps.push_back(app);
  config.source_topics = {"input"};
  return config;
}

RunBuilder::RunBuilder(CheckConfig config) : RunBuilder(std::move(config), brokers_view()) {}

RunBuilder::RunBuilder(CheckConfig config, const ClusterView& view)
    : world_(make_world()), suite_(std::move(config), view) {
  process_ = process("broker-0");
}

RunBuilder& RunBuilder::at(int64_t ms) {
  now_ms_ = ms;
  return *this;
}

RunBuilder& RunBuilder::from(const std::string& text) {
  process_ = process(text);
  return *this;
}

RunBuilder& RunBuilder::fact(Event event, std::initializer_list<int64_t> values) {
  const kafka::EmittedEvent emitted = kafka::make_event(event, values);
  sim::TraceEvent trace;
  trace.at = sim::Time{} + sim::milliseconds(now_ms_);
  trace.step = ++step_;
  trace.kind = kafka::event_id(event);
  trace.process = process_;
  trace.fields = emitted.values;
  suite_.on_event(*world_, trace);
  if (watcher_ != nullptr) watcher_->on_event(*world_, trace);
  ++now_ms_;
  return *this;
}

RunBuilder& RunBuilder::message(uint32_t number, bool request, uint16_t kind, uint32_t body) {
  sim::KernelRecord record{};
  record.at = sim::Time{} + sim::milliseconds(now_ms_);
  record.step = ++step_;
  record.event = request ? sim::KernelEvent::kDelivered : sim::KernelEvent::kSent;
  record.request = request;
  record.kind = {kind};
  record.from = request ? process("app-0") : process_;
  record.to = request ? process_ : process("app-0");
  record.connection = {1, 1};
  record.correlation = number;
  record.body = body;
  suite_.on_kernel(*world_, record);
  ++now_ms_;
  return *this;
}

RunBuilder::Log& RunBuilder::log(TopicPartition partition) {
  for (Log& known : logs_) {
    if (known.partition == partition) return known;
  }
  Log& made = logs_.emplace_back();
  made.partition = partition;
  made.leader = process("broker-0");
  return made;
}

// The fact of the append, and that of the high watermark unless it waits.
RunBuilder& RunBuilder::appended(TopicPartition partition, Entry entry, bool marker) {
  Log& at = log(partition);
  const sim::ProcessId before = process_;
  process_ = at.leader;
  const kafka::RecordBatch& batch = shared().batches[entry.batch];
  last_batch_ = entry.batch;
  at.entries.push_back(entry);
  if (marker) {
    const bool commit = std::get<kafka::Marker>(batch.payload).type == kafka::ControlType::kCommit;
    fact(Event::kLogMarkerAppended,
         {partition.packed(), entry.base, entry.batch.index, batch.producer.id.value,
          batch.producer.epoch.value, 0, commit, at.epoch});
  } else {
    fact(Event::kLogAppended,
         {partition.packed(), entry.base, entry.last, entry.batch.index, batch.producer.id.value,
          batch.producer.epoch.value, batch.base_sequence.value, at.epoch, batch.transactional});
  }
  if (commits_) {
    --now_ms_;
    fact(Event::kLogHighWatermark, {partition.packed(), entry.last + 1, at.epoch});
  }
  process_ = before;
  return *this;
}

RunBuilder& RunBuilder::commits(bool at_once) {
  commits_ = at_once;
  return *this;
}

RunBuilder& RunBuilder::high_watermark(TopicPartition partition, int64_t offset) {
  const sim::ProcessId before = process_;
  process_ = log(partition).leader;
  fact(Event::kLogHighWatermark, {partition.packed(), offset, log(partition).epoch});
  process_ = before;
  return *this;
}

RunBuilder& RunBuilder::stable(TopicPartition partition, int64_t offset) {
  const sim::ProcessId before = process_;
  process_ = log(partition).leader;
  fact(Event::kLogLastStableOffset, {partition.packed(), offset, log(partition).epoch});
  process_ = before;
  return *this;
}

RunBuilder& RunBuilder::in_term(TopicPartition partition, const std::string& broker,
                                int64_t epoch) {
  log(partition).leader = process(broker);
  log(partition).epoch = epoch;
  return *this;
}

RunBuilder& RunBuilder::leads(const std::string& broker, TopicPartition partition, int64_t epoch,
                              int64_t high_watermark, int64_t end) {
  in_term(partition, broker, epoch);
  const sim::ProcessId before = process_;
  process_ = process(broker);
  std::vector<Entry>& entries = log(partition).entries;
  std::erase_if(entries, [&](const Entry& entry) { return entry.last >= end; });
  fact(Event::kLeaderStarted, {partition.packed(), epoch, high_watermark, end});
  for (const Entry& entry : entries) {
    if (entry.last < high_watermark) continue;
    --now_ms_;
    fact(Event::kLogTail, {partition.packed(), entry.base, entry.last, entry.batch.index, epoch});
  }
  process_ = before;
  return *this;
}

RunBuilder& RunBuilder::copies(const std::string& broker, TopicPartition partition, int64_t end) {
  const sim::ProcessId before = process_;
  process_ = process(broker);
  const PartitionTruth* truth = suite_.ledger().partition(partition);
  const ReplicaTruth* replica = truth == nullptr ? nullptr : truth->find_replica(process_);
  const int64_t from = replica == nullptr ? 0 : replica->end.value;
  const Log copied = log(partition);
  for (const Entry& entry : copied.entries) {
    if (entry.base < from || entry.last >= end) continue;
    fact(Event::kReplicaAppended,
         {partition.packed(), entry.base, entry.last, entry.batch.index, copied.epoch});
  }
  process_ = before;
  return *this;
}

RunBuilder& RunBuilder::power_loss(const std::string& broker) {
  if (world_->state(process(broker)) == sim::ProcessState::kWaiting) {
    world_->start(process(broker));
  }
  sim::FaultSpec fault;
  fault.kind = sim::FaultKind::kPowerLoss;
  fault.word = "power_loss";
  fault.target = broker;
  fault.at = sim::Time{} + sim::milliseconds(now_ms_);
  fault.length = sim::milliseconds(1);
  world_->add_fault(fault);
  while (world_->next_time() <= sim::Time{} + sim::milliseconds(now_ms_ + 1)) {
    if (!world_->step()) break;
  }
  now_ms_ += 2;
  return *this;
}

RunBuilder& RunBuilder::source(TopicPartition partition, int64_t base, int64_t count) {
  kafka::RecordBatch batch;
  batch.count = static_cast<int32_t>(count);
  batch.payload = kafka::List<kafka::Record>(static_cast<size_t>(count));
  const kafka::BatchId id = shared().batches.put(batch);
  return appended(partition, {base, base + count - 1, id}, false);
}

RunBuilder& RunBuilder::data(TopicPartition partition, int64_t base, ProducerIdAndEpoch by,
                             uint64_t instance, const std::vector<Input>& inputs,
                             int32_t sequence) {
  kafka::List<kafka::Record> records;
  for (const Input& input : inputs) {
    kafka::RecordTruth truth;
    truth.input = input.partition;
    truth.input_offset = {input.offset};
    truth.ordinal = input.ordinal;
    truth.application = name("app");
    truth.uid = next_uid_++;
    kafka::Record record;
    record.key = input.key;
    record.value = input.value;
    record.truth = kafka::Ghost<kafka::RecordTruth>(truth);
    records.push_back(record);
  }
  kafka::RecordBatch batch;
  batch.producer = by;
  batch.base_sequence = {sequence};
  batch.transactional = instance != 0;
  batch.count = static_cast<int32_t>(records.size());
  batch.instance = kafka::Ghost<kafka::TransactionInstance>({instance});
  const int64_t last = base + batch.count - 1;
  batch.payload = std::move(records);
  const kafka::BatchId id = shared().batches.put(std::move(batch));
  return appended(partition, {base, last, id}, false);
}

RunBuilder& RunBuilder::again(TopicPartition partition, int64_t base, BatchId id) {
  const int32_t count = shared().batches[id].count;
  return appended(partition, {base, base + count - 1, id}, false);
}

RunBuilder& RunBuilder::offset_record(int64_t base, ProducerIdAndEpoch by, uint64_t instance,
                                      TopicPartition partition, int64_t offset) {
  kafka::OffsetRecord record;
  record.group = name("app");
  record.partition = partition;
  record.offset = {offset};
  kafka::RecordBatch batch;
  batch.producer = by;
  batch.transactional = instance != 0;
  batch.count = 1;
  batch.payload = kafka::List<kafka::OffsetRecord>{record};
  batch.instance = kafka::Ghost<kafka::TransactionInstance>({instance});
  const kafka::BatchId id = shared().batches.put(std::move(batch));
  return appended(kOffsets, {base, base, id}, false);
}

RunBuilder& RunBuilder::group_record(int64_t base, const std::vector<std::string>& members) {
  kafka::GroupRecord record;
  record.group = name("app");
  for (const std::string& member : members) {
    kafka::GroupMemberRecord& of_member = record.members.emplace_back();
    of_member.member_id = name(member);
  }
  kafka::RecordBatch batch;
  batch.count = 1;
  batch.payload = kafka::List<kafka::GroupRecord>{record};
  const kafka::BatchId id = shared().batches.put(std::move(batch));
  return appended(kOffsets, {base, base, id}, false);
}

RunBuilder& RunBuilder::marker(TopicPartition partition, int64_t offset, ProducerIdAndEpoch by,
                               bool commit, uint64_t instance, int32_t coordinator_epoch) {
  const auto type = commit ? kafka::ControlType::kCommit : kafka::ControlType::kAbort;
  const kafka::BatchId id = shared().batches.put(kafka::make_marker(
      by, {type, {coordinator_epoch}}, 0, kafka::Ghost<kafka::TransactionInstance>({instance})));
  return appended(partition, {offset, offset, id}, true);
}

RunBuilder& RunBuilder::transition(const std::string& tid, int from_state, int to,
                                   ProducerIdAndEpoch by, uint64_t instance) {
  kafka::TransactionLogRecord record;
  record.transactional_id = name(tid);
  record.producer = by;
  record.instance = kafka::Ghost<kafka::TransactionInstance>({instance});
  kafka::RecordBatch batch;
  batch.count = 1;
  batch.payload = kafka::List<kafka::TransactionLogRecord>{record};
  const kafka::BatchId id = shared().batches.put(std::move(batch));
  return fact(Event::kTransactionTransition,
              {name(tid).id, from_state, to, by.id.value, by.epoch.value, id.index});
}

RunBuilder& RunBuilder::recorded(const std::string& tid, int from_state, int to,
                                 ProducerIdAndEpoch by, uint64_t instance,
                                 const std::vector<TopicPartition>& partitions,
                                 int16_t client_version) {
  kafka::TransactionLogRecord record;
  record.transactional_id = name(tid);
  record.producer = by;
  record.state = static_cast<kafka::TransactionState>(to);
  record.partitions.assign(partitions.begin(), partitions.end());
  record.client_transaction_version = client_version;
  record.instance = kafka::Ghost<kafka::TransactionInstance>({instance});
  kafka::RecordBatch batch;
  batch.count = 1;
  batch.payload = kafka::List<kafka::TransactionLogRecord>{record};
  const kafka::BatchId id = shared().batches.put(std::move(batch));
  return fact(Event::kTransactionTransition,
              {name(tid).id, from_state, to, by.id.value, by.epoch.value, id.index});
}

RunBuilder& RunBuilder::logged(int64_t base, const std::string& tid, int state,
                               ProducerIdAndEpoch by,
                               const std::vector<TopicPartition>& partitions) {
  kafka::TransactionLogRecord record;
  record.transactional_id = name(tid);
  record.producer = by;
  record.state = static_cast<kafka::TransactionState>(state);
  record.partitions.assign(partitions.begin(), partitions.end());
  kafka::RecordBatch batch;
  batch.count = 1;
  batch.payload = kafka::List<kafka::TransactionLogRecord>{record};
  const kafka::BatchId id = shared().batches.put(std::move(batch));
  return appended(kTransactions, {base, base, id}, false);
}

RunBuilder& RunBuilder::initialized(const std::string& tid, ProducerIdAndEpoch by) {
  return fact(Event::kProducerInitialized, {name(tid).id, by.id.value, by.epoch.value});
}

RunBuilder& RunBuilder::began(uint64_t instance, const std::string& tid, ProducerIdAndEpoch by) {
  const sim::ProcessId before = process_;
  from(tid.substr(0, 5));  // "app-0" of "app-0/0"
  fact(Event::kTransactionBegan,
       {static_cast<int64_t>(instance), name(tid).id, by.id.value, by.epoch.value});
  process_ = before;
  return *this;
}

RunBuilder& RunBuilder::end_sent(uint64_t instance, const std::string& tid, bool commit) {
  return fact(Event::kTransactionEndSent, {static_cast<int64_t>(instance), name(tid).id, commit});
}

RunBuilder& RunBuilder::ended(uint64_t instance, const std::string& tid, CommitOutcome outcome) {
  return fact(Event::kTransactionEnded,
              {static_cast<int64_t>(instance), name(tid).id, static_cast<int64_t>(outcome), 0});
}

RunBuilder& RunBuilder::open(uint64_t instance, const std::string& tid, ProducerIdAndEpoch by) {
  const TransactionalIdTruth* truth = suite_.ledger().transactional_id(name(tid));
  if (truth == nullptr || truth->state == kNoState) transition(tid, kNoState, 0, by);
  const int state = suite_.ledger().transactional_id(name(tid))->state;
  began(instance, tid, by);
  return transition(tid, state, 1, by, instance);
}

RunBuilder& RunBuilder::decide(uint64_t instance, const std::string& tid, ProducerIdAndEpoch by,
                               bool commit) {
  end_sent(instance, tid, commit);
  return transition(tid, 1, commit ? 2 : 3, by, instance);
}

RunBuilder& RunBuilder::complete(uint64_t instance, const std::string& tid, ProducerIdAndEpoch by,
                                 bool commit) {
  return transition(tid, commit ? 2 : 3, commit ? 4 : 5, by, instance);
}

RunBuilder& RunBuilder::committed(TopicPartition partition, int64_t offset, int64_t by) {
  return fact(Event::kOffsetCommitted, {name("app").id, partition.packed(), offset, offset, by});
}

RunBuilder& RunBuilder::position(TopicPartition partition, int64_t offset) {
  return fact(Event::kConsumerPosition, {-1, partition.packed(), offset, 0});
}

RunBuilder& RunBuilder::acknowledged(TopicPartition partition, int64_t base, BatchId batch) {
  if (!batch.valid()) batch = last_batch_;
  return fact(Event::kProducerAcknowledged, {partition.packed(), base, batch.index});
}

RunBuilder& RunBuilder::delivered(TopicPartition partition, int64_t base, int64_t count,
                                  bool read_committed) {
  return fact(Event::kConsumerDelivered,
              {-1, partition.packed(), base, -1, 0, count, read_committed});
}

Observation RunBuilder::calm() {
  Observation seen;
  seen.complete = true;
  return seen;
}

RunBuilder& RunBuilder::quiesce(Observation seen) {
  world_->advance_to(sim::Time{} + sim::milliseconds(now_ms_));
  suite_.at_quiescence(*world_, seen);
  return *this;
}

std::vector<std::string> RunBuilder::kinds() const {
  std::vector<std::string> kinds;
  for (const Violation& violation : suite_.violations()) kinds.push_back(violation.kind);
  return kinds;
}

}  // namespace eosim::check
