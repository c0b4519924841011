// Bodies name things in the world's stores. A message may outlive whoever sent it, so while it is
// under way it holds a reference to each: taken when the body is put, given back with its slot.
#pragma once

#include "models/protocol/messages.h"

namespace eosim::kafka {

// visit(store of the id, id) for every id that a body holds. Most hold none.
template <class Stores, class M, class Visit>
void visit_references(Stores& stores, const M& body, Visit visit) {
  if constexpr (requires { body.image; }) {
    if (body.image.valid()) visit(stores.metadata, body.image);
  } else if constexpr (M::kRpc == Rpc::kProduce && M::kRequest) {
    for (const auto& partition : body.partitions) visit(stores.batches, partition.batch);
  } else if constexpr (M::kRpc == Rpc::kFetch && !M::kRequest) {
    for (const auto& partition : body.partitions) {
      for (const FetchedBatch& fetched : partition.batches) visit(stores.batches, fetched.batch);
    }
  }
}

template <class Stores, class M>
void retain_references(Stores& stores, const M& body) {
  visit_references(stores, body, [](auto& store, auto id) { store.retain(id); });
}
template <class Stores, class M>
void release_references(Stores& stores, const M& body) {
  visit_references(stores, body, [](auto& store, auto id) { store.release(id); });
}

}  // namespace eosim::kafka
