#include "models/check/effects.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::check {

std::optional<EffectPlace> InputEffects::add(Offset input, int32_t ordinal,
                                             const EffectPlace& place) {
  EOSIM_ASSERT(ordinal >= 0);
  if (ordinal >= per_record_) return std::nullopt;  // more than the application owes: not judged
  if (input < first_) return EffectPlace{};
  const size_t index = static_cast<size_t>((input - first_) * per_record_ + ordinal);
  if (index >= places_.size()) {
    const size_t records = static_cast<size_t>(input - first_) + 1;
    places_.resize(records * static_cast<size_t>(per_record_));
  }
  if (places_[index].offset.valid() && !places_[index].lost) return places_[index];
  places_[index] = place;
  if (places_.size() > 2 * kKeptMax) fold();
  return std::nullopt;
}

const EffectPlace* InputEffects::find(Offset input, int32_t ordinal) const {
  if (input < first_ || ordinal >= per_record_) return nullptr;
  const size_t index = static_cast<size_t>((input - first_) * per_record_ + ordinal);
  if (index >= places_.size() || !places_[index].offset.valid()) return nullptr;
  return &places_[index];
}

int32_t InputEffects::missing(Offset input) const {
  if (input < first_) return 0;
  int32_t missing = 0;
  for (int32_t ordinal = 0; ordinal < per_record_; ++ordinal) {
    if (find(input, ordinal) == nullptr) ++missing;
  }
  return missing;
}

template <class Test>
void InputEffects::lose(Test test, bool excused) {
  for (EffectPlace& place : places_) {
    if (!place.offset.valid() || !test(place)) continue;
    if (excused) {
      place.lost = true;
    } else {
      place = {};
    }
  }
}

void InputEffects::lose_outputs(TopicPartition output, Offset end, bool excused) {
  lose([&](const EffectPlace& p) { return p.output == output && p.offset >= end; }, excused);
  newest.erase(output);
}

void InputEffects::lose_transaction(TopicPartition output, uint64_t instance, bool excused) {
  lose([&](const EffectPlace& p) { return p.output == output && p.instance == instance; }, excused);
  newest.erase(output);
}

void InputEffects::lose_inputs(Offset end) {
  if (end < first_) return;  // the folded ones keep their mark: their successors are not judged
  const size_t from = static_cast<size_t>((end - first_) * per_record_);
  if (from < places_.size()) places_.resize(from);
  newest.clear();
}

void InputEffects::fold() {
  size_t complete = 0;  // records
  while (complete * static_cast<size_t>(per_record_) < places_.size() - kKeptMax &&
         missing(first_ + static_cast<int64_t>(complete)) == 0) {
    ++complete;
  }
  forget(complete);
}

void InputEffects::fold_below(Offset end) {
  if (places_.size() <= kNewest || end <= first_) return;
  const size_t old = (places_.size() - kNewest) / static_cast<size_t>(per_record_);
  forget(std::min(old, static_cast<size_t>(end - first_)));
}

void InputEffects::forget(size_t records) {
  const auto end = places_.begin() + static_cast<int64_t>(records) * per_record_;
  places_.erase(places_.begin(), end);
  first_ = first_ + static_cast<int64_t>(records);
}

}  // namespace eosim::check
