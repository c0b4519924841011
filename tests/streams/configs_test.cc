// What Streams makes of settings and names (groups-streams-replication.md 5.1, 5.3).
#include "catch.h"
#include "harness.h"
#include "models/app/streams/streams_configs.h"

using namespace eosim::kafka;
using namespace eosim::kafka::streams_test;

TEST_CASE("Streams has defaults of its own by guarantee and release") {
  using enum SettingId;
  Settings plain("3.5");
  apply_streams_defaults(plain, OffsetCommitWay::kPlain, Release::k35);
  CHECK(plain.get(kCommitIntervalMs) == 30'000);
  CHECK(plain.get(kLingerMs) == 100);
  CHECK(plain.get(kMaxPollRecords) == 1'000);
  CHECK(plain.get(kDeliveryTimeoutMs) == 120'000);
  CHECK(plain.get(kIsolationLevel) == kIsolationReadUncommitted);

  Settings exact("3.5");
  apply_streams_defaults(exact, OffsetCommitWay::kTransactionFenced, Release::k35);
  CHECK(exact.get(kCommitIntervalMs) == 100);
  CHECK(exact.get(kDeliveryTimeoutMs) == INT32_MAX);
  CHECK(exact.get(kTransactionTimeoutMs) == 10'000);
  CHECK(exact.get(kIsolationLevel) == kIsolationReadCommitted);

  Settings old("2.4");
  apply_streams_defaults(old, OffsetCommitWay::kTransaction, Release::k24);
  CHECK(old.get(kTransactionTimeoutMs) == 60'000);
}

TEST_CASE("what an application was told is kept") {
  Settings told("3.5");
  told.set(SettingId::kCommitIntervalMs, 7);
  told.set(SettingId::kTransactionTimeoutMs, 9'000);
  apply_streams_defaults(told, OffsetCommitWay::kTransactionFenced, Release::k35);
  CHECK(told.get(SettingId::kCommitIntervalMs) == 7);
  CHECK(told.get(SettingId::kTransactionTimeoutMs) == 9'000);
}

TEST_CASE("transactional ids are made from the task, or from process and thread") {
  AppConfig app;
  app.name = "app";
  app.instance = 2;
  CHECK(transactional_id_of_task(app, {1, 3}) == "app-1_3");
  CHECK(transactional_id_of_thread(app, 4, 0) == "app-2.4-1");
}

TEST_CASE("a process id is kept beside stores, since 2.8") {
  for (const auto& [preset, stores, kept] :
       {std::tuple("2.6", true, false), std::tuple("2.8", true, true),
        std::tuple("3.5", false, false), std::tuple("4.0", true, true)}) {
    CAPTURE(preset, stores);
    AppConfig app;
    app.switches = preset_switches(*find_preset(preset));
    app.topology = stores ? count_topology(1) : map_topology(1);
    CHECK(keeps_process_id(app) == kept);
  }
}
