#include "models/check/story.h"

#include <algorithm>

#include "models/check/facts_replication.h"
#include "models/check/story_lines.h"
#include "models/protocol/errors.h"
#include "models/protocol/words.h"

namespace eosim::check {
namespace {

const kafka::KafkaShared& shared(const sim::World& world) {
  return static_cast<const kafka::KafkaShared&>(world.shared());
}

std::string at_text(const sim::World& world, TopicPartition partition, Offset offset) {
  return shared(world).partition_name(partition) + "@" + std::to_string(offset.value);
}

std::string pair_text(ProducerIdAndEpoch producer) {
  return std::to_string(producer.id.value) + "/" + std::to_string(producer.epoch.value);
}

// "app-0/1" -> "app-0"
std::string process_part(std::string_view client) {
  return std::string(client.substr(0, client.find('/')));
}

// Of what a dead connection had sent, these can still change something when they arrive.
bool matters_when_late(std::string_view rpc) {
  constexpr std::string_view kRpcs[] = {"Produce",         "InitProducerId", "AddPartitionsToTxn",
                                        "AddOffsetsToTxn", "EndTxn",         "TxnOffsetCommit",
                                        "OffsetCommit",    "WriteTxnMarkers"};
  return std::find(std::begin(kRpcs), std::end(kRpcs), rpc) != std::end(kRpcs);
}

}  // namespace

StoryObserver::StoryObserver(CheckConfig config, Violation violation)
    : violation_(std::move(violation)), ledger_(config), processes_(violation_.subject.processes) {}

void StoryObserver::add(int64_t at_ns, Weight weight, sim::ProcessId process, std::string text) {
  Line line;
  line.at_ns = at_ns;
  line.weight = weight;
  line.process = process;
  line.text = std::move(text);
  lines_.push_back(std::move(line));
}

bool StoryObserver::involved(sim::ProcessId process) const {
  return std::find(processes_.begin(), processes_.end(), process) != processes_.end();
}

bool StoryObserver::is_instance(uint64_t number) const {
  const auto& all = violation_.subject.instances;
  return number != 0 && std::find(all.begin(), all.end(), number) != all.end();
}

bool StoryObserver::involved(Name tid) const {
  if (!tid.valid()) return false;
  if (tid == violation_.subject.transactional_id) return true;
  return std::any_of(violation_.subject.instances.begin(), violation_.subject.instances.end(),
                     [&](uint64_t number) {
                       const InstanceTruth* run = ledger_.instance(number);
                       return run != nullptr && run->tid == tid;
                     });
}

const Place* StoryObserver::place(TopicPartition partition, Offset offset) const {
  for (const Place& place : violation_.subject.places) {
    if (place.partition == partition && place.offset == offset) return &place;
  }
  return nullptr;
}

std::string StoryObserver::member(const sim::World& world, Name member) const {
  for (const auto& [id, client] : clients_) {
    if (id == member) return process_part(shared(world).names.text(client));
  }
  return std::string(shared(world).names.text(member));
}

// ", transaction of producer 1001/0 open on output-0": what a fault finds its victim in.
std::string StoryObserver::open_work(const sim::World& world, sim::ProcessId process) const {
  for (auto run = ledger_.instances().rbegin(); run != ledger_.instances().rend(); ++run) {
    if (run->process != process || !run->begun || run->told) continue;
    if (!run->wrote()) return "";
    std::string text = ", transaction of producer " + pair_text(run->producer) + " open on ";
    bool offsets = false;
    bool first = true;
    for (const InstanceWork& work : run->work) {
      if (ledger_.is_offsets(work.partition)) {
        offsets = true;
        continue;
      }
      if (!first) text += ", ";
      text += shared(world).partition_name(work.partition);
      first = false;
    }
    if (run->decision != Decision::kNone) return text + ", decided";
    if (offsets) return text + ", offsets sent";
    const TopicPartition input = violation_.subject.input;
    if (!input.valid()) return text;
    return text + ", offsets of " + shared(world).partition_name(input) + " not sent";
  }
  return "";
}

void StoryObserver::on_kernel(const sim::World& world, const sim::KernelRecord& record) {
  const sim::ProcessId process = record.to;  // a fault's victim
  if (over(record.at.ns) || process == sim::kNoProcess) return;
  if (record.event == sim::KernelEvent::kDelivered && record.request && record.late) {
    const std::string rpc(world.message_name(record.kind));
    if (!matters_when_late(rpc)) return;
    std::string text(world.name(record.to));
    text += " gets a late ";
    text += rpc;
    text += " of ";
    text += world.name(record.from);
    // Markers come from brokers, which are nobody's in particular.
    const bool markers = rpc == "WriteTxnMarkers";
    add(record.at.ns, Weight::kCause, markers ? sim::kNoProcess : record.from, std::move(text));
    return;
  }
  const std::string name(world.name(process));
  if (record.event == sim::KernelEvent::kFaultBegan) {
    std::string text = name + " " + fault_begins(record.text);
    for (const sim::FaultRecord& fault : world.fault_records()) {
      if (fault.struck && fault.at == record.at && fault.spec.word == record.text &&
          fault.spec.length.ns > 0) {
        text += " for " + length_text(fault.spec.length.ns);
        break;
      }
    }
    add(record.at.ns, Weight::kCause, process, text + open_work(world, process));
    lines_.back().fault = true;
    lines_.back().began_ns = record.at.ns;
  } else if (record.event == sim::KernelEvent::kFaultEnded) {
    std::string text = name + " " + fault_ends(record.text);
    for (const auto& [tid, truth] : ledger_.transactional_ids()) {
      const InstanceTruth* run = ledger_.instance(truth.instance);
      if (run == nullptr || run->process != process || run->told) continue;
      text += truth.older(run->producer, truth.highest) ? ", its producer was fenced meanwhile"
                                                        : ", its producer epoch is still current";
      break;
    }
    int64_t began_ns = record.at.ns;
    for (const Line& line : lines_) {
      if (line.fault && line.process == process) began_ns = line.began_ns;
    }
    add(record.at.ns, Weight::kCause, process, std::move(text));
    lines_.back().fault_ends = true;
    lines_.back().began_ns = began_ns;
  }
}

void StoryObserver::on_event(const sim::World& world, const sim::TraceEvent& event) {
  if (over(event.at.ns)) return;
  ledger_.on_event(world, event);
  replica_facts(world, event);
  log_facts(world, event);
  transaction_facts(world, event);
  group_facts(world, event);
  consumer_facts(world, event);
  ledger_.end_event();
}

void StoryObserver::log_facts(const sim::World& world, const sim::TraceEvent& event) {
  const Change& change = ledger_.change();
  if (change.partition == nullptr) return;
  const TopicPartition partition = change.partition->partition();
  if (event.kind == kafka::event_id(Event::kLogAppended)) {
    const BatchTruth& batch = change.appended;
    for (const Place& p : violation_.subject.places) {
      if (p.partition != partition || p.offset < batch.base || p.offset > batch.last) continue;
      const std::string at = at_text(world, partition, p.offset);
      if (batch.fate == Fate::kPlain) {
        add(event.at.ns, Weight::kEffect, sim::kNoProcess,
            at + (change.deposed ? " is written to a log whose leader is deposed" : " is written"));
      } else if (change.instance != nullptr && change.instance->begun) {
        const sim::ProcessId by = change.instance->process;
        add(event.at.ns, Weight::kDetail, by, std::string(world.name(by)) + " writes " + at);
      }
    }
  } else {
    for (const BatchTruth& batch : change.closed) {
      for (const Place& p : violation_.subject.places) {
        if (p.partition != partition || p.offset < batch.base || p.offset > batch.last) continue;
        const InstanceTruth* run = ledger_.instance(batch.instance);
        const bool known = run != nullptr && run->begun;
        const std::string who =
            known ? std::string(world.name(run->process)) : std::string("a producer");
        add(event.at.ns, Weight::kEffect, known ? run->process : sim::kNoProcess,
            who + (batch.fate == Fate::kCommitted ? " commits: " : " aborts: ") +
                at_text(world, partition, p.offset));
      }
    }
  }
}

// Leaders of the partitions that the violation is about, and of the logs of its coordinators.
void StoryObserver::replica_facts(const sim::World& world, const sim::TraceEvent& event) {
  const auto kind = static_cast<Event>(event.kind.index);
  if (kind != Event::kLeaderStarted && kind != Event::kLogTruncated &&
      kind != Event::kUncleanElection) {
    return;
  }
  const TopicPartition partition = TopicPartition::unpacked(event.fields[0]);
  if (!concerns(partition)) return;
  const Change& change = ledger_.change();
  const std::string who(world.name(event.process));
  const std::string what = shared(world).partition_name(partition);
  if (kind == Event::kUncleanElection) {
    return add(event.at.ns, Weight::kCause, sim::kNoProcess,
               "the controller elects a leader of " + what + " that was not in sync");
  }
  if (kind == Event::kLogTruncated) {
    const auto fact = read<LogTruncated>(event);
    if (fact.from <= fact.end) return;
    return add(event.at.ns, Weight::kStep, sim::kNoProcess,
               who + " cuts " + what + " to " + std::to_string(fact.end.value) + ": " +
                   std::to_string(fact.from - fact.end) + " records");
  }
  const auto fact = read<LeaderStarted>(event);
  if (fact.leader_epoch == 0) return;  // as the run begins
  std::string text = who + " becomes leader of " + what + " in epoch " +
                     std::to_string(fact.leader_epoch) + " at " + std::to_string(fact.end.value);
  if (change.lost_from.valid()) {
    text += "; " + std::to_string(change.lost_records) + " committed records are lost";
  }
  add(event.at.ns, change.lost_from.valid() ? Weight::kCause : Weight::kStep, sim::kNoProcess,
      std::move(text));
}

bool StoryObserver::concerns(TopicPartition partition) const {
  if (partition == violation_.subject.input) return true;
  if (partition == ledger_.log_of_group(violation_.subject.group)) return true;
  if (partition == ledger_.log_of_transactional_id(violation_.subject.transactional_id))
    return true;
  return std::any_of(violation_.subject.places.begin(), violation_.subject.places.end(),
                     [&](const Place& place) { return place.partition == partition; });
}

void StoryObserver::transaction_facts(const sim::World& world, const sim::TraceEvent& event) {
  const auto& names = shared(world).names;
  const auto text = [&](Name name) { return std::string(names.text(name)); };
  switch (static_cast<Event>(event.kind.index)) {
    case Event::kTransactionFenced: {
      const auto fact = read<TransactionFenced>(event);
      if (!involved(fact.tid)) return;
      return add(event.at.ns, Weight::kStep, sim::kNoProcess,
                 "the coordinator fences " + pair_text({fact.id, fact.old_epoch}) + " of " +
                     text(fact.tid) + (fact.timed_out ? ": its transaction timed out" : ""));
    }
    case Event::kTransactionRefused: {
      const auto fact = read<TransactionRefused>(event);
      if (!involved(fact.tid) || fact.error == Error::kConcurrentTransactions) return;
      return add(event.at.ns, Weight::kStep, sim::kNoProcess,
                 std::string(kafka::rpc_name(fact.rpc)) + " of " + text(fact.tid) +
                     " is refused: " + std::string(kafka::error_name(fact.error)));
    }
    case Event::kProducerInitialized: {
      const auto fact = read<ProducerInitialized>(event);
      if (!involved(fact.tid)) return;
      processes_.push_back(event.process);
      return add(event.at.ns, Weight::kDetail, event.process,
                 std::string(world.name(event.process)) + " gets session " +
                     pair_text(fact.producer) + " of " + text(fact.tid));
    }
    case Event::kTransactionEnded: {
      const auto fact = read<TransactionEnded>(event);
      if (!is_instance(fact.instance)) return;
      return add(event.at.ns, Weight::kDetail, event.process,
                 std::string(world.name(event.process)) +
                     " is told: " + std::string(kafka::word(fact.outcome)));
    }
    case Event::kTransactionTransition: {
      const auto fact = read<TransactionTransition>(event);
      if (!involved(fact.tid) || ledger_.change().instance == nullptr) return;
      if (!is_instance(ledger_.change().instance->number)) return;
      return add(event.at.ns, Weight::kDetail, sim::kNoProcess,
                 "the coordinator has " + text(fact.tid) + " in " +
                     std::string(kafka::word(static_cast<kafka::TransactionState>(fact.to))));
    }
    default:
      return;
  }
}

void StoryObserver::group_facts(const sim::World& world, const sim::TraceEvent& event) {
  const auto& names = shared(world).names;
  const TopicPartition input = violation_.subject.input;
  switch (static_cast<Event>(event.kind.index)) {
    case Event::kGroupMemberJoined: {
      const auto fact = read<GroupMemberJoined>(event);
      clients_.emplace_back(fact.member, fact.client);
      return;
    }
    case Event::kGroupMemberRemoved: {
      const auto fact = read<GroupMemberRemoved>(event);
      const std::string who = member(world, fact.member);
      const bool missed = fact.reason == RemovalReason::kSessionExpired;
      return add(event.at.ns, Weight::kStep, world.find(who),
                 "group " + std::string(names.text(fact.group)) + ": " + who +
                     (missed ? " misses its session"
                             : " is removed (" + std::string(kafka::word(fact.reason)) + ")"));
    }
    case Event::kGroupAssigned: {
      const auto fact = read<GroupAssigned>(event);
      if (!input.valid() || fact.partition != input) return;
      return add(event.at.ns, Weight::kStep, sim::kNoProcess,
                 "group " + std::string(names.text(fact.group)) + ": generation " +
                     std::to_string(fact.generation.value) + " gives " +
                     shared(world).partition_name(input) + " to " + member(world, fact.member));
    }
    case Event::kOffsetRefused: {
      const auto fact = read<OffsetRefused>(event);
      const std::string who = member(world, fact.member);
      return add(event.at.ns, Weight::kStep, world.find(who),
                 "group " + std::string(names.text(fact.group)) + " refuses offsets of " + who +
                     ": " + std::string(kafka::error_name(fact.error)));
    }
    case Event::kOffsetCommitted: {
      const auto fact = read<OffsetCommitted>(event);
      if (!input.valid() || fact.partition != input) return;
      const auto& before = ledger_.change().committed_before;
      if (before && before->offset == fact.offset) return;
      const bool passes = fact.offset > violation_.subject.input_offset &&
                          (!before || before->offset <= violation_.subject.input_offset);
      const bool back = before && fact.offset < before->offset;
      return add(event.at.ns,
                 back     ? Weight::kCause
                 : passes ? Weight::kStep
                          : Weight::kDetail,
                 sim::kNoProcess,
                 "group " + std::string(names.text(fact.group)) + " commits " +
                     at_text(world, input, fact.offset));
    }
    default:
      return;
  }
}

void StoryObserver::consumer_facts(const sim::World& world, const sim::TraceEvent& event) {
  if (event.kind != kafka::event_id(Event::kConsumerPosition)) return;
  const auto fact = read<ConsumerPosition>(event);
  if (!fact.group.valid() || fact.partition != violation_.subject.input) return;
  if (!involved(event.process)) processes_.push_back(event.process);
  add(event.at.ns, Weight::kCause, event.process,
      std::string(world.name(event.process)) + " starts " +
          shared(world).partition_name(fact.partition) + " at " +
          std::to_string(fact.offset.value) + (fact.reset ? " (reset)" : " (committed offset)"));
}

// From the beginning of what is involved, or from the fault that its process was in before.
int64_t StoryObserver::begin_ns() const {
  int64_t begin = violation_.time_ns;
  for (const uint64_t number : violation_.subject.instances) {
    const InstanceTruth* run = ledger_.instance(number);
    if (run != nullptr && run->begun) begin = std::min(begin, run->began_ns);
  }
  if (begin == violation_.time_ns) return 0;  // nothing says when it began
  for (const sim::ProcessId process : violation_.subject.processes) {
    int64_t fault = begin;
    for (const Line& line : lines_) {
      if (line.fault && line.process == process) fault = line.at_ns;
      if (line.fault_ends && line.process == process) fault = line.began_ns;
    }
    begin = std::min(begin, fault);
  }
  return begin;
}

std::vector<std::string> StoryObserver::lines() const {
  const int64_t begin = begin_ns();
  std::vector<const Line*> told;
  size_t steps = 0;
  for (const Line& line : lines_) {
    if (line.process != sim::kNoProcess && !involved(line.process)) continue;
    if (line.at_ns < begin) continue;
    told.push_back(&line);
    if (line.weight != Weight::kDetail) ++steps;
  }
  // Details are for stories that have little else.
  if (steps >= kLinesMax / 2) {
    std::erase_if(told, [](const Line* line) { return line->weight == Weight::kDetail; });
  }
  const bool duplicate = violation_.subject.places.size() >= 2 && !told.empty() &&
                         told.back()->weight == Weight::kEffect;
  const size_t room = duplicate ? kLinesMax : kLinesMax - 1;
  while (told.size() > room) {
    told.erase(std::min_element(told.begin(), told.end(), [](const Line* a, const Line* b) {
      return a->weight < b->weight;  // of equal ones the first, which is the oldest
    }));
  }
  std::vector<std::string> result;
  for (const Line* line : told) result.push_back(time_text(line->at_ns) + "  " + line->text);
  if (!duplicate) {
    result.push_back(time_text(violation_.time_ns) + "  " + violation_.summary + "   <- here");
    return result;
  }
  for (const auto& [key, value] : violation_.details) {
    if (key == "input") result.back() += "   <- second effect of " + value;
  }
  return result;
}

}  // namespace eosim::check
