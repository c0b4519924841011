#include "models/protocol/bodies.h"

namespace eosim::kafka {
namespace {

template <class M>
void release_from(BodyPool<M>& pool, bool& found, Rpc rpc, bool request, uint32_t slot) {
  if (M::kRpc != rpc || M::kRequest != request) return;
  EOSIM_ASSERT(!found);
  found = true;
  pool.release(slot);
}

}  // namespace

void Bodies::release(Rpc rpc, bool request, uint32_t slot) {
  bool found = false;
  std::apply([&](auto&... pool) { (release_from(pool, found, rpc, request, slot), ...); }, pools_);
  EOSIM_ASSERT(found);
}

size_t Bodies::in_use() const {
  return std::apply([](const auto&... pool) { return (pool.in_use() + ...); }, pools_);
}

}  // namespace eosim::kafka
