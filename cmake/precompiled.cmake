# What most files of a folder include, compiled once for all folders with the same flags. Only the
# folders that everybody may see are in it: kernel and protocol for the models, and what the
# scenarios see for the tools. Off for clang++, which so checks that a file includes what it needs.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  option(EOSIM_PRECOMPILED "precompile headers" ON)
else()
  option(EOSIM_PRECOMPILED "precompile headers" OFF)
endif()

set(EOSIM_STANDARD_HEADERS
    <algorithm> <array> <cstdint> <deque> <functional> <map> <memory> <optional> <set> <span>
    <string> <string_view> <tuple> <utility> <variant> <vector>)
set(EOSIM_KERNEL_HEADERS <sim/context.h> <sim/store.h> <sim/world.h>)
set(EOSIM_PROTOCOL_HEADERS
    <models/protocol/clock.h> <models/protocol/effects.h> <models/protocol/settings.h>
    <models/protocol/shared.h> <models/protocol/switches.h> <models/protocol/versions.h>)
set(EOSIM_CHECK_HEADERS <models/check/check_suite.h> <models/check/metrics.h>)

# eosim_precompile(OWNER HEADERS headers... SHARED targets...): compiled with OWNER, used by both.
function(eosim_precompile owner)
  cmake_parse_arguments(ARG "" "" "HEADERS;SHARED" ${ARGN})
  if(NOT EOSIM_PRECOMPILED)
    return()
  endif()
  target_precompile_headers(${owner} PRIVATE ${EOSIM_STANDARD_HEADERS} ${ARG_HEADERS})
  foreach(target ${ARG_SHARED})
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endforeach()
endfunction()
