// What a checker found: which rule was broken, by what, when. Whoever tells the story, shrinks or
// counts works with this alone.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/check/facts.h"
#include "sim/ids.h"

namespace eosim::check {

// A rule of a checker. The text is part of the signature: it does not change with the run.
struct Rule {
  std::string_view checker;  // "K3"
  std::string_view name;     // "effect_once"
  std::string_view kind;     // "duplicate_output"
  std::string_view text;     // one sentence
};

// A place in a log that matters to a violation.
struct Place {
  TopicPartition partition;
  Offset offset;
  uint64_t instance = 0;
};

// Whom and what a violation is about, by the run's own ids: for the story, never for the signature.
struct Subject {
  TopicPartition input;
  Offset input_offset;
  std::vector<Place> places;  // in the order in which they came to be
  std::vector<uint64_t> instances;
  Name transactional_id;
  Name group;
  std::vector<sim::ProcessId> processes;
};

struct Violation {
  std::string checker;
  std::string name;
  std::string kind;
  std::string rule;
  int64_t time_ns = 0;
  uint64_t step = 0;  // of the trace; 0: at quiescence
  std::string summary;
  std::vector<std::pair<std::string, std::string>> details;
  Subject subject;
  // What the signature is made of beside the rule.
  std::string era;
  std::string guarantee;          // of the application concerned; "": none
  std::string transaction_state;  // at the coordinator, of the transaction concerned; "none"
};

// The violations of a run, in the order in which they showed: one for each subject, and at most so
// many; the rest is counted. The first of each signature is kept whatever came before: a scenario
// that allows one kind still has to hear of another.
class Findings {
 public:
  explicit Findings(size_t max) : max_(max) {}
  // `subject` tells apart what is not the same violation again.
  void add(Violation violation, const std::string& subject);
  const std::vector<Violation>& all() const { return all_; }
  uint64_t not_kept() const { return not_kept_; }

 private:
  size_t max_;
  std::vector<Violation> all_;
  std::set<std::string> subjects_;
  std::set<std::string> signatures_;
  uint64_t not_kept_ = 0;
};

}  // namespace eosim::check
