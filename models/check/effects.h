// Which input record has which committed effects: for each application and input partition, the
// first visible place of each (offset, ordinal). An effect counts from the moment at which a
// read_committed reader may see it.
//
// Bounded: of the oldest records whose effects are all there only a low-water mark is kept. A
// second effect of such a record is still noticed, without the place of the first.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/check/flat_map.h"
#include "models/check/partition_truth.h"

namespace eosim::check {

struct EffectPlace {
  TopicPartition output;
  Offset offset;
  uint64_t instance = 0;  // 0: not transactional
  int64_t visible_ns = -1;
  bool lost = false;  // with its partition's records, for a reason that nothing helps against
};

// A record's effects are numbered by their ordinal; `effects_per_record` ordinals are expected.
class InputEffects {
 public:
  explicit InputEffects(int32_t effects_per_record = 1) : per_record_(effects_per_record) {}

  // Books a visible effect. Gives the first one if there is one already; its place is unset if it
  // was folded.
  std::optional<EffectPlace> add(Offset input, int32_t ordinal, const EffectPlace& place);
  // Effects of this record that are missing.
  int32_t missing(Offset input) const;
  const EffectPlace* find(Offset input, int32_t ordinal) const;
  // The output's records from `end` on are gone. Excused: the effects are not missed.
  void lose_outputs(TopicPartition output, Offset end, bool excused);
  // The same for those of one transaction, whose marker is gone.
  void lose_transaction(TopicPartition output, uint64_t instance, bool excused);
  // The inputs from `end` on are gone: what comes in their places is something else.
  void lose_inputs(Offset end);
  // Every record below `end` that can be seen has all its effects, and its readers and groups are
  // past it: lets go of their places, but for so many of the newest as a story may name.
  void fold_below(Offset end);
  Offset folded_until() const { return first_; }
  size_t kept() const { return places_.size(); }

  // The newest input with a visible effect in an output partition, and where that is: what the
  // order of the next one is judged by.
  struct Newest {
    Offset input;
    Offset output;
  };
  FlatMap<TopicPartition, Newest> newest;

 private:
  template <class Test>
  void lose(Test test, bool excused);
  void fold();
  void forget(size_t records);

  static constexpr size_t kNewest = 1 << 12;   // places of records that nobody will read again
  static constexpr size_t kKeptMax = 1 << 16;  // those that may be taken back and be done again

  int32_t per_record_;
  Offset first_{0};                  // input offset of places_[0]
  std::vector<EffectPlace> places_;  // (input - first_) * per_record_ + ordinal
};

}  // namespace eosim::check
