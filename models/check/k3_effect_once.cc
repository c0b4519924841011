#include "models/check/k3_effect_once.h"

namespace eosim::check {
namespace {

constexpr Rule kDuplicate = {"K3", "effect_once", "duplicate_output",
                             "each input record has exactly one committed effect"};
constexpr Rule kLostOutput = {"K3", "effect_once", "lost_output",
                              "each input record that the group has passed has a committed effect"};
constexpr Rule kDisorder = {"K3", "effect_once", "out_of_order_output",
                            "effects of one input partition stand in the order of their inputs"};

Violation about(const CheckContext& context, const Rule& rule, std::string summary,
                const PlacedEffect& effect) {
  Violation violation =
      context.violation(rule, std::move(summary),
                        context.ledger.app_of(context.world, effect.application), effect.instance);
  violation.subject.input = effect.input;
  violation.subject.input_offset = effect.input_offset;
  return violation;
}

// What distinguishes an effect: the input record, and which of its outputs.
std::string key_of(const CheckContext& context, const PlacedEffect& effect) {
  return context.text(effect.application) + "/" + context.text(effect.input, effect.input_offset) +
         "/" + std::to_string(effect.ordinal);
}

void duplicate(const CheckContext& context, const VisibleEffect& visible) {
  const PlacedEffect& effect = visible.effect;
  const std::string input = context.text(effect.input, effect.input_offset);
  const EffectPlace& first = visible.earlier;
  std::string summary;
  if (!first.offset.valid()) {
    summary =
        context.text(visible.place.output, effect.at) + " is a second committed result of " + input;
  } else if (first.output == visible.place.output) {
    summary = context.text(first.output) + " holds two committed results of " + input +
              ": offsets " + std::to_string(first.offset.value) + " and " +
              std::to_string(effect.at.value);
  } else {
    summary = context.text(first.output, first.offset) + " and " +
              context.text(visible.place.output, effect.at) + " are both committed results of " +
              input;
  }
  Violation violation = about(context, kDuplicate, std::move(summary), effect);
  if (first.offset.valid()) {
    violation.subject.places.push_back({first.output, first.offset, first.instance});
    violation.details.emplace_back("first", context.text(first.output, first.offset));
    if (first.instance != 0) violation.subject.instances.push_back(first.instance);
    const InstanceTruth* run = context.ledger.instance(first.instance);
    if (run != nullptr && run->begun) violation.subject.processes.push_back(run->process);
  }
  violation.subject.places.push_back({visible.place.output, effect.at, effect.instance});
  violation.details.emplace_back("second", context.text(visible.place.output, effect.at));
  violation.details.emplace_back("input", input);
  context.report(std::move(violation), key_of(context, effect));
}

void disorder(const CheckContext& context, const VisibleEffect& visible) {
  const PlacedEffect& effect = visible.effect;
  const std::string here = context.text(visible.place.output);
  Violation violation = about(context, kDisorder,
                              "the result of " + context.text(effect.input, effect.input_offset) +
                                  " is " + here + "@" + std::to_string(effect.at.value) +
                                  ", that of " + context.text(effect.input, visible.newest.input) +
                                  " is " + here + "@" + std::to_string(visible.newest.output.value),
                              effect);
  violation.subject.places.push_back({visible.place.output, effect.at, effect.instance});
  context.report(std::move(violation), key_of(context, effect));
}

// Offsets, transactions or inputs were lost by what no protocol helps against: records are read
// again, and nobody promised otherwise.
bool voided(const CheckContext& context, Name application, TopicPartition input) {
  return context.ledger.partition_void(input) ||
         context.ledger.app_void(context.ledger.app_of(context.world, application));
}

// Effects that are in a committed transaction whose marker is not there yet are not lost.
bool on_its_way(const CheckContext& context, Name application, TopicPartition input,
                Offset offset) {
  for (const auto& [partition, truth] : context.ledger.partitions()) {
    for (const PlacedEffect& effect : truth.waiting()) {
      if (effect.application == application && effect.input == input &&
          effect.input_offset == offset &&
          context.ledger.decision(effect.instance) == Decision::kCommit) {
        return true;
      }
    }
  }
  return false;
}

// One violation for each run of lost records.
void lost_in(const CheckContext& context, size_t app, Name group, const PartitionTruth& input,
             Offset committed) {
  const AppDescription& description = context.config.apps[app];
  const Name name = context.shared().names.find(description.name);
  const InputEffects* effects = context.ledger.effects(name, input.partition());
  Offset first;
  Offset last;
  uint64_t count = 0;
  const auto flush = [&] {
    if (count == 0) return;
    std::string summary =
        "group " + context.text(group) + " has passed " + context.text(input.partition(), first);
    if (count > 1) summary += ".." + std::to_string(last.value);
    summary += ", and no committed output of it exists";
    Violation violation =
        context.violation(kLostOutput, std::move(summary), static_cast<int>(app), 0);
    violation.details = {{"records", std::to_string(count)},
                         {"committed offset", std::to_string(committed.value)}};
    violation.subject.input = input.partition();
    violation.subject.input_offset = first;
    violation.subject.group = group;
    context.report(std::move(violation),
                   description.name + "/" + context.text(input.partition(), first));
    count = 0;
  };
  for (const BatchTruth& batch : input.batches()) {
    if (batch.fate != Fate::kPlain && batch.fate != Fate::kCommitted) continue;
    for (Offset at = batch.base; at <= batch.last && at < committed; at = at + 1) {
      const bool missing = effects == nullptr || effects->missing(at) > 0;
      if (!missing || on_its_way(context, name, input.partition(), at)) {
        flush();
        continue;
      }
      if (count++ == 0) first = at;
      last = at;
    }
  }
  flush();
}

}  // namespace

void EffectOnce::on_fact(const CheckContext& context) {
  for (const VisibleEffect& visible : context.change().effects) {
    if (voided(context, visible.effect.application, visible.effect.input)) continue;
    if (visible.duplicate && context.ledger.is_table(visible.place.output)) continue;  // K14
    if (visible.duplicate) {
      duplicate(context, visible);
    } else if (visible.overtaken) {
      disorder(context, visible);
    }
  }
}

void EffectOnce::at_quiescence(const CheckContext& context) {
  context.ledger.visit_inputs([&](size_t app, Name group, TopicPartition partition,
                                  const PartitionTruth& truth) {
    const AppDescription& description = context.config.apps[app];
    if (description.output_topics.empty() || description.effects_per_record == 0) return;
    if (context.ledger.app_void(static_cast<int>(app)) || truth.void_from.valid()) return;
    const GroupTruth* known = context.ledger.group(group);
    const OffsetTruth* committed = known == nullptr ? nullptr : known->committed.find(partition);
    if (committed != nullptr) lost_in(context, app, group, truth, committed->offset);
  });
}

}  // namespace eosim::check
