#include "models/check/k10_rules.h"

#include <algorithm>

#include "models/check/facts_replication.h"

namespace eosim::check::k10 {
namespace {

constexpr Rule kDiverged = {"K10", "replica", "replica_divergence",
                            "copies agree below the smaller of their high watermarks"};
constexpr Rule kProducers = {"K10", "replica", "replica_divergence",
                             "copies of the same length know the same of their producers"};
constexpr Rule kLost = {"K10", "replica", "log_regression",
                        "what was below a high watermark is in the log of every later leader"};
constexpr Rule kTwoLeaders = {"K10", "replica", "log_regression", "a leader epoch has one leader"};
constexpr Rule kEpochs = {"K10", "replica", "log_regression",
                          "the epochs of a partition only grow"};
constexpr Rule kWatermark = {"K10", "replica", "log_regression",
                             "in the term of a leader its high watermark only grows"};
constexpr Rule kStable = {"K10", "replica", "log_regression",
                          "in the term of a leader its last stable offset only grows"};
constexpr Rule kOrder = {"K10", "replica", "log_regression",
                         "log start, last stable offset, high watermark and log end are in order"};
constexpr Rule kEpochCache = {"K10", "replica", "log_regression",
                              "the leader epochs of a log grow with its offsets"};
constexpr Rule kInSync = {"K10", "replica", "log_regression",
                          "a replica in sync has all that is below its leader's high watermark"};
constexpr Rule kMembers = {"K10", "replica", "log_regression",
                           "the in-sync replicas are some, and the leader is one of them"};

std::string number(Offset offset) { return std::to_string(offset.value); }

// Broker numbers are those of the processes, in the order of their names.
int broker_number(const CheckContext& context, sim::ProcessId broker) {
  const auto& all = context.config.brokers;
  const auto at = std::find(all.begin(), all.end(), broker);
  return at == all.end() ? -1 : static_cast<int>(at - all.begin());
}

constexpr Rule kSameEpoch = {"K10", "replica", "replica_divergence",
                             "a leader epoch has one batch at an offset, in every log"};
constexpr Rule kCoordinates = {"K10", "replica", "log_regression",
                               "who coordinates a partition leads it, in the term that it loaded"};
constexpr Rule kInstances = {"K12", "assign", "double_ownership",
                             "an instance id has at most one member"};

}  // namespace

const Rule kTruncated = {"K10", "replica", "log_regression",
                         "a replica cuts nothing that is below its high watermark"};

void report(const CheckContext& context, const Rule& rule, TopicPartition partition, Offset offset,
            std::string summary) {
  Violation violation =
      context.violation(rule, context.text(partition) + ": " + std::move(summary), -1, 0);
  violation.subject.places.push_back({partition, offset, 0});
  violation.details = {{"partition", context.text(partition)}};
  context.report(std::move(violation), std::string(rule.text) + context.text(partition));
}

void leader_started(const CheckContext& context) {
  const auto fact = read<LeaderStarted>(*context.event);
  const TermTruth& before = context.change().term_before;
  if (before.told && before.epoch == fact.leader_epoch && before.leader != context.event->process) {
    report(context, kTwoLeaders, fact.partition, fact.end,
           context.process(before.leader) + " and " + context.process(context.event->process) +
               " lead in epoch " + std::to_string(fact.leader_epoch));
  }
  if (fact.high_watermark > fact.end) {
    report(context, kOrder, fact.partition, fact.end,
           "the high watermark " + number(fact.high_watermark) + " is beyond the end " +
               number(fact.end));
  }
}

void lost(const CheckContext& context) {
  const Change& change = context.change();
  if (change.lost_explained || change.partition->void_from.valid()) return;
  report(context, kLost, change.partition->partition(), change.lost_from,
         context.process(context.event->process) + " begins to lead with the end " +
             number(change.lost_from) + ", and more was committed");
}

void replaced(const CheckContext& context) {
  const Change& change = context.change();
  if (!change.replaced || change.partition->void_from.valid()) return;
  report(context, kLost, change.partition->partition(), change.replaced->base,
         "the leader of epoch " + std::to_string(change.partition->term().epoch) +
             " has another batch at " + number(change.replaced->base));
}

void high_watermark(const CheckContext& context) {
  const Change& change = context.change();
  if (change.deposed) return;
  const auto fact = read<LogOffset>(*context.event);
  if (fact.offset < change.high_watermark_before) {
    report(context, kWatermark, fact.partition, fact.offset,
           "the high watermark goes from " + number(change.high_watermark_before) + " to " +
               number(fact.offset));
  }
  if (fact.offset > change.partition->log_end()) {
    report(context, kOrder, fact.partition, fact.offset,
           "the high watermark " + number(fact.offset) + " is beyond the end " +
               number(change.partition->log_end()));
  }
}

void stable_offset(const CheckContext& context) {
  const Change& change = context.change();
  if (change.deposed) return;
  const auto fact = read<LogOffset>(*context.event);
  if (fact.offset < change.stable_before) {
    report(context, kStable, fact.partition, fact.offset,
           "the last stable offset goes from " + number(change.stable_before) + " to " +
               number(fact.offset));
  }
  if (fact.offset > change.partition->high_watermark()) {
    report(context, kOrder, fact.partition, fact.offset,
           "the last stable offset " + number(fact.offset) + " is beyond the high watermark " +
               number(change.partition->high_watermark()));
  }
}

void partition_changed(const CheckContext& context) {
  const auto fact = read<PartitionChanged>(*context.event);
  const ControllerTruth& before = context.change().controller_before;
  if (before.known &&
      (fact.leader_epoch < before.leader_epoch || fact.partition_epoch <= before.partition_epoch)) {
    report(context, kEpochs, fact.partition, {},
           "epochs go from " + std::to_string(before.leader_epoch) + "/" +
               std::to_string(before.partition_epoch) + " to " + std::to_string(fact.leader_epoch) +
               "/" + std::to_string(fact.partition_epoch));
  }
  const bool alone = fact.isr == 0 && context.promised(-1).some_in_sync;
  const bool outside = fact.leader >= 0 && ((fact.isr >> fact.leader) & 1) == 0;
  if (alone || outside) {
    report(context, kMembers, fact.partition, {},
           outside ? "broker-" + std::to_string(fact.leader) + " leads and is not in sync"
                   : "nobody is in sync");
  }
}

void order_of(const CheckContext& context, TopicPartition partition, const ReplicaSeen& replica) {
  const kafka::PartitionLog& log = *replica.log;
  if (log.log_start_offset() > log.last_stable_offset() ||
      log.last_stable_offset() > log.high_watermark() ||
      log.high_watermark() > log.log_end_offset()) {
    report(context, kOrder, partition, log.high_watermark(),
           "at " + context.process(replica.broker) + " the offsets are " +
               number(log.log_start_offset()) + ", " + number(log.last_stable_offset()) + ", " +
               number(log.high_watermark()) + ", " + number(log.log_end_offset()));
  }
  const auto epochs = log.leader_epochs().all();
  for (size_t i = 1; i < epochs.size(); ++i) {
    if (epochs[i - 1].epoch < epochs[i].epoch &&
        epochs[i - 1].start_offset <= epochs[i].start_offset) {
      continue;
    }
    report(context, kEpochCache, partition, epochs[i].start_offset,
           "at " + context.process(replica.broker) + " epoch " +
               std::to_string(epochs[i].epoch.value) + " begins at " +
               number(epochs[i].start_offset));
  }
  const bool behind = !log.entries().empty() &&
                      (epochs.empty() || epochs.back().epoch < log.entries().back().leader_epoch);
  if (behind) {
    report(context, kEpochCache, partition, log.log_end_offset(),
           "at " + context.process(replica.broker) + " the last batch is of no known epoch");
  }
}

void in_sync(const CheckContext& context, TopicPartition partition, const ReplicaSeen& leader,
             const ReplicaSeen& other) {
  const PartitionTruth* truth = context.ledger.partition(partition);
  const int broker = broker_number(context, other.broker);
  if (truth == nullptr || !truth->controller.known || broker < 0) return;
  if (((truth->controller.isr >> broker) & 1) == 0) return;
  // Only the leader of the newest term, and in the controller's words, too.
  if (truth->controller.leader_epoch != leader.leader_epoch.value) return;
  const ReplicaTruth* copy = truth->find_replica(other.broker);
  if (copy != nullptr && copy->short_of.valid()) return;  // its disk has lost something
  if (other.log->log_end_offset() >= leader.log->high_watermark()) return;
  report(context, kInSync, partition, other.log->log_end_offset(),
         context.process(other.broker) + " is in sync and ends at " +
             number(other.log->log_end_offset()) + ", the high watermark is " +
             number(leader.log->high_watermark()));
}

void diverged(const CheckContext& context, TopicPartition partition, const ReplicaSeen& leader,
              const ReplicaSeen& other, const kafka::LogEntry& mine, const kafka::LogEntry& its) {
  report(context, kDiverged, partition, std::min(mine.base_offset, its.base_offset),
         context.process(leader.broker) + " has a batch of epoch " +
             std::to_string(mine.leader_epoch.value) + " at " + number(mine.base_offset) + ", " +
             context.process(other.broker) + " one of epoch " +
             std::to_string(its.leader_epoch.value) + " at " + number(its.base_offset));
}

void same_epoch(const CheckContext& context, TopicPartition partition, const ReplicaSeen& one,
                const ReplicaSeen& other, const kafka::LogEntry& at) {
  report(context, kSameEpoch, partition, at.base_offset,
         context.process(one.broker) + " and " + context.process(other.broker) +
             " have different batches of epoch " + std::to_string(at.leader_epoch.value) + " at " +
             number(at.base_offset));
}

void coordinators(const CheckContext& context, const ClusterView& view) {
  for (const CoordinatorFault& fault :
       view.coordinator_faults(context.world, context.config.brokers)) {
    if (fault.kind == CoordinatorFault::Kind::kNotLeader) {
      report(context, kCoordinates, fault.log, {},
             context.process(fault.broker) + " coordinates it and does not lead it");
    } else if (context.config.on(Checker::kK12)) {
      report(context, kInstances, fault.log, {},
             "group " + context.text(fault.group) + " has two members of the instance " +
                 context.text(fault.instance));
    }
  }
}

// Each copy forgets producers by its own clock: those that both know are compared.
void producers(const CheckContext& context, TopicPartition partition, const ReplicaSeen& leader,
               const ReplicaSeen& other) {
  const bool level = leader.log->log_end_offset() == other.log->log_end_offset() &&
                     leader.log->high_watermark() == leader.log->log_end_offset();
  if (!level) return;
  for (const kafka::ProducerEntry& mine : leader.log->producers()) {
    const kafka::ProducerEntry* its = other.log->find_producer(mine.id);
    if (its == nullptr) continue;
    const bool sequences =
        mine.last_sequence() == its->last_sequence() || mine.window.empty() || its->window.empty();
    if (mine.epoch == its->epoch && mine.coordinator_epoch == its->coordinator_epoch &&
        mine.open_transaction == its->open_transaction && sequences) {
      continue;
    }
    report(context, kProducers, partition, leader.log->log_end_offset(),
           context.process(leader.broker) + " and " + context.process(other.broker) +
               " do not know the same of producer " + std::to_string(mine.id.value));
  }
}

}  // namespace eosim::check::k10
