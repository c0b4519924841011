#include "models/check/metrics.h"

#include <algorithm>
#include <bit>

#include "models/check/facts_replication.h"
#include "models/check/ghost_access.h"
#include "models/protocol/messages.h"

namespace eosim::check {

namespace {

using kafka::GhostAccess;
using kafka::List;
using kafka::Record;
using kafka::TransactionState;

bool fences(Error error) {
  return error == Error::kInvalidProducerEpoch || error == Error::kProducerFenced ||
         error == Error::kIllegalGeneration || error == Error::kUnknownMemberId ||
         error == Error::kFencedInstanceId;
}

TopicPartition partition_at(const sim::TraceEvent& event, size_t field) {
  return TopicPartition::unpacked(event.fields[field]);
}

// The value below which `percent` of the samples lie; nearest rank.
int64_t percentile(const std::vector<int64_t>& sorted, size_t percent) {
  if (sorted.empty()) return 0;
  const size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<size_t>(rank, 1) - 1];
}

void add_spread(std::vector<Metric>& all, const std::string& name, std::vector<int64_t> samples) {
  std::sort(samples.begin(), samples.end());
  int64_t sum = 0;
  for (const int64_t sample : samples) sum += sample;
  const auto count = static_cast<int64_t>(samples.size());
  all.push_back({name + ".p50_ns", percentile(samples, 50) * 1'000});
  all.push_back({name + ".p90_ns", percentile(samples, 90) * 1'000});
  all.push_back({name + ".p99_ns", percentile(samples, 99) * 1'000});
  all.push_back({name + ".max_ns", samples.empty() ? 0 : samples.back() * 1'000});
  all.push_back({name + ".mean_ns", count == 0 ? 0 : sum / count * 1'000});
}

}  // namespace

bool Metrics::is_input(TopicPartition partition) const {
  return std::find(config_.input_topics.begin(), config_.input_topics.end(), partition.topic) !=
         config_.input_topics.end();
}

bool Metrics::is_output(TopicPartition partition) const {
  return std::find(config_.output_topics.begin(), config_.output_topics.end(), partition.topic) !=
         config_.output_topics.end();
}

void Metrics::on_event(const sim::World& world, const sim::TraceEvent& event) {
  switch (static_cast<Event>(event.kind.index)) {
    case Event::kLogAppended:
      return on_appended(event);
    case Event::kLogMarkerAppended:
      ++appends_leader_;
      ++markers_;
      return;
    case Event::kLogRefused:
      if (fences(static_cast<Error>(event.fields[1]))) ++fencings_;
      return;
    case Event::kLeaderStarted:
    case Event::kFollowerStarted: {
      Leadership& known = leaderships_[partition_at(event, 0)];
      if (!known.changed) ++known.copies;
      return;
    }
    case Event::kReplicaAppended:
      ++replicated_;
      return;
    case Event::kLogTruncated:
      ++truncations_;
      truncated_ += static_cast<uint64_t>(std::max<int64_t>(event.fields[2] - event.fields[1], 0));
      return;
    case Event::kPartitionChanged:
      return on_partition_changed(event);
    case Event::kUncleanElection:
      ++unclean_;
      return;
    case Event::kTransactionTransition:
      return on_transition(event);
    case Event::kTransactionFenced:
      if (event.fields[4] != 0) ++timed_out_;
      return;
    case Event::kTransactionRefused:
      if (fences(static_cast<Error>(event.fields[2]))) ++fencings_;
      return;
    case Event::kOffsetRefused:
      if (fences(static_cast<Error>(event.fields[1]))) ++fencings_;
      return;
    case Event::kGroupGeneration:
      ++rebalances_;
      return;
    case Event::kOffsetCommitted:
      return on_offset_committed(event);
    case Event::kProducerInitialized:
      if (Name{static_cast<uint32_t>(event.fields[0])}.valid()) ++initialised_;
      return;
    case Event::kTransactionBegan:
      ++begun_;
      return;
    case Event::kConsumerAssigned:
      return on_assigned(event);
    case Event::kConsumerDelivered:
      return on_delivered(static_cast<const kafka::KafkaShared&>(world.shared()), event);
    case Event::kAppProducerClosed:
      --living(world, event.process).producers;
      return;
    case Event::kAppProducerCreated: {
      ++living(world, event.process).producers;
      const Name id{static_cast<uint32_t>(event.fields[0])};
      if (id.valid()) {
        transactional_ids_.insert(id.id);
      } else {
        plain_producers_.insert({event.process.index, event.actor.index});
      }
      return;
    }
    default:
      return;
  }
}

void Metrics::on_appended(const sim::TraceEvent& event) {
  const TopicPartition partition = partition_at(event, 0);
  const int64_t base = event.fields[1];
  const int64_t last = event.fields[2];
  const auto records = static_cast<uint64_t>(last - base + 1);
  ++appends_leader_;
  if (partition.topic == config_.transaction_topic) ++appends_state_log_;
  if (is_output(partition)) records_out_ += records;
  if (!is_input(partition)) return;
  auto known = std::find_if(arrivals_.begin(), arrivals_.end(),
                            [partition](const Arrivals& a) { return a.partition == partition; });
  if (known == arrivals_.end()) {
    arrivals_.push_back({partition, {}});
    known = arrivals_.end() - 1;
  }
  // What a deposed leader had taken, and lost, its successor takes again at the same offset.
  const auto before = static_cast<int64_t>(known->at_ns.size());
  if (last < before) return;
  const auto fresh = static_cast<uint64_t>(last + 1 - std::max(base, before));
  records_in_ += fresh;
  if (in_window(event.at)) records_in_window_ += fresh;
  known->at_ns.resize(static_cast<size_t>(last + 1), event.at.ns);
}

// Those of an earlier life died with it.
Metrics::Living& Metrics::living(const sim::World& world, sim::ProcessId process) {
  if (living_.size() <= process.index) living_.resize(process.index + 1);
  Living& known = living_[process.index];
  if (known.incarnation != world.incarnation(process)) known = {world.incarnation(process), 0};
  return known;
}

void Metrics::on_partition_changed(const sim::TraceEvent& event) {
  const auto fact = read<PartitionChanged>(event);
  Leadership& known = leaderships_[fact.partition];
  if (known.changed && fact.leader_epoch > known.leader_epoch && fact.leader >= 0) ++elections_;
  if (!known.changed && fact.leader_epoch > 0 && fact.leader >= 0) ++elections_;
  if (known.changed ? (known.isr & ~fact.isr) != 0 : std::popcount(fact.isr) < known.copies) {
    ++isr_shrinks_;
  }
  if (known.changed && (fact.isr & ~known.isr) != 0) ++isr_expands_;
  known.leader_epoch = fact.leader_epoch;
  known.isr = fact.isr;
  known.changed = true;
}

void Metrics::on_delivered(const kafka::KafkaShared& shared, const sim::TraceEvent& event) {
  const bool audited = std::find(config_.auditors.begin(), config_.auditors.end(), event.process) !=
                       config_.auditors.end();
  const Name group{static_cast<uint32_t>(event.fields[0])};
  const bool counts =
      audited || (group.valid() && !config_.reader_groups.empty() &&
                  std::find(config_.reader_groups.begin(), config_.reader_groups.end(),
                            shared.names.text(group)) != config_.reader_groups.end());
  const auto isolation = static_cast<IsolationLevel>(event.fields[6]);
  if (!counts || isolation != IsolationLevel::kReadCommitted) return;
  const BatchId batch{static_cast<uint32_t>(event.fields[3])};
  const auto first = static_cast<size_t>(event.fields[4]);
  const auto count = static_cast<size_t>(event.fields[5]);
  records_delivered_ += count;
  if (!in_window(event.at)) return;
  delivered_window_ += count;
  const kafka::RecordBatch& stored = shared.batches[batch];
  const auto& records = std::get<List<Record>>(stored.payload);
  for (size_t i = first; i < first + count; ++i) {
    const size_t index = kafka::record_index(stored, static_cast<int32_t>(i));
    const kafka::RecordTruth& truth = GhostAccess::open(records.at(index).truth);
    for (const Arrivals& from : arrivals_) {
      const auto offset = static_cast<size_t>(truth.input_offset.value);
      if (from.partition == truth.input && offset < from.at_ns.size()) {
        latencies_ns_.push_back(event.at.ns - from.at_ns[offset]);
      }
    }
  }
}

Metrics::Takeover& Metrics::takeover(Name group, TopicPartition partition) {
  for (Takeover& known : takeovers_) {
    if (known.group == group && known.partition == partition) return known;
  }
  return takeovers_.emplace_back(Takeover{group, partition, {}, -1});
}

// A partition changed hands: the clock of its first commit by the new owner starts.
void Metrics::on_assigned(const sim::TraceEvent& event) {
  const Name group{static_cast<uint32_t>(event.fields[0])};
  const Name owner{static_cast<uint32_t>(event.fields[2])};
  Takeover& taken = takeover(group, partition_at(event, 3));
  if (taken.owner.valid() && taken.owner != owner) taken.since_ns = event.at.ns;
  taken.owner = owner;
}

void Metrics::on_offset_committed(const sim::TraceEvent& event) {
  ++offsets_committed_;
  Takeover& taken = takeover(Name{static_cast<uint32_t>(event.fields[0])}, partition_at(event, 1));
  if (taken.since_ns < 0) return;
  takeover_ns_.push_back(event.at.ns - taken.since_ns);
  taken.since_ns = -1;
}

void Metrics::on_transition(const sim::TraceEvent& event) {
  const auto from = static_cast<int>(event.fields[1]);
  const auto to = static_cast<TransactionState>(event.fields[2]);
  if (from == static_cast<int>(to)) return;
  if (to == TransactionState::kCompleteCommit) ++committed_;
  if (to == TransactionState::kCompleteAbort) ++aborted_;
}

std::vector<Metric> Metrics::all(const sim::World& world) const {
  std::vector<Metric> all;
  const auto count = [&all](const std::string& name, uint64_t value) {
    all.push_back({name, static_cast<int64_t>(value) * 1'000});
  };
  count("records.in", records_in_);
  count("records.out", records_out_);
  count("records.delivered", records_delivered_);
  const int64_t window_ms = (config_.window_end - config_.window_begin).ms();
  if (window_ms > 0) {
    const auto rate = [window_ms](uint64_t records) {
      return static_cast<int64_t>(records) * 1'000'000 / window_ms;
    };
    all.push_back({"throughput.offered", rate(records_in_window_)});
    all.push_back({"throughput.delivered", rate(delivered_window_)});
  }
  count("producers.transactional", transactional_ids_.size());
  count("producers.total", transactional_ids_.size() + plain_producers_.size());
  uint64_t live = 0;
  for (uint32_t i = 0; i < living_.size(); ++i) {
    if (living_[i].incarnation == world.incarnation({i})) live += living_[i].producers;
  }
  count("producers.live", live);
  count("transactions.begun", begun_);
  count("transactions.committed", committed_);
  count("transactions.aborted", aborted_);
  count("transactions.timed_out", timed_out_);
  const sim::KernelCounts& kernel = world.counts();
  const auto& shared = static_cast<const kafka::KafkaShared&>(world.shared());
  for (size_t i = 0; i < kafka::kRpcCount; ++i) {
    const std::string name(kafka::rpc_name(static_cast<kafka::Rpc>(i)));
    count("requests." + name, kernel.requests[i]);
    count("retries." + name, shared.counters.retries[i]);
  }
  count("connections.opened", kernel.connections);
  for (size_t i = 0; i < kafka::kClientKindWords.size(); ++i) {
    count("connections." + std::string(kafka::kClientKindWords[i]), shared.counters.connections[i]);
  }
  count("bounces", shared.bounces);
  count("requests_late", kernel.late_requests);
  count("markers.written", markers_);
  count("appends.leader", appends_leader_);
  count("appends.state_log", appends_state_log_);
  count("init_producer_id.completed", initialised_);
  count("offsets.committed", offsets_committed_);
  count("rebalances", rebalances_);
  count("fencings", fencings_);
  count("appends.replica", replicated_);
  count("elections", elections_);
  count("elections.unclean", unclean_);
  count("isr.shrinks", isr_shrinks_);
  count("isr.expands", isr_expands_);
  count("truncations", truncations_);
  count("truncations.records", truncated_);
  for (size_t i = 0; i < kafka::kThreadKindWords.size(); ++i) {
    const int64_t blocked = shared.counters.blocked_ns[i];
    all.push_back({"blocked_ns." + std::string(kafka::kThreadKindWords[i]), blocked * 1'000});
  }
  add_spread(all, "latency.end_to_end", latencies_ns_);
  add_spread(all, "latency.takeover", takeover_ns_);
  for (const sim::FaultRecord& fault : world.fault_records()) {
    const std::string name = "faults." + fault.spec.word;
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&name](const Metric& metric) { return metric.name == name; });
    if (known == all.end()) {
      count(name, fault.strikes);
    } else {
      known->thousandths += static_cast<int64_t>(fault.strikes) * 1'000;
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Metric& a, const Metric& b) { return a.name < b.name; });
  return all;
}

}  // namespace eosim::check
