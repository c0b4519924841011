// JSON Pointers (RFC 6901) into a Value tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/scenario/document.h"

namespace eosim::scenario {

// "/apps/0/a~1b" -> {"apps", "0", "a/b"}; nothing when it is no pointer.
std::optional<std::vector<std::string>> split_pointer(std::string_view pointer);
// One step as it stands in a pointer: ~ and / escaped.
std::string pointer_step(std::string_view name);

const Value* find_at(const Value& root, std::string_view pointer);

// Replaces or adds what the pointer names; objects on the way are made, items of lists are not
// (but "-" or the next index appends). The answer is empty, or says what is wrong with the pointer.
std::string set_at(Value& root, std::string_view pointer, Value value);

// Removes a member of the root, if it is there.
void remove_member(Value& root, std::string_view name);

}  // namespace eosim::scenario
