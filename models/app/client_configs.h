// From an application's settings to what its clients are made with.
#pragma once

#include <string_view>

#include "models/app/app_config.h"
#include "models/client/consumer_config.h"
#include "models/client/producer_config.h"
#include "models/protocol/names.h"

namespace eosim::kafka {

// Everything but actors and component. An empty transactional id: idempotent only.
ProducerConfig producer_config(const AppConfig& app, Names& names, std::string_view client_id,
                               std::string_view transactional_id);
ConsumerConfig consumer_config(const AppConfig& app, Names& names, std::string_view client_id,
                               uint16_t thread = 0);

}  // namespace eosim::kafka
