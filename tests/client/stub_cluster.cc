#include "stub_cluster.h"

namespace eosim::kafka::producer_test {

void StubBroker::see(sim::Context& context, Rpc rpc, int16_t version, const std::string& more) {
  std::string line = std::string(rpc_name(rpc)) + " v" + std::to_string(version);
  if (!more.empty()) line += " " + more;
  script(context).seen.push_back(line);
}

void StubBroker::produce(sim::Context& context) {
  const ProduceRequest asked = request<ProduceRequest>(context);
  ProduceResponse response;
  for (const auto& part : asked.partitions) {
    const RecordBatch& batch = kafka_shared(context).batches[part.batch];
    see(context, Rpc::kProduce, asked.header.version,
        std::to_string(id_.value) + ": " + std::to_string(part.partition.partition) + " " +
            pair_text(batch.producer) + " seq " + std::to_string(batch.base_sequence.value));
    Error error = script(context).next_error(Rpc::kProduce);
    if (batch.bytes > script(context).max_message_bytes) error = Error::kMessageTooLarge;
    const Offset base = script(context).next_offset;
    if (error == Error::kNone) script(context).next_offset = base + batch.count;
    response.partitions.push_back({part.partition, error, base, Offset{0}, {}, {}});
    if (error == Error::kNotLeaderOrFollower && script(context).names_leader &&
        asked.header.version >= 10) {
      const auto number = static_cast<size_t>(part.partition.partition);
      response.partitions.back().leader = BrokerId{script(context).leaders.at(number)};
      response.partitions.back().leader_epoch = LeaderEpoch{script(context).leader_epoch};
    }
  }
  answer(context, std::move(response));
}

void StubBroker::coordinate(sim::Context& context, Rpc rpc) {
  StubScript& told = script(context);
  switch (rpc) {
    case Rpc::kFindCoordinator: {
      const auto& asked = request<FindCoordinatorRequest>(context);
      const bool group = asked.type == CoordinatorType::kGroup;
      see(context, rpc, asked.header.version, group ? "group" : "transaction");
      answer(context, FindCoordinatorResponse{
                          {},
                          told.next_error(rpc),
                          group ? told.group_coordinator : told.transaction_coordinator});
      return;
    }
    case Rpc::kInitProducerId: {
      const auto& asked = request<InitProducerIdRequest>(context);
      see(context, rpc, asked.header.version, pair_text(asked.expected));
      const Error error = told.next_error(rpc);
      if (error == Error::kNone) told.producer.epoch = next_epoch(told.producer.epoch);
      answer(context, InitProducerIdResponse{
                          {}, error, error == Error::kNone ? told.producer : ProducerIdAndEpoch{}});
      return;
    }
    case Rpc::kAddPartitionsToTxn: {
      const AddPartitionsToTxnRequest asked = request<AddPartitionsToTxnRequest>(context);
      std::string text = pair_text(asked.producer);
      AddPartitionsToTxnResponse response;
      for (const TopicPartition partition : asked.partitions) {
        text += " " + std::to_string(partition.partition);
        response.partitions.push_back({partition, told.next_error(rpc)});
      }
      see(context, rpc, asked.header.version, text);
      answer(context, std::move(response));
      return;
    }
    case Rpc::kAddOffsetsToTxn: {
      const auto& asked = request<AddOffsetsToTxnRequest>(context);
      see(context, rpc, asked.header.version, pair_text(asked.producer));
      answer(context, AddOffsetsToTxnResponse{{}, told.next_error(rpc)});
      return;
    }
    case Rpc::kTxnOffsetCommit: {
      const TxnOffsetCommitRequest asked = request<TxnOffsetCommitRequest>(context);
      see(context, rpc, asked.header.version,
          pair_text(asked.producer) + " generation " + std::to_string(asked.generation.value));
      TxnOffsetCommitResponse response;
      for (const OffsetAndEpoch& offset : asked.offsets) {
        response.partitions.push_back({offset.partition, told.next_error(rpc)});
      }
      answer(context, std::move(response));
      return;
    }
    default: {
      EOSIM_ASSERT(rpc == Rpc::kEndTxn);
      const auto& asked = request<EndTxnRequest>(context);
      see(context, rpc, asked.header.version,
          (asked.committed ? "commit " : "abort ") + pair_text(asked.producer));
      EndTxnResponse response{{}, told.next_error(rpc), {}};
      if (response.error == Error::kNone && asked.header.version >= 5) {
        told.producer.epoch = next_epoch(told.producer.epoch);
        response.producer = told.producer;
      }
      answer(context, response);
    }
  }
}

void StubBroker::step(sim::Context& context, const sim::Step& step) {
  if (step.kind != sim::StepKind::kMessage) return;
  message_ = step.message;
  StubScript& told = script(context);
  const auto rpc = static_cast<Rpc>(message_.kind.index);
  if (told.closes_at[rpc] > 0) {
    --told.closes_at[rpc];
    see(context, rpc, 0, "unanswered");
    context.refuse(message_.connection);
    return;
  }
  if (told.closes[id_] > 0) {
    --told.closes[id_];
    context.refuse(message_.connection);
    return;
  }
  if (rpc == Rpc::kApiVersions) {
    answer(context,
           ApiVersionsResponse{{}, Error::kNone, told.transaction_version, 0, told.versions});
  } else if (rpc == Rpc::kMetadata) {
    answer(context, MetadataResponse{{}, told.image});
  } else if (told.silent) {
    see(context, rpc, 0, "unanswered");
  } else if (rpc == Rpc::kProduce) {
    produce(context);
  } else {
    coordinate(context, rpc);
  }
}

StubWorld::StubWorld(const std::string& client, const std::string& brokers, bool transactional) {
  auto made = std::make_unique<StubShared>();
  made->topic_names = {"data"};
  const Preset& preset = *find_preset(client);
  config.client_id = made->names.intern("app");
  if (transactional) config.transactional_id = made->names.intern("tid");
  config.switches = preset_switches(preset);
  config.versions = api_versions(preset, Side::kClient);
  for (int32_t i = 0; i < 2; ++i) {
    config.brokers.push_back({BrokerId{i}, sim::ProcessId{static_cast<uint32_t>(i)}});
  }
  config.application = sim::ActorId{0};
  config.sender = sim::ActorId{1};
  config.component = kComponent;
  sim::WorldConfig rules;
  rules.calm = true;
  rules.network.latency =
      sim::LogNormal::from_median_p99(sim::microseconds(500), sim::milliseconds(5));
  rules.message_kinds = rpc_names();
  world = std::make_unique<sim::World>(rules, std::move(made));
  for (int32_t i = 0; i < 2; ++i) {
    world->add_process("broker-" + std::to_string(i), std::make_unique<StubBroker>(BrokerId{i}));
  }
  world->set_observers({&watcher});
  const std::string& spoken = brokers.empty() ? client : brokers;
  speak(spoken, preset_switches(*find_preset(spoken)).on(Switch::kTv2Endtxn));
  lead({0, 1}, 0);
}

void StubWorld::speak(const std::string& preset, bool v2) {
  script().versions = api_versions(*find_preset(preset));
  script().transaction_version = v2 ? 2 : 0;
}

void StubWorld::lead(std::vector<int32_t> leaders, int32_t epoch) {
  script().leaders = leaders;
  script().leader_epoch = epoch;
  MetadataImage image;
  for (int32_t i = 0; i < 2; ++i) {
    image.brokers.push_back({BrokerId{i}, sim::ProcessId{static_cast<uint32_t>(i)}, true});
  }
  image.topics.resize(1);
  image.topics[0].topic = TopicId{0};
  for (const int32_t leader : leaders) {
    PartitionMetadata partition;
    if (leader >= 0) partition.leader = BrokerId{leader};
    partition.leader_epoch = LeaderEpoch{epoch};
    image.topics[0].partitions.push_back(partition);
  }
  const MetadataId old = script().image;
  script().image = shared().metadata.put(std::move(image));
  if (old.valid()) shared().metadata.release(old);
}

std::vector<std::string> StubWorld::run(std::vector<Command> commands, sim::Duration limit) {
  auto made = std::make_unique<ScriptedApp>(config, shared().names.intern("group"));
  made->script = std::move(commands);
  app_id = world->add_process("app", std::move(made), world->now());
  return go_on({}, limit);
}

std::vector<std::string> StubWorld::go_on(std::vector<Command> commands, sim::Duration limit) {
  if (!commands.empty()) {
    app().log.clear();
    app().results.clear();
    app().script = std::move(commands);
    app().next = 0;
    world->control(app_id, config.application, {});
  }
  const sim::Time end = world->now() + limit;
  while (!app().finished() && world->next_time() <= end && world->step()) {
  }
  return app().log;
}

void StubWorld::run_for(sim::Duration time) {
  const sim::Time end = world->now() + time;
  while (world->next_time() <= end && world->step()) {
  }
  world->advance_to(end);
}

}  // namespace eosim::kafka::producer_test
