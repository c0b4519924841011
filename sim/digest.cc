#include "sim/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace eosim::sim {

uint64_t hash_text(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

uint64_t Digest::value() const { return XXH3_64bits_withSeed(block_.data(), used_, chain_); }

void Digest::fold() {
  chain_ = XXH3_64bits_withSeed(block_.data(), kBlock, chain_);
  folded_bytes_ += kBlock;
  used_ -= kBlock;
  std::memcpy(block_.data(), block_.data() + kBlock, used_);
}

}  // namespace eosim::sim
