#include "models/controller/controller_config.h"

namespace eosim::kafka {

void apply_settings(const Settings& settings, ControllerConfig& config) {
  const auto number = [&](SettingId id) { return static_cast<int32_t>(settings.get(id)); };
  config.broker_session_timeout_ms = number(SettingId::kBrokerSessionTimeoutMs);
  config.auto_leader_rebalance_enable = number(SettingId::kAutoLeaderRebalanceEnable) != 0;
  config.leader_imbalance_check_interval_seconds =
      number(SettingId::kLeaderImbalanceCheckIntervalSeconds);
}

}  // namespace eosim::kafka
