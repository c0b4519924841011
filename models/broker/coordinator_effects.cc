// What the coordinators ask of the broker. Effects are carried out in their order, in the step of
// the handler; results come back later, in settle() or in another step, never inside
// (models/protocol/effects.h).
#include <type_traits>
#include <utility>
#include <variant>

#include "models/broker/respond.h"
#include "models/protocol/features.h"

namespace eosim::kafka {

CoordinatorEnv Broker::environment(sim::Context& context) const {
  KafkaShared& world = shared(context);
  return {{context.wall(), context.steady()}, world.names, world.batches, image(context)};
}

template <class Effects>
void Broker::carry_out_all(sim::Context& context, AppendOwner::Kind owner, Effects& effects) {
  // A deadline may have moved, also without any effect.
  coordinators_touched_ = true;
  for (auto& effect : effects) {
    std::visit([&](auto& what) { carry_out_one(context, owner, what); }, effect);
  }
  effects.clear();
}

void Broker::carry_out(sim::Context& context, TransactionCoordinator::Effects& effects) {
  carry_out_all(context, AppendOwner::Kind::kTransaction, effects);
}

void Broker::carry_out(sim::Context& context, GroupCoordinator::Effects& effects) {
  carry_out_all(context, AppendOwner::Kind::kGroup, effects);
}

void Broker::carry_out_one(sim::Context& context, AppendOwner::Kind owner, AppendEffect& effect) {
  AppendOwner to;
  to.kind = owner;
  to.token = effect.token;
  AppendTerms terms = kCoordinatorTerms;
  terms.min_isr = effect.min_isr;
  const bool verified = config_.transaction_partition_verification_enable &&
                        verifies(config_.switches, TransactionalWrite::kOffsetCommit);
  append(context, to, {{effect.partition, effect.batch, {verified, offsets_guard_}}}, terms,
         effect.timeout);
}

template <class Response>
void Broker::carry_out_one(sim::Context& context, AppendOwner::Kind,
                           AnswerEffect<Response>& effect) {
  note_answer(shared(context).coverage, effect.request.met, effect.response);
  respond(context, effect.request, std::move(effect.response));
}

void Broker::carry_out_one(sim::Context& context, AppendOwner::Kind, SendMarkersEffect& effect) {
  marker_sender_.send(context, effect.destination, std::move(effect.request), effect.token);
}

void Broker::carry_out_one(sim::Context& context, AppendOwner::Kind, EmittedEvent& effect) {
  context.emit(event_id(effect.event),
               std::span<const int64_t>(effect.values.data(), effect.count));
}

void Broker::on_markers_sent(sim::Context& context, const MarkerOutcome& outcome) {
  const WriteTxnMarkersResponse* response =
      outcome.answered ? &shared(context).bodies.get<WriteTxnMarkersResponse>(outcome.body)
                       : nullptr;
  TransactionCoordinator::Effects effects;
  transactions_->on_markers_done(environment(context), outcome.token, response, effects);
  carry_out(context, effects);
}

}  // namespace eosim::kafka
