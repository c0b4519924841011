// Ctrl-C as a question that a long command asks itself. The first one is remembered, the second one
// ends the process as if nobody had listened.
#pragma once

#include <csignal>

namespace eosim::tools {

// Listens as long as it lives. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool asked() const;  // from any thread

 private:
  struct sigaction before_ {};
};

}  // namespace eosim::tools
