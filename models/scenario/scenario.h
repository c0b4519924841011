// A scenario, read and checked: what a world is built from. Plain values with every default filled
// in; every name in it exists, every number is in its range (the table is in schema_table.cc).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/protocol/settings.h"
#include "models/scenario/document.h"
#include "sim/time.h"

namespace eosim::scenario {

// What one broker has of its own: the rest is as all brokers have it.
struct OwnBroker {
  int broker = 0;
  std::string kafka;
  kafka::Settings config;  // with what all brokers were told under it
};

struct Brokers {
  int count = 3;
  std::string kafka;       // their preset, else the scenario's
  kafka::Settings config;  // with the defaults of that preset
  std::vector<OwnBroker> own;

  const OwnBroker* own_of(int broker) const;
  const std::string& kafka_of(int broker) const;
  const kafka::Settings& config_of(int broker) const;
};

struct Topic {
  std::string name;
  int partitions = 1;
  int replication_factor = 3;
  kafka::Settings config;  // topic side only; is_set() tells it from the brokers' setting
  // min.insync.replicas of the topic, else of the brokers.
  int min_insync_replicas = 1;
};

enum class Arrivals : uint8_t { kEven, kPoisson };

struct Source {
  std::string topic;
  int64_t records_per_1000s = 0;
  int record_size = 100;
  std::optional<int64_t> count;
  Arrivals arrivals = Arrivals::kEven;
};

enum class Guarantee : uint8_t {
  kAtLeastOnce,
  kExactlyOnce,
  kExactlyOnceV2,
  kExactlyOnceUnfenced,
  kNone  // an app that reads nothing has none to give
};

// The name of the contract: "exactly_once_v2".
const char* name_of(Guarantee guarantee);

struct Transform {
  std::string kind;  // "map"
  int fan_out = 1;
  sim::Duration cost;
};

// What a Streams app computes.
struct TopologyWords {
  std::string kind;  // "map", "count"
  int keys = 16;
  bool repartition = false;
  bool counts() const { return kind == "count"; }
};

// Of apps that only write.
struct Transaction {
  int records = 10;
  int partitions = 2;
  int64_t abort_thousandths = 0;
  sim::Duration gap;
};

struct App {
  std::string name;  // also the group id
  int listed = 0;    // in the file's `apps`, where copies of an application stand once
  int copy = 0;      // of it
  std::string kind;  // "consume-transform-produce", ...
  Guarantee guarantee = Guarantee::kExactlyOnceV2;
  bool full_metadata = true;  // of transactional offset commits
  int instances = 1;
  int threads = 1;
  std::vector<std::string> input;
  std::vector<std::string> output;
  Transform transform;
  TopologyWords topology;
  kafka::Settings config;  // what its producers and consumers take, and commit.interval.ms
  sim::Duration start;
  std::string kafka;  // its own preset, else the scenario's
  // Of kinds that only write.
  int64_t records_per_1000s = 0;  // of an instance
  int record_size = 100;
  Transaction transaction;
  std::vector<std::string> mistakes;

  bool only_reads() const { return kind == "consumer-group"; }
  bool streams() const { return kind == "streams"; }
  bool reads() const { return kind == "consume-transform-produce" || only_reads() || streams(); }
  // What it promises, for reports: the guarantee, or its kind if it has none to give.
  std::string promise() const { return guarantee == Guarantee::kNone ? kind : name_of(guarantee); }
  bool transactional() const {
    if (guarantee == Guarantee::kNone) return kind == "transactional-producer";
    return guarantee != Guarantee::kAtLeastOnce;
  }
};

struct Network {
  sim::Duration latency_median;
  sim::Duration latency_p99;
  int64_t late_share_thousandths = 0;
  sim::Duration late_max;
};

// "on" of a fault. Exactly one of rpc and event is there.
struct Trigger {
  std::string rpc;
  std::string from;                                        // process, thread or selector; "" is any
  std::string to;                                          // likewise
  std::string phase;                                       // sent, delivered, handled, responded
  std::string event;                                       // a name of the trace
  std::vector<std::pair<std::string, std::string>> where;  // fields of the event and their values
  int64_t nth = 1;
  sim::Duration after;
};

// Which fields a kind of fault has: `fault_kinds()` of schema.h. The others keep their defaults.
struct Fault {
  std::optional<Trigger> on;  // else it strikes at `at`
  sim::Duration at;
  std::string kind;
  std::string target;                   // process, thread or selector, as it was written
  std::optional<sim::Duration> length;  // "for"; without: until the cluster heals
  bool repeat = false;
  std::string from;
  std::string to;
  std::string rpc;
  std::string what;  // request or response
  std::vector<std::string> between;
  std::vector<std::string> others;  // "and"; empty: all others
  std::string direction;            // both, to, from
  sim::Duration by;
  int64_t factor_thousandths = 1000;
  int64_t ppm = 0;
  std::string app;
  std::string kafka;      // of upgrade_features
  std::string partition;  // "output-0"
  // Of a rolling bounce.
  bool brokers = false;
  std::vector<std::pair<std::string, Value>> set;  // JSON Pointers inside the app or broker
  sim::Duration gap;
  bool wait_stable = true;
};

// What a rolling bounce makes of its application, or of the brokers.
struct Bounce {
  size_t fault = 0;  // of Scenario::faults
  std::optional<App> app;
  std::optional<Brokers> brokers;
};

// Choices of a seed: one of `values`, or a whole number from min to max.
struct Vary {
  std::string pointer;
  std::vector<Value> values;
  int64_t min = 0;
  int64_t max = 0;
};

struct Chaos {
  sim::Duration mean_interval;
  std::vector<std::pair<std::string, int64_t>> kinds;  // weights, in the order of the file
  bool swarm = false;
  std::vector<std::string> targets;
  std::vector<Vary> vary;
  std::string intensity;  // calm, rough, storm
  bool data_loss = false;
};

struct Limits {
  int64_t events = 0;
  int64_t memory_bytes = 0;
};

enum class Comparison : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe };

struct MetricExpectation {
  std::string metric;
  Comparison comparison = Comparison::kEq;
  int64_t thousandths = 0;
};

// Metrics as they are at a moment of the run.
struct Moment {
  sim::Duration at;
  std::vector<MetricExpectation> metrics;
};

// No violations: the verdict is to be "pass".
struct Expect {
  std::vector<std::string> violations;
  std::map<std::string, std::string> allow;  // kind or signature -> reason
  // A name in `allow` -> the kind or signature of whose consequences it is: without that in the
  // same run it is not allowed.
  std::map<std::string, std::string> only_with;
  std::vector<MetricExpectation> metrics;
  std::vector<Moment> moments;  // in order of time
};

struct Scenario {
  std::string name;
  std::string description;
  std::string kafka;
  std::map<std::string, std::string> protocol;  // switch or group -> word; true is "on"
  sim::Duration duration;
  sim::Duration settle;
  sim::Duration warmup;
  uint64_t seed = 1;
  bool calm = false;
  Brokers brokers;
  std::vector<Topic> topics;
  std::vector<Source> sources;
  std::vector<App> apps;
  std::vector<std::string> auditors;
  Network network;
  std::vector<Fault> faults;
  std::vector<Bounce> bounces;  // in the order of the faults
  std::optional<Chaos> chaos;
  Limits limits;
  Expect expect;
};

}  // namespace eosim::scenario
