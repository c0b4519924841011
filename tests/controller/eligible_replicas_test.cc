// groups-streams-replication.md 7.3: eligible leader replicas (KIP-966).
#include "state_harness.h"

namespace eosim::kafka {
namespace {

using testing::b;
using testing::ids;
using testing::StateHarness;
using testing::StateOptions;

StateOptions elr(std::vector<int32_t> isr = {0, 1, 2}) {
  return {
      .partitions = {{{0, 1, 2}, std::move(isr)}}, .min_insync_replicas = 2, .on = {Switch::kElr}};
}

std::vector<int32_t> eligible(const StateHarness& h) {
  return ids(h.state.eligible(testing::kFirst));
}

TEST_CASE("who leaves an ISR below its minimum stays eligible, until the minimum is back") {
  StateHarness h(elr());
  h.lose(2);
  CHECK(eligible(h).empty());
  h.lose(1);
  CHECK(h.shape() == "leader 0 isr 0 epochs 0/2");
  CHECK(eligible(h) == std::vector<int32_t>{1});
  h.lose(0);
  CHECK(h.shape() == "leader -1 isr epochs 1/3");
  CHECK(eligible(h) == std::vector<int32_t>{0, 1});
  h.beat(1);  // it was only silent
  CHECK(h.shape() == "leader 1 isr 1 epochs 2/4");
  CHECK(eligible(h) == std::vector<int32_t>{0});
  h.beat(2);
  CHECK(h.alter(1, {1, 2}).error == Error::kNone);
  CHECK(eligible(h).empty());
  CHECK(h.count(Event::kUncleanElection) == 0);
}

TEST_CASE("a leader's own shrink leaves the others eligible") {
  StateHarness h(elr({0, 1}));
  CHECK(h.alter(0, {0}).error == Error::kNone);
  CHECK(eligible(h) == std::vector<int32_t>{1});
  CHECK(h.alter(0, {0, 1}).error == Error::kNone);
  CHECK(eligible(h).empty());
}

TEST_CASE(
    "an unclean stop takes a broker out of the ISR and of the reserve, a clean one does not") {
  for (const bool clean : {false, true}) {
    StateHarness h(elr({0, 1}));
    h.lose(1);
    h.lose(0);
    REQUIRE(eligible(h) == std::vector<int32_t>{0, 1});
    h.enrol(1, 2, clean);
    CHECK(eligible(h) == (clean ? std::vector<int32_t>{0, 1} : std::vector<int32_t>{0}));
    h.beat(1);
    CHECK(h.shape() == (clean ? "leader 1 isr 1 epochs 2/3" : "leader -1 isr epochs 1/3"));
    CHECK(h.count(Event::kUncleanElection) == 0);
  }
}

TEST_CASE("the last known leader is elected when nobody else is left, as an unclean one") {
  StateHarness h(elr({0, 1}));
  h.lose(1);
  h.lose(0);
  h.bring_back(1);
  h.enrol(0, 2);
  CHECK(eligible(h).empty());
  CHECK(h.shape() == "leader -1 isr epochs 1/4");
  h.beat(0);
  CHECK(h.shape() == "leader 0 isr 0 epochs 2/5 recovering");
  CHECK(h.count(Event::kUncleanElection) == 1);
}

TEST_CASE("where unclean elections are allowed, one happens when nobody eligible is there") {
  StateOptions options = elr({0});
  options.unclean = true;
  StateHarness h(options);
  h.lose(0);
  CHECK(h.shape() == "leader 1 isr 1 epochs 1/1 recovering");
  CHECK(eligible(h).empty());
}

TEST_CASE("the minimum is never more than there are replicas") {
  StateOptions options = elr();
  options.partitions = {{{0, 1}, {0, 1}}};
  options.min_insync_replicas = 3;
  StateHarness h(options);
  h.lose(1);
  CHECK(eligible(h) == std::vector<int32_t>{1});
  h.beat(1);
  CHECK(h.alter(0, {0, 1}).error == Error::kNone);
  CHECK(eligible(h).empty());
}

TEST_CASE("features are finalised up and down, each time in an image of its own") {
  StateHarness h(elr({0, 1, 2}));
  FinalisedFeatures features;
  features.transaction_version = 2;
  features.eligible_leader_replicas = true;
  h.state.finalise_features(features);
  h.commit();
  const FinalisedFeatures raised = h.state.image().features;
  CHECK(raised.transaction_version == 2);
  CHECK(raised.epoch == h.state.image().version);
  CHECK(h.count(Event::kFeaturesFinalised) == 1);
  h.state.finalise_features(features);  // nothing new
  CHECK_FALSE(h.state.changed());
  h.state.finalise_features({});
  h.commit();
  CHECK(h.state.image().features.transaction_version == 0);
  CHECK(h.state.image().features.epoch > raised.epoch);
  // Without the feature nobody is kept eligible.
  h.lose(2);
  h.lose(1);
  CHECK(eligible(h).empty());
}

}  // namespace
}  // namespace eosim::kafka
