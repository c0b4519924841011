#include "models/scenario/nearest.h"

#include <algorithm>
#include <vector>

namespace eosim::scenario {
namespace {

constexpr size_t kLongestWord = 200;  // longer ones are no slip of anything known

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: a swap looks two rows back.
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string nearest(std::string_view wrong, std::span<const std::string> words) {
  if (wrong.empty() || wrong.size() > kLongestWord) return {};
  std::string best;
  size_t best_distance = std::max<size_t>(2, wrong.size() / 3) + 1;
  for (const std::string& word : words) {
    const size_t distance = edit_distance(wrong, word);
    // A word of which every letter would change is not near, however short it is.
    const bool is_related = distance < std::max(wrong.size(), word.size());
    if (is_related && distance < best_distance) {
      best = word;
      best_distance = distance;
    }
  }
  if (!best.empty() || wrong.size() < 4) return best;
  for (const std::string& word : words) {  // "exactly" for "exactly_once", "isr" is too short
    if (word.find(wrong) != std::string::npos) return word;
  }
  return {};
}

}  // namespace eosim::scenario
