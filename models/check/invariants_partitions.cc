#include "models/check/invariants_partitions.h"

#include "models/check/ghost_access.h"

namespace eosim::check {
namespace {

using kafka::GhostAccess;

constexpr Rule kEpoch = {"K5", "fence", "zombie_write",
                         "in a partition the epochs of a producer never run back"};
constexpr Rule kSequence = {"K10", "replica", "log_regression",
                            "in a partition the sequences of a producer's epoch have no gaps"};
constexpr Rule kFirst = {"K10", "replica", "log_regression",
                         "the first batch of a producer's epoch has sequence 0"};
constexpr Rule kCoordinator = {"K10", "replica", "log_regression",
                               "coordinator epochs of a producer's markers never run back"};
constexpr Rule kAhead = {"K10", "replica", "log_regression",
                         "a marker has the epoch of the data that it ends, or the next"};
constexpr Rule kOneRun = {"K1", "atomic", "torn_transaction",
                          "the records of a transaction in a partition are of one run"};
constexpr Rule kMarkerOfRun = {"K1", "atomic", "torn_transaction",
                               "the marker that ends a transaction was meant for it"};

void report(const CheckContext& context, const Rule& rule, const TailEntry& entry,
            uint64_t instance, const std::string& what) {
  if (!context.judges(rule)) return;
  const TopicPartition partition = context.change().partition->partition();
  if (context.ledger.partition_void(partition)) return;
  Violation violation = context.violation(rule,
                                          context.text(partition, entry.base) + " of producer " +
                                              context.text(entry.producer) + ": " + what,
                                          -1, instance);
  violation.subject.places.push_back({partition, entry.base, instance});
  // What K5 has seen when it was appended is the same violation.
  context.report(std::move(violation), rule.checker == "K5"
                                           ? context.text(partition) + context.text(entry.producer)
                                           : std::string(rule.text) + context.text(partition) +
                                                 std::to_string(entry.producer.id.value));
}

// Of a producer that a leader does not know. Without a transaction any sequence will do: a batch
// may overtake those before it, which still wait for an answer of the leader before.
bool begins_with_zero(const CheckContext& context, const TailEntry& entry) {
  return entry.transactional && context.promised(-1).first_sequence_is_zero;
}

}  // namespace

void PartitionInvariants::on_fact(const CheckContext& context) {
  const Change& change = context.change();
  if (change.lost_from.valid()) {
    const TopicPartition partition = change.partition->partition();
    producers_.erase_if([&](const auto& entry) { return entry.first.first == partition; });
  }
  for (const TailEntry& entry : change.passed) {
    if (!entry.producer.id.valid()) continue;
    Producer& known = producers_[{change.partition->partition(), entry.producer.id}];
    const int64_t silence_ms = (entry.appended_ns - known.last_ns) / 1'000'000;
    if (!known.data_epoch.valid() && silence_ms >= context.config.producer_expiration_ms) {
      known = {};
    }
    known.last_ns = entry.appended_ns;
    if (entry.producer.epoch < known.epoch) {
      report(context, kEpoch, entry, 0,
             "epoch " + std::to_string(known.epoch.value) + " was there before");
    }
    if (entry.marker) {
      on_marker(context, entry, known);
    } else {
      on_data(context, entry, known);
    }
  }
}

void PartitionInvariants::on_data(const CheckContext& context, const TailEntry& entry,
                                  Producer& known) {
  const kafka::RecordBatch& batch = context.shared().batches[entry.batch];
  if (batch.base_sequence.valid()) {
    const int64_t first = batch.base_sequence.value;
    if (known.epoch == entry.producer.epoch && known.last_sequence >= 0) {
      const int64_t next = known.last_sequence == INT32_MAX ? 0 : known.last_sequence + 1;
      if (first != next) {
        report(context, kSequence, entry, 0,
               "sequence " + std::to_string(first) + " follows " +
                   std::to_string(known.last_sequence));
      }
    } else if (first != 0 && (known.epoch.valid() || begins_with_zero(context, entry))) {
      report(context, kFirst, entry, 0, "its epoch begins with " + std::to_string(first));
    }
    known.last_sequence = batch.last_sequence().value;
  }
  known.epoch = std::max(known.epoch, entry.producer.epoch);
  if (!entry.transactional) return;
  const uint64_t instance = GhostAccess::open(batch.instance).number;
  const InstanceTruth* run = context.ledger.instance(instance);
  const int app =
      run == nullptr || !run->begun ? -1 : context.ledger.app_of(context.world, run->process);
  if (known.data_epoch.valid() && known.instance != instance &&
      context.promised(app).epoch_per_transaction) {
    report(context, kOneRun, entry, instance, "another run has a transaction open here");
  }
  if (!known.data_epoch.valid()) known.instance = instance;
  known.data_epoch = entry.producer.epoch;
}

void PartitionInvariants::on_marker(const CheckContext& context, const TailEntry& entry,
                                    Producer& known) {
  const kafka::RecordBatch& batch = context.shared().batches[entry.batch];
  const int64_t epoch = std::get<kafka::Marker>(batch.payload).coordinator_epoch.value;
  if (epoch < known.coordinator_epoch) {
    report(context, kCoordinator, entry, 0,
           "coordinator epoch " + std::to_string(epoch) + " follows " +
               std::to_string(known.coordinator_epoch));
  }
  const uint64_t instance = GhostAccess::open(batch.instance).number;
  const Promises promised = context.promised(-1);
  if (known.data_epoch.valid()) {
    const int ahead = entry.producer.epoch.value - known.data_epoch.value;
    if (promised.verifies_produce && promised.epoch_step_max > 0 &&
        ahead > promised.epoch_step_max) {
      report(context, kAhead, entry, instance,
             "its data has epoch " + std::to_string(known.data_epoch.value));
    }
    if (promised.strict_markers && instance != 0 && known.instance != instance) {
      report(context, kMarkerOfRun, entry, known.instance, "it was meant for another run");
    }
  }
  known.coordinator_epoch = std::max(known.coordinator_epoch, epoch);
  if (known.epoch != entry.producer.epoch) known.last_sequence = -1;
  known.epoch = std::max(known.epoch, entry.producer.epoch);
  known.data_epoch = {};
  known.instance = 0;
}

}  // namespace eosim::check
