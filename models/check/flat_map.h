// A small sorted map in vectors: the tables of the ledger have tens of entries, are looked up at
// every fact and are copied with it. Keys stand by themselves as well, so that a search touches
// nothing else. The order is that of the keys' numbers and means nothing to a reader; whoever shows
// several entries sorts them by what can be seen.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

namespace eosim::check {

template <class Key, class Value>
class FlatMap {
 public:
  using Entry = std::pair<Key, Value>;

  const Value* find(const Key& key) const {
    const size_t at = lower(key);
    return at == keys_.size() || key < keys_[at] ? nullptr : &entries_[at].second;
  }
  Value* find(const Key& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  Value& operator[](const Key& key) {
    // Facts about one thing come together.
    if (last_ < keys_.size() && keys_[last_] == key) return entries_[last_].second;
    const size_t at = last_ = lower(key);
    if (at == keys_.size() || key < keys_[at]) {
      keys_.insert(keys_.begin() + static_cast<ptrdiff_t>(at), key);
      entries_.emplace(entries_.begin() + static_cast<ptrdiff_t>(at), key, Value{});
    }
    return entries_[at].second;
  }
  void erase(const Key& key) {
    const size_t at = lower(key);
    if (at == keys_.size() || key < keys_[at]) return;
    keys_.erase(keys_.begin() + static_cast<ptrdiff_t>(at));
    entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(at));
  }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void clear() {
    keys_.clear();
    entries_.clear();
  }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  template <class Test>
  void erase_if(Test test) {
    if (std::erase_if(entries_, test) == 0) return;
    keys_.clear();
    for (const Entry& entry : entries_) keys_.push_back(entry.first);
  }

 private:
  size_t lower(const Key& key) const {
    return static_cast<size_t>(std::lower_bound(keys_.begin(), keys_.end(), key) - keys_.begin());
  }

  std::vector<Key> keys_;       // sorted
  std::vector<Entry> entries_;  // beside them
  size_t last_ = 0;             // where the key was that was asked for last
};

}  // namespace eosim::check
