// The trace as people read it.
#include "trace_support.h"

using namespace eosim;
using namespace eosim::tools;

TEST_CASE("a text trace shows how two producers get their ids") {
  const std::vector<std::string> expected = {
      "    0.101200  app-0       -> broker-0    InitProducerId request #2.4 "
      "transactional_id=app-0-0",
      "    0.101200  app-0       -> broker-0    InitProducerId request #3.4 "
      "transactional_id=app-0-1",
      "    0.101500  broker-0    <- app-0       InitProducerId request #2.4 "
      "transactional_id=app-0-0",
      "    0.101500  broker-0    transaction.transition     transactional_id=app-0-0 "
      "from=NonExistent to=Empty producer_id=1 producer_epoch=0 record={}",
      "    0.101500  broker-0    -> app-0       InitProducerId response #2.4 error=NONE "
      "producer_id=1 producer_epoch=0",
  };
  auto lines = traced("text",
                      {"--from", "101ms", "--only", "InitProducerId,transaction.*", "--only",
                       "app-*,transaction.*"},
                      {200'000'000});
  REQUIRE(lines.size() >= expected.size());
  lines.resize(expected.size());
  CHECK(lines == expected);
}

TEST_CASE("starts and faults have lines") {
  CHECK(traced("text", {"--only", "process.started,fault.*"}) ==
        std::vector<std::string>{
            "    0.000000  controller  process.started            incarnation=1",
            "    0.000000  broker-0    process.started            incarnation=1",
            "    0.000000  source-0    process.started            incarnation=1",
            "    0.000000  app-0       process.started            incarnation=1",
            "    0.000000  auditor-0   process.started            incarnation=1",
            "    1.500000  app-0       fault.began                fault=pause",
            "    2.500000  app-0       fault.ended                fault=pause",
        });
}

TEST_CASE("timers are in a text trace only when they are asked for by name") {
  for (const std::string& line : traced("text")) {
    CHECK(line.find("timer.fired") == std::string::npos);
  }
  CHECK_FALSE(traced("text", {"--only", "timer.fired"}).empty());
  CHECK_FALSE(traced("text", {"--only", "timer.*"}).empty());
  for (const std::string& line : traced("text", {"--only", "app-0"})) {
    CHECK(line.find("timer.fired") == std::string::npos);
  }
}

TEST_CASE("a value with spaces is quoted, a set is not") {
  const auto lines = traced("text", {"--only", "log.appended"});
  REQUIRE_FALSE(lines.empty());
  bool is_quoted = false, is_set = false;
  for (const std::string& line : lines) {
    is_quoted |= line.find(" batch=\"1 record of 0/0 from sequence 0\" ") != std::string::npos;
    is_set |= line.find(" batch={} ") != std::string::npos;
  }
  CHECK(is_quoted);
  CHECK(is_set);
}

TEST_CASE("times run forward and have six decimals") {
  std::string last;
  for (const std::string& line : traced("text")) {
    const std::string time = line.substr(0, 12);
    CHECK(time.at(5) == '.');
    CHECK(last <= time);
    last = time;
  }
}
