#include "consumer_world.h"

#include "models/protocol/references.h"
#include "models/protocol/versions.h"

namespace eosim::kafka::consumer_test {
namespace {

constexpr BrokerId kBroker{1};

std::string list_text(const List<TopicPartition>& partitions) {
  std::string text;
  for (const TopicPartition p : partitions) text += " " + std::to_string(p.partition);
  return text;
}

}  // namespace

// --- the broker
// -----------------------------------------------------------------------------------

template <class Response>
void StubBroker::answer(sim::Context& context, Response response) {
  retain_references(kafka_shared(context), response);
  const uint32_t body = kafka_shared(context).bodies.put(std::move(response));
  context.respond(message_.connection, message_.kind, message_.correlation, 100, body);
}

Error StubBroker::next_error(Rpc rpc) {
  auto& queue = errors[rpc];
  if (queue.empty()) return Error::kNone;
  const Error error = queue.front();
  queue.pop_front();
  return error;
}

void StubBroker::answer_fetch(sim::Context& context, const FetchRequest& request) {
  FetchResponse response;
  for (const auto& asked : request.partitions) {
    if (asked.partition == kP0) fetch_epochs.push_back(asked.current_leader_epoch);
    const CannedPartition& canned = partitions[asked.partition];
    FetchResponse::Partition answer;
    answer.partition = asked.partition;
    answer.fetch_offset = asked.offset;
    answer.error = next_error(Rpc::kFetch);
    answer.aborted = canned.aborted;
    for (const FetchedBatch& fetched : canned.batches) {
      const RecordBatch& batch = kafka_shared(context).batches[fetched.batch];
      const bool wanted = fetched.base_offset + batch.count > asked.offset;
      if (wanted && fetched.base_offset < canned.end) answer.batches.push_back(fetched);
    }
    if (answer.error != Error::kNone) answer.batches.clear();
    if (answer.error != Error::kNone || !answer.batches.empty()) {
      response.partitions.push_back(answer);
    }
  }
  if (!response.partitions.empty()) {
    answer(context, std::move(response));
    return;
  }
  parked_.push_back({message_.connection, message_.correlation, false, {}});
  context.set_timer(context.actor(), sim::milliseconds(request.max_wait_ms),
                    {0, 0, parked_.size() - 1});
}

void StubBroker::answer_join(sim::Context& context, const JoinGroupRequest& request) {
  joins.push_back(request);
  JoinGroupResponse response;
  response.error = next_error(Rpc::kJoinGroup);
  response.member_id = request.member_id;
  if (response.error == Error::kNone && !request.member_id.valid()) {
    response.error = Error::kMemberIdRequired;
    response.member_id =
        kafka_shared(context).names.intern("member-" + std::to_string(joins.size()));
  } else if (response.error == Error::kNone) {
    response.generation = generation = {generation.value + 1};
    response.leader = request.member_id;
    response.protocol_type = request.protocol_type;
    response.protocol = request.protocols.at(0).name;
    response.members.push_back(
        {request.member_id, request.instance_id, request.protocols.at(0).subscription});
  }
  answer(context, std::move(response));
}

void StubBroker::step(sim::Context& context, const sim::Step& step) {
  if (step.kind == sim::StepKind::kTimer) {
    const Parked parked = parked_.at(step.tag.large);
    if (parked.sync) {
      const uint32_t late =
          kafka_shared(context).bodies.put(SyncGroupResponse{{}, Error::kNone, parked.assignment});
      context.respond(parked.connection, {static_cast<uint16_t>(Rpc::kSyncGroup)},
                      parked.correlation, 100, late);
      return;
    }
    const uint32_t body = kafka_shared(context).bodies.put(FetchResponse{});
    context.respond(parked.connection, {static_cast<uint16_t>(Rpc::kFetch)}, parked.correlation,
                    100, body);
    return;
  }
  if (step.kind != sim::StepKind::kMessage) return;
  message_ = step.message;
  const Bodies& bodies = kafka_shared(context).bodies;
  const uint32_t body = step.message.body;
  const auto rpc = static_cast<Rpc>(step.message.kind.index);
  if (rpc != Rpc::kFetch && rpc != Rpc::kMetadata && rpc != Rpc::kApiVersions) {
    seen.emplace_back(rpc_name(rpc));
  }
  if (closes[rpc] > 0) {
    --closes[rpc];
    context.refuse(message_.connection);
    return;
  }
  switch (rpc) {
    case Rpc::kApiVersions:
      answer(context, ApiVersionsResponse{.error = Error::kNone,
                                          .versions = api_versions(*find_preset(speaks))});
      break;
    case Rpc::kMetadata:
      ++metadata_requests;
      answer(context, MetadataResponse{.image = image});
      break;
    case Rpc::kFindCoordinator:
      answer(context, FindCoordinatorResponse{.error = next_error(rpc), .broker = kBroker});
      break;
    case Rpc::kFetch:
      answer_fetch(context, bodies.get<FetchRequest>(body));
      break;
    case Rpc::kListOffsets: {
      ListOffsetsResponse response;
      for (const auto& asked : bodies.get<ListOffsetsRequest>(body).partitions) {
        const Offset offset =
            asked.timestamp == kEarliestTimestamp ? Offset{0} : partitions[asked.partition].end;
        response.partitions.push_back({asked.partition, next_error(rpc), offset, {}});
      }
      answer(context, std::move(response));
      break;
    }
    case Rpc::kOffsetForLeaderEpoch: {
      const auto request = bodies.get<OffsetForLeaderEpochRequest>(body);
      epoch_questions.push_back(request);
      OffsetForLeaderEpochResponse response;
      for (const auto& asked : request.partitions) {
        const CannedPartition& canned = partitions[asked.partition];
        const Offset end = canned.epoch_end.valid() ? canned.epoch_end : canned.end;
        response.partitions.push_back({asked.partition, next_error(rpc), canned.read_epoch,
                                       canned.read_epoch.valid() ? end : Offset{}});
      }
      answer(context, std::move(response));
      break;
    }
    case Rpc::kJoinGroup:
      if (!silent) answer_join(context, bodies.get<JoinGroupRequest>(body));
      break;
    case Rpc::kSyncGroup: {
      SyncGroupResponse response;
      response.error = next_error(rpc);
      const auto& request = bodies.get<SyncGroupRequest>(body);
      syncs.push_back(request);
      for (const auto& assignment : request.assignments) {
        if (assignment.member_id != request.member_id) continue;
        response.assignment = assignment.partitions;
        response.user_data = assignment.user_data;
      }
      if (!gives.empty()) {
        response.assignment = gives.front();
        gives.pop_front();
      }
      if (sync_delay.ns > 0) {
        parked_.push_back({message_.connection, message_.correlation, true, response.assignment});
        context.set_timer(context.actor(), sync_delay, {0, 0, parked_.size() - 1});
        break;
      }
      answer(context, std::move(response));
      break;
    }
    case Rpc::kHeartbeat:
      beats.push_back(bodies.get<HeartbeatRequest>(body));
      if (!silent) answer(context, HeartbeatResponse{.error = next_error(rpc)});
      break;
    case Rpc::kLeaveGroup:
      answer(context, LeaveGroupResponse{.error = next_error(rpc)});
      break;
    case Rpc::kOffsetFetch: {
      const auto request = bodies.get<OffsetFetchRequest>(body);
      offset_fetches.push_back(request);
      OffsetFetchResponse response;
      for (const TopicPartition asked : request.partitions) {
        const Error error = next_error(rpc);
        response.partitions.push_back(
            {asked, error == Error::kNone ? partitions[asked].committed : Offset{},
             error == Error::kNone ? partitions[asked].committed_epoch : LeaderEpoch{}, error});
      }
      answer(context, std::move(response));
      break;
    }
    case Rpc::kOffsetCommit: {
      const auto request = bodies.get<OffsetCommitRequest>(body);
      commits.push_back(request);
      OffsetCommitResponse response;
      for (const OffsetAndEpoch& offset : request.offsets) {
        const Error error = next_error(rpc);
        response.partitions.push_back({offset.partition, error});
        if (error == Error::kNone) partitions[offset.partition].committed = offset.offset;
      }
      answer(context, std::move(response));
      break;
    }
    default:
      EOSIM_ASSERT(false);
  }
}

// --- the application
// ------------------------------------------------------------------------------

void StubApplication::step(sim::Context& context, const sim::Step& step) {
  if (step.kind == sim::StepKind::kStart) {
    if (by_hand.empty()) {
      consumer.subscribe({{0}});
    } else {
      consumer.assign(context, by_hand);
    }
    go_on(context);
    return;
  }
  if (step.kind == sim::StepKind::kControl) {
    seen.emplace_back("resumed");
    polling_ = true;
    call_ = consumer.resume_poll(context);
    return;
  }
  const bool done = step.kind == sim::StepKind::kTimer &&
                    step.tag.kind == static_cast<uint32_t>(ClientTimer::kCallDone);
  if (!done) {
    consumer.step(context, step);
    return;
  }
  REQUIRE(step.tag.large == call_.number);
  REQUIRE(step.tag.small == kComponent);
  if (polling_) {
    polled(context);
    return;
  }
  const CallResult result = consumer.result(call_).value();
  if (running_ == Command::kCommitted && result.ok()) {
    for (const auto& found : consumer.committed_offsets()) {
      seen.push_back("committed " + std::to_string(found.partition.partition) + "@" +
                     std::to_string(found.offset.value));
    }
  } else {
    seen.push_back(call_ended(result.thrown));
  }
  if (running_ != Command::kClose) go_on(context);
}

void StubApplication::go_on(sim::Context& context) {
  running_ = next;
  next = Command::kNone;
  polling_ = false;
  switch (running_) {
    case Command::kCommit:
      call_ = consumer.commit_sync(context, {{kP0, *consumer.position(kP0), {}}});
      return;
    case Command::kCommitted:
      call_ = consumer.committed(context, {kP0});
      return;
    case Command::kClose:
      call_ = consumer.close(context);
      return;
    case Command::kEnforceRebalance:
      consumer.enforce_rebalance();
      break;
    case Command::kPause:
      consumer.pause({kP0});
      break;
    case Command::kResume:
      consumer.resume({kP0});
      break;
    case Command::kNone:
      break;
  }
  polling_ = true;
  ++polls;
  call_ = consumer.poll(context, poll_timeout);
}

void StubApplication::polled(sim::Context& context) {
  const PollResult result = consumer.take_poll();
  using Kind = PollResult::Kind;
  if (result.kind == Kind::kRecords) {
    std::string text = "records";
    for (const ConsumedRecord& record : result.records) {
      text += " " + std::to_string(record.partition.partition) + ":" +
              std::to_string(record.offset.value);
      if (record.partition == kP0) delivered.push_back(record.offset.value);
    }
    seen.push_back(text);
    positions.push_back(consumer.position(kP0));
  } else if (result.kind == Kind::kError) {
    seen.push_back("error " + std::to_string(static_cast<int>(result.error.error)));
    return;
  } else if (answer_assignor(result)) {
    call_ = consumer.resume_poll(context);
    return;
  } else if (result.callback()) {
    seen.push_back((result.kind == Kind::kRevoked ? "revoked"
                    : result.kind == Kind::kLost  ? "lost"
                                                  : "assigned") +
                   list_text(result.partitions));
    polling_ = false;
    if (hold_callbacks) return;
    polling_ = true;
    call_ = consumer.resume_poll(context);
    return;
  }
  go_on(context);
}

bool StubApplication::answer_assignor(const PollResult& result) {
  switch (result.kind) {
    case PollResult::Kind::kSubscriptionUserData:
      seen.emplace_back("subscriptionUserData");
      consumer.answer_user_data({41});
      return true;
    case PollResult::Kind::kAssign: {
      const auto& members = consumer.group_subscription().members;
      seen.push_back("assign " + std::to_string(members.size()) + " members");
      consumer.answer_assignment({{members.at(0).member_id, {kP0, kP1}, {7}}});
      return true;
    }
    case PollResult::Kind::kOnAssignment:
      seen.push_back("onAssignment" + list_text(result.partitions) + " says " +
                     std::to_string(result.user_data.at(0)));
      return true;
    default:
      return false;
  }
}

// --- the world
// ------------------------------------------------------------------------------------

TestWorld::TestWorld(bool with_group, const char* preset) {
  const Preset& release = *find_preset(preset);
  auto names = std::make_unique<TestShared>();
  names->topic_names = {"input"};
  config.client_id = names->names.intern("app");
  if (with_group) config.group = names->names.intern("group");
  config.isolation = IsolationLevel::kReadCommitted;
  config.switches = preset_switches(release);
  config.versions = api_versions(release, Side::kClient);
  config.application = kApplication;
  config.heartbeat = kHeartbeat;
  config.component = kComponent;
  config.brokers = {{kBroker, {0}}};
  sim::WorldConfig world_config;
  world_config.network.latency =
      sim::LogNormal::from_median_p99(sim::milliseconds(1), sim::milliseconds(2));
  world_config.message_kinds = rpc_names();
  world = std::make_unique<sim::World>(std::move(world_config), std::move(names));
  broker_id = world->add_process("broker-1", std::make_unique<StubBroker>());
  MetadataImage image;
  image.brokers = {{kBroker, broker_id, true}};
  PartitionMetadata led;
  led.leader = kBroker;
  led.leader_epoch = LeaderEpoch{0};
  led.replicas = led.isr = {kBroker};
  image.topics = {{TopicId{0}, false, {led, led}}};
  broker().image = shared().metadata.put(image);
}

void TestWorld::build() {
  app_id = world->add_process("app", std::make_unique<StubApplication>(config));
}

void TestWorld::run(sim::Duration length) {
  const sim::Time end = world->now() + length;
  while (world->next_time() <= end && world->step()) {
  }
  world->advance_to(end);
}

void TestWorld::append(TopicPartition partition, int32_t count, int64_t producer,
                       std::optional<ControlType> marker) {
  RecordBatch batch;
  batch.producer = {{producer}, {0}};
  batch.transactional = true;
  batch.count = count;
  if (marker) {
    batch.payload = Marker{*marker, {0}};
  } else {
    batch.payload = List<Record>(static_cast<size_t>(count));
  }
  CannedPartition& canned = broker().partitions[partition];
  const BatchId id = shared().batches.put(std::move(batch));
  canned.batches.push_back({canned.end, {0}, id});
  canned.end = canned.end + count;
}

void TestWorld::lead(int32_t epoch) {
  MetadataImage image = shared().metadata[broker().image];
  for (PartitionMetadata& partition : image.topics.at(0).partitions) {
    partition.leader_epoch = LeaderEpoch{epoch};
  }
  broker().image = shared().metadata.put(image);
}

void TestWorld::stall_application(sim::Duration length) {
  sim::FaultSpec fault;
  fault.kind = sim::FaultKind::kStall;
  fault.word = "stall";
  fault.at = world->now();
  fault.length = length;
  fault.target = "app";
  world->add_fault(fault);
}

TestWorld member(const char* preset) {
  TestWorld test(true, preset);
  test.build();
  test.append(kP0, 3, 9);
  return test;
}

size_t times_seen(const Strings& seen, std::string_view what) {
  return static_cast<size_t>(std::count(seen.begin(), seen.end(), what));
}

}  // namespace eosim::kafka::consumer_test
