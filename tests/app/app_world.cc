#include "app_world.h"

#include "models/protocol/references.h"
#include "models/protocol/versions.h"

namespace eosim::kafka::app_test {
namespace {

std::string text_of(const EndTxnRequest& request) {
  return request.committed ? "EndTxn commit" : "EndTxn abort";
}

// A real broker, which does not get to see what the script answers.
class ScriptedBroker final : public sim::Process {
 public:
  explicit ScriptedBroker(const BrokerConfig& config) : config_(config), broker_(config) {}

  void step(sim::Context& context, const sim::Step& step) override {
    if (step.kind == sim::StepKind::kMessage && step.message.request) {
      AppScript& script = static_cast<AppShared&>(context.shared()).script;
      const auto rpc = static_cast<Rpc>(step.message.kind.index);
      const bool applies = is_of_application(context, step.message, rpc);
      const Error error = applies ? next_error(script, rpc) : Error::kNone;
      note(context, script, step.message, rpc);
      if (error != Error::kNone) return refuse(context, step.message, rpc, error);
      if (applies && script.unanswered[rpc] > 0) {
        --script.unanswered[rpc];
        return;
      }
    }
    broker_.step(context, step);
  }
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<ScriptedBroker>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<ScriptedBroker>(config_);
  }
  std::string describe() const override { return broker_.describe(); }

 private:
  // The source produces, too, but without an id.
  static bool is_of_application(sim::Context& context, const sim::Message& message, Rpc rpc) {
    if (rpc != Rpc::kProduce) return true;
    return kafka_shared(context).bodies.get<ProduceRequest>(message.body).transactional_id.valid();
  }

  static Error next_error(AppScript& script, Rpc rpc) {
    std::deque<Error>& queue = script.errors[rpc];
    if (script.unanswered[rpc] > 0) script.begun = true;
    if (queue.empty()) return Error::kNone;
    const Error error = queue.front();
    queue.pop_front();
    if (error != Error::kNone) script.begun = true;
    return error;
  }

  static void note(sim::Context& context, AppScript& script, const sim::Message& message, Rpc rpc) {
    if (!script.begun || script.over) return;
    const Bodies& bodies = kafka_shared(context).bodies;
    switch (rpc) {
      case Rpc::kEndTxn:
        script.seen.push_back(text_of(bodies.get<EndTxnRequest>(message.body)));
        return;
      case Rpc::kInitProducerId:
        // It is repeated while the transaction before ends.
        if (!script.seen.empty() && script.seen.back() == "InitProducerId") return;
        script.seen.emplace_back("InitProducerId");
        return;
      case Rpc::kTxnOffsetCommit:
      case Rpc::kOffsetCommit:
      case Rpc::kOffsetFetch:
      case Rpc::kJoinGroup:
      case Rpc::kLeaveGroup:
        script.seen.emplace_back(rpc_name(rpc));
        return;
      default:
        return;
    }
  }

  template <class Response>
  static void answer(sim::Context& context, const sim::Message& message, Response response) {
    const uint32_t body = kafka_shared(context).bodies.put(std::move(response));
    context.respond(message.connection, message.kind, message.correlation, 100, body);
  }

  static void refuse(sim::Context& context, const sim::Message& message, Rpc rpc, Error error) {
    const Bodies& bodies = kafka_shared(context).bodies;
    switch (rpc) {
      case Rpc::kInitProducerId:
        return answer(context, message, InitProducerIdResponse{{}, error, {}});
      case Rpc::kEndTxn:
        return answer(context, message, EndTxnResponse{{}, error, {}});
      case Rpc::kAddOffsetsToTxn:
        return answer(context, message, AddOffsetsToTxnResponse{{}, error});
      case Rpc::kTxnOffsetCommit: {
        TxnOffsetCommitResponse response;
        for (const auto& one : bodies.get<TxnOffsetCommitRequest>(message.body).offsets) {
          response.partitions.push_back({one.partition, error});
        }
        return answer(context, message, std::move(response));
      }
      case Rpc::kOffsetCommit: {
        OffsetCommitResponse response;
        for (const auto& one : bodies.get<OffsetCommitRequest>(message.body).offsets) {
          response.partitions.push_back({one.partition, error});
        }
        return answer(context, message, std::move(response));
      }
      default: {
        EOSIM_ASSERT(rpc == Rpc::kProduce);
        ProduceResponse response;
        for (const auto& one : bodies.get<ProduceRequest>(message.body).partitions) {
          ProduceResponse::Partition refused;
          refused.partition = one.partition;
          refused.error = error;
          response.partitions.push_back(refused);
        }
        return answer(context, message, std::move(response));
      }
    }
  }

  BrokerConfig config_;
  Broker broker_;
};

}  // namespace

AppWorld::AppWorld(const AppOptions& options) {
  auto shared = std::make_unique<AppShared>();
  layout_ = make_cluster_layout({{"input", 2, 1, 1}, {"output", 1, 1, 1}}, {{{0}, {0}, true}});
  shared->topic_names = layout_.topic_names;
  const MetadataId image = shared->metadata.put(layout_.image);
  const Preset& preset = *find_preset(options.preset);
  sim::WorldConfig rules;
  rules.calm = true;
  rules.network.latency =
      sim::LogNormal::from_median_p99(sim::microseconds(500), sim::milliseconds(5));
  rules.message_kinds = rpc_names();
  world_ = std::make_unique<sim::World>(rules, std::move(shared));
  BrokerConfig broker = make_broker_config(BrokerId{0}, image, layout_);
  broker.switches = preset_switches(preset);
  broker.versions = api_versions(preset);
  world_->add_process("broker-0", std::make_unique<ScriptedBroker>(broker));
  AppConfig client;
  client.settings = Settings(options.preset);
  client.switches = preset_switches(preset);
  client.versions = api_versions(preset, Side::kClient);
  client.brokers = {{{0}, {0}}};
  SourceConfig source;
  source.client = client;
  source.client.name = "source-0";
  source.client.output = {{layout_.topic("input"), "input", 2}};
  source.records_per_1000s = 20'000;
  source.length = sim::seconds(600);
  world_->add_process("source-0", std::make_unique<SourceProcess>(source));
  AppConfig app = client;
  app.name = "app";
  app.input = source.client.output;
  app.output = {{layout_.topic("output"), "output", 1}};
  app.scope = options.scope;
  app.commit = options.commit;
  app.mistakes = options.mistakes;
  for (const auto& [id, value] : options.settings) app.settings.set(id, value);
  app_ = world_->add_process("app-0", std::make_unique<AppProcess>(app));
  world_->set_observers({this});
}

void AppWorld::on_event(const sim::World&, const sim::TraceEvent& event) {
  if (event.process != app_) return;
  AppScript& told = script();
  const auto kind = static_cast<Event>(event.kind.index);
  if (kind == Event::kConsumerDelivered) ++told.delivered;
  if (!told.begun || told.over) return;
  if (kind == Event::kAppProducerClosed) {
    const auto error = static_cast<Error>(event.fields[1]);
    told.seen.push_back("closed" +
                        (error == Error::kNone ? "" : " " + std::string(error_name(error))));
  } else if (kind == Event::kAppProducerCreated) {
    told.seen.emplace_back("created");
  } else if (kind == Event::kTransactionEnded) {
    if (static_cast<CommitOutcome>(event.fields[2]) != CommitOutcome::kCommitted) return;
    told.seen.emplace_back("committed");
    told.over = --told.commits_wanted <= 0;
  }
}

void AppWorld::run_for(sim::Duration time) {
  const sim::Time end = world_->now() + time;
  while (!script().over && world_->next_time() <= end && world_->step()) {
  }
}

std::vector<std::string> AppWorld::watch() {
  run_for(sim::seconds(60));
  return script().seen;
}

std::vector<std::string> AppWorld::meet(Rpc rpc, std::deque<Error> errors) {
  run_for(sim::seconds(10));
  REQUIRE(script().delivered > 0);
  script().errors[rpc] = std::move(errors);
  return watch();
}

std::vector<std::string> AppWorld::leave_unanswered(Rpc rpc, int requests) {
  run_for(sim::seconds(10));
  REQUIRE(script().delivered > 0);
  script().unanswered[rpc] = requests;
  return watch();
}

}  // namespace eosim::kafka::app_test
