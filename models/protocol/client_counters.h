// What clients count and no fact tells (cli-and-scenarios.md 2.7): it decides nothing and is not
// part of the digest.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/protocol/messages.h"
#include "sim/time.h"

namespace eosim::kafka {

// Who opens connections. Producers and consumers are those of applications, as in producers.total,
// so that the counts of workloads-and-figures.md 3.1 can be read off.
enum class ClientKind : uint8_t { kProducer, kConsumer, kSource, kAuditor, kBroker, kOperator };
inline constexpr std::array<std::string_view, 6> kClientKindWords = {
    "producer", "consumer", "source", "auditor", "broker", "operator"};

// Threads of applications that stand still for something else (workloads-and-figures.md 3.3). The
// application's: inside every blocking call but poll, where it waits for records and not for an
// answer. The sender: while it connects to a coordinator or sleeps before a retry, since it sends
// nothing then. A heartbeat thread makes no blocking call.
enum class ThreadKind : uint8_t { kApplication, kSender };
inline constexpr std::array<std::string_view, 2> kThreadKindWords = {"application", "sender"};

struct ClientCounters {
  std::array<uint64_t, kRpcCount> retries{};
  std::array<uint64_t, kClientKindWords.size()> connections{};  // opened
  // What has ended; the wait of a process that crashes is not counted.
  std::array<int64_t, kThreadKindWords.size()> blocked_ns{};

  void connected(ClientKind kind) { ++connections[static_cast<size_t>(kind)]; }
  void blocked(ThreadKind kind, sim::Duration length) {
    blocked_ns[static_cast<size_t>(kind)] += length.ns;
  }
};

}  // namespace eosim::kafka
