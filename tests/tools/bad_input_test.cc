// Wrong scenario files and command lines: each gets exit code 2, nothing on stdout, and exactly one
// message on stderr that names the place, what is allowed and the nearest right word.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "tools/program.h"

using namespace eosim::tools;

namespace {

struct Ended {
  int code = 0;
  std::string out;
  std::string err;
};

Ended run_eosim(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  Console console{out, err, EOSIM_SOURCE_DIR "/build/release/eosim"};
  const int code = main_with(args, console);
  return {code, out.str(), err.str()};
}

void check_refused(const Ended& outcome) {
  CHECK(outcome.code == kExitWrongInput);
  CHECK(outcome.out.empty());
  REQUIRE_FALSE(outcome.err.empty());
  CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
}

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

std::string write_file(const std::string& name, const std::string& text) {
  std::string path = std::string(EOSIM_BINARY_DIR) + '/' + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

const FileCase kFiles[] = {
    // syntax
    {"\"name\": \"base\",", "\"name\": \"base\"", "", "not JSON", "", ""},
    {"\"duration\": \"60s\",", "@\"name\": \"again\",", "/name", "twice", "each key once", ""},
    {"{ \"verdict\": \"pass\" }", "{ \"verdict\": \"pass\", @}", "/expect", "not JSON", "", ""},
    {"\"rate\": 100", "\"rate\": @1e999", "/sources/0/rate", "out of range", "", ""},
    // keys
    {"\"sources\"", "@\"source\"", "/source", "unknown key", "sources", "sources"},
    {"\"rate\"", "@\"rat\"", "/sources/0/rat", "unknown key", "rate", "rate"},
    {"\"instances\"", "@\"instance\"", "/apps/0/instance", "unknown key", "threads", "instances"},
    {"\"median\"", "@\"mean\"", "/network/latency/mean", "unknown key", "median, p99", "median"},
    {"\"verdict\"", "@\"verdikt\"", "/expect/verdikt", "unknown key", "violations", "verdict"},
    {"\"count\": 3", "@\"cuont\": 3", "/brokers/cuont", "unknown key", "config", "count"},
    {"\"mean_interval\"", "@\"mean-interval\"", "/chaos/mean-interval", "unknown key", "swarm",
     "mean_interval"},
    {"\"set\"", "@\"sett\"", "/variants/0/sett", "unknown key", "expect", "set"},
    {"\"chaos\": {", "@\"defects\": [], \"chaos\": {", "/defects", "unknown key", "faults", ""},
    // missing
    {"\"kafka\": \"2.5\",", "", "", "the key \"kafka\" is missing", "2.4, 2.5", ""},
    {"\"topic\": \"input\", ", "", "/sources/0", "\"topic\" is missing", "a text", ""},
    {"\"at\": \"10s\", ", "", "/faults/0", "at, on", "exactly one of", ""},
    {"\"target\": \"app-0\", ", "", "/faults/0", "\"target\" is missing", "leader:", ""},
    {"\"mean_interval\": \"4s\", ", "", "/chaos", "\"mean_interval\" is missing", "1ms to 24h", ""},
    // words
    {"\"2.5\"", "@\"2.7\"", "/kafka", "unknown word \"2.7\"", "2.4, 2.5", "2.4"},
    {"\"2.5\"", "@2.5", "/kafka", "stands where a text belongs", "2.4, 2.5", ""},
    {"\"exactly_once_v2\"", "@\"exactly_once_v3\"", "/apps/0/guarantee", "unknown word",
     "at_least_once", "exactly_once_v2"},
    {"\"consume-transform-produce\"", "@\"spark\"", "/apps/0/kind", "unknown word",
     "consume-transform-produce", ""},
    {"\"pause\", ", "@\"puase\", ", "/faults/0/kind", "unknown word", "crash", "pause"},
    {"\"pause\", ", "@\"disk_lost\", ", "/faults/0/kind", "unknown word", "power_loss",
     "disk_loss"},
    {"\"crash\": 2", "@\"crush\": 2", "/chaos/kinds/crush", "unknown name", "stall", "crash"},
    {"\"pass\"", "@\"passed\"", "/expect/verdict", "unknown word", "pass", "pass"},
    {"{ \"verdict\": \"pass\" }", "{ \"violations\": [@\"duplicate_outputs\"] }",
     "/expect/violations/0", "unknown word", "torn_transaction", "duplicate_output"},
    {"{ \"verdict\": \"pass\" }", "{ \"allow\": { @\"offset_regresion\": \"why\" } }",
     "/expect/allow/offset_regresion", "unknown name", "offset_lost", "offset_regression"},
    {"{ \"verdict\": \"pass\" }", "{ \"metrics\": { @\"requests.EndTx\": { \"eq\": 1 } } }",
     "/expect/metrics/requests.EndTx", "unknown name", "records.in", ""},
    {"{ \"verdict\": \"pass\" }", "{ \"metrics\": { \"rebalances\": @{} } }",
     "/expect/metrics/rebalances", "compares with nothing", "eq, ne", ""},
    {"{ \"verdict\": \"pass\" }",
     "{ \"moments\": [{ \"at\": @\"61s\", \"metrics\": { "
     "\"rebalances\": { \"eq\": 1 } } }] }",
     "/expect/moments/0/at", "after the end", "0s to 60s", ""},
    {"{ \"verdict\": \"pass\" }", "@{ \"verdict\": \"pass\", \"violations\": [\"lost_output\"] }",
     "/expect", "exclude each other", "at most one", ""},
    // numbers, durations, sizes
    {"\"scenario_version\": 1", "\"scenario_version\": @2", "/scenario_version", "out of range",
     "1", ""},
    {"\"instances\": 3", "\"copies\": @0, \"instances\": 3", "/apps/0/copies", "out of range",
     "1 to 100", ""},
    {"\"apps\": [",
     "\"apps\": [{\"name\": \"app-1\", \"kind\": \"idempotent-producer\", "
     "\"output\": [\"output\"]}, {\"copies\": 2, \"name\": @\"app\", \"kind\": "
     "\"idempotent-producer\", \"output\": [\"output\"]}, ",
     "/apps/1/name", "a second app \"app-1\"", "each name once", ""},
    {"\"instances\": 3", "\"instances\": @0", "/apps/0/instances", "out of range", "1 to 1000", ""},
    {"\"instances\": 3", "\"instances\": @3.0", "/apps/0/instances", "whole number", "1 to 1000",
     ""},
    {"\"instances\": 3", "\"instances\": @\"3\"", "/apps/0/instances", "whole number", "1 to 1000",
     ""},
    {"\"instances\": 3", "\"instances\": @99999999999999999999", "/apps/0/instances",
     "whole number", "1 to 1000", ""},
    {"\"rate\": 100", "\"rate\": @0.0001", "/sources/0/rate", "three decimals", "0.001", ""},
    {"\"duration\": \"60s\"", "\"duration\": @\"60\"", "/duration", "no duration", "with a unit",
     ""},
    {"\"duration\": \"60s\"", "\"duration\": @60", "/duration", "no duration", "with a unit", ""},
    {"\"duration\": \"60s\"", "\"duration\": @\"3 min\"", "/duration", "no duration", "min", ""},
    {"\"duration\": \"60s\"", "\"duration\": @\"1000h\"", "/duration", "out of range", "24h", ""},
    {"\"record_size\": 100", "\"record_size\": @\"1KB5\"", "/sources/0/record_size", "no size",
     "KiB", ""},
    {"\"record_size\": 100", "\"record_size\": @\"2GiB\"", "/sources/0/record_size", "out of range",
     "1MiB", ""},
    {"\"partitions\": 6", "\"partitions\": @1000000000", "/topics/0/partitions", "out of range",
     "10000", ""},
    {"\"count\": 3", "\"count\": @-1", "/brokers/count", "out of range", "1 to 100", ""},
    {"\"kafka\": \"2.5\"", "\"kafka\": \"2.5\", \"seed\": @-5", "/seed", "no seed", "0x", ""},
    {"\"kafka\": \"2.5\"", "\"kafka\": \"2.5\", \"calm\": @1", "/calm", "neither true nor false",
     "true, false", ""},
    {"\"kafka\": \"2.5\"", "\"kafka\": \"2.5\", \"warmup\": @\"60s\"", "/warmup", "not over",
     "less than 60s", ""},
    // shapes
    {"[{ \"topic\": \"input\", \"rate\": 100, \"record_size\": 100 }]", "@{}", "/sources",
     "a list belongs", "[ ... ]", ""},
    {"{ \"latency\": { \"median\": \"300us\", \"p99\": \"3ms\" } }", "@3", "/network",
     "an object belongs", "{ ... }", ""},
    {"\"input\": [\"input\"]", "\"input\": @[]", "/apps/0/input", "0 items", "1 to", ""},
    // settings
    {"\"session.timeout.ms\": 6000", "@\"sesion.timeout.ms\": 6000",
     "/apps/0/config/sesion.timeout.ms", "unknown setting", "max.poll.records",
     "session.timeout.ms"},
    {"\"session.timeout.ms\": 6000", "\"session.timeout.ms\": @\"6s\"",
     "/apps/0/config/session.timeout.ms", "no value", "2147483647 ms", ""},
    {"\"session.timeout.ms\": 6000", "\"session.timeout.ms\": @5000",
     "/apps/0/config/session.timeout.ms", "no broker accepts", "6000 to 1800000", ""},
    {"\"session.timeout.ms\": 6000", "\"heartbeat.interval.ms\": @10000",
     "/apps/0/config/heartbeat.interval.ms", "not below", "less than 10000", ""},
    {"\"session.timeout.ms\": 6000", "\"transaction.timeout.ms\": @900001",
     "/apps/0/config/transaction.timeout.ms", "transaction.max.timeout.ms", "at most 900000", ""},
    {"\"session.timeout.ms\": 6000", "\"delivery.timeout.ms\": @29999",
     "/apps/0/config/delivery.timeout.ms", "is below", "at least 30000", ""},
    {"\"session.timeout.ms\": 6000", "\"acks\": @1", "/apps/0/config/acks", "idempotent", "all",
     ""},
    {"\"session.timeout.ms\": 6000", "\"isolation.level\": @\"read_commited\"",
     "/apps/0/config/isolation.level", "no value", "read_committed", "read_committed"},
    {"\"transaction.state.log.num.partitions\"", "@\"session.timeout.ms\"",
     "/brokers/config/session.timeout.ms", "unknown setting", "offsets.topic.num.partitions", ""},
    {"\"partitions\": 6, \"replication_factor\": 3",
     "\"partitions\": 6, \"config\": { \"min.insync.replicas\": @4 }",
     "/topics/0/config/min.insync.replicas", "above the replication_factor", "1 to 3", ""},
    {"\"replication_factor\": 3", "\"replication_factor\": @4", "/topics/0/replication_factor",
     "more replicas than brokers", "1 to 3", ""},
    // names
    {"\"name\": \"output\"", "\"name\": @\"input\"", "/topics/1/name", "a second topic", "once",
     ""},
    {"\"topic\": \"input\"", "\"topic\": @\"inputs\"", "/sources/0/topic", "no topic", "output",
     "input"},
    {"\"output\": [\"output\"]", "\"output\": [@\"outptu\"]", "/apps/0/output/0", "no topic",
     "input, output", "output"},
    {"\"output\": [\"output\"]", "\"output\": [@\"input\"]", "/apps/0/output/0", "also an input",
     "no input", ""},
    {"\"name\": \"app\"", "\"name\": @\"broker\"", "/apps/0/name", "other processes", "but broker",
     ""},
    {"\"name\": \"base\"", "\"name\": @\"a/b\"", "/name", "no name", "letters", ""},
    // faults
    {"\"app-0\"", "@\"app-3\"", "/faults/0/target", "names nothing", "<app>-<index>", "app-0"},
    {"\"app-0\"", "@\"ap-0\"", "/faults/0/target", "names nothing", "<app>-<index>", "app-0"},
    {"\"app-0\"", "@\"app-0/1\"", "/faults/0/target", "is a thread", "a process", ""},
    {"\"app-0\"", "@\"leader:output-3\"", "/faults/0/target", "names nothing",
     "leader:", "leader:output-0"},
    {"\"app-0\"", "@\"owner:output-0\"", "/faults/0/target", "names nothing", "owner:<input>", ""},
    {"\"app-0\"", "@\"coordinator:group:ap\"", "/faults/0/target", "names nothing",
     "coordinator:", "coordinator:group:app"},
    {"\"at\": \"10s\"", "\"at\": @\"61s\"", "/faults/0/at", "after the end", "0s to 60s", ""},
    {"\"for\": \"15s\"", "@\"by\": \"15s\"", "/faults/0/by", "does not belong to the kind pause",
     "for", ""},
    {"\"at\": \"10s\"", "\"on\": { \"rpc\": @\"EndTx\" }", "/faults/0/on/rpc", "unknown word",
     "Produce", "EndTxn"},
    {"\"at\": \"10s\"", "\"on\": { \"rpc\": \"EndTxn\", \"phase\": @\"send\" }",
     "/faults/0/on/phase", "unknown word", "handled", "sent"},
    {"\"at\": \"10s\"", "\"on\": @{ \"nth\": 2 }", "/faults/0/on", "rpc, event", "exactly one", ""},
    {"\"at\": \"10s\"", "\"on\": { \"event\": @\"log.append\" }", "/faults/0/on/event",
     "unknown word", "log.appended", "log.appended"},
    {"\"at\": \"10s\", \"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"at\": \"1s\", \"kind\": \"partition\", \"between\": [\"app-0\"], \"and\": [@\"app-0\"]",
     "/faults/0/and/0", "both sides", "", ""},
    // upgrades
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"gap\": \"1s\"", "/faults/0", "what is to restart?",
     "exactly one of: app, brokers", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"brokers\": true", "/faults/0",
     "what is to restart?", "exactly one of: app, brokers", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": @\"ap\"", "/faults/0/app", "no app \"ap\"", "app",
     "app"},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"target\": @\"broker-0\"",
     "/faults/0/target", "none of the processes", "app-<index>", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"brokers\": true, \"target\": @\"app-0\"", "/faults/0/target",
     "none of the processes", "broker-<index>", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"set\": {\"/guarantie\": @\"exactly_once\"}",
     "/faults/0/set/~1guarantie", "a restart cannot change \"guarantie\"", "/guarantee",
     "guarantee"},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"set\": {\"/instances\": @4}",
     "/faults/0/set/~1instances", "a restart cannot change \"instances\"", "/kafka", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"brokers\": true, \"set\": {\"/guarantee\": "
     "@\"exactly_once\"}",
     "/faults/0/set/~1guarantee", "a restart cannot change", "/kafka, /config", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"set\": {@\"kafka\": \"2.6\"}",
     "/faults/0/set/kafka", "no JSON Pointer", "RFC 6901", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"set\": {\"/guarantee\": "
     "@\"exactly_once_v3\"}",
     "/faults/0/set/~1guarantee", "unknown word", "exactly_once_v2", "exactly_once_v2"},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"set\": @{\"/kafka\": \"2.4\"}",
     "/faults/0/set", "KIP-447", "exactly_once", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"brokers\": true, \"set\": {\"/kafka\": @\"2.7\"}",
     "/faults/0/set/~1kafka", "unknown word", "2.4, 2.5", "2.4"},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"set\": {\"/config/session.timeout\": "
     "@6000}",
     "/faults/0/set/~1config~1session.timeout", "unknown setting", "session.timeout.ms", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\", \"set\": {\"/config/session.timeout.ms\": "
     "@5}",
     "/faults/0/set/~1config~1session.timeout.ms", "no broker accepts", "6000", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"rolling_bounce\", \"app\": \"app\"}, {\"at\": @\"9s\", \"kind\": "
     "\"rolling_bounce\", \"app\": \"app\"",
     "/faults/1/at", "is before the bounce", "order of time", ""},
    {"\"kind\": \"pause\", \"target\": \"app-0\", \"for\": \"15s\"",
     "\"kind\": \"upgrade_features\", \"kafka\": @\"4.9\"", "/faults/0/kafka", "unknown word",
     "2.4, 2.5", "3.9"},
    // chaos, protocol and variants
    {"\"crash\": 2", "\"rolling_bounce\": @2", "/chaos/kinds/rolling_bounce", "draws no upgrade",
     "restart", ""},
    {"\"crash\": 2 }", "\"crash\": 2 }, \"vary\": { \"/apps/0/instances\": [2, @0] }",
     "/apps/0/instances", "out of range", "1 to 1000", ""},
    {"\"crash\": 2 }", "\"crash\": 2 }, \"vary\": { @\"apps\": [2] }", "/chaos/vary/apps",
     "no JSON Pointer", "RFC 6901", ""},
    {"\"crash\": 2 }", "\"crash\": 2 }, \"intensity\": @\"stormy\"", "/chaos/intensity",
     "unknown word", "calm, rough, storm", "storm"},
    {"\"kafka\": \"2.5\"", "\"kafka\": \"2.5\", \"protocol\": { @\"kip_448\": true }",
     "/protocol/kip_448", "unknown name", "kip_360", "kip_447"},
    {"\"kafka\": \"2.5\"", "\"kafka\": \"2.5\", \"protocol\": { \"kip_447\": @\"of\" }",
     "/protocol/kip_447", "no value", "off, on", "off"},
    {"\"kafka\": \"2.5\"", "\"kafka\": \"2.4\"", "/apps/0/guarantee", "KIP-447", "exactly_once",
     ""},
    {"\"/apps/0/instances\": 4", "@\"/apps/1/instances\": 4",
     "/variants/0/set/~1apps~11~1instances", "no item", "JSON Pointer", ""},
    {"\"/apps/0/instances\": 4", "\"/apps/0/instances\": @4000", "/apps/0/instances",
     "out of range", "1 to 1000", ""},
};

struct LineCase {
  std::vector<std::string> args;
  std::string option;
  std::string message;
  std::string allowed;
  std::string nearest;
};

const char* const kExample = "zombies/after-rebalance";

const LineCase kLines[] = {
    {{}, "eosim", "a command is missing", "validate", ""},
    {{"validat"}, "\"validat\"", "unknown command", "schema", "validate"},
    {{"--vers"}, "\"--vers\"", "unknown option", "--version", "--version"},
    {{"help", "lst"}, "\"lst\"", "unknown command", "list", "list"},
    {{"help", "list", "x"}, "\"x\"", "too many", "help COMMAND", ""},
    {{"list"}, "WHAT", "is missing", "1", ""},
    {{"list", "fault"}, "\"fault\"", "nothing that can be listed", "faults", "faults"},
    {{"list", "faults", "events"}, "\"events\"", "too many", "1 WHAT", ""},
    {{"list", "--jsn", "faults"}, "--jsn", "unknown option", "--json", "--json"},
    {{"list", "--json=1", "faults"}, "--json", "takes no value", "", ""},
    {{"list", "--color", "blue", "faults"}, "--color", "unknown", "auto, always, never", ""},
    {{"list", "-q", "-v", "faults"}, "--quiet", "excludes --verbose", "one of them", ""},
    {{"list", "-x", "faults"}, "-x", "unknown option", "--json", ""},
    {{"schema", "x"}, "\"x\"", "too many", "options only", ""},
    {{"schema", "--set", "/a=1"}, "--set", "unknown option", "--help", ""},
    {{"validate"}, "SCENARIO", "is missing", "1 or more", ""},
    {{"validate", "zombies/after-rebalnce"},
     "\"zombies/after-rebalnce\"",
     "no such file",
     "eosim list scenarios",
     "zombies/after-rebalance"},
    {{"validate", EOSIM_SOURCE_DIR}, "\"" EOSIM_SOURCE_DIR "\"", "no such file", "a path", ""},
    {{"validate", kExample, "--seed", "-5"}, "--seed", "unknown option", "--set", "--set"},
    {{"validate", kExample, "--set"}, "--set", "needs a value", "", ""},
    {{"validate", kExample, "--preset", "2.7"}, "--preset", "unknown", "2.4, 2.5", "2.4"},
    {{"validate", kExample, "--preset", "2.4", "--preset", "2.5"},
     "--preset",
     "more than once",
     "once",
     ""},
    {{"validate", kExample, "--guarantee", "exactly_once_v"},
     "--guarantee",
     "unknown",
     "at_least_once",
     "exactly_once_v2"},
    {{"validate", kExample, "--variant", "misuse"},
     "--variant",
     "no variant",
     "pre447, misused",
     "misused"},
    {{"validate", kExample, "--set", "/kafka"}, "--set", "no override", "POINTER=VALUE", ""},
    {{"validate", kExample, "--set", "/kafka=2.3"},
     "--set /kafka",
     "unknown word",
     "2.4, 2.5",
     "2.4"},
    {{"validate", kExample, "--set", "/apps/5/instances=2"},
     "--set /apps/5/instances",
     "no item",
     "JSON Pointer",
     ""},
    {{"validate", kExample, "--set", "/aps/0/instances=2"},
     "--set /aps/0/instances",
     "unknown key",
     "apps",
     "apps"},
    {{"validate", kExample, "--set", "/apps/0/instances=many"},
     "--set /apps/0/instances",
     "whole number",
     "1 to 1000",
     ""},
    {{"validate", "--json", kExample, "--set", "/apps/0/config={"},
     "--set /apps/0/config",
     "not JSON",
     "bare string",
     ""},
};

}  // namespace

TEST_CASE("the scenario from which the wrong ones are made is right") {
  const Ended outcome = run_eosim({"validate", write_file("bad_input.json", kGood)});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
}

TEST_CASE("every wrong scenario file is refused with one message that names the place") {
  for (const FileCase& one : kFiles) {
    const Placed file = make(one);
    const std::string path = write_file("bad_input.json", file.text);
    INFO(one.from << " -> " << one.to);
    const Ended outcome = run_eosim({"validate", "--json", path});
    INFO(outcome.err);
    check_refused(outcome);
    CHECK_THAT(outcome.err, contains_text(path + ':' + file.place));
    CHECK_THAT(outcome.err, contains_text(": " + one.pointer));
    CHECK_THAT(outcome.err, contains_text(one.message));
    CHECK_THAT(outcome.err, contains_text("; allowed: "));
    CHECK_THAT(outcome.err, contains_text(one.allowed));
    if (!one.nearest.empty()) {
      CHECK_THAT(outcome.err, contains_text("did you mean \"" + one.nearest + "\"?"));
    }
  }
}

TEST_CASE("every wrong command line is refused with one message that names the option") {
  for (const LineCase& one : kLines) {
    const Ended outcome = run_eosim(one.args);
    INFO(outcome.err);
    check_refused(outcome);
    CHECK(outcome.err.starts_with(one.option));
    CHECK_THAT(outcome.err, contains_text(one.message));
    if (!one.allowed.empty()) CHECK_THAT(outcome.err, contains_text("; allowed: "));
    CHECK_THAT(outcome.err, contains_text(one.allowed));
    if (!one.nearest.empty()) {
      CHECK_THAT(outcome.err, contains_text("did you mean \"" + one.nearest + "\"?"));
    }
  }
}

TEST_CASE("files that are no text at all end in a message, not in a crash") {
  const std::string kTexts[] = {"",
                                std::string("\0\0\0", 3),
                                "\xEF\xBB\xBF",
                                "\xFF\xFE{\0",
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
    const Ended outcome = run_eosim({"validate", write_file("bad_input.json", text)});
    INFO(outcome.err.substr(0, 300));
    CHECK(outcome.code == kExitWrongInput);
    CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
    CHECK(outcome.err.size() < 5'000);
  }
}

TEST_CASE("cutting a right file anywhere gives exit code 2") {
  const std::string good = kGood;
  for (size_t size = 0; size + 1 < good.size(); size += 7) {
    const Ended outcome =
        run_eosim({"validate", write_file("bad_input.json", good.substr(0, size))});
    CHECK(outcome.code == kExitWrongInput);
  }
}
