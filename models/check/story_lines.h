// How a story writes times, lengths and what a fault does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace eosim::check {

std::string time_text(int64_t ns);                // "12.003s"
std::string length_text(int64_t ns);              // "15s", "250ms"
std::string fault_begins(std::string_view word);  // "pauses"
std::string fault_ends(std::string_view word);    // "resumes"

}  // namespace eosim::check
