#pragma once

namespace eosim::tools {

inline constexpr const char* kVersion = "0.1.0";  // as in CMakeLists.txt; a test holds them equal

}  // namespace eosim::tools
