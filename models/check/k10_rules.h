// The rules of K10, one by one: each looks at one fact or at one moment's logs, and reports.
#pragma once

#include "models/check/check_context.h"
#include "models/check/cluster_view.h"

namespace eosim::check::k10 {

extern const Rule kTruncated;

void report(const CheckContext& context, const Rule& rule, TopicPartition partition, Offset offset,
            std::string summary);

// --- of facts ---
void leader_started(const CheckContext& context);     // R3
void lost(const CheckContext& context);               // R5
void replaced(const CheckContext& context);           // R5
void high_watermark(const CheckContext& context);     // R4, R6
void stable_offset(const CheckContext& context);      // P8, R6
void partition_changed(const CheckContext& context);  // R3, R8

// --- of logs ---
void order_of(const CheckContext& context, TopicPartition partition,
              const ReplicaSeen& replica);  // P6, R7
void in_sync(const CheckContext& context, TopicPartition partition, const ReplicaSeen& leader,
             const ReplicaSeen& other);  // R9
void diverged(const CheckContext& context, TopicPartition partition, const ReplicaSeen& leader,
              const ReplicaSeen& other, const kafka::LogEntry& mine,
              const kafka::LogEntry& its);  // R1, P17
void same_epoch(const CheckContext& context, TopicPartition partition, const ReplicaSeen& one,
                const ReplicaSeen& other, const kafka::LogEntry& at);  // R2
// R11, and G7 of the groups' members.
void coordinators(const CheckContext& context, const ClusterView& view);
void producers(const CheckContext& context, TopicPartition partition, const ReplicaSeen& leader,
               const ReplicaSeen& other);  // P17

}  // namespace eosim::check::k10
