#include "models/app/streams/streams_configs.h"

#include "models/app/client_configs.h"
#include "models/app/streams/topology_rules.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

void unless_told(Settings& settings, SettingId id, int64_t value) {
  if (!settings.is_set(id)) settings.set(id, value);
}

void ask_for_stable_offsets_or_fail(Switches& switches) {
  const auto fails = find_switch("fail_if_stable_unsupported");
  EOSIM_ASSERT(fails.has_value());
  switches.set(*fails, uint8_t{1});
}

}  // namespace

void apply_streams_defaults(Settings& settings, OffsetCommitWay commit, Release release) {
  using enum SettingId;
  unless_told(settings, kMaxPollRecords, 1'000);
  unless_told(settings, kAutoOffsetReset, kResetEarliest);
  unless_told(settings, kLingerMs, 100);
  if (commit == OffsetCommitWay::kPlain) {
    unless_told(settings, kCommitIntervalMs, 30'000);
    unless_told(settings, kIsolationLevel, kIsolationReadUncommitted);
    return;
  }
  unless_told(settings, kIsolationLevel, kIsolationReadCommitted);
  unless_told(settings, kCommitIntervalMs, 100);
  unless_told(settings, kDeliveryTimeoutMs, INT32_MAX);
  unless_told(settings, kTransactionTimeoutMs, release >= Release::k26 ? 10'000 : 60'000);
}

ConsumerConfig main_consumer_config(const AppConfig& app, Names& names, std::string_view client_id,
                                    uint16_t thread) {
  ConsumerConfig made = consumer_config(app, names, client_id, thread);
  made.assignors = {Assignor::kApplication};
  made.application_assignor = names.intern("stream");
  made.application_protocol = RebalanceProtocol::kCooperative;
  made.leave_group_on_close = false;
  if (app.commit == OffsetCommitWay::kTransactionFenced) {
    ask_for_stable_offsets_or_fail(made.switches);
  }
  return made;
}

ConsumerConfig restore_consumer_config(const AppConfig& app, Names& names,
                                       std::string_view client_id) {
  ConsumerConfig made = consumer_config(app, names, std::string(client_id) + "-restore");
  made.group = Name{};
  made.instance_id = Name{};
  made.auto_offset_reset = OffsetReset::kNone;
  made.assignors = {Assignor::kRange};  // of no group, so never asked
  return made;
}

std::string transactional_id_of_task(const AppConfig& app, TaskId task) {
  return app.name + "-" + task.text();
}

std::string transactional_id_of_thread(const AppConfig& app, uint32_t process_id, uint16_t thread) {
  return app.name + "-" + std::to_string(app.instance) + "." + std::to_string(process_id) + "-" +
         std::to_string(thread + 1);
}

bool keeps_process_id(const AppConfig& app) {
  if (!app.switches.on(Switch::kProcessIdPersisted)) return false;
  for (const SubTopology& sub : app.topology.subs) {
    if (sub.changelog) return true;
  }
  return false;
}

}  // namespace eosim::kafka
