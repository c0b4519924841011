// First half of checking: does a tree have the shapes of the table (schema.h)? Names that other
// parts of the file define are the second half (semantics.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/scenario/document.h"
#include "models/scenario/schema.h"

namespace eosim::scenario {

// Problems in the order of the document. Values that came bare from the command line become what
// their key wants ("2.5" the text instead of the number).
std::vector<Problem> check_structure(Document& document);

// A number as it is held: thousandths, nanoseconds, bytes, 0 or 1. Nothing when the value is no
// number of the key's type; the range is not looked at. Seeds are not numbers of this kind.
std::optional<int64_t> number_of(const Key& key, const Value& value);
std::optional<uint64_t> seed_of(const Value& value);
// The value of a Kafka setting, nothing when it is of another type or out of range.
std::optional<int64_t> setting_of(const kafka::Setting& row, const Value& value);

}  // namespace eosim::scenario
