// The program's operator new and delete: each thread keeps small blocks that come back
// (tools/block_cache.h). Nothing can be seen of it but the time. Under a sanitizer, which watches
// every block, and without glibc, which tells how large one is, the library's own are used.
#include <cstdlib>
#include <new>

#include "tools/block_cache.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define EOSIM_WATCHED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EOSIM_WATCHED
#endif

#if defined(__GLIBC__) && !defined(EOSIM_WATCHED)
#include <malloc.h>

namespace {

using eosim::tools::BlockCache;

constinit thread_local BlockCache blocks;

// Ends the cache with its thread; what is deleted later goes to free().
struct Closer {
  Closer() { blocks.open(); }
  ~Closer() { blocks.close(); }
  void begin() {}
};
thread_local Closer closer;

void* made(size_t bytes) {
  closer.begin();
  const size_t rounded = BlockCache::rounded(bytes);
  if (rounded < bytes) throw std::bad_alloc();
  for (;;) {
    if (void* block = std::malloc(rounded)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

void* operator new(size_t bytes) {
  void* kept = blocks.take(bytes);
  return kept != nullptr ? kept : made(bytes);
}

void operator delete(void* memory, size_t bytes) noexcept {
  if (memory != nullptr && !blocks.give(memory, bytes)) std::free(memory);
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  // What is left over behind the last full step does not count.
  const size_t steps = malloc_usable_size(memory) / BlockCache::kStep;
  if (!blocks.give(memory, steps * BlockCache::kStep)) std::free(memory);
}
#endif
