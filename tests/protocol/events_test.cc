#include "models/protocol/events.h"

#include <set>
#include <string_view>

#include "catch.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

TEST_CASE("every event has a name of its own, in words that a script can rely on") {
  std::set<std::string_view> names;
  for (const sim::EventKind& kind : event_kinds()) {
    CAPTURE(kind.name);
    CHECK(names.insert(kind.name).second);
    CHECK(kind.name.find('.') != kind.name.npos);
    CHECK(kind.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == kind.name.npos);
  }
  CHECK(names.size() == kEventCount);
}

TEST_CASE("every event has fields with names of their own, and is a fact") {
  for (const sim::EventKind& kind : event_kinds()) {
    CAPTURE(kind.name);
    CHECK(kind.fact);
    CHECK(kind.field_count >= 1);
    CHECK(kind.field_count <= sim::kFieldsMax);
    std::set<std::string_view> fields;
    for (size_t i = 0; i < kind.field_count; ++i) {
      CHECK_FALSE(kind.fields[i].name.empty());
      CHECK(fields.insert(kind.fields[i].name).second);
    }
  }
}

TEST_CASE("an event's number is its place in the table") {
  const auto name = [](Event event) { return event_kinds().at(event_id(event).index).name; };
  CHECK(name(Event::kLogAppended) == "log.appended");
  CHECK(name(Event::kTransactionTransition) == "transaction.transition");
  CHECK(name(Event::kGroupGeneration) == "group.generation");
  CHECK(name(Event::kOffsetCommitted) == "offset.committed");
  CHECK(name(Event::kConsumerDelivered) == "consumer.delivered");
  CHECK(name(Event::kSourceFinished) == "source.finished");
}

TEST_CASE("an event is made with a value for every field") {
  const EmittedEvent event = make_event(Event::kLogHighWatermark, {7, 42, 3});
  CHECK(event.count == 3);
  CHECK(event.values[1] == 42);
  CHECK_THROWS_AS(make_event(Event::kLogHighWatermark, {7, 42}), sim::InvariantBroken);
}

}  // namespace
}  // namespace eosim::kafka
