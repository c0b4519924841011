// A small sorted map in one vector: the tables of the ledger have tens of entries, are looked up at
// every fact and are copied with it. The order is that of the keys' numbers and means nothing to a
// reader; whoever shows several entries sorts them by what can be seen.
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
    const auto at = lower(key);
    return at == entries_.end() || key < at->first ? nullptr : &at->second;
  }
  Value* find(const Key& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  Value& operator[](const Key& key) {
    const auto at = entries_.begin() + (lower(key) - entries_.cbegin());
    if (at != entries_.end() && !(key < at->first)) return at->second;
    return entries_.emplace(at, key, Value{})->second;
  }
  void erase(const Key& key) {
    const auto at = lower(key);
    if (at != entries_.end() && !(key < at->first)) entries_.erase(at);
  }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void clear() { entries_.clear(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  template <class Test>
  void erase_if(Test test) {
    std::erase_if(entries_, test);
  }

 private:
  typename std::vector<Entry>::const_iterator lower(const Key& key) const {
    return std::lower_bound(entries_.begin(), entries_.end(), key,
                            [](const Entry& entry, const Key& k) { return entry.first < k; });
  }

  std::vector<Entry> entries_;
};

}  // namespace eosim::check
