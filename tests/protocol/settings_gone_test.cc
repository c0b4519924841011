// What no model reads is no setting: a scenario that names it gets an error, never no effect.
#include "catch.h"
#include "models/protocol/settings.h"

using namespace eosim::kafka;

TEST_CASE("a setting that nothing reads is an unknown word") {
  constexpr Sides kAll = kBrokerSide | kTopicSide | kAppSide;
  for (const char* name : {"offsets.retention.minutes", "group.max.size", "replica.lag.time.max.ms",
                           "buffer.memory", "partition.assignment.strategy"}) {
    INFO(name);
    CHECK(find_setting(name, kAll) == nullptr);
  }
}
