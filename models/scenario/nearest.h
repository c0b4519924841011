// The nearest right word for a wrong one, for messages.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace eosim::scenario {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other,
// case ignored (optimal string alignment).
size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of the words, the first of equals; empty when none is near enough to be a slip.
std::string nearest(std::string_view wrong, std::span<const std::string> words);

}  // namespace eosim::scenario
