// Checker K9 (txn.T19): the live cache against the log.
#include "models/transaction/replay.h"

#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

BatchId put(Harness& h, const std::string& id, TransactionLogRecord record) {
  record.transactional_id = h.name(id);
  RecordBatch batch;
  batch.count = 1;
  batch.payload = List<TransactionLogRecord>{record};
  return h.batches_.put(batch);
}
std::vector<BatchId>& log_of(Harness& h, const std::string& id) {
  return h.log_[h.tc_.partition_of(h.names_, h.name(id))];
}

}  // namespace

TEST_CASE("whatever a log says more, less or otherwise is a mismatch that names the field") {
  struct Case {
    const char* what;
    void (*change)(TransactionLogRecord&);
  };
  const Case cases[] = {
      {"t: producer id differs from its record", [](auto& r) { r.producer.id.value += 1; }},
      {"t: producer epoch differs from its record", [](auto& r) { r.producer.epoch.value = 9; }},
      {"t: state differs from its record", [](auto& r) { r.state = kPrepareAbort; }},
      {"t: timeout differs from its record", [](auto& r) { r.timeout_ms = 1; }},
      {"t: start differs from its record", [](auto& r) { r.start_ms = 1; }},
      {"t: last update differs from its record", [](auto& r) { r.last_update_ms = 1; }},
      {"t: partitions differs from its record", [](auto& r) { r.partitions.pop_back(); }},
      {"t: existence differs from its record", [](auto& r) { r.tombstone = true; }},
  };
  for (const Case& c : cases) {
    Harness h("D8");
    h.reload_with("t", make_record(pair_of(5, 3), kOngoing, {kX0, kX1}), 1);
    CHECK(h.mismatch() == std::nullopt);
    // The same place in the log, another content: a store of its own that the check is handed.
    BatchStore other;
    for (const BatchId id : log_of(h, "t")) {
      RecordBatch batch = h.batches_[id];
      c.change(std::get<List<TransactionLogRecord>>(batch.payload)[0]);
      REQUIRE(other.put(batch) == id);
    }
    const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
    CHECK(replay_mismatch(h.tc_, h.names_, other, partition, log_of(h, "t")) == c.what);
  }
}

TEST_CASE("records that no one here wrote are a mismatch") {
  Harness h("D8");
  const auto p = h.reach("t", kEmpty);
  log_of(h, "t").push_back(put(h, "t", make_record(p, kOngoing, {kX0})));
  CHECK(h.mismatch() == "t: the log has a newer record");
  Harness lost("D8");
  lost.reach("t", kOngoing);
  log_of(lost, "t").clear();
  CHECK(lost.mismatch() == "t: the log has no record");
  Harness strange("D8");
  log_of(strange, "s").push_back(put(strange, "s", make_record(p, kEmpty)));
  CHECK(strange.mismatch() == "s: the cache does not have it");
}

TEST_CASE("appends in flight and those of unknown outcome are none") {
  Harness h("C");
  const auto p = h.reach("t", kOngoing);
  h.end("t", p, true);
  log_of(h, "t").push_back(h.appends_[0].batch);  // in the log, not acknowledged
  CHECK(h.mismatch() == std::nullopt);
  log_of(h, "t").pop_back();
  h.ack(Error::kRequestTimedOut);
  CHECK(h.at("t").state == kOngoing);
  CHECK(h.mismatch() == std::nullopt);
  h.init("t");  // the fence has raised the epoch already
  CHECK(h.mismatch() == std::nullopt);
  h.ack(Error::kNotEnoughReplicas);
  CHECK(h.mismatch() == std::nullopt);
  h.init("new");
  CHECK(h.mismatch() == std::nullopt);
  h.ack(Error::kNotEnoughReplicas);
  CHECK(h.mismatch() == std::nullopt);
}

TEST_CASE("an id that expired and came back is none") {
  Harness h("C");
  h.reach("t", kEmpty);
  h.advance(604'800'000 + 3'600'000);
  CHECK(h.mismatch() == std::nullopt);
  h.ack(Error::kRequestTimedOut);
  CHECK(h.known("t"));
  CHECK(h.mismatch() == std::nullopt);
  h.advance(3'600'000);
  h.ack();
  CHECK_FALSE(h.known("t"));
  CHECK(h.mismatch() == std::nullopt);
  h.init("t");
  CHECK(h.mismatch() == std::nullopt);
  h.settle();
  CHECK(h.mismatch() == std::nullopt);
}
