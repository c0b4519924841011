#include "models/broker/verification_sender.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

void VerificationSender::ask(BrokerId coordinator, sim::ProcessId process, uint64_t question,
                             AddPartitionsToTxnRequest::Transaction transaction,
                             std::vector<VerificationOutcome>& ended) {
  auto node = std::ranges::find(nodes_, coordinator, &Node::broker);
  if (node == nodes_.end()) {
    Node made;
    made.broker = coordinator;
    made.line =
        PeerLine(line_number(LinePurpose::kVerification, static_cast<uint32_t>(nodes_.size())),
                 process, timeout_);
    nodes_.push_back(std::move(made));
    node = std::prev(nodes_.end());
  }
  const auto same = std::ranges::find_if(node->queue, [&](const Question& queued) {
    return queued.transaction.transactional_id == transaction.transactional_id;
  });
  if (same != node->queue.end()) {
    const ProducerEpoch queued = same->transaction.producer.epoch;
    if (queued > transaction.producer.epoch) {
      ended.push_back({question, Error::kInvalidProducerEpoch, {}});
      return;
    }
    // A newer producer's question replaces it; one of the same asks again, and so does its client.
    const bool older = queued < transaction.producer.epoch;
    ended.push_back(
        {same->number, older ? Error::kInvalidProducerEpoch : Error::kNetworkException, {}});
    node->queue.erase(same);
  }
  node->queue.push_back({question, std::move(transaction)});
  waiting_ = true;
}

void VerificationSender::send_waiting(sim::Context& context) {
  waiting_ = false;
  for (Node& node : nodes_) {
    if (node.queue.empty()) continue;
    if (node.line.in_flight()) {
      waiting_ = true;
      continue;
    }
    AddPartitionsToTxnRequest request;
    request.header.version = version_;
    EOSIM_ASSERT(node.asked.empty());
    for (Question& question : std::exchange(node.queue, {})) {
      node.asked.push_back(question.number);
      request.transactions.push_back(std::move(question.transaction));
    }
    node.line.send(context, std::move(request));
  }
}

bool VerificationSender::on_response(sim::Context& context, const sim::Message& message,
                                     std::vector<VerificationOutcome>& ended) {
  const auto from =
      std::ranges::find_if(nodes_, [&](Node& node) { return node.line.take(message); });
  if (from == nodes_.end()) return false;
  const auto& response = kafka_shared(context).bodies.get<AddPartitionsToTxnResponse>(message.body);
  const std::vector<uint64_t> asked = std::exchange(from->asked, {});
  // A coordinator too old to be asked: as if it had agreed (transactions.md 6.9).
  const bool too_old = response.error == Error::kUnsupportedVersion;
  EOSIM_ASSERT(response.error != Error::kNone || response.transactions.size() == asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    if (too_old || response.error != Error::kNone) {
      ended.push_back({asked[i], too_old ? Error::kNone : response.error, {}});
    } else {
      ended.push_back({asked[i], Error::kNone, response.transactions[i].partitions});
    }
  }
  return true;
}

bool VerificationSender::on_closed(sim::ConnectionId connection,
                                   std::vector<VerificationOutcome>& ended) {
  for (Node& node : nodes_) {
    bool had_request = false;
    if (!node.line.closed(connection, had_request)) continue;
    if (had_request) lost(node, ended);
    return true;
  }
  return false;
}

void VerificationSender::on_line_timer(sim::Context& context, uint32_t line,
                                       std::vector<VerificationOutcome>& ended) {
  Node& node = nodes_.at(line);
  if (node.line.overdue(context)) lost(node, ended);
}

void VerificationSender::lost(Node& node, std::vector<VerificationOutcome>& ended) {
  for (const uint64_t question : std::exchange(node.asked, {})) {
    ended.push_back({question, Error::kNetworkException, {}});
  }
}

}  // namespace eosim::kafka
