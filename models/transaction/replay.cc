#include "models/transaction/replay.h"

#include <algorithm>
#include <map>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

struct Found {
  const TransactionLogRecord* record = nullptr;
  BatchId batch;
};
struct History {
  Found newest;
  Found cached;  // the record that the cached state is of
};
using Histories = std::map<uint32_t, History>;  // by Name::id

Histories read(const BatchStore& batches, std::span<const BatchId> log,
               const std::vector<TransactionMetadata>& transactions) {
  std::map<uint32_t, BatchId> cached;
  for (const TransactionMetadata& metadata : transactions) {
    cached[metadata.transactional_id.id] = metadata.record;
  }
  Histories histories;
  for (const BatchId id : log) {
    for (const auto& record : std::get<List<TransactionLogRecord>>(batches[id].payload)) {
      History& history = histories[record.transactional_id.id];
      history.newest = {&record, id};
      const auto of = cached.find(record.transactional_id.id);
      if (of != cached.end() && of->second == id) history.cached = {&record, id};
    }
  }
  return histories;
}

bool in_flight(const TransactionCoordinator& coordinator, BatchId batch) {
  return std::any_of(coordinator.appends().begin(), coordinator.appends().end(),
                     [&](const auto& append) { return append.second.batch == batch; });
}

bool fence_in_flight(const TransactionCoordinator& coordinator, Name id) {
  return std::any_of(
      coordinator.appends().begin(), coordinator.appends().end(), [&](const auto& append) {
        return append.second.transactional_id == id && append.second.fence_raised_epoch;
      });
}

// The first persisted field that differs; empty: none.
std::string difference(const TransactionMetadata& live, const TransactionLogRecord& record,
                       bool epoch_may_lead) {
  if (record.tombstone) return "existence";
  if (live.producer.id != record.producer.id) return "producer id";
  const bool leads = epoch_may_lead && live.producer.epoch > record.producer.epoch;
  if (live.producer.epoch != record.producer.epoch && !leads) return "producer epoch";
  if (live.state != record.state) return "state";
  if (live.timeout_ms != record.timeout_ms) return "timeout";
  if (live.start_ms != record.start_ms) return "start";
  if (live.last_update_ms != record.last_update_ms) return "last update";
  const int16_t version = record.client_transaction_version;
  if (version != 0 && version != live.client_transaction_version) return "transaction version";
  const bool same = live.preparing() ? contains_all(record.partitions, live.partitions)
                                     : live.partitions == record.partitions;
  return same ? "" : "partitions";
}

std::string of(const Names& names, Name id, const std::string& what) {
  return std::string(names.text(id)) + ": " + what;
}

std::optional<std::string> compare(const TransactionCoordinator& coordinator, const Names& names,
                                   const TransactionMetadata& live, const History* history) {
  const Name id = live.transactional_id;
  if (history == nullptr) {
    if (!live.record.valid()) return std::nullopt;  // never acknowledged
    return of(names, id, "the log has no record");
  }
  const Found& cached = history->cached;
  if (cached.record != nullptr) {
    const bool epoch_may_lead = live.epoch_ahead_of_log || fence_in_flight(coordinator, id);
    const std::string field = difference(live, *cached.record, epoch_may_lead);
    if (!field.empty()) return of(names, id, field + " differs from its record");
  }
  const Found& newest = history->newest;
  if (cached.record != nullptr && newest.batch == cached.batch) return std::nullopt;
  const bool taken_back = std::find(live.taken_back.begin(), live.taken_back.end(), newest.batch) !=
                          live.taken_back.end();
  if (taken_back || in_flight(coordinator, newest.batch)) return std::nullopt;
  // An id that was removed may have come back with the same name, and has no record of its own yet.
  if (!live.record.valid() && newest.record->tombstone) return std::nullopt;
  return of(names, id, "the log has a newer record");
}

}  // namespace

std::optional<std::string> replay_mismatch(const TransactionCoordinator& coordinator,
                                           const Names& names, const BatchStore& batches,
                                           int32_t partition, std::span<const BatchId> log) {
  const auto led = coordinator.cache().partitions().find(partition);
  if (led == coordinator.cache().partitions().end()) return std::nullopt;
  if (coordinator.cache().is_loading(partition)) return std::nullopt;
  const std::vector<TransactionMetadata>& transactions = led->second.transactions;
  const Histories histories = read(batches, log, transactions);
  std::vector<std::string> found;
  for (const TransactionMetadata& live : transactions) {
    const auto history = histories.find(live.transactional_id.id);
    auto mismatch =
        compare(coordinator, names, live, history == histories.end() ? nullptr : &history->second);
    if (mismatch) found.push_back(*std::move(mismatch));
  }
  for (const auto& [id, history] : histories) {
    const bool live = coordinator.cache().peek(partition, Name{id}) != nullptr;
    if (live || history.newest.record->tombstone) continue;
    found.push_back(of(names, Name{id}, "the cache does not have it"));
  }
  if (found.empty()) return std::nullopt;
  return *std::min_element(found.begin(), found.end());  // by text: ids have no order of their own
}

}  // namespace eosim::kafka
