#include "models/transaction/init_producer_id.h"

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

using Step = InitDecision::Step;
constexpr ProducerEpoch kNoEpoch{};

InitDecision refuse(Error error) {
  InitDecision decision;
  decision.error = error;
  return decision;
}

InitDecision assigned(ProducerIdAndEpoch producer, ProducerEpoch last_producer_epoch) {
  InitDecision decision;
  decision.step = Step::kAssign;
  decision.producer = producer;
  decision.last_producer_epoch = last_producer_epoch;
  return decision;
}

bool acceptable(const TransactionMetadata& metadata, ProducerIdAndEpoch expected) {
  return !metadata.producer.epoch.valid() || expected.id == metadata.producer.id ||
         (expected.id == metadata.previous_producer_id && exhausted(expected.epoch));
}

InitDecision assign(const TransactionMetadata& metadata, ProducerIdAndEpoch expected) {
  const ProducerEpoch epoch = metadata.producer.epoch;
  const bool given = expected.id.valid();
  if (exhausted(epoch)) {
    // Quirk init_exhausted_mismatch of section 10: Kafka runs into an illegal state.
    if (given && expected.epoch != epoch) return refuse(Error::kUnknownServerError);
    InitDecision decision = assigned({ProducerId{}, ProducerEpoch{0}}, given ? epoch : kNoEpoch);
    decision.rotate = true;
    return decision;
  }
  const ProducerIdAndEpoch bumped{metadata.producer.id, next_epoch(epoch)};
  if (!given) return assigned(bumped, kNoEpoch);
  if (!epoch.valid() || expected.epoch == epoch) return assigned(bumped, epoch);
  if (expected.epoch == metadata.last_producer_epoch) {
    return assigned(metadata.producer, metadata.last_producer_epoch);  // a recognised repetition
  }
  return refuse(Error::kProducerFenced);
}

}  // namespace

InitDecision decide_init(const TransactionMetadata& metadata, ProducerIdAndEpoch expected) {
  EOSIM_ASSERT(expected.id.valid() == expected.epoch.valid());
  if (metadata.pending) return refuse(Error::kConcurrentTransactions);
  if (expected.id.valid() && !acceptable(metadata, expected)) {
    return refuse(Error::kProducerFenced);
  }
  if (metadata.preparing()) return refuse(Error::kConcurrentTransactions);
  if (metadata.state == TransactionState::kOngoing) {
    InitDecision decision;
    decision.step = Step::kFence;
    return decision;
  }
  EOSIM_ASSERT(metadata.idle());
  return assign(metadata, expected);
}

}  // namespace eosim::kafka
