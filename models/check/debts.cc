#include "models/check/debts.h"

#include <algorithm>

#include "models/check/check_context.h"

namespace eosim::check {
namespace {

// A producer inside a call, unless its process has died since.
bool in_call(const sim::World& world, const ProducerKey& key, const ProducerCall& call) {
  const bool waits = call.state == ProducerClientState::kInitializing ||
                     call.state == ProducerClientState::kCommittingTransaction ||
                     call.state == ProducerClientState::kAbortingTransaction;
  // Without a transactional id there is no such call: the sender thread asks for the producer id.
  return waits && Name{key.tid}.valid() && key.process.index < world.process_count() &&
         world.incarnation(key.process) == call.incarnation &&
         world.state(key.process) != sim::ProcessState::kDown &&
         world.state(key.process) != sim::ProcessState::kRemoved;
}

class Collector {
 public:
  Collector(const sim::World& world, const CheckConfig& config, const Ledger& ledger,
            const Observation& seen)
      : findings_(0), text_(world, config, ledger, findings_), seen_(seen) {}

  std::vector<Debt> all() {
    inputs();
    readers();
    calls();
    transactions();
    pending_offsets();
    stable_offsets();
    replicas();
    if (text_.world.orphans() > 0) {
      add(DebtKind::kOrphan, std::to_string(text_.world.orphans()) + " requests",
          "their arrival over connections that have ended");
    }
    if (!seen_.complete && seen_.leaderless.empty() && seen_.loading.empty()) {
      add(DebtKind::kBroker, "the cluster", "a broker that is down or loads");
    }
    return std::move(debts_);
  }

 private:
  Debt& add(DebtKind kind, std::string who, std::string waits_for) {
    Debt debt;
    debt.kind = kind;
    debt.who = std::move(who);
    debt.waits_for = std::move(waits_for);
    debts_.push_back(std::move(debt));
    return debts_.back();
  }

  void inputs() {
    text_.ledger.visit_inputs([&](size_t app, Name group, TopicPartition partition,
                                  const PartitionTruth& truth) {
      const GroupTruth* known = text_.ledger.group(group);
      const OffsetTruth* committed = known == nullptr ? nullptr : known->committed.find(partition);
      if (known != nullptr && known->leaves_out(partition)) {
        Debt& debt =
            add(DebtKind::kOwner, text_.text(partition), "an owner in group " + text_.text(group));
        debt.partition = partition;
        debt.group = group;
        debt.app = static_cast<int>(app);
      }
      const Offset next = committed == nullptr ? Offset{0} : committed->offset;
      if (!truth.last_visible().valid() || truth.last_visible() < next) return;
      Debt& debt = add(DebtKind::kInput, text_.text(partition, next),
                       "a commit of group " + text_.text(group) + " up to " +
                           std::to_string(truth.last_visible().value + 1));
      debt.partition = partition;
      debt.group = group;
      debt.app = static_cast<int>(app);
    });
  }

  void readers() {
    for (const sim::ProcessId auditor : text_.config.auditors) {
      for (const auto& [key, reader] : text_.ledger.readers()) {
        if (key.process != auditor || !reader.cursor.valid()) continue;
        const PartitionTruth* truth = text_.ledger.partition(key.partition);
        if (truth == nullptr) continue;
        const Offset next = truth->first_visible(reader.cursor, truth->end());
        if (!next.valid()) continue;
        Debt& debt = add(DebtKind::kReader, text_.process(auditor),
                         "record " + text_.text(key.partition, next));
        debt.partition = key.partition;
      }
    }
  }

  void calls() {
    for (const auto& [key, call] : text_.ledger.producers()) {
      if (!in_call(text_.world, key, call)) continue;
      Debt& debt =
          add(DebtKind::kCall, text_.process(key.process) + " (" + text_.text(Name{key.tid}) + ")",
              "the end of a call: the producer is " + std::string(kafka::word(call.state)));
      debt.tid = Name{key.tid};
      debt.app = text_.ledger.app_of(text_.world, key.process);
    }
  }

  void transactions() {
    if (seen_.complete) {
      for (const TransactionSeen& seen : seen_.transactions) {
        if (!seen.waits_for.empty()) transaction(seen.tid, seen.state, seen.waits_for, seen.due);
      }
      return;
    }
    for (const auto& [name, truth] : text_.ledger.transactional_ids()) {
      if (truth.unfinished()) transaction(Name{name}, truth.state, "its end", true);
    }
  }

  void transaction(Name tid, int state, const std::string& waits_for, bool due) {
    Debt& debt = add(DebtKind::kTransaction,
                     "transaction of " + text_.text(tid) + " in " + CheckContext::state_word(state),
                     waits_for);
    debt.tid = tid;
    debt.due = due;
    const TransactionalIdTruth* truth = text_.ledger.transactional_id(tid);
    if (truth == nullptr) return;
    debt.producer = truth->current.id;
    const InstanceTruth* run = text_.ledger.instance(truth->instance);
    if (run != nullptr && run->begun) debt.app = text_.ledger.app_of(text_.world, run->process);
  }

  void pending_offsets() {
    const auto pending = [&](Name group, const PendingOffsetTruth& offset) {
      Debt& debt = add(DebtKind::kPendingOffset,
                       "offset " + text_.text(offset.partition, offset.offset) + " of group " +
                           text_.text(group),
                       "a marker of producer " + std::to_string(offset.producer.value));
      debt.group = group;
      debt.producer = offset.producer;
      debt.partition = offset.partition;
    };
    if (seen_.complete) {
      for (const GroupSeen& group : seen_.groups) {
        for (const PendingOffsetTruth& offset : group.pending) pending(group.group, offset);
      }
      return;
    }
    for (const auto& [name, group] : text_.ledger.groups()) {
      for (const PendingOffsetTruth& offset : group.pending) pending(Name{name}, offset);
    }
  }

  void stable_offsets() {
    if (seen_.complete) {
      for (const PartitionSeen& p : seen_.partitions)
        stable(p.partition, p.stable, p.high_watermark);
      return;
    }
    for (const auto& [partition, truth] : text_.ledger.partitions()) {
      stable(partition, truth.stable(), truth.high_watermark());
    }
  }

  void replicas() {
    for (const PartitionSeen& p : seen_.partitions) {
      for (const PartitionSeen::Copy& copy : p.copies) {
        if (copy.end >= p.end && copy.in_sync) continue;
        const std::string who = text_.process(copy.broker) + " of " + text_.text(p.partition);
        if (copy.end < p.end) {
          add(DebtKind::kReplica, who, "records up to " + std::to_string(p.end.value)).partition =
              p.partition;
        } else {
          add(DebtKind::kReplica, who, "a place among the in-sync replicas").partition =
              p.partition;
        }
      }
      if (p.high_watermark < p.end) {
        add(DebtKind::kReplica, "the high watermark " + text_.text(p.partition, p.high_watermark),
            "its replicas (log end " + std::to_string(p.end.value) + ")")
            .partition = p.partition;
      }
    }
    for (const TopicPartition p : seen_.leaderless) {
      add(DebtKind::kLeader, text_.text(p), "a leader").partition = p;
    }
    for (const TopicPartition p : seen_.loading) {
      add(DebtKind::kBroker, "the coordinator of " + text_.text(p), "the end of its load");
    }
  }

  void stable(TopicPartition partition, Offset stable, Offset high_watermark) {
    if (stable >= high_watermark) return;
    Debt& debt = add(DebtKind::kStableOffset, "last stable offset " + text_.text(partition, stable),
                     "a marker (high watermark " + std::to_string(high_watermark.value) + ")");
    debt.partition = partition;
  }

  Findings findings_;
  CheckContext text_;
  const Observation& seen_;
  std::vector<Debt> debts_;
};

}  // namespace

bool maybe_quiet(const sim::World& world, const Ledger& ledger) {
  if (ledger.lagging_inputs() > 0 || ledger.unfinished_transactions() > 0) return false;
  if (ledger.pending_offsets() > 0 || ledger.unstable_partitions() > 0) return false;
  if (world.orphans() > 0) return false;
  return std::none_of(ledger.producers().begin(), ledger.producers().end(),
                      [&](const auto& entry) { return in_call(world, entry.first, entry.second); });
}

std::vector<Debt> debts(const sim::World& world, const CheckConfig& config, const Ledger& ledger,
                        const Observation& seen) {
  std::vector<Debt> all = Collector(world, config, ledger, seen).all();
  // Tables are in the order of ids: what is shown is in the order of the text.
  std::stable_sort(all.begin(), all.end(), [](const Debt& a, const Debt& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.who < b.who;
  });
  return all;
}

}  // namespace eosim::check
