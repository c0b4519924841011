// Blocks that are kept for those who ask again.
#include "tools/block_cache.h"

#include <cstdint>
#include <set>
#include <vector>

#include "catch.h"

namespace eosim::tools {
namespace {

void* block_for(size_t bytes) { return std::malloc(BlockCache::rounded(bytes)); }

TEST_CASE("a block that was given back is taken by whoever needs as much") {
  BlockCache cache;
  cache.open();
  CHECK(cache.take(40) == nullptr);
  void* block = block_for(40);
  REQUIRE(cache.give(block, 40));
  CHECK(cache.take(32) == nullptr);
  CHECK(cache.take(49) == nullptr);
  CHECK(cache.take(33) == block);
  CHECK(cache.take(33) == nullptr);
  REQUIRE(cache.give(block, 33));
  CHECK(cache.take(48) == block);
  std::free(block);
}

TEST_CASE("a size keeps so many bytes and no more, and as many again when they were taken") {
  BlockCache cache;
  cache.open();
  constexpr size_t kBytes = 512;
  std::vector<void*> blocks;
  for (size_t kept = 0; kept < BlockCache::kKeptBytesMax; kept += kBytes) {
    blocks.push_back(block_for(kBytes));
    REQUIRE(cache.give(blocks.back(), kBytes));
  }
  void* more = block_for(kBytes);
  CHECK_FALSE(cache.give(more, kBytes));
  std::set<void*> taken;
  for (size_t i = 0; i < blocks.size(); ++i) taken.insert(cache.take(kBytes));
  CHECK(taken == std::set<void*>(blocks.begin(), blocks.end()));
  CHECK(cache.take(kBytes) == nullptr);
  for (void* block : blocks) CHECK(cache.give(block, kBytes));
  CHECK_FALSE(cache.give(more, kBytes));
  std::free(more);
  cache.close();
}

TEST_CASE("nothing and what is large are not kept") {
  BlockCache cache;
  cache.open();
  void* block = block_for(BlockCache::kBytesMax + 1);
  CHECK_FALSE(cache.give(block, 0));
  CHECK_FALSE(cache.give(block, BlockCache::kBytesMax + 1));
  CHECK(cache.take(0) == nullptr);
  CHECK(cache.take(BlockCache::kBytesMax + 1) == nullptr);
  CHECK(cache.take(SIZE_MAX) == nullptr);
  CHECK(cache.give(block, BlockCache::kBytesMax));
  cache.close();
}

TEST_CASE("a cache that is not open, or closed, keeps nothing") {
  BlockCache cache;
  void* block = block_for(16);
  CHECK_FALSE(cache.give(block, 16));
  cache.open();
  CHECK(cache.give(block, 16));
  cache.close();  // frees it
  CHECK(cache.take(16) == nullptr);
  block = block_for(16);
  CHECK_FALSE(cache.give(block, 16));
  std::free(block);
}

}  // namespace
}  // namespace eosim::tools
