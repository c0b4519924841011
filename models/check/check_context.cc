#include "models/check/check_context.h"

#include <algorithm>

namespace eosim::check {

Promises CheckContext::promised_by(const kafka::Switches& broker, int app) const {
  if (app >= 0) {
    const AppDescription& client = config.apps.at(static_cast<size_t>(app));
    Promises made = promises(broker, client.switches);
    for (const kafka::Switches& later : client.other_switches) {
      made = weaker(made, promises(broker, later));
    }
    return made;
  }
  if (config.apps.empty()) return promises(broker, broker);
  Promises made = promises(broker, config.apps.front().switches);
  for (size_t i = 1; i < config.apps.size(); ++i) {
    if (config.apps[i].switches == config.apps.front().switches) continue;
    made = weaker(made, promises(broker, config.apps[i].switches));
  }
  return made;
}

Promises CheckContext::promised(int app) const {
  Promises made = promised_by(config.cluster, app);
  for (const kafka::Switches& broker : config.other_brokers) {
    made = weaker(made, promised_by(broker, app));
  }
  return made;
}

bool CheckContext::between_steps() const {
  const auto& brokers = config.brokers;
  return std::find(brokers.begin(), brokers.end(), event->process) == brokers.end();
}

std::string CheckContext::text(TopicPartition partition, Offset offset) const {
  return text(partition) + "@" + std::to_string(offset.value);
}

std::string CheckContext::text(ProducerIdAndEpoch producer) const {
  return std::to_string(producer.id.value) + "/" + std::to_string(producer.epoch.value);
}

std::string CheckContext::process(sim::ProcessId id) const {
  if (id == sim::kNoProcess || id.index >= world.process_count()) return "-";
  return std::string(world.name(id));
}

std::string CheckContext::instance(uint64_t number) const {
  const InstanceTruth* found = ledger.instance(number);
  if (found == nullptr || !found->begun) return "a transaction";
  return "the transaction of " + text(found->tid) + " (" + text(found->producer) + ")";
}

std::string CheckContext::state_word(int state) {
  if (state == kNoState) return "none";
  return std::string(kafka::word(static_cast<kafka::TransactionState>(state)));
}

std::string CheckContext::decision_word(Decision decision) {
  switch (decision) {
    case Decision::kNone:
      return "undecided";
    case Decision::kCommit:
      return "committed";
    case Decision::kAbort:
      return "aborted";
  }
  return "undecided";
}

bool CheckContext::judges(const Rule& rule) const {
  EOSIM_ASSERT(rule.checker.size() > 1 && rule.checker.front() == 'K');
  size_t number = 0;
  for (const char digit : rule.checker.substr(1)) {
    number = number * 10 + static_cast<size_t>(digit - '0');
  }
  EOSIM_ASSERT(number >= 1 && number <= kCheckerCount);
  return config.on(static_cast<Checker>(number - 1));
}

Violation CheckContext::violation(const Rule& rule, std::string summary, int app,
                                  uint64_t instance) const {
  Violation result;
  result.checker = rule.checker;
  result.name = rule.name;
  result.kind = rule.kind;
  result.rule = rule.text;
  result.time_ns = event == nullptr ? world.now().ns : event->at.ns;
  result.step = event == nullptr ? 0 : event->step;
  result.summary = std::move(summary);
  result.era = config.era;
  const InstanceTruth* found = ledger.instance(instance);
  if (found != nullptr) {
    result.subject.instances.push_back(instance);
    result.subject.transactional_id = found->tid;
    if (found->begun) result.subject.processes.push_back(found->process);
    if (app < 0 && found->begun) app = ledger.app_of(world, found->process);
  }
  if (app >= 0) result.guarantee = config.apps.at(static_cast<size_t>(app)).guarantee;
  result.transaction_state = state_word(found == nullptr ? kNoState : found->state);
  return result;
}

}  // namespace eosim::check
