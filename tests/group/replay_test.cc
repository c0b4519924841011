// The cache held against its log (checker K9). That they agree is asked after every step of every
// test here; these tests break one of the two.
#include "harness.h"

namespace eosim::kafka {
namespace {

std::optional<std::string> compare(const Harness& h,
                                   const std::vector<GroupCoordinator::LogEntry>& log) {
  return replay_mismatch(h.gc, 0, h.batches, h.names, log);
}

TEST_CASE("a missing or a foreign record of offsets is noticed") {
  Harness h;
  h.send(h.commit_request({}, -1, 5));
  h.send(h.txn_commit_request(7, 10));
  REQUIRE_FALSE(compare(h, h.log));
  std::vector<GroupCoordinator::LogEntry> log = h.log;
  log.pop_back();
  CHECK(compare(h, log) ==
        "g: topic 0 partition 0: pending of producer 7 is 10 of 1, and by the log nothing");
  log.clear();
  CHECK(compare(h, log) == "g: topic 0 partition 0: committed is 5 of 0, and by the log nothing");
  log = h.log;
  log.push_back({{9}, log[0].batch});
  CHECK(compare(h, log) == "g: topic 0 partition 0: committed is 5 of 0, and by the log 5 of 9");
  h.resign(1);
  CHECK_FALSE(compare(h, {}));
}

TEST_CASE("another record of a group than the cache follows is noticed") {
  Harness h;
  h.stable_pair();
  REQUIRE_FALSE(compare(h, h.log));
  std::vector<GroupCoordinator::LogEntry> log = h.log;
  log.pop_back();
  CHECK(compare(h, log) == "g: its record is of another generation");
  log.clear();
  CHECK(compare(h, log) == "g: it is stable without a record");
  const auto change = [&](auto edit) {
    RecordBatch batch = h.batches[h.log.back().batch];
    auto records = std::get<List<GroupRecord>>(batch.payload);
    edit(records[0]);
    batch.payload = records;
    log = h.log;
    log.push_back({{9}, h.batches.put(batch)});
    return compare(h, log);
  };
  CHECK(change([](GroupRecord& r) { ++r.generation.value; }) ==
        "g: its generation is behind that of its record");
  CHECK(change([](GroupRecord& r) { r.leader = r.members[1].member_id; }) ==
        "g: its record has another leader");
  CHECK(change([](GroupRecord& r) { r.members.pop_back(); }) == "g: its record has other members");
  CHECK(change([](GroupRecord& r) { r.members[0].assignment.clear(); }) ==
        "g: its record assigns otherwise");
  CHECK(change([&](GroupRecord& r) { r.group = h.name("other"); }) ==
        "other: the cache does not have it");
}

TEST_CASE("what is in flight, and what lives in memory only, is no mismatch") {
  Harness h;
  const auto pair = h.stable_pair();
  h.hold_appends = true;
  h.send(h.commit_request(pair.m1, 2, 5));
  h.send(h.txn_commit_request(7, 10));
  CHECK_FALSE(compare(h, h.log));
  h.complete(0, Error::kRequestTimedOut);  // the log has it, the cache never will
  CHECK_FALSE(compare(h, h.log));
  h.complete(0, Error::kNone);
  h.send(h.join_request(pair.m1));
  h.send(h.join_request(pair.m2));
  CHECK(h.the_group().generation().value == 3);
  CHECK_FALSE(compare(h, h.log));
  h.marker(7, ControlType::kCommit, 1'000);  // its task waits
  CHECK_FALSE(compare(h, h.log));
  h.advance_ms(1'000);
  CHECK_FALSE(compare(h, h.log));
}

TEST_CASE("D43: a partition that is refused by itself leaves nothing pending") {
  Harness h(Harness::config_with({{Switch::kStableOffsetFetch, 1}}));
  OffsetCommitRequest plain = h.commit_request({}, -1, 5);
  plain.offsets.push_back({TopicPartition{{0}, 99}, {6}, {0}});
  h.send(plain);
  TxnOffsetCommitRequest txn = h.txn_commit_request(7, 10);
  txn.offsets.push_back({TopicPartition{{0}, 99}, {6}, {0}});
  h.send(txn);
  CHECK_FALSE(h.the_group().offsets.unstable({{0}, 99}));
  h.marker(7, ControlType::kCommit);
  CHECK(h.the_group().offsets.pending_transactional().empty());
  CHECK(h.fetch(true).offset.value == 10);
}

}  // namespace
}  // namespace eosim::kafka
