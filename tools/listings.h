// What `eosim list` can list. A new WHAT is a row in the table of listings.cc.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tools/console.h"

namespace eosim::tools {

struct ListRow {
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;  // more columns
  std::string description;
};

struct Listing {
  const char* what;
  const char* doc;
  std::vector<ListRow> (*rows)(const Console& console);  // null: no rows of words
};

std::span<const Listing> listings();

}  // namespace eosim::tools
