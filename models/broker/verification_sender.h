// Asks transaction coordinators whether partitions belong to a transaction, or has them added
// (KIP-890; transactions.md 4.11 steps 3 and 4; Kafka's AddPartitionsToTxnManager): what waits for
// one coordinator goes in one AddPartitionsToTxn, and one is in flight to each.
#pragma once

#include <cstdint>
#include <vector>

#include "models/broker/peer_line.h"
#include "models/protocol/messages.h"
#include "sim/context.h"

namespace eosim::kafka {

// What became of one question: an error for each partition that was asked for, or one for all.
struct VerificationOutcome {
  uint64_t question = 0;
  Error error = Error::kNone;
  List<PartitionError> partitions;
};

class VerificationSender {
 public:
  VerificationSender() = default;
  VerificationSender(int16_t version, sim::Duration timeout)
      : version_(version), timeout_(timeout) {}

  // Goes out with the next send_all(). A question about the same id that still waits there is
  // replaced, or refuses this one, by their epochs.
  void ask(BrokerId coordinator, sim::ProcessId process, uint64_t question,
           AddPartitionsToTxnRequest::Transaction transaction,
           std::vector<VerificationOutcome>& ended);
  void send_all(sim::Context& context) {
    if (waiting_) send_waiting(context);
  }

  // Each: false if the step was not about one of these requests.
  bool on_response(sim::Context& context, const sim::Message& message,
                   std::vector<VerificationOutcome>& ended);
  bool on_closed(sim::ConnectionId connection, std::vector<VerificationOutcome>& ended);
  void on_line_timer(sim::Context& context, uint32_t line, std::vector<VerificationOutcome>& ended);

 private:
  struct Question {
    uint64_t number = 0;
    AddPartitionsToTxnRequest::Transaction transaction;
  };
  struct Node {
    BrokerId broker;
    PeerLine line;
    std::vector<Question> queue;
    std::vector<uint64_t> asked;  // in flight, in the order of the request
  };
  void send_waiting(sim::Context& context);
  static void lost(Node& node, std::vector<VerificationOutcome>& ended);

  int16_t version_ = 0;
  sim::Duration timeout_{};
  std::vector<Node> nodes_;
  bool waiting_ = false;
};

}  // namespace eosim::kafka
