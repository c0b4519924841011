#include "models/protocol/bodies.h"

namespace eosim::kafka {

Bodies::Bodies() = default;
Bodies::Bodies(const Bodies&) = default;
Bodies::Bodies(Bodies&&) noexcept = default;
Bodies& Bodies::operator=(const Bodies&) = default;
Bodies& Bodies::operator=(Bodies&&) noexcept = default;
Bodies::~Bodies() = default;

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
  pools_.each([&](auto& pool) { release_from(pool, found, rpc, request, slot); });
  EOSIM_ASSERT(found);
}

size_t Bodies::in_use() const {
  size_t all = 0;
  pools_.each([&all](const auto& pool) { all += pool.in_use(); });
  return all;
}

}  // namespace eosim::kafka
