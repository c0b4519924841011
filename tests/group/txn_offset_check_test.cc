// The fencing table of groups-streams-replication.md 11.6, sent as messages.
#include <string>

#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;

// Group Stable at generation 5 (or Empty at 6) with m1 and the static member m2 of instance i1.
GroupRecord scene(Harness& h, bool empty) {
  GroupRecord record;
  record.group = h.group;
  record.generation = {empty ? 6 : 5};
  record.protocol_type = h.consumer;
  if (empty) return record;
  record.protocol = h.range;
  record.leader = h.name("m1");
  record.members = {{h.name("m1"), {}, h.name("c1"), 10'000, 300'000, {{{0}}, {}}, {}},
                    {h.name("m2"), h.name("i1"), h.name("c2"), 10'000, 300'000, {{{0}}, {}}, {}}};
  return record;
}

enum class GroupScene { kStable5, kEmpty6, kNoGroup };

struct Row {
  GroupScene scene;
  int32_t generation;
  std::string member;
  std::string instance;
  Error v25;
  Error v30;
  Error v33;
};

const Row kRows[] = {
    {GroupScene::kStable5, 5, "m1", "", kNone, kNone, kNone},
    {GroupScene::kStable5, 4, "m1", "", kIllegalGeneration, kIllegalGeneration, kIllegalGeneration},
    {GroupScene::kStable5, 5, "mX", "", kUnknownMemberId, kUnknownMemberId, kUnknownMemberId},
    {GroupScene::kStable5, 5, "m1", "i1", kFencedInstanceId, kFencedInstanceId, kFencedInstanceId},
    {GroupScene::kStable5, 4, "mX", "i1", kFencedInstanceId, kFencedInstanceId, kFencedInstanceId},
    {GroupScene::kStable5, 5, "m2", "i1", kNone, kNone, kNone},
    {GroupScene::kStable5, -1, "", "", kNone, kNone, kNone},
    {GroupScene::kStable5, -1, "m1", "", kNone, kIllegalGeneration, kIllegalGeneration},
    {GroupScene::kStable5, -1, "mX", "", kUnknownMemberId, kUnknownMemberId, kUnknownMemberId},
    {GroupScene::kStable5, 5, "", "", kNone, kUnknownMemberId, kUnknownMemberId},
    {GroupScene::kStable5, 5, "m1", "iX", kNone, kUnknownMemberId, kUnknownMemberId},
    {GroupScene::kEmpty6, 5, "m1", "", kUnknownMemberId, kUnknownMemberId, kUnknownMemberId},
    {GroupScene::kEmpty6, -1, "m1", "", kUnknownMemberId, kUnknownMemberId, kNone},
    {GroupScene::kEmpty6, -1, "", "", kNone, kNone, kNone},
    {GroupScene::kNoGroup, 5, "m1", "", kUnknownMemberId, kUnknownMemberId, kUnknownMemberId},
    {GroupScene::kNoGroup, -1, "", "", kNone, kNone, kNone},
};

Error commit(const GroupCoordinatorConfig& config, const Row& row, int16_t version) {
  Harness h(config);
  if (row.scene != GroupScene::kNoGroup) {
    RecordBatch batch;
    batch.count = 1;
    batch.payload = List<GroupRecord>{scene(h, row.scene == GroupScene::kEmpty6)};
    h.append(h.batches.put(batch));
    h.gc = GroupCoordinator(config);
    h.gc.begin_load(0, {0});
    h.load(0);
    h.all.clear();
    h.hold_appends = true;
  }
  TxnOffsetCommitRequest request =
      h.txn_commit_request(7, 10, row.generation, h.name(row.member), h.name(row.instance));
  request.header.version = version;
  h.hold_appends = true;
  const RequestToken token = h.send(request);
  const bool accepted = !h.answered(token);
  const Error error =
      accepted ? kNone : h.response<TxnOffsetCommitResponse>(token)->partitions[0].error;
  CHECK(accepted == (error == kNone));
  CHECK(h.events(Event::kOffsetRefused).size() == (accepted ? 0 : 1));
  CHECK(h.events(Event::kOffsetPending).size() == (accepted ? 1 : 0));
  CHECK(h.the_group().offsets.pending_transactional().size() == (accepted ? 1 : 0));
  return error;
}

GroupCoordinatorConfig style(TxnOffsetCheckStyle value) {
  return Harness::config_with({{Switch::kTxnOffsetMembershipCheck, 1},
                               {Switch::kTxnOffsetCheckStyle, static_cast<uint8_t>(value)}});
}

TEST_CASE("a transactional commit is checked as the table of 11.6 says") {
  for (const Row& row : kRows) {
    INFO(row.generation << " " << row.member << " " << row.instance << " scene "
                        << static_cast<int>(row.scene));
    CHECK(commit(Harness::default_config(), row, 3) == kNone);
    CHECK(commit(style(TxnOffsetCheckStyle::kV25), row, 3) == row.v25);
    CHECK(commit(style(TxnOffsetCheckStyle::kV30), row, 3) == row.v30);
    CHECK(commit(style(TxnOffsetCheckStyle::kV33), row, 3) == row.v33);
  }
}

TEST_CASE("a transactional commit of an old version says nothing of membership") {
  for (const Row& row : kRows) {
    CHECK(commit(style(TxnOffsetCheckStyle::kV25), row, 2) == kNone);
    CHECK(commit(style(TxnOffsetCheckStyle::kV33), row, 2) == kNone);
  }
}

TEST_CASE("the state of the group does not matter to a transactional commit") {
  Harness h(style(TxnOffsetCheckStyle::kV25));
  const Name m1 = h.first_member();
  const auto status = [&](int32_t generation, Name member) {
    const RequestToken token = h.send(h.txn_commit_request(7, 10, generation, member));
    return h.response<TxnOffsetCommitResponse>(token)->partitions[0].error;
  };
  CHECK(h.the_group().is(GroupState::kCompletingRebalance));
  CHECK(status(1, m1) == kNone);
  h.sync_leader(m1, 1);
  CHECK(status(1, m1) == kNone);
  h.send(h.join_request());
  CHECK(h.the_group().is(GroupState::kPreparingRebalance));
  CHECK(status(1, m1) == kNone);  // the old generation lives until the join phase ends
  h.send(h.join_request(m1));
  CHECK(status(1, m1) == kIllegalGeneration);
  CHECK(status(2, m1) == kNone);
}

TEST_CASE("a transactional commit does not keep its member alive") {
  Harness h(style(TxnOffsetCheckStyle::kV25));
  const Name m1 = h.first_member();
  h.sync_leader(m1, 1);
  h.advance_ms(9'999);
  h.send(h.txn_commit_request(7, 10, 1, m1));
  CHECK(h.the_group().members().size() == 1);
  h.advance_ms(1);
  CHECK(h.the_group().members().empty());
}

}  // namespace
}  // namespace eosim::kafka
