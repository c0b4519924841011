// Cells of tables that differ by release, as text: "F|3.5:R" is F up to 3.4 and R from 3.5 on; "-"
// is nothing that can happen there.
#pragma once

#include <string>
#include <string_view>

namespace eosim::kafka::producer_test {

// Releases compare as texts: "2.8" < "3.5" < "4.1".
inline std::string cell_in(std::string_view cell, std::string_view release) {
  size_t end = cell.find('|');
  std::string value(cell.substr(0, end));
  while (end != std::string_view::npos) {
    const size_t next = cell.find('|', end + 1);
    const std::string_view change = cell.substr(end + 1, next - end - 1);
    const size_t colon = change.find(':');
    if (change.substr(0, colon) <= release) value = change.substr(colon + 1);
    end = next;
  }
  return value;
}

}  // namespace eosim::kafka::producer_test
