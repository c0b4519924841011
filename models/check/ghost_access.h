// The key to Ghost<T>. Only this folder and the sinks include it: a model that could read where a
// record came from would no longer be a model (design.md section 3).
#pragma once

#include "models/protocol/ghost.h"

namespace eosim::kafka {

struct GhostAccess {
  template <class T>
  static const T& open(const Ghost<T>& ghost) {
    return ghost.value_;
  }
};

}  // namespace eosim::kafka
