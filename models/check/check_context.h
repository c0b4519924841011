// What a checker is handed: the world (const), the ledger with what the fact changed, and where to
// report. It also speaks: the texts of violations are made here, so that all checkers name things
// alike.
#pragma once

#include <string>

#include "models/check/check_config.h"
#include "models/check/ledger.h"
#include "models/check/promises.h"
#include "models/check/violation.h"
#include "models/protocol/words.h"

namespace eosim::check {

class CheckContext {
 public:
  CheckContext(const sim::World& of_world, const CheckConfig& of_config, const Ledger& of_ledger,
               Findings& findings)
      : world(of_world), config(of_config), ledger(of_ledger), findings_(findings) {}

  const sim::World& world;
  const CheckConfig& config;
  const Ledger& ledger;

  const Change& change() const { return ledger.change(); }
  const kafka::KafkaShared& shared() const {
    return static_cast<const kafka::KafkaShared&>(world.shared());
  }
  // What the weakest broker promises to the clients of an application; -1: to those of all, or to
  // clients that speak as the brokers do where there are none.
  Promises promised(int app) const;

  std::string text(TopicPartition partition) const { return shared().partition_name(partition); }
  std::string text(TopicPartition partition, Offset offset) const;  // "input-1@42"
  std::string text(Name name) const { return std::string(shared().names.text(name)); }
  std::string text(ProducerIdAndEpoch producer) const;  // "1001/0"
  std::string process(sim::ProcessId id) const;         // "app-0"
  // "the transaction of app-0/0 (1001/0)"
  std::string instance(uint64_t number) const;
  static std::string state_word(int state);  // "CompleteCommit", "none"
  static std::string decision_word(Decision decision);

  // Whether the checker that a rule belongs to is on.
  bool judges(const Rule& rule) const;
  // A violation with era and time; `app` gives the guarantee, `instance` the transaction's state.
  Violation violation(const Rule& rule, std::string summary, int app, uint64_t instance) const;
  void report(Violation violation, const std::string& subject) const {
    findings_.add(std::move(violation), subject);
  }
  // Whether the fact is no broker's: then no broker is in the middle of a step.
  bool between_steps() const;
  // Of the fact that is being judged.
  const sim::TraceEvent* event = nullptr;

 private:
  Promises promised_by(const kafka::Switches& broker, int app) const;

  Findings& findings_;
};

}  // namespace eosim::check
