#include "models/check/k14_table.h"

#include <algorithm>
#include <utility>

namespace eosim::check {
namespace {

constexpr Rule kLost = {"K14", "table", "lost_update", "a table holds each update of its input"};
constexpr Rule kTwice = {"K14", "table", "double_update",
                         "a table holds each update of its input once"};
constexpr Rule kStoreLost = {"K14", "table", "lost_update",
                             "a restored store holds what its changelog has committed"};
constexpr Rule kStoreExtra = {"K14", "table", "double_update",
                              "a restored store holds nothing else than its changelog"};

constexpr size_t kUpdatesKept = 256;

// Inputs, transactions or the changelog itself were lost by what no protocol helps against.
bool voided(const CheckContext& context, TopicPartition changelog, int app) {
  return context.ledger.partition_void(changelog) || context.ledger.app_void(app);
}

// Whatever is below this offset has shown, or never will.
bool decided_below(const CheckContext& context, TopicPartition changelog, Offset offset) {
  const PartitionTruth* truth = context.ledger.partition(changelog);
  if (truth == nullptr) return offset <= Offset{0};
  const auto open = truth->open_transactions();
  return truth->end() >= offset &&
         std::all_of(open.begin(), open.end(),
                     [offset](const BatchTruth& batch) { return batch.base >= offset; });
}

std::string row_text(const CheckContext& context, TopicPartition changelog, int32_t key) {
  return "key " + std::to_string(key) + " of " + context.text(changelog);
}

}  // namespace

void TableCheck::on_fact(const CheckContext& context) {
  const Change& change = context.change();
  if (!change.lost.empty() && context.ledger.is_table(change.partition->partition())) {
    tables_[change.partition->partition()].judged = false;
  }
  for (const VisibleEffect& visible : change.effects) {
    if (context.ledger.is_table(visible.place.output)) update(context, visible);
  }
  if (context.event->kind == kafka::event_id(Event::kStreamsStoreEntry)) {
    const auto fact = read<StreamsStoreEntry>(*context.event);
    tables_[fact.changelog].restored[fact.key] = fact.value;
  } else if (context.event->kind == kafka::event_id(Event::kStreamsRestored)) {
    restored(context);
  }
  judge_restores(context, false);
}

void TableCheck::at_quiescence(const CheckContext& context) { judge_restores(context, true); }

void TableCheck::update(const CheckContext& context, const VisibleEffect& visible) {
  const PlacedEffect& effect = visible.effect;
  const TopicPartition changelog = visible.place.output;
  Table& table = tables_[changelog];
  Row& row = table.rows[effect.key];
  const int app = context.ledger.app_of(context.world, effect.application);
  const int64_t before = row.updates;
  if (!visible.duplicate) ++row.updates;
  const int64_t wanted = row.updates;
  row.newest.push_back({effect.at, effect.value});
  if (row.newest.size() > kUpdatesKept) {
    row.newest.erase(row.newest.begin());
    row.folded = true;
  }
  if (!table.judged || voided(context, changelog, app)) return;
  const std::string input = context.text(effect.input, effect.input_offset);
  const std::string here = context.text(changelog, effect.at);
  const Rule* rule = nullptr;
  std::string summary;
  if (visible.duplicate) {
    rule = &kTwice;
    summary = here + " is a second committed update by " + input;
  } else if (effect.value != wanted) {
    rule = effect.value < wanted ? &kLost : &kTwice;
    summary = here + " says " + std::to_string(effect.value) + " for key " +
              std::to_string(effect.key) + " after " + input + ", and " + std::to_string(before) +
              " updates were committed before";
  }
  row.updates = std::max(row.updates, effect.value);  // what follows is judged by itself
  if (rule == nullptr) return;
  Violation violation = context.violation(*rule, std::move(summary), app, effect.instance);
  violation.subject.input = effect.input;
  violation.subject.input_offset = effect.input_offset;
  violation.subject.places.push_back({changelog, effect.at, effect.instance});
  violation.details = {{"key", std::to_string(effect.key)},
                       {"value", std::to_string(effect.value)},
                       {"updates", std::to_string(wanted)}};
  context.report(std::move(violation), row_text(context, changelog, effect.key));
}

void TableCheck::restored(const CheckContext& context) {
  const auto fact = read<StreamsRestored>(*context.event);
  Table& table = tables_[fact.changelog];
  table.unjudged.push_back(
      {context.event->process, fact.position, std::exchange(table.restored, {})});
  ++unjudged_;
}

void TableCheck::judge_restores(const CheckContext& context, bool all) {
  if (unjudged_ == 0) return;
  unjudged_ = 0;
  for (auto& [changelog, table] : tables_) {
    std::vector<Restore> later;
    for (Restore& restore : table.unjudged) {
      if (all || decided_below(context, changelog, restore.position)) {
        judge(context, changelog, restore);
      } else {
        later.push_back(std::move(restore));
      }
    }
    table.unjudged = std::move(later);
    unjudged_ += table.unjudged.size();
  }
}

void TableCheck::judge(const CheckContext& context, TopicPartition changelog,
                       const Restore& restore) {
  const Table& table = tables_[changelog];
  const std::map<int32_t, int64_t>& store = restore.store;
  const int app = context.ledger.app_of(context.world, restore.process);
  if (!table.judged || voided(context, changelog, app)) return;
  const auto tell = [&](const Rule& rule, int32_t key, int64_t has, int64_t wanted) {
    Violation violation = context.violation(
        rule,
        context.process(restore.process) + " has restored " + row_text(context, changelog, key) +
            " as " + std::to_string(has) + ", the changelog says " + std::to_string(wanted),
        app, 0);
    violation.subject.processes.push_back(restore.process);
    violation.details = {{"position", std::to_string(restore.position.value)}};
    context.report(std::move(violation), row_text(context, changelog, key));
  };
  for (const auto& [key, row] : table.rows) {
    int64_t wanted = 0;
    bool known = !row.folded;
    for (const Update& update : row.newest) {
      if (update.at >= restore.position) continue;
      wanted = update.value;
      known = true;
    }
    const auto here = store.find(key);
    const int64_t has = here == store.end() ? 0 : here->second;
    if (!known || has == wanted) continue;
    tell(has < wanted ? kStoreLost : kStoreExtra, key, has, wanted);
  }
  for (const auto& [key, has] : store) {
    if (!table.rows.contains(key)) tell(kStoreExtra, key, has, 0);
  }
}

}  // namespace eosim::check
