#include "tools/listings.h"

#include "models/app/mistakes.h"
#include "models/protocol/events.h"
#include "models/protocol/settings.h"
#include "models/protocol/switches.h"
#include "models/scenario/schema.h"
#include "models/scenario/words.h"
#include "tools/scenario_files.h"
#include "tools/trace_item.h"

namespace eosim::tools {
namespace {

using scenario::Words;

template <Words list>
std::vector<ListRow> rows_of(const Console&) {
  std::vector<ListRow> out;
  for (const scenario::Word& word : scenario::words(list)) {
    out.push_back({std::string(word.name), {}, std::string(word.doc)});
  }
  return out;
}

std::vector<ListRow> scenarios(const Console& console) {
  std::vector<ListRow> out;
  for (const ShippedScenario& one : shipped_scenarios(console)) {
    const auto loaded = open_scenario(console, one.path, {});
    const auto document = open_document(console, one.path);
    if (!loaded || !document) {
      out.push_back({one.name, {}, "cannot be read; see eosim validate"});
      continue;
    }
    out.push_back({one.name,
                   {{"variants", scenario::joined(scenario::variant_names(*document))}},
                   loaded->scenario.description});
  }
  return out;
}

std::vector<ListRow> presets(const Console&) {
  std::vector<ListRow> out;
  for (const kafka::Preset& preset : kafka::presets()) {
    out.push_back({std::string(preset.name),
                   {{"era", std::string(preset.era)}, {"variant", std::string(preset.variant)}},
                   ""});
  }
  return out;
}

std::vector<ListRow> switches(const Console&) {
  std::vector<ListRow> out;
  for (const kafka::SwitchGroup& group : kafka::switch_groups()) {
    out.push_back(
        {std::string(group.name), {{"values", "off, on"}}, "group: " + std::string(group.doc)});
  }
  for (size_t i = 0; i < kafka::kSwitchCount; ++i) {
    const auto& info = kafka::switch_info(static_cast<kafka::Switch>(i));
    const std::vector<std::string> values(info.values.begin(), info.values.end());
    out.push_back(
        {std::string(info.name), {{"values", scenario::joined(values)}}, std::string(info.doc)});
  }
  return out;
}

std::vector<ListRow> events(const Console&) {
  std::vector<ListRow> out;
  for (const sim::EventKind& kind : kafka::event_kinds()) {
    std::vector<std::string> fields;
    for (size_t i = 0; i < kind.field_count; ++i) fields.emplace_back(kind.fields[i].name);
    out.push_back({std::string(kind.name), {{"fields", scenario::joined(fields)}}, ""});
  }
  for (size_t i = 0; i <= static_cast<size_t>(sim::KernelEvent::kExited); ++i) {
    const KernelEventInfo& info = info_of(static_cast<sim::KernelEvent>(i));
    out.push_back({std::string(info.name), {{"fields", std::string(info.fields)}}, "no trigger"});
  }
  return out;
}

std::vector<ListRow> faults(const Console& console) {
  std::vector<ListRow> out = rows_of<Words::kFaults>(console);
  for (ListRow& row : out) {
    for (const scenario::Case& kind : scenario::fault_kinds()) {
      if (kind.word != row.name) continue;
      std::vector<std::string> fields(kind.required.begin(), kind.required.end());
      for (const auto& field : kind.optional) fields.push_back('[' + std::string(field) + ']');
      row.fields = {{"fields", scenario::joined(fields)}};
    }
  }
  return out;
}

std::string sides_of(const kafka::Setting& row) {
  std::vector<std::string> out;
  if (row.is_of(kafka::kBrokerSide)) out.emplace_back("brokers");
  if (row.is_of(kafka::kTopicSide)) out.emplace_back("topics");
  if (row.is_of(kafka::kAppSide)) out.emplace_back("apps");
  return scenario::joined(out);
}

std::vector<ListRow> config(const Console&) {
  std::vector<ListRow> out;
  for (const kafka::Setting& row : kafka::all_settings()) {
    std::string fallback = row.text(row.defaults.first());
    if (const std::string changes = row.changes_text(); !changes.empty()) {
      fallback += " (" + changes + ')';
    }
    out.push_back({row.name, {{"of", sides_of(row)}, {"default", fallback}}, row.doc});
  }
  return out;
}

// Who can make it: guarantees of loops, and a kind.
std::string roles_of(const kafka::MistakeInfo& info) {
  constexpr std::pair<kafka::AppRole, std::string_view> kRoles[] = {
      {kafka::AppRole::kAtLeastOnce, "at_least_once"},
      {kafka::AppRole::kTransactionPerPartition, "exactly_once"},
      {kafka::AppRole::kTransactionPerThread, "exactly_once_v2"},
      {kafka::AppRole::kTransactionPerThread, "exactly_once_unfenced"},
      {kafka::AppRole::kTransactionalProducer, "transactional-producer"}};
  std::vector<std::string> out;
  for (const auto& [role, name] : kRoles) {
    if (info.is_of(role)) out.emplace_back(name);
  }
  return scenario::joined(out);
}

std::vector<ListRow> mistakes(const Console&) {
  std::vector<ListRow> out;
  for (const kafka::MistakeInfo& info : kafka::mistake_infos()) {
    out.push_back({std::string(info.name),
                   {{"of", roles_of(info)}, {"section", std::string(info.section)}},
                   std::string(info.doc)});
  }
  return out;
}

constexpr Listing kListings[] = {
    {"scenarios", "shipped scenarios", scenarios},
    {"presets", "protocol presets: values of kafka", presets},
    {"switches", "protocol switches and their groups", switches},
    {"guarantees", "guarantees of apps", rows_of<Words::kGuarantees>},
    {"mistakes", "what careless apps do", mistakes},
    {"faults", "kinds of faults", faults},
    {"checkers", "what is checked", rows_of<Words::kCheckers>},
    {"violations", "kinds of violations", rows_of<Words::kViolations>},
    {"events", "events of the trace", events},
    {"metrics", "metrics; a family ends with *", rows_of<Words::kMetrics>},
    {"config", "Kafka's settings", config},
    {"coverage", "which cells of the protocol's tables are reached", nullptr},
};

}  // namespace

std::span<const Listing> listings() { return kListings; }

}  // namespace eosim::tools
