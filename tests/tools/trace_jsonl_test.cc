// The trace as programs read it.
#include "models/scenario/document.h"
#include "models/scenario/units.h"
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;
using scenario::Value;

namespace {

int64_t number_in(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  REQUIRE(value != nullptr);
  REQUIRE(value->is(Value::Kind::kNumber));
  return scenario::parse_integer(value->text).value();
}

}  // namespace

TEST_CASE("a line of JSON has the event, its place in the run and typed fields") {
  const auto lines = traced("jsonl",
                            {"--from", "101200us", "--only", "app-0,transaction.transition",
                             "--only", "InitProducerId,transaction.transition"},
                            {200'000'000});
  REQUIRE(lines.size() > 3);
  CHECK(lines[0] ==
        R"({"time_ns":101200000,"step":37,"cause":24,"process":"app-0","event":"message.sent",)"
        R"("fields":{"rpc":"InitProducerId","kind":"request","from":"app-0","to":"broker-0",)"
        R"("correlation":4,"connection":"2.0","bytes":62,"late":false,)"
        R"("transactional_id":"app-0-0"}})");
  CHECK(lines[3] ==
        R"({"time_ns":101500000,"step":44,"cause":37,"process":"broker-0",)"
        R"("event":"transaction.transition","fields":{"transactional_id":"app-0-0",)"
        R"("from":"NonExistent","to":"Empty","producer_id":1,"producer_epoch":0,"record":"{}"}})");
}

TEST_CASE("every line of a JSON trace is an object with the same keys") {
  const auto lines = traced("jsonl");
  CHECK(lines.size() > 200);
  for (const std::string& line : lines) {
    INFO(line);
    const auto document = scenario::parse_document(line, "line");
    REQUIRE(document);
    const Value& root = document->root;
    REQUIRE(root.is(Value::Kind::kObject));
    CHECK(number_in(root, "time_ns") >= 0);
    REQUIRE(root.find("process") != nullptr);
    REQUIRE(root.find("event") != nullptr);
    CHECK_FALSE(root.find("event")->text.empty());
    REQUIRE(root.find("fields") != nullptr);
    CHECK(root.find("fields")->is(Value::Kind::kObject));
  }
}

TEST_CASE("the cause of a line is an earlier step") {
  int64_t last_step = 0;
  for (const std::string& line : traced("jsonl")) {
    INFO(line);
    const auto document = scenario::parse_document(line, "line");
    REQUIRE(document);
    const int64_t step = number_in(document->root, "step");
    CHECK(step >= last_step);
    CHECK(number_in(document->root, "cause") < step);
    last_step = step;
  }
}

TEST_CASE("a thread of several is told apart in JSON") {
  const auto lines = traced("jsonl", {"--only", "app-0/1"});
  REQUIRE_FALSE(lines.empty());
  for (const std::string& line : lines) {
    CHECK_THAT(line, contains_text(R"("process":"app-0","thread":1,)"));
  }
}
