#include "models/protocol/bodies.h"

#include <array>

namespace eosim::kafka {

Bodies::Bodies() = default;
Bodies::Bodies(const Bodies&) = default;
Bodies::Bodies(Bodies&&) noexcept = default;
Bodies& Bodies::operator=(const Bodies&) = default;
Bodies& Bodies::operator=(Bodies&&) noexcept = default;
Bodies::~Bodies() = default;

namespace {

constexpr size_t index_of(Rpc rpc, bool request) {
  return static_cast<size_t>(rpc) * 2 + (request ? 1 : 0);
}

}  // namespace

template <class M>
void Bodies::release_from(Bodies& bodies, uint32_t slot) {
  static_cast<BodyPool<M>&>(bodies.pools_).release(slot);
}

template <class... M>
constexpr Bodies::ReleaseTable Bodies::table_of(const AllPools<M...>*) {
  ReleaseTable table{};
  std::array<bool, std::tuple_size_v<ReleaseTable>> entered{};
  const auto enter = [&table, &entered](Rpc rpc, bool request, Release release) {
    const size_t at = index_of(rpc, request);
    EOSIM_ASSERT(!entered[at]);
    entered[at] = true;
    table[at] = release;
  };
  (enter(M::kRpc, M::kRequest, &release_from<M>), ...);
  for (const bool has_one : entered) EOSIM_ASSERT(has_one);
  return table;
}

void Bodies::release(Rpc rpc, bool request, uint32_t slot) {
  static constexpr ReleaseTable kTable = table_of(static_cast<const decltype(pools_)*>(nullptr));
  kTable[index_of(rpc, request)](*this, slot);
}

size_t Bodies::in_use() const {
  size_t all = 0;
  pools_.each([&all](const auto& pool) { all += pool.in_use(); });
  return all;
}

}  // namespace eosim::kafka
