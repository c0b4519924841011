// groups-streams-replication.md 6.7: sessions and controlled shutdown.
#include "state_harness.h"

namespace eosim::kafka {
namespace {

using testing::b;
using testing::StateHarness;
using testing::StateOptions;

TEST_CASE("a session ends broker.session.timeout.ms after the last heartbeat") {
  StateHarness h;
  CHECK(h.state.next_deadline() == sim::SteadyTime{} + sim::seconds(9));
  h.now = h.now + sim::seconds(2);
  for (int32_t id = 0; id < 3; ++id) h.beat(id);
  CHECK(h.state.next_deadline() == sim::SteadyTime{} + sim::seconds(9));  // of broker 3
  h.beat(3);
  CHECK(h.state.next_deadline() == sim::SteadyTime{} + sim::seconds(11));
  h.now = h.now + sim::milliseconds(8'999);
  CHECK_FALSE(h.state.expire_session(h.now));
  h.now = h.now + sim::milliseconds(1);
  CHECK(h.state.expire_session(h.now));
}

TEST_CASE("sessions that are over end one by one, in order, and the last member stays in the ISR") {
  StateHarness h;
  h.now = h.now + sim::seconds(1);
  h.beat(0);
  h.now = h.now + sim::seconds(20);
  std::vector<std::string> shapes;
  while (h.state.expire_session(h.now)) {
    h.commit();
    shapes.push_back(h.shape());
  }
  // 1, 2, 3 (no replica), 0.
  CHECK(shapes == std::vector<std::string>{"leader 0 isr 0 2 epochs 0/1",
                                           "leader 0 isr 0 epochs 0/2", "leader 0 isr 0 epochs 0/2",
                                           "leader -1 isr 0 epochs 1/3"});
  CHECK(h.state.image().version == 4);
  CHECK(h.count(Event::kBrokerFenced) == 4);
  CHECK(h.state.next_deadline() == sim::kSteadyNever);
}

TEST_CASE("a fenced broker has no session that could end") {
  StateHarness h;
  h.lose(1);
  h.now = h.now + sim::seconds(60);
  for (const int32_t id : {0, 2, 3}) h.beat(id);
  CHECK_FALSE(h.state.expire_session(h.now));
}

TEST_CASE("a controller that starts gives whole sessions") {
  StateHarness h;
  h.now = h.now + sim::seconds(30);
  h.state.restart_sessions(h.now);
  CHECK_FALSE(h.state.expire_session(h.now));
  CHECK(h.state.next_deadline() == h.now + sim::seconds(9));
}

TEST_CASE("a controlled shutdown moves leaders first and ends when everybody knows") {
  StateHarness h;
  auto response = h.want_shut_down(0);
  CHECK_FALSE(response.should_shut_down);
  CHECK_FALSE(response.fenced);
  CHECK(h.state.broker(b(0)).shutting_down);
  CHECK_FALSE(h.state.active(b(0)));
  CHECK(h.shape() == "leader 1 isr 1 2 epochs 1/1");
  CHECK(h.want_shut_down(0).should_shut_down == false);
  const int64_t moved = h.state.image().version;
  for (const int32_t id : {1, 2, 3}) h.beat(id);
  CHECK(h.state.image().version == moved);
  response = h.want_shut_down(0);
  CHECK(response.should_shut_down);
  CHECK(response.fenced);
  CHECK(h.shape() == "leader 1 isr 1 2 epochs 1/1");
  // Its successor need not wait for a session to end.
  CHECK(h.enrol(0, 2).error == Error::kNone);
  CHECK_FALSE(h.state.broker(b(0)).shutting_down);
}

TEST_CASE("a broker that shuts down and leads nothing may end at once") {
  StateHarness h;
  const auto response = h.want_shut_down(1);
  CHECK(response.should_shut_down);
  CHECK(response.fenced);
  CHECK(h.shape() == "leader 0 isr 0 2 epochs 0/1");
}

TEST_CASE("a successor registers while its predecessor is shutting down") {
  StateHarness h;
  h.want_shut_down(0);
  CHECK(h.enrol(0, 2).error == Error::kNone);
  CHECK(h.count(Event::kBrokerFenced) == 1);
}

TEST_CASE("the only member of an ISR that shuts down leaves the partition without a leader") {
  StateHarness h(StateOptions{.partitions = {{{0, 1, 2}, {0}}}});
  h.want_shut_down(0);
  CHECK(h.shape() == "leader -1 isr 0 epochs 1/1");
  for (const int32_t id : {1, 2, 3}) h.beat(id);
  CHECK(h.want_shut_down(0).should_shut_down);
  h.bring_back(0);
  CHECK(h.shape() == "leader 0 isr 0 epochs 2/2");
}

TEST_CASE("a fenced broker that wants to shut down may") {
  StateHarness h;
  h.lose(0);
  CHECK(h.want_shut_down(0).should_shut_down);
}

}  // namespace
}  // namespace eosim::kafka
