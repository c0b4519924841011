// What a processor makes of a record (groups-streams-replication.md 5.1): its outputs, each with
// the record that it is the effect of, so that a task's work is a function of its input and its
// store alone.
#include "models/app/streams/stream_thread.h"
#include "models/app/streams/topology_rules.h"

namespace eosim::kafka {
namespace {

// Makes the outputs of one record, numbered.
class Outputs {
 public:
  Outputs(StreamsEnv& env, Name application, const BufferedRecord& input,
          std::deque<StreamsOutput>& out)
      : env_(env), application_(application), input_(input), out_(out) {}

  void add(TopicPartition to, int32_t key, int64_t value) {
    RecordTruth truth;
    truth.uid = env_.shared().next_record_uid++;
    truth.input = input_.partition;
    truth.input_offset = input_.offset;
    truth.ordinal = ordinal_++;
    truth.application = application_;
    Record output;
    output.key = key;
    output.value = value;
    output.bytes = input_.record.bytes;
    output.timestamp_ms = input_.record.timestamp_ms;
    output.truth = Ghost<RecordTruth>(truth);
    out_.push_back({to, output});
  }
  // To the partition of the key, in each of these topics.
  void add_to(const List<TopicShape>& topics, int32_t key, int64_t value, int32_t copies) {
    for (const TopicShape& topic : topics) {
      for (int32_t copy = 0; copy < copies; ++copy) {
        add({topic.topic, (key + copy) % topic.partitions}, key, value);
      }
    }
  }

 private:
  StreamsEnv& env_;
  Name application_;
  const BufferedRecord& input_;
  std::deque<StreamsOutput>& out_;
  int32_t ordinal_ = 0;
};

}  // namespace

void StreamThread::forward(StreamsEnv& env, StreamTask& task, const BufferedRecord& input) {
  const SubTopology& sub = config().topology.subs.at(static_cast<size_t>(task.id().sub));
  Outputs outputs(env, group(env), input, outputs_);
  const int32_t key = input.record.key % config().topology.keys;
  switch (sub.processor) {
    case Processor::kMap:
      return outputs.add_to(sub.sinks, input.record.key, input.record.value, config().fan_out);
    case Processor::kSelectKey:
      return outputs.add_to(sub.sinks, key, input.record.value, 1);
    case Processor::kCount: {
      // The store has the new count at once, whatever becomes of the transaction (5.6).
      const Table& table = env.directory.table(task.id());
      const auto known = table.find(key);
      const int64_t count = known == table.end() ? 1 : known->second + 1;
      env.directory.put(task.id(), key, count);
      outputs.add(changelog_of(config().topology, task.id()), key, count);
      return outputs.add_to(sub.sinks, key, count, 1);
    }
  }
  EOSIM_ASSERT(false);
}

}  // namespace eosim::kafka
