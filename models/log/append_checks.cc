#include "models/log/append_checks.h"

#include "models/protocol/features.h"

namespace eosim::kafka {
namespace {

// Rows 0 and 1 of 4.4 (KAFKA-14920; 4.1 and later for row 0).
Error check_first_sequence(const Switches& switches, KnownProducer known, Sequence first) {
  const VerificationEntry* verification = known.verification;
  if (verification == nullptr) return Error::kNone;
  const bool no_batch = known.entry == nullptr || known.entry->window.empty();
  if (switches.on(Switch::kRejectNonzeroFirstSeq) && verification->supports_epoch_bump &&
      first.value != 0 && no_batch) {
    return Error::kOutOfOrderSequenceNumber;
  }
  return first > verification->lowest_sequence ? Error::kOutOfOrderSequenceNumber : Error::kNone;
}

}  // namespace

Error check_structure(const RecordBatch& batch, Origin origin, uint32_t max_message_bytes) {
  if (batch.bytes > max_message_bytes) return Error::kMessageTooLarge;
  if (origin != Origin::kClient) return Error::kNone;
  const auto* records = std::get_if<List<Record>>(&batch.payload);
  if (records == nullptr || batch.count < 1) return Error::kInvalidRecord;
  if (records->size() != static_cast<size_t>(batch.count)) return Error::kInvalidRecord;
  if (batch.producer.id.valid() && batch.base_sequence.value < 0) return Error::kInvalidRecord;
  if (batch.transactional && !batch.producer.id.valid()) return Error::kInvalidRecord;
  return Error::kNone;
}

bool transaction_open(const Switches& switches, const ProducerEntry* entry, ProducerEpoch epoch) {
  if (entry == nullptr || !entry->open_transaction.valid()) return false;
  return !switches.on(Switch::kOngoingCheckUsesEpoch) || entry->epoch == epoch;
}

bool stale_before_verification(const Switches& switches, const ProducerEntry* entry,
                               ProducerEpoch epoch) {
  const bool stale = entry != nullptr && epoch < entry->epoch;
  return stale && switches.on(Switch::kEarlyStaleEpoch);
}

Error check_verification(const Switches& switches, const RecordBatch& batch, Origin origin,
                         KnownProducer known, const AppendVerification& verification) {
  if (!verification.enabled || !batch.transactional || batch.control()) return Error::kNone;
  const TransactionalWrite write =
      origin == Origin::kClient ? TransactionalWrite::kProduce : TransactionalWrite::kOffsetCommit;
  if (!verifies(switches, write)) return Error::kNone;
  if (stale_before_verification(switches, known.entry, batch.producer.epoch)) {
    return Error::kInvalidProducerEpoch;
  }
  if (transaction_open(switches, known.entry, batch.producer.epoch)) return Error::kNone;
  const bool guarded = verification.guard.valid() && known.verification != nullptr &&
                       known.verification->guard == verification.guard;
  return guarded ? Error::kNone : Error::kInvalidTxnState;
}

Error check_producer(const Switches& switches, const RecordBatch& batch, Origin origin,
                     KnownProducer known) {
  const ProducerEntry* entry = known.entry;
  if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    const bool strict = switches.on(Switch::kStrictMarkerEpoch) && marker->transaction_version >= 2;
    return check_marker(entry, batch.producer.epoch, marker->coordinator_epoch, strict);
  }
  const SequenceState state =
      entry == nullptr ? SequenceState{} : SequenceState{entry->epoch, entry->last_sequence()};
  if (const Error error = check_epoch(state.epoch, batch.producer.epoch); error != Error::kNone) {
    return error;
  }
  if (origin == Origin::kClient) {
    Error error = check_first_sequence(switches, known, batch.base_sequence);
    if (error != Error::kNone) return error;
    const bool raises = switches.on(Switch::kPlUnknownPidRaises);
    error = check_sequence(state, batch.producer.epoch, batch.base_sequence, raises);
    if (error != Error::kNone) return error;
  }
  const bool open = entry != nullptr && entry->open_transaction.valid();
  return open && !batch.transactional ? Error::kInvalidTxnState : Error::kNone;
}

}  // namespace eosim::kafka
