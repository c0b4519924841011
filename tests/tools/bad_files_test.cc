// Wrong scenario files: each gets exit code 2, nothing on stdout, and exactly one message on stderr
// that names the place, what is allowed and the nearest right word.
#include <algorithm>
#include <fstream>

#include "program_run.h"

using namespace eosim::tools;

namespace {

constexpr const char* kGood = R"({
  "scenario_version": 1,
  "name": "base",
  "kafka": "2.5",
  "duration": "60s",
  "brokers": { "count": 3, "config": { "transaction.state.log.num.partitions": 4 } },
  "topics": [
    { "name": "input", "partitions": 6, "replication_factor": 3 },
    { "name": "output", "partitions": 3, "replication_factor": 3 }
  ],
  "sources": [{ "topic": "input", "rate": 100, "record_size": 100 }],
  "apps": [
    {
      "name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
      "instances": 3, "threads": 2, "input": ["input"], "output": ["output"],
      "config": { "session.timeout.ms": 6000 }
    }
  ],
  "network": { "latency": { "median": "300us", "p99": "3ms" } },
  "faults": [
    { "at": "10s", "kind": "pause", "target": "app-0", "for": "15s" }
  ],
  "chaos": { "mean_interval": "4s", "kinds": { "pause": 3, "crash": 2 } },
  "expect": { "verdict": "pass" },
  "variants": [{ "name": "more", "set": { "/apps/0/instances": 4 } }]
})";

// Replaces a text of kGood; the first '@' of the new text marks where the message must point.
struct FileCase {
  std::string from;
  std::string to;
  std::string pointer;
  std::string message;
  std::string allowed;
  std::string nearest;
};

struct Placed {
  std::string text;
  std::string place;  // "line:column"
};

Placed make(const FileCase& one) {
  std::string text = kGood;
  const size_t at = text.find(one.from);
  REQUIRE(at != std::string::npos);
  text.replace(at, one.from.size(), one.to);
  const size_t mark = text.find('@');
  if (mark == std::string::npos) return {text, ""};
  text.erase(mark, 1);
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(mark), '\n');
  const size_t begin = mark == 0 ? std::string::npos : text.rfind('\n', mark - 1);
  const size_t column = begin == std::string::npos ? mark + 1 : mark - begin;
  return {text, std::to_string(line) + ':' + std::to_string(column)};
}

std::string write_file(const std::string& text) {
  std::string path = EOSIM_BINARY_DIR "/bad_input.json";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

// The fault but for its time.
constexpr const char* kFault = R"("kind": "pause", "target": "app-0", "for": "15s")";

const FileCase kFiles[] = {
    // syntax
    {R"("name": "base",)", R"("name": "base")", "", "not JSON", "", ""},
    {R"("duration": "60s",)", R"(@"name": "again",)", "/name", "twice", "each key once", ""},
    {R"({ "verdict": "pass" })", R"({ "verdict": "pass", @})", "/expect", "not JSON", "", ""},
    {R"("rate": 100)", R"("rate": @1e999)", "/sources/0/rate", "out of range", "", ""},
    // keys
    {R"("sources")", R"(@"source")", "/source", "unknown key", "sources", "sources"},
    {R"("rate")", R"(@"rat")", "/sources/0/rat", "unknown key", "rate", "rate"},
    {R"("instances")", R"(@"instance")", "/apps/0/instance", "unknown key", "threads", "instances"},
    {R"("median")", R"(@"mean")", "/network/latency/mean", "unknown key", "median, p99", "median"},
    {R"("verdict")", R"(@"verdikt")", "/expect/verdikt", "unknown key", "violations", "verdict"},
    {R"("count": 3)", R"(@"cuont": 3)", "/brokers/cuont", "unknown key", "config", "count"},
    {R"("mean_interval")", R"(@"mean-interval")", "/chaos/mean-interval", "unknown key", "swarm",
     "mean_interval"},
    {R"("set")", R"(@"sett")", "/variants/0/sett", "unknown key", "expect", "set"},
    {R"("chaos": {)", R"(@"defects": [], "chaos": {)", "/defects", "unknown key", "faults", ""},
    // missing
    {R"("kafka": "2.5",)", "", "", R"(the key "kafka" is missing)", "2.4, 2.5", ""},
    {R"("topic": "input", )", "", "/sources/0", R"("topic" is missing)", "a text", ""},
    {R"("at": "10s", )", "", "/faults/0", "at, on", "exactly one of", ""},
    {R"("target": "app-0", )", "", "/faults/0", R"("target" is missing)", "leader:", ""},
    {R"("mean_interval": "4s", )", "", "/chaos", R"("mean_interval" is missing)", "1ms to 24h", ""},
    // words
    {R"("2.5")", R"(@"2.7")", "/kafka", R"(unknown word "2.7")", "2.4, 2.5", "2.4"},
    {R"("2.5")", "@2.5", "/kafka", "stands where a text belongs", "2.4, 2.5", ""},
    {R"("exactly_once_v2")", R"(@"exactly_once_v3")", "/apps/0/guarantee", "unknown word",
     "at_least_once", "exactly_once_v2"},
    {R"("consume-transform-produce")", R"(@"spark")", "/apps/0/kind", "unknown word",
     "consume-transform-produce", ""},
    {R"("pause", )", R"(@"puase", )", "/faults/0/kind", "unknown word", "crash", "pause"},
    {R"("pause", )", R"(@"disk_lost", )", "/faults/0/kind", "unknown word", "power_loss",
     "disk_loss"},
    {R"("crash": 2)", R"(@"crush": 2)", "/chaos/kinds/crush", "unknown name", "stall", "crash"},
    {R"("pass")", R"(@"passed")", "/expect/verdict", "unknown word", "pass", "pass"},
    {R"({ "verdict": "pass" })", R"({ "violations": [@"duplicate_outputs"] })",
     "/expect/violations/0", "unknown word", "torn_transaction", "duplicate_output"},
    {R"({ "verdict": "pass" })", R"({ "allow": { @"offset_regresion": "why" } })",
     "/expect/allow/offset_regresion", "unknown name", "offset_lost", "offset_regression"},
    {R"({ "verdict": "pass" })",
     R"({ "allow": { "offset_lost": "why" }, "only_with": { "lost_output": @"offset_lost" } })",
     "/expect/only_with/lost_output", "is not allowed", "allow", ""},
    {R"({ "verdict": "pass" })",
     R"({ "allow": { "lost_output": "why" }, "only_with": { "lost_output": @"ofset_lost" } })",
     "/expect/only_with/lost_output", "unknown name", "offset_lost", "offset_lost"},
    {R"({ "verdict": "pass" })", R"({ "metrics": { @"requests.EndTx": { "eq": 1 } } })",
     "/expect/metrics/requests.EndTx", "unknown name", "records.in", ""},
    {R"({ "verdict": "pass" })", R"({ "metrics": { "rebalances": @{} } })",
     "/expect/metrics/rebalances", "compares with nothing", "eq, ne", ""},
    {R"({ "verdict": "pass" })",
     R"({ "moments": [{ "at": @"61s", "metrics": { "rebalances": { "eq": 1 } } }] })",
     "/expect/moments/0/at", "after the end", "0s to 60s", ""},
    {R"({ "verdict": "pass" })", R"(@{ "verdict": "pass", "violations": ["lost_output"] })",
     "/expect", "exclude each other", "at most one", ""},
    // numbers, durations, sizes
    {R"("scenario_version": 1)", R"("scenario_version": @2)", "/scenario_version", "out of range",
     "1", ""},
    {R"("instances": 3)", R"("copies": @0, "instances": 3)", "/apps/0/copies", "out of range",
     "1 to 100", ""},
    {R"("apps": [)",
     R"("apps": [{"name": "app-1", "kind": "idempotent-producer", "output": ["output"]}, )"
     R"({"copies": 2, "name": @"app", "kind": "idempotent-producer", "output": ["output"]}, )",
     "/apps/1/name", R"(a second app "app-1")", "each name once", ""},
    {R"("instances": 3)", R"("instances": @0)", "/apps/0/instances", "out of range", "1 to 1000",
     ""},
    {R"("instances": 3)", R"("instances": @3.0)", "/apps/0/instances", "whole number", "1 to 1000",
     ""},
    {R"("instances": 3)", R"("instances": @"3")", "/apps/0/instances", "whole number", "1 to 1000",
     ""},
    {R"("instances": 3)", R"("instances": @99999999999999999999)", "/apps/0/instances",
     "whole number", "1 to 1000", ""},
    {R"("rate": 100)", R"("rate": @0.0001)", "/sources/0/rate", "three decimals", "0.001", ""},
    {R"("duration": "60s")", R"("duration": @"60")", "/duration", "no duration", "with a unit", ""},
    {R"("duration": "60s")", R"("duration": @60)", "/duration", "no duration", "with a unit", ""},
    {R"("duration": "60s")", R"("duration": @"3 min")", "/duration", "no duration", "min", ""},
    {R"("duration": "60s")", R"("duration": @"1000h")", "/duration", "out of range", "24h", ""},
    {R"("record_size": 100)", R"("record_size": @"1KB5")", "/sources/0/record_size", "no size",
     "KiB", ""},
    {R"("record_size": 100)", R"("record_size": @"2GiB")", "/sources/0/record_size", "out of range",
     "1MiB", ""},
    {R"("partitions": 6)", R"("partitions": @1000000000)", "/topics/0/partitions", "out of range",
     "10000", ""},
    {R"("count": 3)", R"("count": @-1)", "/brokers/count", "out of range", "1 to 100", ""},
    {R"("kafka": "2.5")", R"("kafka": "2.5", "seed": @-5)", "/seed", "no seed", "0x", ""},
    {R"("kafka": "2.5")", R"("kafka": "2.5", "calm": @1)", "/calm", "neither true nor false",
     "true, false", ""},
    {R"("kafka": "2.5")", R"("kafka": "2.5", "warmup": @"60s")", "/warmup", "not over",
     "less than 60s", ""},
    // shapes
    {R"([{ "topic": "input", "rate": 100, "record_size": 100 }])", "@{}", "/sources",
     "a list belongs", "[ ... ]", ""},
    {R"({ "latency": { "median": "300us", "p99": "3ms" } })", "@3", "/network", "an object belongs",
     "{ ... }", ""},
    {R"("input": ["input"])", R"("input": @[])", "/apps/0/input", "0 items", "1 to", ""},
    // settings
    {R"("session.timeout.ms": 6000)", R"(@"sesion.timeout.ms": 6000)",
     "/apps/0/config/sesion.timeout.ms", "unknown setting", "max.poll.records",
     "session.timeout.ms"},
    {R"("session.timeout.ms": 6000)", R"("session.timeout.ms": @"6s")",
     "/apps/0/config/session.timeout.ms", "no value", "2147483647 ms", ""},
    {R"("session.timeout.ms": 6000)", R"("session.timeout.ms": @5000)",
     "/apps/0/config/session.timeout.ms", "no broker accepts", "6000 to 1800000", ""},
    {R"("session.timeout.ms": 6000)", R"("heartbeat.interval.ms": @10000)",
     "/apps/0/config/heartbeat.interval.ms", "not below", "less than 10000", ""},
    {R"("session.timeout.ms": 6000)", R"("transaction.timeout.ms": @900001)",
     "/apps/0/config/transaction.timeout.ms", "transaction.max.timeout.ms", "at most 900000", ""},
    {R"("session.timeout.ms": 6000)", R"("delivery.timeout.ms": @29999)",
     "/apps/0/config/delivery.timeout.ms", "is below", "at least 30000", ""},
    {R"("session.timeout.ms": 6000)", R"("acks": @1)", "/apps/0/config/acks", "idempotent", "all",
     ""},
    {R"("session.timeout.ms": 6000)", R"("isolation.level": @"read_commited")",
     "/apps/0/config/isolation.level", "no value", "read_committed", "read_committed"},
    {R"("transaction.state.log.num.partitions")", R"(@"session.timeout.ms")",
     "/brokers/config/session.timeout.ms", "unknown setting", "offsets.topic.num.partitions", ""},
    {R"("partitions": 6, "replication_factor": 3)",
     R"("partitions": 6, "config": { "min.insync.replicas": @4 })",
     "/topics/0/config/min.insync.replicas", "above the replication_factor", "1 to 3", ""},
    {R"("replication_factor": 3)", R"("replication_factor": @4)", "/topics/0/replication_factor",
     "more replicas than brokers", "1 to 3", ""},
    // names
    {R"("name": "output")", R"("name": @"input")", "/topics/1/name", "a second topic", "once", ""},
    {R"("topic": "input")", R"("topic": @"inputs")", "/sources/0/topic", "no topic", "output",
     "input"},
    {R"("output": ["output"])", R"("output": [@"outptu"])", "/apps/0/output/0", "no topic",
     "input, output", "output"},
    {R"("output": ["output"])", R"("output": [@"input"])", "/apps/0/output/0", "also an input",
     "no input", ""},
    {R"("name": "app")", R"("name": @"broker")", "/apps/0/name", "other processes", "but broker",
     ""},
    {R"("name": "base")", R"("name": @"a/b")", "/name", "no name", "letters", ""},
    // faults
    {R"("app-0")", R"(@"app-3")", "/faults/0/target", "names nothing", "<app>-<index>", "app-0"},
    {R"("app-0")", R"(@"ap-0")", "/faults/0/target", "names nothing", "<app>-<index>", "app-0"},
    {R"("app-0")", R"(@"app-0/1")", "/faults/0/target", "is a thread", "a process", ""},
    {R"("app-0")", R"(@"leader:output-3")", "/faults/0/target", "names nothing",
     "leader:", "leader:output-0"},
    {R"("app-0")", R"(@"owner:output-0")", "/faults/0/target", "names nothing", "owner:<input>",
     ""},
    {R"("app-0")", R"(@"coordinator:group:ap")", "/faults/0/target", "names nothing",
     "coordinator:", "coordinator:group:app"},
    {R"("at": "10s")", R"("at": @"61s")", "/faults/0/at", "after the end", "0s to 60s", ""},
    {R"("for": "15s")", R"(@"by": "15s")", "/faults/0/by", "does not belong to the kind pause",
     "for", ""},
    {R"("at": "10s")", R"("on": { "rpc": @"EndTx" })", "/faults/0/on/rpc", "unknown word",
     "Produce", "EndTxn"},
    {R"("at": "10s")", R"("on": { "rpc": "EndTxn", "phase": @"send" })", "/faults/0/on/phase",
     "unknown word", "handled", "sent"},
    {R"("at": "10s")", R"("on": @{ "nth": 2 })", "/faults/0/on", "rpc, event", "exactly one", ""},
    {R"("at": "10s")", R"("on": { "event": @"log.append" })", "/faults/0/on/event", "unknown word",
     "log.appended", "log.appended"},
    {R"("at": "10s", "kind": "pause", "target": "app-0", "for": "15s")",
     R"("at": "1s", "kind": "partition", "between": ["app-0"], "and": [@"app-0"])",
     "/faults/0/and/0", "both sides", "", ""},
    // upgrades
    {kFault, R"("kind": "rolling_bounce", "gap": "1s")", "/faults/0", "what is to restart?",
     "exactly one of: app, brokers", ""},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "brokers": true)", "/faults/0",
     "what is to restart?", "exactly one of: app, brokers", ""},
    {kFault, R"("kind": "rolling_bounce", "app": @"ap")", "/faults/0/app", R"(no app "ap")", "app",
     "app"},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "target": @"broker-0")", "/faults/0/target",
     "none of the processes", "app-<index>", ""},
    {kFault, R"("kind": "rolling_bounce", "brokers": true, "target": @"app-0")", "/faults/0/target",
     "none of the processes", "broker-<index>", ""},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "set": {"/guarantie": @"exactly_once"})",
     "/faults/0/set/~1guarantie", R"(a restart cannot change "guarantie")", "/guarantee",
     "guarantee"},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "set": {"/instances": @4})",
     "/faults/0/set/~1instances", R"(a restart cannot change "instances")", "/kafka", ""},
    {kFault, R"("kind": "rolling_bounce", "brokers": true, "set": {"/guarantee": @"exactly_once"})",
     "/faults/0/set/~1guarantee", "a restart cannot change", "/kafka, /config", ""},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "set": {@"kafka": "2.6"})",
     "/faults/0/set/kafka", "no JSON Pointer", "RFC 6901", ""},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "set": {"/guarantee": @"exactly_once_v3"})",
     "/faults/0/set/~1guarantee", "unknown word", "exactly_once_v2", "exactly_once_v2"},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "set": @{"/kafka": "2.4"})",
     "/faults/0/set", "KIP-447", "exactly_once", ""},
    {kFault, R"("kind": "rolling_bounce", "brokers": true, "set": {"/kafka": @"2.7"})",
     "/faults/0/set/~1kafka", "unknown word", "2.4, 2.5", "2.4"},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "set": {"/config/session.timeout": @6000})",
     "/faults/0/set/~1config~1session.timeout", "unknown setting", "session.timeout.ms", ""},
    {kFault, R"("kind": "rolling_bounce", "app": "app", "set": {"/config/session.timeout.ms": @5})",
     "/faults/0/set/~1config~1session.timeout.ms", "no broker accepts", "6000", ""},
    {kFault,
     R"("kind": "rolling_bounce", "app": "app"}, )"
     R"({"at": @"9s", "kind": "rolling_bounce", "app": "app")",
     "/faults/1/at", "is before the bounce", "order of time", ""},
    {kFault, R"("kind": "upgrade_features", "kafka": @"4.9")", "/faults/0/kafka", "unknown word",
     "2.4, 2.5", "3.9"},
    // chaos, protocol and variants
    {R"("crash": 2)", R"("rolling_bounce": @2)", "/chaos/kinds/rolling_bounce", "draws no upgrade",
     "restart", ""},
    {R"("crash": 2 })", R"("crash": 2 }, "vary": { "/apps/0/instances": [2, @0] })",
     "/apps/0/instances", "out of range", "1 to 1000", ""},
    {R"("crash": 2 })", R"("crash": 2 }, "vary": { @"apps": [2] })", "/chaos/vary/apps",
     "no JSON Pointer", "RFC 6901", ""},
    {R"("crash": 2 })", R"("crash": 2 }, "intensity": @"stormy")", "/chaos/intensity",
     "unknown word", "calm, rough, storm", "storm"},
    {R"("kafka": "2.5")", R"("kafka": "2.5", "protocol": { @"kip_448": true })",
     "/protocol/kip_448", "unknown name", "kip_360", "kip_447"},
    {R"("kafka": "2.5")", R"("kafka": "2.5", "protocol": { "kip_447": @"of" })",
     "/protocol/kip_447", "no value", "off, on", "off"},
    {R"("kafka": "2.5")", R"("kafka": "2.4")", "/apps/0/guarantee", "KIP-447", "exactly_once", ""},
    {R"("/apps/0/instances": 4)", R"(@"/apps/1/instances": 4)",
     "/variants/0/set/~1apps~11~1instances", "no item", "JSON Pointer", ""},
    {R"("/apps/0/instances": 4)", R"("/apps/0/instances": @4000)", "/apps/0/instances",
     "out of range", "1 to 1000", ""},
};

}  // namespace

TEST_CASE("the scenario from which the wrong ones are made is right") {
  const ProgramRun outcome = run_program({"validate", write_file(kGood)});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
}

TEST_CASE("every wrong scenario file is refused with one message that names the place") {
  for (const FileCase& one : kFiles) {
    const Placed file = make(one);
    const std::string path = write_file(file.text);
    INFO(one.from << " -> " << one.to);
    const ProgramRun outcome = run_program({"validate", "--json", path});
    INFO(outcome.err);
    check_refused(outcome);
    CHECK_THAT(outcome.err, contains_text(path + ':' + file.place));
    CHECK_THAT(outcome.err, contains_text(": " + one.pointer));
    CHECK_THAT(outcome.err, contains_text(one.message));
    CHECK_THAT(outcome.err, contains_text("; allowed: "));
    check_help(outcome, one.allowed, one.nearest);
  }
}

TEST_CASE("files that are no text at all end in a message, not in a crash") {
  const std::string kTexts[] = {"",
                                std::string("\0\0\0", 3),
                                "\xEF\xBB\xBF",
                                std::string("\xFF\xFE{\0", 4),
                                std::string(100'000, '['),
                                std::string(100'000, '{'),
                                "{\"a\":" + std::string(1'000'000, '1') + "}",
                                std::string(5'000'000, ' '),
                                "{\"" + std::string(300'000, 'k') + "\": 1}",
                                "{\"a\\u0000b\\n\": 1}",
                                "null",
                                "[]",
                                "\"text\"",
                                "{}"};
  for (const std::string& text : kTexts) {
    const ProgramRun outcome = run_program({"validate", write_file(text)});
    INFO(outcome.err.substr(0, 300));
    CHECK(outcome.code == kExitWrongInput);
    CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
    CHECK(outcome.err.size() < 5'000);
  }
}

TEST_CASE("cutting a right file anywhere gives exit code 2") {
  const std::string good = kGood;
  for (size_t size = 0; size + 1 < good.size(); size += 7) {
    const ProgramRun outcome = run_program({"validate", write_file(good.substr(0, size))});
    CHECK(outcome.code == kExitWrongInput);
  }
}
