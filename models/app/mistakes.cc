#include "models/app/mistakes.h"

#include <array>
#include <cstddef>

namespace eosim::kafka {
namespace {

constexpr uint8_t role_bit(AppRole role) {
  return static_cast<uint8_t>(1U << static_cast<unsigned>(role));
}
constexpr uint8_t kPlainLoop = role_bit(AppRole::kAtLeastOnce);
constexpr uint8_t kPartitionLoop = role_bit(AppRole::kTransactionPerPartition);
constexpr uint8_t kThreadLoop = role_bit(AppRole::kTransactionPerThread);
constexpr uint8_t kWriters = role_bit(AppRole::kTransactionalProducer);

constexpr std::array<MistakeInfo, static_cast<size_t>(Mistake::kCount)> kMistakeInfos{{
    {"no_rewind_after_abort", "polls on after an abort, so the aborted input is never done again",
     "known-bugs.md D19", kThreadLoop | kPartitionLoop},
    {"rewind_one_partition", "goes back in one partition of those that an abort concerned",
     "groups-streams-replication.md 4.4", kThreadLoop},
    {"ambiguous_commit_is_failure",
     "takes a commit that timed out for one that failed, and does its work again",
     "known-bugs.md D18", kThreadLoop | kWriters},
    {"ignore_rebalance_callbacks",
     "does not end its transaction before partitions go, and commits offsets of lost ones",
     "groups-streams-replication.md 4.5", kThreadLoop},
    {"go_on_after_fenced",
     "makes a new producer after ProducerFencedException and goes on where it is",
     "groups-streams-replication.md 4.3", kThreadLoop},
    {"shared_transactional_id", "all instances and threads have the same transactional id",
     "groups-streams-replication.md 4.3", kThreadLoop | kWriters},
    {"fresh_transactional_ids", "each start makes a new transactional id, so nobody is fenced",
     "groups-streams-replication.md 4.2", kThreadLoop | kPartitionLoop},
    {"init_after_positions",
     "initialises the producer of a partition after the position has been read",
     "transactions.md 6.3", kPartitionLoop},
    {"cached_group_metadata", "asks for the group's metadata once, before it has joined",
     "groups-streams-replication.md 3.8", kThreadLoop},
    {"offset_of_last_record", "commits the offset of the last record, not of the next one",
     "groups-streams-replication.md 4.3", kThreadLoop | kPlainLoop},
    {"offsets_in_callback", "collects the offsets to commit when outputs are acknowledged",
     "known-bugs.md D56", kThreadLoop},
    {"offsets_outside_transaction", "commits the transaction first, then offsets by commitSync()",
     "groups-streams-replication.md 4.1", kThreadLoop},
    {"auto_commit", "leaves the consumer's automatic commit of offsets on",
     "groups-streams-replication.md 4", kThreadLoop | kPlainLoop},
    {"ignore_send_errors", "looks at no future of send(): what it refused is not missed",
     "known-bugs.md D21", kThreadLoop | kPlainLoop},
    {"send_before_begin", "calls send() before beginTransaction(), and again when that throws",
     "transactions.md 5.5", kThreadLoop},
    {"commit_before_flush", "commits offsets before the outputs are acknowledged",
     "cli-and-scenarios.md 2.2", kPlainLoop},
    {"retry_saved_commits",
     "keeps offsets whose commit failed, and commits them when partitions are revoked",
     "known-bugs.md D55", kPlainLoop},
    {"offsets_without_epoch",
     "commits offsets without the leader epoch of what was read, as javadocs have it",
     "groups-streams-replication.md 3.7", kThreadLoop | kPartitionLoop | kPlainLoop},
}};

}  // namespace

std::span<const MistakeInfo> mistake_infos() { return kMistakeInfos; }

std::optional<Mistake> find_mistake(std::string_view name) {
  for (size_t i = 0; i < kMistakeInfos.size(); ++i) {
    if (kMistakeInfos[i].name == name) return static_cast<Mistake>(i);
  }
  return std::nullopt;
}

}  // namespace eosim::kafka
