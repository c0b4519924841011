// A producer's I/O thread (Sender.runOnce; transactions.md 5.2) as a state machine of the sender
// actor. It is woken by the application's calls, by answers and by timers, and then does all that
// can be done at that instant.
//
// At most one transactional request is on its way; while it is being connected for, slept for,
// sent or repeated, no batch is sent and none expires (5.2, consequence of steps 5 and 7). The
// sleep before a retry blocks the whole loop. Simplified: an answer that arrives during the sleep
// is taken in at once; Kafka's thread would read it from the socket when it wakes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/client/accumulator.h"
#include "models/client/metadata_cache.h"
#include "models/client/network_client.h"
#include "models/client/producer_config.h"
#include "models/client/transaction_manager.h"
#include "sim/context.h"

namespace eosim::kafka {

// What the parts of a producer share; each step hands it on.
struct ProducerCore {
  explicit ProducerCore(ProducerConfig c);

  ProducerConfig config;
  NetworkClient network;
  MetadataCache metadata;
  Accumulator accumulator;
  TransactionManager manager;
  bool flush = false;            // flush() or close() goes on: everything is sendable
  TransactionInstance instance;  // of the present transaction; for facts only
  uint64_t failed_records = 0;
  std::map<TopicPartition, Offset> acknowledged;  // the last record that was, by partition
};

class Sender {
 public:
  // From a step of the application: the I/O thread has something to do.
  void wake(sim::Context& context, const ProducerCore& core);
  // A kSenderWake or kSenderDeadline of this producer fired; run() follows.
  void on_timer(const sim::TimerTag& tag);
  void on_completions(sim::Context& context, ProducerCore& core, const Completions& completions);
  // Everything that can be done now, and the timer for what comes next.
  void run(sim::Context& context, ProducerCore& core);
  // No transactional request is being sent.
  bool idle() const { return phase_ == Phase::kFree; }
  // All that is waited for has failed; used when the producer is closed by force.
  void fail_batches(sim::Context& context, ProducerCore& core, Error error);
  void stop(sim::Context& context, const ProducerCore& core);
  // Releases what is stored of batches that are over.
  static void give_back_settled(KafkaShared& shared, ProducerCore& core);
  std::string waits_for(const ProducerCore& core) const;

 private:
  enum class Phase : uint8_t { kFree, kConnecting, kSleeping, kInFlight };

  // Each returns true when something changed and the loop must look again.
  bool iterate(sim::Context& context, ProducerCore& core);
  bool step_connecting(sim::Context& context, ProducerCore& core);
  bool step_sleeping(sim::Context& context, ProducerCore& core);
  bool send_batches(sim::Context& context, ProducerCore& core);

  void begin(sim::Context& context, ProducerCore& core, TxnRequest request);
  void transmit(sim::Context& context, ProducerCore& core);
  // Every change of phase, so that the time in which the thread is blocked is counted.
  void enter(sim::Context& context, const ProducerCore& core, Phase phase);
  void sleep(sim::Context& context, const ProducerCore& core, int32_t milliseconds);
  void give_up_connecting(sim::Context& context, ProducerCore& core);
  void send_produce(sim::Context& context, ProducerCore& core, BrokerId broker,
                    const BatchNumbers& numbers);
  bool expire_batches(sim::Context& context, ProducerCore& core);

  void on_transactional(sim::Context& context, ProducerCore& core, const Completion& completion);
  void on_produced(sim::Context& context, ProducerCore& core, const Completion& completion);
  void settle(sim::Context& context, ProducerCore& core, uint64_t number,
              const ProduceResponse::Partition& answer);
  void split_batch(sim::Context& context, ProducerCore& core, uint64_t number);
  void fail_batch(sim::Context& context, ProducerCore& core, uint64_t number, Error error,
                  bool adjust);
  // The application is told; the state and the sequences stay as they are.
  void tell_failed(sim::Context& context, ProducerCore& core, uint64_t number, Error error);
  void emit_events(sim::Context& context, ProducerCore& core);
  void arm_timer(sim::Context& context, const ProducerCore& core);

  struct ProduceInFlight {
    uint64_t tag = 0;
    BatchNumbers batches;
  };

  Phase phase_ = Phase::kFree;
  sim::SteadyTime phase_since_;
  std::optional<TxnRequest> current_;  // connecting, sleeping, in flight
  BrokerId target_;
  sim::SteadyTime phase_until_;
  std::vector<ProduceInFlight> produce_requests_;  // in order of sending
  uint64_t next_tag_ = 3;                          // behind those of other requests
  bool wake_pending_ = false;
  sim::StreamId jitter_;  // of pauses between attempts
  sim::TimerId timer_;
  sim::SteadyTime timer_at_ = sim::kSteadyNever;
};

}  // namespace eosim::kafka
