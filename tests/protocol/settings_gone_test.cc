// What no model knows is no setting: a scenario that names it gets an error, never no effect.
#include "catch.h"
#include "models/protocol/settings.h"

using namespace eosim::kafka;

TEST_CASE("a setting that no model knows is an unknown word") {
  constexpr Sides kAll = kBrokerSide | kTopicSide | kAppSide;
  for (const char* name : {"enable.auto.commit", "connections.max.idle.ms", "log.flush.interval.ms",
                           "num.replica.fetchers"}) {
    INFO(name);
    CHECK(find_setting(name, kAll) == nullptr);
  }
}
