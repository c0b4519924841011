#include "tools/bundle.h"

#include <algorithm>
#include <charconv>

#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"
#include "models/scenario/simulation.h"
#include "sim/assert.h"
#include "tools/result_json.h"

namespace eosim::tools {
namespace {

using scenario::Document;
using scenario::Problem;
using scenario::Result;
using scenario::Value;

constexpr std::string_view kMark = "eosim_bundle";
constexpr const char* kKeys[] = {"eosim_bundle", "version",   "command", "seed",
                                 "forks",        "overrides", "digest",  "signature",
                                 "violations",   "story",     "faults",  "scenario"};

// Numbers beyond 2^53 are texts, which every JSON reader keeps.
std::optional<uint64_t> unsigned_of(const Value* value) {
  if (value == nullptr || (!value->is(Value::Kind::kNumber) && !value->is(Value::Kind::kText))) {
    return std::nullopt;
  }
  uint64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto read = std::from_chars(value->text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

std::optional<int64_t> signed_of(const Value* value) {
  if (value == nullptr || !value->is(Value::Kind::kNumber)) return std::nullopt;
  int64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto read = std::from_chars(value->text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

Problem wrong(const Document& document, const Value& where, const std::string& pointer,
              const std::string& allowed) {
  Problem problem = document.problem_at(where.place, pointer, "is not as a bundle has it");
  problem.allowed = allowed;
  return problem;
}

// Reads the members of a bundle, and remembers the first that is wrong.
class Reader {
 public:
  explicit Reader(const Document& document) : document_(document) {}

  const std::optional<Problem>& problem() const { return problem_; }

  void known_keys() {
    std::vector<std::string> keys(std::begin(kKeys), std::end(kKeys));
    for (const scenario::Member& member : document_.root.members) {
      if (std::find(keys.begin(), keys.end(), member.name) != keys.end()) continue;
      problem_ = document_.problem_at(member.place, "/" + scenario::pointer_step(member.name),
                                      "unknown key in a bundle");
      problem_->allowed = scenario::joined(keys);
      problem_->nearest = scenario::nearest(member.name, keys);
      return;
    }
  }

  // The member, or null after a refusal.
  const Value* member(const std::string& key, Value::Kind kind, const std::string& allowed) {
    const Value* value = document_.root.find(key);
    if (value != nullptr && value->is(kind)) return value;
    refuse(value == nullptr ? document_.root : *value, "/" + key, allowed);
    return nullptr;
  }

  std::string text(const std::string& key, const std::string& allowed) {
    const Value* value = member(key, Value::Kind::kText, allowed);
    return value == nullptr ? std::string() : value->text;
  }

  uint64_t number(const std::string& key) {
    const Value* value = document_.root.find(key);
    const std::optional<uint64_t> read = unsigned_of(value);
    if (!read) {
      refuse(value == nullptr ? document_.root : *value, "/" + key,
             "an unsigned whole number, best as a text");
    }
    return read.value_or(0);
  }

  // Calls `take` with every item of a list until it says that one is wrong.
  template <typename Take>
  void list(const std::string& key, const std::string& allowed, const Take& take) {
    const Value* value = member(key, Value::Kind::kArray, "[" + allowed + ", ...]");
    if (value == nullptr) return;
    for (size_t i = 0; i < value->items.size(); ++i) {
      if (take(value->items[i])) continue;
      return refuse(value->items[i], "/" + key + "/" + std::to_string(i), allowed);
    }
  }

  void refuse(const Value& where, const std::string& pointer, const std::string& allowed) {
    if (!problem_) problem_ = wrong(document_, where, pointer, allowed);
  }

 private:
  const Document& document_;
  std::optional<Problem> problem_;
};

bool take_fork(const Value& item, std::vector<scenario::Fork>& forks) {
  const auto step = unsigned_of(item.find("event"));
  const auto seed = unsigned_of(item.find("seed"));
  if (!step || !seed || (!forks.empty() && *step < forks.back().step)) return false;
  forks.push_back({*step, *seed});
  return true;
}

bool take_override(const Value& item, std::vector<sim::Override>& overrides) {
  const Value* stream = item.find("stream");
  const auto index = unsigned_of(item.find("index"));
  const auto value = signed_of(item.find("value"));
  if (stream == nullptr || !stream->is(Value::Kind::kText) || stream->text.empty()) return false;
  if (!index || !value) return false;
  overrides.push_back({stream->text, *index, *value});
  return true;
}

bool take_text(const Value* item, std::vector<std::string>& texts) {
  if (item == nullptr || !item->is(Value::Kind::kText)) return false;
  texts.push_back(item->text);
  return true;
}

bool is_digest(const std::string& text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

bool is_bundle(const Document& document) {
  return document.root.is(Value::Kind::kObject) && document.root.find(kMark) != nullptr;
}

Result<Bundle> read_bundle(Document document) {
  EOSIM_ASSERT(is_bundle(document));
  Bundle bundle;
  Reader reader(document);
  reader.known_keys();
  if (const Value* mark = document.root.find(kMark); unsigned_of(mark) != 1) {
    reader.refuse(*mark, "/" + std::string(kMark), "1");
  }
  const Value* scenario =
      reader.member("scenario", Value::Kind::kObject, "the scenario that was run");
  bundle.seed = reader.number("seed");
  reader.list("forks", R"({"event": N, "seed": N}, ascending)",
              [&](const Value& item) { return take_fork(item, bundle.forks); });
  reader.list("overrides", R"({"stream": "...", "index": N, "value": N})",
              [&](const Value& item) { return take_override(item, bundle.overrides); });
  bundle.version = reader.text("version", "the version of eosim that wrote it");
  bundle.digest = reader.text("digest", "16 hex digits");
  if (!is_digest(bundle.digest)) {
    const Value* digest = document.root.find("digest");
    reader.refuse(digest == nullptr ? document.root : *digest, "/digest", "16 hex digits");
  }
  bundle.signature = reader.text("signature", "a text");
  bundle.command = reader.text("command", "a text");
  reader.list("story", "\"a line\"",
              [&](const Value& item) { return take_text(&item, bundle.story); });
  reader.list("violations", R"({"kind": "..."})",
              [&](const Value& item) { return take_text(item.find("kind"), bundle.kinds); });
  if (reader.problem()) return *reader.problem();
  Value inner = *scenario;
  bundle.scenario = std::move(document);
  bundle.scenario.root = std::move(inner);
  return bundle;
}

std::string bundle_text(const Bundle& bundle, const scenario::RunResult& result) {
  Value root = Value::object();
  root.put(kMark, Value::of_number(1));
  root.put("version", Value::of_text(bundle.version));
  root.put("command", Value::of_text(bundle.command));
  root.put("seed", Value::of_text(std::to_string(bundle.seed)));
  Value forks = Value::array();
  for (const scenario::Fork& fork : bundle.forks) {
    Value one = Value::object();
    one.put("event", Value::of_text(std::to_string(fork.step)));
    one.put("seed", Value::of_text(std::to_string(fork.seed)));
    forks.items.push_back(std::move(one));
  }
  root.put("forks", std::move(forks));
  Value overrides = Value::array();
  for (const sim::Override& override_ : bundle.overrides) {
    Value one = Value::object();
    one.put("stream", Value::of_text(override_.stream));
    one.put("index", Value::of_text(std::to_string(override_.index)));
    one.put("value", Value::of_number(override_.value));
    overrides.items.push_back(std::move(one));
  }
  root.put("overrides", std::move(overrides));
  root.put("digest", Value::of_text(bundle.digest));
  root.put("signature", Value::of_text(bundle.signature));
  root.put("violations", violations_value(result));
  root.put("story", Value::of_texts(bundle.story));
  root.put("faults", faults_value(result));
  root.put("scenario", bundle.scenario.root);
  return scenario::to_json(root) + "\n";
}

}  // namespace eosim::tools
