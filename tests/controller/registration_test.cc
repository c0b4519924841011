// groups-streams-replication.md 6.7: registration and heartbeats.
#include "state_harness.h"

namespace eosim::kafka {
namespace {

using testing::b;
using testing::StateHarness;

TEST_CASE("all brokers begin registered, unfenced and with epochs of their own") {
  StateHarness h;
  for (int32_t id = 0; id < 4; ++id) {
    CHECK(h.state.broker(b(id)).epoch.value == id + 1);
    CHECK(h.state.active(b(id)));
    CHECK(h.state.incarnation(b(id)) == 1);
  }
  CHECK(h.state.image().version == 0);
  CHECK_FALSE(h.state.changed());
}

TEST_CASE("the controller's settings are Kafka's, with Kafka's defaults") {
  ControllerConfig config;
  config.broker_session_timeout_ms = config.leader_imbalance_check_interval_seconds = 0;
  Settings settings("4.2");
  apply_settings(settings, config);
  CHECK(config.broker_session_timeout_ms == 9'000);
  CHECK(config.leader_imbalance_check_interval_seconds == 300);
  CHECK(config.auto_leader_rebalance_enable);
  settings.set(SettingId::kAutoLeaderRebalanceEnable, 0);
  apply_settings(settings, config);
  CHECK_FALSE(config.auto_leader_rebalance_enable);
}

TEST_CASE("a new life is refused while its predecessor has a session") {
  StateHarness h;
  CHECK(h.enrol(1, 2).error == Error::kDuplicateBrokerRegistration);
  CHECK(h.state.image().version == 0);
  h.now = h.now + sim::milliseconds(8'999);
  CHECK(h.enrol(1, 2).error == Error::kDuplicateBrokerRegistration);
  h.now = h.now + sim::milliseconds(1);
  // The session is over though nobody has looked: the old life is fenced with the registration.
  const auto response = h.enrol(1, 2);
  CHECK(response.error == Error::kNone);
  CHECK(response.broker_epoch.value == 5);
  CHECK(h.count(Event::kBrokerFenced) == 1);
  CHECK(h.count(Event::kBrokerRegistered) == 1);
  CHECK_FALSE(h.state.broker(b(1)).alive);
  CHECK(h.shape() == "leader 0 isr 0 2 epochs 0/1");
  CHECK(h.state.image().version == 1);
}

TEST_CASE("a registration that is repeated gets the same epoch and changes nothing") {
  StateHarness h;
  h.lose(1);
  const auto once = h.enrol(1, 2);
  const int64_t version = h.state.image().version;
  const auto twice = h.enrol(1, 2);
  CHECK(twice.error == Error::kNone);
  CHECK(twice.broker_epoch == once.broker_epoch);
  CHECK(h.state.image().version == version);
}

TEST_CASE("a late registration of a life that is over does not take its successor's place") {
  StateHarness h;
  h.lose(1);
  const auto third = h.enrol(1, 3);
  CHECK(h.enrol(1, 2).error == Error::kDuplicateBrokerRegistration);
  CHECK(h.state.broker(b(1)).epoch == third.broker_epoch);
}

TEST_CASE("every registration has an epoch that none had before") {
  StateHarness h;
  BrokerEpoch last{4};
  for (uint64_t life = 2; life < 6; ++life) {
    for (int32_t id = 0; id < 2; ++id) {
      h.lose(id);
      const auto response = h.enrol(id, life);
      CHECK(response.broker_epoch > last);
      last = response.broker_epoch;
      h.beat(id);
    }
  }
}

TEST_CASE("a request of an older registration is stale, one of a stranger is not registered") {
  StateHarness h;
  BrokerHeartbeatRequest old = h.heartbeat_of(1);
  h.lose(1);
  h.enrol(1, 2);
  const auto stale = h.beat(old);
  CHECK(stale.error == Error::kStaleBrokerEpoch);
  CHECK(stale.fenced);
  old.broker = b(9);
  CHECK(h.beat(old).error == Error::kBrokerIdNotRegistered);
  CHECK(h.state.check_epoch(b(1), BrokerEpoch{2}) == Error::kStaleBrokerEpoch);
  CHECK(h.state.check_epoch(b(1), BrokerEpoch{5}) == Error::kNone);
}

TEST_CASE("a registered broker is unfenced once it has applied its own registration") {
  StateHarness h;
  h.lose(1);
  h.enrol(1, 2);
  const int64_t registered = h.state.image().version;
  BrokerHeartbeatRequest request = h.heartbeat_of(1);
  request.metadata_version = registered - 1;
  auto response = h.beat(request);
  CHECK(response.error == Error::kNone);
  CHECK(response.fenced);
  CHECK_FALSE(response.caught_up);
  request.metadata_version = registered;
  request.want_fence = true;
  response = h.beat(request);
  CHECK(response.fenced);
  CHECK(response.caught_up);
  request.want_fence = false;
  response = h.beat(request);
  CHECK_FALSE(response.fenced);
  CHECK(response.caught_up);
  CHECK(h.count(Event::kBrokerUnfenced) == 1);
  CHECK(h.state.image().version == registered + 1);
}

TEST_CASE("a broker that lives and was fenced for its silence is unfenced by its next heartbeat") {
  StateHarness h;
  h.lose(1);
  const auto response = h.beat(1);
  CHECK(response.error == Error::kNone);
  CHECK_FALSE(response.fenced);
  CHECK(h.state.broker(b(1)).epoch.value == 2);
  // It is no member of an ISR until a leader takes it back.
  CHECK(h.shape() == "leader 0 isr 0 2 epochs 0/1");
}

TEST_CASE("a broker that wants to be fenced is") {
  StateHarness h;
  BrokerHeartbeatRequest request = h.heartbeat_of(0);
  request.want_fence = true;
  CHECK(h.beat(request).fenced);
  CHECK(h.shape() == "leader 1 isr 1 2 epochs 1/1");
}

}  // namespace
}  // namespace eosim::kafka
