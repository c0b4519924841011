// A log and what it takes to append to it in one line.
#pragma once

#include <algorithm>
#include <vector>

#include "coverage_dump.h"
#include "models/log/coverage.h"
#include "models/log/marker.h"
#include "models/log/partition_log.h"

namespace eosim::kafka {

inline constexpr auto kCommitted = IsolationLevel::kReadCommitted;
inline constexpr auto kUncommitted = IsolationLevel::kReadUncommitted;

inline Switches variant(const char* preset) { return preset_switches(*find_preset(preset)); }

inline testing::CoverageDump coverage{&leader_coverage()};

struct LogFixture {
  explicit LogFixture(const char* preset = "2.5") : switches(variant(preset)) {}

  static RecordBatch data(int64_t pid, int16_t epoch, int32_t sequence, int32_t count = 1,
                          bool transactional = false) {
    RecordBatch batch;
    batch.producer = {{pid}, {epoch}};
    batch.base_sequence = {sequence};
    batch.count = count;
    batch.transactional = transactional;
    batch.bytes = kBatchOverheadBytes + 10 * static_cast<uint32_t>(count);
    batch.max_timestamp_ms = 1000;
    batch.payload = List<Record>(static_cast<size_t>(count));
    return batch;
  }
  static RecordBatch transactional(int64_t pid, int16_t epoch, int32_t sequence,
                                   int32_t count = 1) {
    return data(pid, epoch, sequence, count, true);
  }
  static RecordBatch plain(int32_t count = 1) { return data(-1, -1, -1, count); }
  static RecordBatch offsets(int64_t pid, int16_t epoch) {
    RecordBatch batch = data(pid, epoch, -1, 1, true);
    batch.payload = List<OffsetRecord>(1);
    return batch;
  }

  AppendResult append(const RecordBatch& batch, Origin origin = Origin::kClient) {
    const Encounter met = met_by(&log, batch, origin);
    const AppendResult result =
        log.append(switches, batches, batches.put(batch), origin, leader_epoch, verification);
    if (origin != Origin::kReplication) coverage.reached.note(met, result.error);
    return result;
  }
  AppendResult marker(int64_t pid, int16_t epoch, ControlType type, int32_t coordinator_epoch = 0,
                      Origin origin = Origin::kCoordinator) {
    const Marker end{type, {coordinator_epoch}};
    return append(make_marker({{pid}, {epoch}}, end, 1000), origin);
  }
  void replicate_all() { log.raise_high_watermark(log.log_end_offset()); }

  Switches switches;
  BatchStore batches;
  LeaderEpoch leader_epoch{0};
  AppendVerification verification;
  PartitionLog log;
};

// What a consumer delivers of one answer (transactions.md 4.12), by offsets.
inline std::vector<int64_t> delivered(const BatchStore& batches, const ReadResult& read) {
  std::vector<int64_t> offsets;
  std::vector<AbortedTransaction> waiting = read.aborted;
  std::vector<ProducerId> aborted;
  for (const FetchedBatch& fetched : read.batches) {
    const RecordBatch& batch = batches[fetched.batch];
    const Offset last = fetched.base_offset + (batch.count - 1);
    for (const AbortedTransaction& transaction : waiting) {
      if (transaction.first_offset <= last) aborted.push_back(transaction.producer_id);
    }
    std::erase_if(waiting, [&](const auto& t) { return t.first_offset <= last; });
    if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
      if (marker->type == ControlType::kAbort) std::erase(aborted, batch.producer.id);
      continue;
    }
    const bool is_aborted =
        std::find(aborted.begin(), aborted.end(), batch.producer.id) != aborted.end();
    if (batch.transactional && is_aborted) continue;
    for (int64_t i = 0; i < batch.count; ++i) offsets.push_back(fetched.base_offset.value + i);
  }
  return offsets;
}

}  // namespace eosim::kafka
