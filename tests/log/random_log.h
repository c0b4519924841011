// Logs grown by generated appends. SplitMix64: the same steps everywhere.
#pragma once

#include <algorithm>
#include <cstdint>

#include "log_fixture.h"

namespace eosim::kafka {

class Steps {
 public:
  explicit Steps(uint64_t seed) : state_(seed) {}
  int64_t below(int64_t n) {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<int64_t>((z ^ (z >> 31)) % static_cast<uint64_t>(n));
  }

 private:
  uint64_t state_;
};

// Keys from a few, so that there is something to clean; every eighth record deletes.
inline void give_keys(RecordBatch& batch, Steps& steps) {
  for (Record& record : std::get<List<Record>>(batch.payload)) {
    record.key = static_cast<int32_t>(steps.below(6));
    record.bytes = steps.below(8) == 0 ? 0 : 10;
  }
}

// A producer that mostly does what it should.
inline void random_step(LogFixture& f, Steps& steps) {
  const int64_t pid = steps.below(4);
  const ProducerEntry* entry = f.log.find_producer({pid});
  int16_t epoch = entry == nullptr ? int16_t{0} : entry->epoch.value;
  const bool lost = steps.below(10) == 0;
  if (steps.below(8) == 0) epoch = static_cast<int16_t>(epoch + steps.below(3) - 1);
  switch (steps.below(6)) {
    case 0: {
      const auto type = steps.below(2) == 0 ? ControlType::kAbort : ControlType::kCommit;
      const auto coordinator_epoch = static_cast<int32_t>(steps.below(3));
      f.marker(pid, std::max<int16_t>(epoch, 0), type, coordinator_epoch);
      break;
    }
    case 1: {
      RecordBatch batch = LogFixture::plain(static_cast<int32_t>(steps.below(3) + 1));
      give_keys(batch, steps);
      f.append(batch);
      break;
    }
    case 2: {
      const size_t below = f.log.entry_index(f.log.high_watermark());
      const auto room = static_cast<int64_t>(f.log.entries().size() - below);
      const size_t last = below + static_cast<size_t>(steps.below(room + 1));
      if (last > below) f.log.raise_high_watermark(f.log.entries()[last - 1].end_offset());
      break;
    }
    default: {
      const bool fresh = entry == nullptr || entry->epoch.value != epoch;
      const int32_t next = fresh ? 0 : sequence_plus(entry->last_sequence(), 1).value;
      const auto count = static_cast<int32_t>(steps.below(3) + 1);
      const bool transactional = pid != 3;
      const int32_t sequence = lost ? next + 1 : next;
      RecordBatch batch =
          LogFixture::data(pid, std::max<int16_t>(epoch, 0), sequence, count, transactional);
      give_keys(batch, steps);
      f.append(batch);
    }
  }
}

// Ends every open transaction, and replicates all.
inline void settle(LogFixture& f) {
  while (!f.log.open_transactions().empty()) {
    const ProducerId id = f.log.open_transactions().front().producer;
    const ProducerEntry& entry = *f.log.find_producer(id);
    f.marker(id.value, entry.epoch.value, ControlType::kCommit, 9);
  }
  f.replicate_all();
}

}  // namespace eosim::kafka
