#include "models/check/k13_offsets.h"

namespace eosim::check {
namespace {

constexpr Rule kBack = {"K13", "offsets", "offset_regression",
                        "a committed offset moves back only if a client asked for it afterwards"};
constexpr Rule kFetchedBack = {"K13", "offsets", "offset_regression",
                               "nobody is told an offset below the committed one"};
constexpr Rule kUndecidedOffset = {
    "K13", "offsets", "undecided_offset",
    "who asks for a stable offset is told none while one is undecided"};
constexpr Rule kGone = {"K13", "offsets", "offset_lost", "a committed offset does not disappear"};
constexpr Rule kLogSays = {"K13", "offsets", "offset_regression",
                           "the coordinator has the offset that its log says"};

std::string word(Offset offset) { return offset.valid() ? std::to_string(offset.value) : "none"; }

std::string moved(Offset had, Offset has) { return " went from " + word(had) + " to " + word(has); }

// `what` happened to the offset.
void report(const CheckContext& context, const Rule& rule, Name group, TopicPartition partition,
            Offset had, Offset has, ProducerId producer, const std::string& what) {
  const Name tid = producer.valid() ? context.ledger.owner(producer) : Name{};
  const TransactionalIdTruth* truth = tid.valid() ? context.ledger.transactional_id(tid) : nullptr;
  int app = -1;
  context.ledger.visit_inputs(
      [&](size_t index, Name reads, TopicPartition p, const PartitionTruth&) {
        if (reads == group && p == partition) app = static_cast<int>(index);
      });
  const std::string of =
      "the offset of group " + context.text(group) + " in " + context.text(partition);
  Violation violation =
      context.violation(rule, of + what, app, truth == nullptr ? 0 : truth->instance);
  violation.subject.group = group;
  violation.subject.input = partition;
  violation.subject.input_offset = has;
  violation.subject.transactional_id = tid;
  violation.details = {{"before", word(had)}, {"now", word(has)}};
  context.report(std::move(violation),
                 context.text(group) + context.text(partition) + word(had) + word(has));
}

bool asked_since(const GroupTruth& group, TopicPartition partition, Offset offset, int64_t since) {
  return std::any_of(group.asked.begin(), group.asked.end(), [&](const AskedOffset& asked) {
    return asked.partition == partition && asked.offset == offset && asked.at_ns > since;
  });
}

// A new leader reads its log up to the end (groups-streams-replication.md 2.7, 1.13) and shows what
// the log may still lose with it. Nobody was promised that, unless the log has decided it since.
bool decided(const GroupTruth& group, TopicPartition partition, const OffsetTruth& shown) {
  if (!shown.early) return true;
  const OffsetTruth* logged = group.by_log.find(partition);
  return logged != nullptr && logged->position >= shown.position;
}

void on_commit(const CheckContext& context) {
  const auto fact = read<OffsetCommitted>(*context.event);
  if (context.change().deposed || context.change().group->offsets_void) return;
  const auto& before = context.change().committed_before;
  if (!before || fact.offset >= before->offset) return;
  if (!decided(*context.change().group, fact.partition, *before)) return;
  if (asked_since(*context.change().group, fact.partition, fact.offset, before->at_ns)) return;
  report(context, kBack, fact.group, fact.partition, before->offset, fact.offset, fact.producer,
         moved(before->offset, fact.offset));
}

void on_fetch(const CheckContext& context) {
  const auto fact = read<OffsetFetched>(*context.event);
  if (fact.error != Error::kNone) return;
  const GroupTruth* group = context.ledger.group(fact.group);
  if (group == nullptr || group->offsets_void) return;
  // A deposed coordinator answers from what it knew.
  if (!context.ledger.coordinates_group(context.world, fact.group, context.event->process)) return;
  if (fact.stable && context.promised(-1).stable_offset_fetch) {
    const OffsetTruth* open = context.ledger.undecided_offset(fact.group, fact.partition);
    if (open != nullptr) {
      report(
          context, kUndecidedOffset, fact.group, fact.partition, open->offset, fact.offset,
          ProducerId{},
          " is told to be " + word(fact.offset) + " while " + word(open->offset) + " is undecided");
    }
  }
  const OffsetTruth* committed = group->committed.find(fact.partition);
  if (committed == nullptr || !committed->offset.valid() || fact.offset >= committed->offset)
    return;
  report(context, fact.offset.valid() ? kFetchedBack : kGone, fact.group, fact.partition,
         committed->offset, fact.offset, ProducerId{}, moved(committed->offset, fact.offset));
}

}  // namespace

void Offsets::on_fact(const CheckContext& context) {
  if (context.event->kind == kafka::event_id(Event::kOffsetCommitted)) {
    on_commit(context);
  } else if (context.event->kind == kafka::event_id(Event::kOffsetFetched)) {
    on_fetch(context);
  }
}

void Offsets::at_quiescence(const CheckContext& context, const Observation& seen) {
  if (!seen.complete) return;
  for (const auto& [name, truth] : context.ledger.groups()) {
    if (truth.offsets_void) continue;
    const GroupSeen* group = seen.group(Name{name});
    for (const auto& [partition, by_log] : truth.by_log) {
      Offset has;
      if (group != nullptr) {
        for (const auto& [p, offset] : group->committed) {
          if (p == partition) has = offset;
        }
      }
      if (has == by_log.offset || !by_log.offset.valid()) continue;
      if (has.valid() && has > by_log.offset) continue;  // ahead: a regression would have shown
      report(context, has.valid() ? kLogSays : kGone, Name{name}, partition, by_log.offset, has,
             ProducerId{}, moved(by_log.offset, has));
    }
  }
}

}  // namespace eosim::check
