#include "models/protocol/switches.h"

#include <set>
#include <string>

#include "catch.h"

namespace eosim::kafka {
namespace {

TEST_CASE("switches are set by the words of a scenario") {
  Switches switches;
  CHECK(switches.set(Switch::kClientEndtxnEpoch, "equal"));
  CHECK(switches.as<ClientEndTxnEpoch>(Switch::kClientEndtxnEpoch) == ClientEndTxnEpoch::kEqual);
  CHECK_FALSE(switches.set(Switch::kClientEndtxnEpoch, "on"));
  CHECK(switches.as<ClientEndTxnEpoch>(Switch::kClientEndtxnEpoch) == ClientEndTxnEpoch::kEqual);
  CHECK_FALSE(find_switch("no_such_switch").has_value());
}

TEST_CASE("a group sets its switches together") {
  std::set<std::string_view> names;
  for (const SwitchGroup& group : switch_groups()) {
    CAPTURE(group.name);
    CHECK(names.insert(group.name).second);
    CHECK_FALSE(find_switch(group.name).has_value());
    CHECK(find_switch_group(group.name) == &group);
    REQUIRE(group.on.size() == group.switches.size());
    REQUIRE(group.off.size() == group.switches.size());
    for (size_t i = 0; i < group.switches.size(); ++i) {
      CHECK(group.on[i] != group.off[i]);
      CHECK(group.on[i] < switch_info(group.switches[i]).values.size());
    }
  }
  CHECK(names == std::set<std::string_view>{"kip_360", "kip_447", "kip_588", "kip_890_verification",
                                            "transaction_version"});
}

TEST_CASE("without KIP-360 and KIP-447 the switches of 2.5 are nearly those of 2.4") {
  Switches switches = preset_switches(*find_preset("2.5"));
  set_group(switches, *find_switch_group("kip_360"), false);
  set_group(switches, *find_switch_group("kip_447"), false);
  switches.set(Switch::kFenceLastEpoch, "none");
  switches.set(Switch::kPollBlocksOnJoin, "on");
  switches.set(Switch::kStaticSwapInCompleting, "off");
  switches.set(Switch::kCommitPosition, "last_record");
  CHECK(switches == preset_switches(*find_preset("2.4")));
}

TEST_CASE("off and on of transaction_version are 3.9 and 4.0 for the two paths") {
  Switches switches = preset_switches(*find_preset("4.0"));
  set_group(switches, *find_switch_group("transaction_version"), false);
  const Switches old = preset_switches(*find_preset("3.9"));
  for (const Switch s : find_switch_group("transaction_version")->switches) {
    CHECK(switches.value(s) == old.value(s));
  }
  set_group(switches, *find_switch_group("transaction_version"), true);
  CHECK(switches == preset_switches(*find_preset("4.0")));
}

TEST_CASE("verification off and on are 3.5 and 3.8") {
  const SwitchGroup& group = *find_switch_group("kip_890_verification");
  const Switches without = preset_switches(*find_preset("3.5"));
  const Switches with = preset_switches(*find_preset("3.8"));
  for (size_t i = 0; i < group.switches.size(); ++i) {
    CHECK(without.value(group.switches[i]) == group.off[i]);
    CHECK(with.value(group.switches[i]) == group.on[i]);
  }
}

}  // namespace
}  // namespace eosim::kafka
