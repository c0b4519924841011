// What Streams makes of an application's settings (StreamsConfig; groups-streams-replication.md
// 5.1, 5.3).
#pragma once

#include <string>
#include <string_view>

#include "models/app/app_config.h"

namespace eosim::kafka {

// The defaults of Streams over those of plain clients, where the application was told nothing.
void apply_streams_defaults(Settings& settings, OffsetCommitWay commit, Release release);

// A member of the group; and a reader of changelogs, without a group.
ConsumerConfig main_consumer_config(const AppConfig& app, Names& names, std::string_view client_id,
                                    uint16_t thread);
ConsumerConfig restore_consumer_config(const AppConfig& app, Names& names,
                                       std::string_view client_id);

// <app>-<taskId>, and <app>-<processId>-<threadNumber>; an instance and the life in which it got
// its process id stand for the UUID.
std::string transactional_id_of_task(const AppConfig& app, TaskId task);
std::string transactional_id_of_thread(const AppConfig& app, uint32_t process_id, uint16_t thread);
// Whether the process id is kept beside the stores (5.3).
bool keeps_process_id(const AppConfig& app);

}  // namespace eosim::kafka
