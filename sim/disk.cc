#include "sim/disk.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::sim {

Disk::File& Disk::file_for(FileId file) {
  EOSIM_ASSERT(file.index != UINT32_MAX);
  if (file.index >= files_.size()) files_.resize(file.index + 1);
  return files_[file.index];
}

void Disk::append(FileId file, DiskEntry entry) {
  ++writes_;
  file_for(file).entries.push_back(entry);
}

void Disk::truncate(FileId file, uint64_t entries) {
  File& f = file_for(file);
  ++writes_;
  EOSIM_ASSERT(entries <= f.entries.size());
  f.entries.resize(entries);
  f.flushed = std::min(f.flushed, entries);
  for (uint64_t& covered : f.flushing) covered = std::min(covered, entries);
}

std::span<const DiskEntry> Disk::read(FileId file) const {
  if (file.index >= files_.size()) return {};
  return files_[file.index].entries;
}

uint64_t Disk::flushed(FileId file) const {
  return file.index < files_.size() ? files_[file.index].flushed : 0;
}

void Disk::begin_flush(FileId file) {
  File& f = file_for(file);
  f.flushing.push_back(f.entries.size());
}

void Disk::end_flush(FileId file) {
  File& f = file_for(file);
  EOSIM_ASSERT(!f.flushing.empty() && f.flushing.front() <= f.entries.size());
  f.flushed = std::max(f.flushed, f.flushing.front());
  f.flushing.erase(f.flushing.begin());
}

void Disk::forget_flushes() {
  for (File& f : files_) f.flushing.clear();
}

}  // namespace eosim::sim
