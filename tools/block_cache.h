// Small blocks of memory that were given back and will be asked for again. A run makes and drops
// tens of thousands of small things: messages with lists in them, batches, entries of tables. What
// malloc does for each, with its checks and its bins of seven, is a twentieth of a run.
//
// One list for each size, in steps of 16 bytes; a list keeps so much that memory stays bounded, and
// leaves the rest to free(). Blocks come from malloc() at full steps, and whoever gives one back
// may be another thread than the one that took it: it then lies with that one.
//
// For one thread. It has neither constructor nor destructor at work, so that a thread's own cache
// can be used before and after everything else in that thread; close() ends it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace eosim::tools {

class BlockCache {
 public:
  static constexpr size_t kStep = 16;
  static constexpr size_t kBytesMax = 1'024;         // larger blocks are not kept
  static constexpr size_t kKeptBytesMax = 64 << 10;  // of one size

  // The size of the block that is to be made for so many bytes.
  static constexpr size_t rounded(size_t bytes) { return (bytes + kStep - 1) / kStep * kStep; }

  // A block of rounded(bytes) bytes; null: none is kept.
  void* take(size_t bytes) {
    const size_t steps = (bytes + kStep - 1) / kStep;
    if (steps >= lists_.size() || lists_[steps].first == nullptr) return nullptr;
    List& list = lists_[steps];
    Block* block = list.first;
    list.first = block->next;
    ++list.room;
    return block;
  }

  // A block from malloc() that has room for rounded(bytes). false: it is not kept.
  bool give(void* memory, size_t bytes) {
    const size_t steps = (bytes + kStep - 1) / kStep;
    if (steps >= lists_.size() || lists_[steps].room == 0) return false;
    List& list = lists_[steps];
    list.first = new (memory) Block{list.first};
    --list.room;
    return true;
  }

  // From now on blocks are kept.
  void open() {
    for (size_t steps = 1; steps < lists_.size(); ++steps) {
      lists_[steps].room = kKeptBytesMax / (steps * kStep);
    }
  }
  // Frees what is kept, and keeps nothing any more.
  void close() {
    for (List& list : lists_) {
      while (list.first != nullptr) {
        Block* block = list.first;
        list.first = block->next;
        std::free(block);
      }
      list.room = 0;
    }
  }

 private:
  struct Block {
    Block* next;
  };
  struct List {
    Block* first = nullptr;
    size_t room = 0;  // for so many more
  };

  std::array<List, kBytesMax / kStep + 1> lists_;  // by steps; nothing has none
};

}  // namespace eosim::tools
