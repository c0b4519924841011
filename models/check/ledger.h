// The ledger: the ground truth of a run, fed by facts and by nothing else (design.md section 3). It
// folds every log from its appends and markers, follows every transaction instance, transactional
// id and group, and knows which input record has which effects. It judges nothing: each fact leaves
// behind, in change(), what it changed and what was there before, and the checkers read that.
//
// A value beside the world, copied with it. Batches are read during the fact that names them, and
// once more when they are settled: the leader that says so has them. Nothing of the world is kept.
//
// Logs are replicated: what an append means for the truth (fates, effects, offsets) is booked when
// it is settled (partition_truth.h). When settled records are lost, what they meant is taken back.
//
// Bounded: partitions, effects and instances are folded (see there). Not folded: one byte an
// instance for its decision, transactional ids, groups, and the producer ids that a partition has
// seen.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "models/check/check_config.h"
#include "models/check/effects.h"
#include "models/check/facts.h"
#include "models/check/flat_map.h"
#include "models/check/group_truth.h"
#include "models/check/partition_truth.h"
#include "models/check/transaction_truth.h"
#include "models/protocol/shared.h"
#include "sim/world.h"

namespace eosim::check {

// An effect that a fact made visible, and what was known of its input before.
struct VisibleEffect {
  PlacedEffect effect;
  EffectPlace place;
  bool duplicate = false;
  EffectPlace earlier;     // of a duplicate; unset: folded
  bool overtaken = false;  // it stands on the wrong side of the newest effect before
  InputEffects::Newest newest;
};

// An offset of a transaction that a batch brings into the offsets log: the coordinator looks at who
// asks, and appends, in one step (groups-streams-replication.md 2.3).
struct TakenOffset {
  Name group;
  PendingOffsetTruth offset;
};

// What became of one fact. Good until end_event().
struct Change {
  const PartitionTruth* partition = nullptr;  // log facts
  // By a leader whose term is over, or a coordinator that does not lead its log any more: it
  // changes nothing, and nothing is judged by it.
  bool deposed = false;
  BatchTruth appended;                 // log.appended
  std::vector<TakenOffset> taken;      // log.appended
  std::vector<TailEntry> passed;       // settled by this fact, in log order
  std::vector<EarlyAck> unfounded;     // told of what is settled by now, and is not that
  std::vector<BatchTruth> closed;      // settled markers decided these
  std::vector<VisibleEffect> effects;  // visible since this fact
  // A leader has begun without these settled records, which starts at `lost_from`; explained: by
  // what no protocol helps against.
  Offset lost_from;
  std::vector<BatchTruth> lost;
  int64_t lost_records = 0;
  bool lost_explained = false;
  // The new leader has another batch in the place of a settled one.
  std::optional<BatchTruth> replaced;
  TermTruth term_before;                    // replica.leader_started
  Offset high_watermark_before;             // log.high_watermark
  Offset stable_before;                     // log.last_stable_offset
  ControllerTruth controller_before;        // controller.partition_changed
  const InstanceTruth* instance = nullptr;  // that the fact is about
  const TransactionalIdTruth* transactional_id = nullptr;
  TransactionalIdTruth transactional_id_before;  // transaction.transition, producer.initialized
  const GroupTruth* group = nullptr;
  int group_state_before = kNoState;
  bool group_state_known_before = false;
  Generation generation_before;
  std::optional<OffsetTruth> committed_before;  // offset.committed
  Offset cursor_before;                         // consumer.delivered; unset: not known
};

// A consumer that reads a partition: where it is.
struct ReaderTruth {
  Offset cursor;
  Name group;
  uint32_t incarnation = 0;
  bool revoked = false;  // until it says again where it is
  IsolationLevel isolation = IsolationLevel::kReadUncommitted;
  bool delivered = false;
};
struct ReaderKey {
  sim::ProcessId process;
  sim::ActorId actor;
  TopicPartition partition;
  friend constexpr auto operator<=>(const ReaderKey&, const ReaderKey&) = default;
};

// A producer client that is inside a call, as its transitions say.
struct ProducerCall {
  uint32_t incarnation = 0;
  ProducerClientState state = ProducerClientState::kUninitialized;
  int64_t since_ns = 0;
};
struct ProducerKey {
  sim::ProcessId process;
  uint32_t tid = UINT32_MAX;  // Name::id
  friend constexpr auto operator<=>(const ProducerKey&, const ProducerKey&) = default;
};

// What was done: a run that did nothing proves nothing.
struct LedgerCounts {
  uint64_t records = 0;       // in input topics, by sources
  uint64_t outputs = 0;       // effects that became visible
  uint64_t delivered = 0;     // records that consumers got
  uint64_t transactions = 0;  // begun
  uint64_t committed = 0;     // decided so
  uint64_t aborted = 0;
  uint64_t fencings = 0;    // a newer session of a transactional id, fences, refused epochs
  uint64_t rebalances = 0;  // generations
  uint64_t retries = 0;     // batches that the log knew already
  uint64_t markers = 0;
  uint64_t offsets = 0;  // committed
};

class Ledger {
 public:
  explicit Ledger(const CheckConfig& config);

  void on_event(const sim::World& world, const sim::TraceEvent& event);
  const Change& change() const { return change_; }
  // Forgets the change: nothing in a ledger that is copied between facts points anywhere.
  void end_event();

  const LedgerCounts& counts() const { return counts_; }
  const PartitionMap<PartitionTruth>& partitions() const { return partitions_; }
  const PartitionTruth* partition(TopicPartition p) const { return partitions_.find(p); }
  // By Name::id: sort by text before showing several.
  const FlatMap<uint32_t, TransactionalIdTruth>& transactional_ids() const { return tids_; }
  const TransactionalIdTruth* transactional_id(Name tid) const { return tids_.find(tid.id); }
  const FlatMap<uint32_t, GroupTruth>& groups() const { return groups_; }
  const GroupTruth* group(Name name) const { return groups_.find(name.id); }
  // Of a transaction that has no marker in the log of the group yet; null: none.
  const OffsetTruth* undecided_offset(Name group, TopicPartition input) const;
  // Whose producer id it is; unset: nobody's that is transactional.
  Name owner(ProducerId id) const;
  const InstanceTruth* instance(uint64_t number) const;  // null: unknown or folded
  const std::deque<InstanceTruth>& instances() const { return instances_; }
  Decision decision(uint64_t number) const;  // also of the folded
  const FlatMap<ReaderKey, ReaderTruth>& readers() const { return readers_; }
  const FlatMap<ProducerKey, ProducerCall>& producers() const { return producers_; }
  const InputEffects* effects(Name application, TopicPartition input) const;

  // The application in whose words an instance, a process or an effect is reported; -1: none.
  int app_of(const sim::World& world, sim::ProcessId process) const;
  int app_of(const sim::World& world, Name application) const;
  bool is_offsets(TopicPartition p) const { return p.topic == offsets_topic_; }
  // The changelog of a table.
  bool is_table(TopicPartition p) const {
    return std::binary_search(tables_.begin(), tables_.end(), p.topic);
  }
  bool is_internal(TopicPartition p) const {
    return p.topic == offsets_topic_ || p.topic == transaction_topic_;
  }
  // A group of an application reads this partition. visit(app index, group, partition, truth).
  template <class Visit>
  void visit_inputs(Visit visit) const {
    for (const auto& [partition, truth] : partitions_) {
      for (size_t app = 0; app < inputs_.size(); ++app) {
        const Input& input = inputs_[app];
        if (!input.group.valid()) continue;
        if (!std::binary_search(input.topics.begin(), input.topics.end(), partition.topic))
          continue;
        visit(app, input.group, partition, truth);
      }
    }
  }

  // --- cheap, for asking often whether anything is still owed ------------------------------------
  // Nobody else leads this log, as far as is known.
  bool leads(const sim::World& world, TopicPartition log, sim::ProcessId process) const;
  // And where a group or transactional id has its records; unset: not seen yet.
  TopicPartition log_of_group(Name group) const;
  TopicPartition log_of_transactional_id(Name tid) const;
  bool coordinates_group(const sim::World& world, Name group, sim::ProcessId process) const;
  // By the hash of its name before it has a record.
  TopicPartition home_of_group(const sim::World& world, Name group) const;
  TopicPartition home_of_transactional_id(const sim::World& world, Name tid) const;
  bool coordinates(const sim::World& world, Name tid, sim::ProcessId process) const;
  // Records of the application's own state were lost for a reason that no protocol helps against
  // (groups-streams-replication.md 6.7): its guarantee is void.
  bool app_void(int app) const {
    return app >= 0 && static_cast<size_t>(app) < void_apps_.size() &&
           void_apps_[static_cast<size_t>(app)];
  }
  bool partition_void(TopicPartition p) const {
    const PartitionTruth* truth = partition(p);
    return truth != nullptr && truth->void_from.valid();
  }

  size_t unfinished_transactions() const { return unfinished_; }
  size_t unstable_partitions() const { return unstable_; }
  size_t pending_offsets() const { return pending_; }
  size_t lagging_inputs() const { return lagging_; }

  // The size of what is kept: for the test that memory is bounded.
  size_t kept() const;

 private:
  struct Input {
    Name group;
    std::vector<kafka::TopicId> topics;        // sorted
    FlatMap<kafka::TopicId, int32_t> effects;  // where a record has others than the app's
    std::string group_text;
  };
  // Offsets of an open transaction, as the records of the offsets log say.
  struct OpenOffset {
    TopicPartition log;
    ProducerId producer;
    Name group;
    TopicPartition partition;
    OffsetTruth offset;
  };

  void bind(const sim::World& world);
  int32_t effects_expected(size_t app, kafka::TopicId input) const;
  void bind_groups(const kafka::Names& names);
  static const kafka::KafkaShared& shared(const sim::World& world);

  // A function a fact; ledger_*.cc by subject.
  void appended(const sim::World& world, const sim::TraceEvent& event);
  void marker(const sim::World& world, const sim::TraceEvent& event);
  void offsets_moved(const sim::World& world, const sim::TraceEvent& event);
  void log_loaded(const sim::World& world, const sim::TraceEvent& event);
  void leader_started(const sim::World& world, const sim::TraceEvent& event);
  void tail(const sim::World& world, const sim::TraceEvent& event);
  void replica_moved(const sim::TraceEvent& event);
  void log_start_moved(const sim::TraceEvent& event);
  void partition_changed(const sim::TraceEvent& event);
  void acknowledged(const sim::World& world, const sim::TraceEvent& event);
  void began(const sim::TraceEvent& event);
  void end_sent(const sim::TraceEvent& event);
  void ended(const sim::TraceEvent& event);
  void transition(const sim::World& world, const sim::TraceEvent& event);
  void transition_before_the_end(const sim::World& world, const TransactionTransition& fact,
                                 int64_t now_ns);
  void fenced(const sim::TraceEvent& event);
  void take_tombstones(const kafka::RecordBatch& batch);
  void expired(const sim::World& world, const sim::TraceEvent& event);
  void loaded(const sim::World& world, const sim::TraceEvent& event);
  void initialized(const sim::World& world, const sim::TraceEvent& event);
  void producer_moved(const sim::World& world, const sim::TraceEvent& event);
  void batch_failed(const sim::World& world, const sim::TraceEvent& event);
  void group_moved(const sim::World& world, const sim::TraceEvent& event);
  void generation(const sim::World& world, const sim::TraceEvent& event);
  void member_joined(const sim::World& world, const sim::TraceEvent& event);
  void member_removed(const sim::World& world, const sim::TraceEvent& event);
  void assigned(const sim::World& world, const sim::TraceEvent& event);
  void group_loaded(const sim::World& world, const sim::TraceEvent& event);
  void offset_pending(const sim::World& world, const sim::TraceEvent& event);
  void offset_committed(const sim::World& world, const sim::TraceEvent& event);
  bool undecided_in_log(Name group, TopicPartition input, Offset position) const;
  void offset_dropped(const sim::World& world, const sim::TraceEvent& event);
  void offset_expired(const sim::World& world, const sim::TraceEvent& event);
  void offsets_asked(const sim::TraceEvent& event);
  void revoked(const sim::TraceEvent& event);
  void position(const sim::World& world, const sim::TraceEvent& event);
  void delivered(const sim::TraceEvent& event);

  PartitionTruth& partition_at(TopicPartition p);
  InstanceTruth& instance_at(uint64_t number);
  bool ended_for_good(uint64_t number) const;  // its Complete* is durable
  void book_work(TopicPartition p, const BatchTruth& batch);
  void close_work(TopicPartition p, const BatchTruth& batch);
  // The tail, and what becomes of it (ledger_replication.cc).
  TailEntry tail_entry(const sim::World& world, BatchId batch, Offset base, Offset last,
                       int64_t now_ns) const;
  void take(PartitionTruth& partition, const TailEntry& entry);
  void settle(const sim::World& world, const sim::TraceEvent& event, PartitionTruth& partition);
  void settle_transactions(const kafka::RecordBatch& batch);
  void settle_data(const kafka::RecordBatch& batch, PartitionTruth& partition,
                   const TailEntry& entry, int64_t now_ns);
  void settle_marker(PartitionTruth& partition, const TailEntry& entry, int64_t now_ns);
  uint64_t newest_instance(const sim::World& world, Name tid) const;
  void learn_logs(const kafka::RecordBatch& batch, TopicPartition partition);
  void take_offsets(const kafka::RecordBatch& batch);
  void lose(const sim::World& world, PartitionTruth& partition, Offset end, bool explained);
  void lose_work(TopicPartition p, const BatchTruth& batch, bool reopened, bool explained);
  void lose_effects(const PartitionTruth& partition, Offset end,
                    const std::vector<BatchTruth>& reopened, bool explained);
  void lose_groups(const sim::World& world, TopicPartition log, Offset end, bool explained);
  void lose_transactional_ids(const sim::World& world, TopicPartition log, bool explained);
  void void_app(int app);
  void recount_stable(PartitionTruth& partition, bool before);

  void collect_effects(const kafka::RecordBatch& batch, Offset base);
  void book_effects(TopicPartition output, int64_t now_ns);
  void book_offset_records(const kafka::RecordBatch& batch, TopicPartition log, Offset base);
  void book_group_records(const kafka::RecordBatch& batch, TopicPartition log, Offset base);
  void decide_offsets(TopicPartition log, ProducerId producer, bool commit);
  void drop_pending(GroupTruth& group, ProducerId producer, TopicPartition partition);
  void recount_lag(TopicPartition input);
  void recount_unfinished(const TransactionalIdTruth& before, const TransactionalIdTruth& after);
  bool starts_anew(const sim::World& world, const ReaderKey& key, const ReaderTruth& reader) const;
  void maybe_fold(const sim::World& world, PartitionTruth& truth);
  void fold_instances();

  std::vector<AppDescription> apps_;
  std::string offsets_topic_text_;
  std::string transaction_topic_text_;
  bool bound_ = false;
  size_t names_seen_ = 0;
  kafka::TopicId offsets_topic_;
  kafka::TopicId transaction_topic_;
  std::vector<kafka::TopicId> source_topics_;
  std::vector<kafka::TopicId> tables_;  // sorted
  std::vector<std::string> source_topics_text_;
  std::vector<Input> inputs_;            // by app
  std::vector<Name> application_names_;  // by app; unset: not seen yet
  bool groups_bound_ = false;

  PartitionMap<PartitionTruth> partitions_;
  FlatMap<uint32_t, TransactionalIdTruth> tids_;
  FlatMap<ProducerId, Name> owners_;
  FlatMap<uint32_t, GroupTruth> groups_;
  FlatMap<ReaderKey, ReaderTruth> readers_;
  FlatMap<ProducerKey, ProducerCall> producers_;
  FlatMap<std::pair<uint32_t, TopicPartition>, InputEffects> effects_;  // by application
  FlatMap<std::pair<size_t, TopicPartition>, bool> lags_;               // by app
  std::vector<OpenOffset> open_offsets_;
  FlatMap<uint32_t, TopicPartition> group_logs_;  // by Name::id
  FlatMap<uint32_t, TopicPartition> tid_logs_;
  FlatMap<uint32_t, uint64_t> tid_records_;  // instance in the newest settled record
  // Partitions of the internal topics that leaders have told of; 0: none yet.
  int32_t offsets_partitions_ = 0;
  int32_t transaction_partitions_ = 0;
  std::vector<bool> void_apps_;
  uint64_t first_instance_ = 1;
  std::deque<InstanceTruth> instances_;
  std::vector<Decision> folded_;  // of instances 1 .. first_instance_ - 1
  std::vector<PlacedEffect> scratch_;
  std::vector<BatchTruth> closed_;  // scratch, too

  size_t unfinished_ = 0;
  size_t unstable_ = 0;
  size_t pending_ = 0;
  size_t lagging_ = 0;
  LedgerCounts counts_;
  Change change_;
};

}  // namespace eosim::check
