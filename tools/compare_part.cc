#include "tools/compare_part.h"

#include <algorithm>
#include <map>

#include "sim/digest.h"
#include "tools/ordered_pool.h"
#include "tools/trace_item.h"

namespace eosim::tools {
namespace {

using scenario::Loaded;
using scenario::Result;

// Of each fact of a process (or thread): what happened and when, and the same with its fields.
// Hashes, because a run may have many millions of facts.
struct FactHashes {
  std::vector<uint64_t> deeds;
  std::vector<uint64_t> whole;
};
using History = std::map<std::string, FactHashes>;  // by process

// A fact by its process and its number there.
using FactPlace = std::pair<std::string, size_t>;
// A fact without an event stands for the end of the run.
using Facts = std::map<FactPlace, ComparedFact>;

ComparedFact fact_of(const sim::World& world, const sim::TraceEvent& event) {
  const sim::EventKind& kind = world.shared().event_kinds().at(event.kind.index);
  const TraceItem item = trace_item(world, event);
  ComparedFact fact{event.at.ns, item.process_text(), std::string(item.event), {}};
  for (size_t i = 0; i < item.fields.size(); ++i) {
    if (kind.fields[i].type == sim::FieldType::kStoreId) continue;
    fact.fields.push_back({std::string(item.fields[i].name), item.fields[i].text});
  }
  return fact;
}

// Sees the facts of a run one after another.
class FactReader : public sim::Observer {
 public:
  void on_event(const sim::World& world, const sim::TraceEvent& event) final {
    const ComparedFact fact = fact_of(world, event);
    std::string text = std::to_string(fact.at_ns) + ' ' + fact.event;
    const uint64_t deed = sim::hash_text(text);
    for (const ComparedFact::Field& field : fact.fields) {
      text += '\n' + field.name + '=' + field.text;
    }
    take({fact.process, counts_[fact.process]++}, deed, sim::hash_text(text), fact);
  }

 protected:
  virtual void take(const FactPlace& place, uint64_t deed, uint64_t whole,
                    const ComparedFact& fact) = 0;
  std::map<std::string, size_t> counts_;  // facts so far
};

class Recorder final : public FactReader {
 public:
  History history;

 protected:
  void take(const FactPlace& place, uint64_t deed, uint64_t whole, const ComparedFact&) override {
    FactHashes& hashes = history[place.first];
    hashes.deeds.push_back(deed);
    hashes.whole.push_back(whole);
  }
};

// The first difference of every process that has one, on the side of the run that is compared.
struct Differences {
  Facts first;
  Facts deed;
};

class Comparer final : public FactReader {
 public:
  explicit Comparer(const History& other) : other_(other) {}

  Differences found() const {
    Differences found;
    for (const auto& [process, difference] : first_) found.first.insert(difference);
    for (const auto& [process, difference] : deed_) found.deed.insert(difference);
    for (const auto& [process, hashes] : other_) {  // it went on where this one ended
      const auto seen = counts_.find(process);
      const size_t count = seen == counts_.end() ? 0 : seen->second;
      if (count >= hashes.deeds.size()) continue;
      if (!first_.contains(process)) found.first[{process, count}];
      if (!deed_.contains(process)) found.deed[{process, count}];
    }
    return found;
  }

 protected:
  void take(const FactPlace& place, uint64_t deed, uint64_t whole,
            const ComparedFact& fact) override {
    const auto& [process, number] = place;
    const auto known = other_.find(process);
    const bool has = known != other_.end() && number < known->second.deeds.size();
    if (!has || known->second.whole[number] != whole) {
      first_.try_emplace(process, place, fact);
    }
    if (!has || known->second.deeds[number] != deed) deed_.try_emplace(process, place, fact);
  }

 private:
  const History& other_;
  std::map<std::string, std::pair<FactPlace, ComparedFact>> first_;
  std::map<std::string, std::pair<FactPlace, ComparedFact>> deed_;
};

// The other side of differences, from one more run.
class Picker final : public FactReader {
 public:
  Facts wanted;

  void want(const Facts& places) {
    for (const auto& [place, fact] : places) wanted[place];
  }

 protected:
  void take(const FactPlace& place, uint64_t, uint64_t, const ComparedFact& fact) override {
    if (const auto found = wanted.find(place); found != wanted.end()) found->second = fact;
  }
};

int64_t time_of(const FactPair& pair) {
  if (pair.one.event.empty()) return pair.other.at_ns;
  if (pair.other.event.empty()) return pair.one.at_ns;
  return std::min(pair.one.at_ns, pair.other.at_ns);
}

// The earliest; at the same time, that of the first process by name.
std::optional<FactPair> earliest(const Facts& one, const Facts& other) {
  std::optional<FactPair> found;
  for (const auto& [place, fact] : other) {
    const FactPair pair = {one.at(place), fact};
    if (!found || time_of(pair) < time_of(*found)) found = pair;
  }
  return found;
}

bool same_deed(const FactPair& pair) {
  return pair.one.event == pair.other.event && pair.one.at_ns == pair.other.at_ns;
}

void watch_run(const CompareColumn& column, const Loaded& loaded, uint64_t seed,
               sim::Observer& observer) {
  scenario::RunOptions options = column.input.options;
  options.seed = seed;
  options.checkers = false;
  scenario::Simulation simulation(loaded.scenario, options);
  simulation.watch(&observer);
  simulation.run();
}

}  // namespace

size_t first_running(const ComparePlan& plan) {
  const auto runs = [](const CompareColumn& column) { return column.runs(); };
  const auto& columns = plan.columns;
  return static_cast<size_t>(std::find_if(columns.begin(), columns.end(), runs) - columns.begin());
}

Result<std::vector<Parting>> find_partings(const ComparePlan& plan, int threads) {
  const size_t base = first_running(plan);
  std::vector<Parting> partings;
  std::vector<Loaded> others;
  const Result<Loaded> loaded = for_seed(plan.columns[base].input, plan.first_seed);
  if (!loaded) return loaded.problems();
  for (size_t i = base + 1; i < plan.columns.size(); ++i) {
    if (!plan.columns[i].runs()) continue;
    Result<Loaded> other = for_seed(plan.columns[i].input, plan.first_seed);
    if (!other) return other.problems();
    others.push_back(std::move(*other));
    partings.push_back({i, {}, {}});
  }
  if (partings.empty()) return partings;

  Recorder recorder;
  watch_run(plan.columns[base], *loaded, plan.first_seed, recorder);
  std::vector<Differences> differences;
  OrderedPool<Differences> pool({partings.size(), threads, {}, {}}, [&](uint64_t i) {
    Comparer comparer(recorder.history);
    watch_run(plan.columns[partings[i].column], others[i], plan.first_seed, comparer);
    return comparer.found();
  });
  pool.run([&differences](uint64_t, Differences found) {
    differences.push_back(std::move(found));
    return true;
  });

  Picker picker;
  for (const Differences& found : differences) {
    picker.want(found.first);
    picker.want(found.deed);
  }
  if (!picker.wanted.empty()) {
    watch_run(plan.columns[base], *loaded, plan.first_seed, picker);
  }
  for (size_t i = 0; i < partings.size(); ++i) {
    partings[i].first = earliest(picker.wanted, differences[i].first);
    if (partings[i].first && same_deed(*partings[i].first)) {
      partings[i].deed = earliest(picker.wanted, differences[i].deed);
    }
  }
  return partings;
}

}  // namespace eosim::tools
