// A host's disk: files that are sequences of entries. An entry is an id in one of the model's
// stores and a size. Appends reach the page cache at once; flushed ones survive a loss of power.
// Entries are what a batch is: the unit at which a power loss cuts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/ids.h"

namespace eosim::sim {

struct DiskEntry {
  uint32_t id = UINT32_MAX;
  uint32_t bytes = 0;
};

class Disk {
 public:
  void append(FileId file, DiskEntry entry);
  // Keeps the first `entries`; what is cut is cut durably.
  void truncate(FileId file, uint64_t entries);
  std::span<const DiskEntry> read(FileId file) const;
  uint64_t written(FileId file) const { return read(file).size(); }
  uint64_t flushed(FileId file) const;
  // A flush covers what is written when it begins, less what is cut before it ends. Flushes of a
  // file end in the order in which they began; a crash forgets those under way.
  void begin_flush(FileId file);
  void end_flush(FileId file);
  void forget_flushes();
  // A new disk: every file is empty, durably.
  void clear() { files_.clear(); }
  // Appends and truncations ever: what a slow disk makes a step pay for.
  uint64_t writes() const { return writes_; }
  uint32_t file_count() const { return static_cast<uint32_t>(files_.size()); }

 private:
  struct File {
    std::vector<DiskEntry> entries;
    uint64_t flushed = 0;
    std::vector<uint64_t> flushing;  // under way: how many entries each covers
  };
  File& file_for(FileId file);
  std::vector<File> files_;
  uint64_t writes_ = 0;
};

}  // namespace eosim::sim
