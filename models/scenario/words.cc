#include "models/scenario/words.h"

#include <algorithm>

#include "models/app/mistakes.h"
#include "models/protocol/events.h"
#include "models/protocol/messages.h"
#include "models/protocol/switches.h"
#include "sim/assert.h"

namespace eosim::scenario {
namespace {

// Presets, switches, RPCs and events are models/protocol's, mistakes are models/app's; here they
// are only listed.
std::vector<Word> preset_words() {
  std::vector<Word> out;
  for (const kafka::Preset& preset : kafka::presets()) out.push_back({preset.name, preset.era});
  return out;
}

std::vector<Word> switch_words() {
  std::vector<Word> out;
  for (const auto& group : kafka::switch_groups()) out.push_back({group.name, group.doc});
  for (size_t i = 0; i < kafka::kSwitchCount; ++i) {
    const auto& info = kafka::switch_info(static_cast<kafka::Switch>(i));
    out.push_back({info.name, info.doc});
  }
  return out;
}

std::vector<Word> rpc_words() {
  std::vector<Word> out;
  for (size_t i = 0; i < kafka::kRpcCount; ++i) {
    out.push_back({kafka::rpc_name(static_cast<kafka::Rpc>(i)), ""});
  }
  return out;
}

std::vector<Word> mistake_words() {
  std::vector<Word> out;
  for (const kafka::MistakeInfo& info : kafka::mistake_infos())
    out.push_back({info.name, info.doc});
  return out;
}

std::vector<Word> event_words() {
  std::vector<Word> out;
  for (const sim::EventKind& kind : kafka::event_kinds()) out.push_back({kind.name, ""});
  return out;
}

constexpr Word kGuaranteeWords[] = {
    {"at_least_once", "an idempotent producer a thread; offsets are committed after the outputs"},
    {"exactly_once", "a transactional producer an input partition; the safe way before KIP-447"},
    {"exactly_once_v2", "a transactional producer a thread, offsets with group metadata (KIP-447)"},
    {"exactly_once_beta", "the first name of exactly_once_v2"},
    {"exactly_once_unfenced", "a transactional producer a thread, offsets without group metadata"},
};

constexpr Word kOffsetMetadataWords[] = {
    {"group_id", "the group's id alone: nothing fences them by generation"},
    {"full", "member id and generation, too (KIP-447)"},
};

constexpr Word kAppKindWords[] = {
    {"consume-transform-produce", "plain consumer and producer in a loop"},
    {"streams", "Kafka Streams: threads, tasks, stores with changelogs"},
    {"transactional-producer", "writes transactions, commits some and aborts others"},
    {"idempotent-producer", "writes without transactions"},
    {"consumer-group", "plain consumer: consumes and commits its offsets"},
};
constexpr Word kTransformWords[] = {{"map", "each input record becomes fan_out output records"}};
constexpr Word kTopologyWords[] = {
    {"map", "stateless: each input record becomes fan_out output records"},
    {"count", "stateful: counts the records of a key, and writes each new count"},
};
constexpr Word kArrivalWords[] = {{"even", "records evenly spaced"},
                                  {"poisson", "exponential gaps with the same mean"}};
constexpr Word kIsolationWords[] = {{"read_committed", "sees committed transactions only"},
                                    {"read_uncommitted", "sees everything"}};

constexpr Word kFaultWords[] = {
    {"crash", "a process dies at once; memory is gone, disk stays; restarts after `for`"},
    {"power_loss", "as crash, and what was not flushed to disk is gone too"},
    {"disk_loss", "as crash, and the disk comes back empty"},
    {"restart",
     "a broker or an instance stops in order, and starts `for` later or when it has ended"},
    {"pause", "a whole process stands still, then goes on: this makes zombies"},
    {"stall", "only the polling thread of an application stands still; heartbeats go on"},
    {"partition", "messages between two sets of hosts are held"},
    {"reset_connection", "a connection breaks; what was sent may still arrive later"},
    {"delay", "one message, or all of a kind, is late by `by`"},
    {"drop_response", "a request is handled, its response never arrives"},
    {"slow_link", "latency times `factor` for a while"},
    {"slow_disk", "flushes take 1 ms times `factor`, and each write keeps the process busy"},
    {"slow_cpu", "each step keeps the process busy for 50 us times `factor`"},
    {"slow_controller", "the controller's answers leave later by `by`"},
    {"slow_metadata", "a broker applies new metadata later by `by`"},
    {"clock_jump", "the wall clock of a process jumps by `by`"},
    {"clock_drift", "the clock of a process runs fast or slow by `ppm`"},
    {"rebalance", "the group of `app` rebalances"},
    {"add_instance", "`app` gets one more instance"},
    {"remove_instance", "an instance of `app` leaves for good"},
    {"move_leader", "another in-sync replica leads: `to`, or the next one"},
    {"move_coordinator", "the same, for the partition of a coordinator"},
    {"unclean_election", "a replica leads with an in-sync set of its own, whatever it has"},
    {"abort_transaction",
     "an operator looks for hanging transactions in `partition`, and aborts them"},
    {"rolling_bounce",
     "instances or brokers restart one after another, with new `set` values: an upgrade"},
    {"upgrade_features",
     "the cluster finalises features (transaction.version, ELR) that all its brokers have"},
};

constexpr Word kPhaseWords[] = {{"sent", "the request left"},
                                {"delivered", "the request reached the process"},
                                {"handled", "the response is ready to leave"},
                                {"responded", "the response reached the client"}};
constexpr Word kDirectionWords[] = {{"both", "messages in both directions are held"},
                                    {"to", "messages to `between` are held"},
                                    {"from", "messages from `between` are held"}};
constexpr Word kMessageWords[] = {{"request", ""}, {"response", ""}};
constexpr Word kIntensityWords[] = {{"calm", ""}, {"rough", ""}, {"storm", ""}};

constexpr Word kCheckerWords[] = {
    {"K1", "atomic: a transaction is visible whole or not at all, and its client knows"},
    {"K2", "read_committed: nothing aborted or open is read, nothing committed is missed"},
    {"K3", "effect_once: each input record has exactly one committed effect"},
    {"K4", "durable_ack: what was acknowledged is there, once and in order"},
    {"K5", "fence: nothing that a fenced producer sent later becomes visible"},
    {"K6", "lso: no partition is held back by a transaction that its coordinator does not know"},
    {"K7", "progress: everything that waits comes to an end"},
    {"K8", "justified_error: an error has a cause"},
    {"K9", "replay: a state built from its log is the one that lived"},
    {"K10", "replica: replicas agree below the high watermark, and logs keep their order"},
    {"K11", "machine: the coordinators' state machines take legal steps"},
    {"K12", "assign: no partition has two owners in one generation"},
    {"K13", "offsets: committed offsets neither run back nor get lost, and none is told too early"},
    {"K14", "table: a table holds each update of its input once"},
};

constexpr Word kViolationWords[] = {
    {"torn_transaction", "K1: a part of a transaction is visible"},
    {"client_misinformed", "K1: the client was told another outcome"},
    {"aborted_read", "K2: read_committed returned an aborted record"},
    {"dirty_read", "K2: read_committed returned a record of an open transaction"},
    {"lost_committed_read", "K2: read_committed skipped a committed record"},
    {"repeated_read", "K2: read_committed returned a record twice, or out of order"},
    {"duplicate_output", "K3: two committed effects of one input record"},
    {"lost_output", "K3: no committed effect of an input record"},
    {"out_of_order_output", "K3: effects in another order than their inputs"},
    {"lost_acknowledged_write", "K4: an acknowledged batch is in no log"},
    {"duplicate_acknowledged_write", "K4: an acknowledged batch is there twice"},
    {"reordered_write", "K4: batches of a producer stand in another order than it sent them"},
    {"zombie_write", "K5: a write of a fenced producer became visible"},
    {"hanging_transaction", "K6: open in a partition, unknown to the coordinator"},
    {"stuck_transaction", "K7: the coordinator never finishes it"},
    {"no_progress", "K7: anything else that waits for ever"},
    {"unjustified_error", "K8: an error without a cause"},
    {"replay_mismatch", "K9: what the log says is not what the cache says"},
    {"replica_divergence", "K10: two replicas differ below both high watermarks"},
    {"log_regression", "K10: a log, a high watermark or an epoch ran back"},
    {"illegal_transition", "K11: a step that the state machine does not have"},
    {"double_ownership", "K12: one partition, two owners"},
    {"unowned_partition", "K12: one partition, and after settling no owner"},
    {"offset_regression", "K13: a committed offset ran back"},
    {"offset_lost", "K13: a committed offset is gone"},
    {"undecided_offset", "K13: a stable offset was told while one was undecided"},
    {"lost_update", "K14: a table misses an update that its input owes it"},
    {"double_update", "K14: a table has an update twice, or one that was aborted"},
};

constexpr Word kVerdictWords[] = {{"pass", "no violation of any checker"}};

constexpr Word kMetricWords[] = {
    {"records.in", "records that sources wrote"},
    {"records.out", "output records that were committed"},
    {"records.delivered", "output records that auditors read, and what a consumer-group reads"},
    {"throughput.offered", "records a second that sources wrote"},
    {"throughput.delivered", "records a second that auditors read"},
    {"producers.total", "producers that were made"},
    {"producers.transactional", "transactional producers that were made"},
    {"producers.live", "producers that there are, at that moment"},
    {"bounces", "processes that rolling bounces have brought back"},
    {"connections.opened", "connections that were opened, all together"},
    {"connections.producer", "connections that producers of applications opened"},
    {"connections.consumer", "connections that consumers of applications opened"},
    {"connections.source", "connections that sources opened"},
    {"connections.auditor", "connections that auditors opened"},
    {"connections.broker", "connections that brokers opened to one another and the controller"},
    {"connections.operator", "connections that an operator's tool opened"},
    {"transactions.begun", "transactions that were begun"},
    {"transactions.committed", "transactions that were committed"},
    {"transactions.aborted", "transactions that were aborted"},
    {"transactions.timed_out", "transactions that a coordinator aborted for their age"},
    {"requests.*", "requests sent, by RPC"},
    {"retries.*", "requests sent again, by RPC"},
    {"requests_late", "requests that arrived after their connection had ended"},
    {"markers.written", "transaction markers written to partitions"},
    {"appends.leader", "batches that leaders appended"},
    {"appends.replica", "batches that followers copied"},
    {"elections", "leaders that the controller named anew"},
    {"elections.unclean", "of these, from outside the in-sync replicas"},
    {"isr.shrinks", "times that replicas left the in-sync replicas"},
    {"isr.expands", "times that replicas came back to them"},
    {"truncations", "cuts of a log that had parted from its leader's"},
    {"truncations.records", "records that were cut"},
    {"appends.state_log", "records that transaction coordinators appended to their log"},
    {"init_producer_id.completed", "InitProducerId requests answered without error"},
    {"offsets.committed", "offsets that became current in a group"},
    {"rebalances", "rebalances that were completed"},
    {"fencings", "requests refused because their producer was fenced"},
    {"blocked_ns.application", "time that polling threads waited in calls other than poll"},
    {"blocked_ns.sender", "time that producers' senders waited to connect or before a retry"},
    {"latency.end_to_end.p50_ns", "from a source to an auditor, median"},
    {"latency.end_to_end.p90_ns", "90 %"},
    {"latency.end_to_end.p99_ns", "99 %"},
    {"latency.end_to_end.max_ns", "longest"},
    {"latency.end_to_end.mean_ns", "mean"},
    {"latency.takeover.p50_ns", "from an assignment to a new owner's first commit, median"},
    {"latency.takeover.p90_ns", "90 %"},
    {"latency.takeover.p99_ns", "99 %"},
    {"latency.takeover.max_ns", "longest"},
    {"latency.takeover.mean_ns", "mean"},
    {"violations.*", "violations, by kind"},
    {"faults.*", "faults that struck, by kind"},
};

// "requests.EndTxn" belongs to "requests.*" when EndTxn is an RPC, and so on.
bool is_metric_of_family(std::string_view family, std::string_view name) {
  const std::string_view prefix = family.substr(0, family.size() - 1);
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return false;
  const std::string_view rest = name.substr(prefix.size());
  if (prefix == "requests." || prefix == "retries.") return is_word(Words::kRpcs, rest);
  if (prefix == "violations.") return is_word(Words::kViolations, rest);
  EOSIM_ASSERT(prefix == "faults.");
  return is_word(Words::kFaults, rest);
}

}  // namespace

std::span<const Word> words(Words list) {
  static const std::vector<Word> kPresetWords = preset_words();
  static const std::vector<Word> kSwitchWords = switch_words();
  static const std::vector<Word> kRpcWords = rpc_words();
  static const std::vector<Word> kEventWords = event_words();
  static const std::vector<Word> kMistakeWords = mistake_words();
  switch (list) {
    case Words::kNone:
      return {};
    case Words::kPresets:
      return kPresetWords;
    case Words::kSwitches:
      return kSwitchWords;
    case Words::kGuarantees:
      return kGuaranteeWords;
    case Words::kOffsetMetadata:
      return kOffsetMetadataWords;
    case Words::kAppKinds:
      return kAppKindWords;
    case Words::kMistakes:
      return kMistakeWords;
    case Words::kTransforms:
      return kTransformWords;
    case Words::kTopologies:
      return kTopologyWords;
    case Words::kArrivals:
      return kArrivalWords;
    case Words::kIsolation:
      return kIsolationWords;
    case Words::kFaults:
      return kFaultWords;
    case Words::kRpcs:
      return kRpcWords;
    case Words::kPhases:
      return kPhaseWords;
    case Words::kDirections:
      return kDirectionWords;
    case Words::kMessageParts:
      return kMessageWords;
    case Words::kIntensities:
      return kIntensityWords;
    case Words::kCheckers:
      return kCheckerWords;
    case Words::kViolations:
      return kViolationWords;
    case Words::kVerdicts:
      return kVerdictWords;
    case Words::kMetrics:
      return kMetricWords;
    case Words::kEvents:
      return kEventWords;
  }
  sim::invariant_broken("a list of words that exists", __FILE__, __LINE__);
}

std::vector<std::string> names(Words list) {
  std::vector<std::string> out;
  for (const Word& word : words(list)) out.emplace_back(word.name);
  return out;
}

bool is_word(Words list, std::string_view name) {
  const auto all = words(list);
  return std::any_of(all.begin(), all.end(), [&](const Word& word) {
    const std::string_view known = word.name;
    return known == name || (known.ends_with('*') && is_metric_of_family(known, name));
  });
}

std::string_view canonical_guarantee(std::string_view name) {
  return name == "exactly_once_beta" ? "exactly_once_v2" : name;
}

bool is_violation_or_signature(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || text[end] == '_')) ++end;
  return is_word(Words::kViolations, text.substr(0, end));
}

}  // namespace eosim::scenario
