// transactions.md 2.11 (KIP-664).
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

namespace {

DescribeTransactionsResponse::Transaction describe(Harness& h, const std::string& id) {
  DescribeTransactionsRequest request;
  request.transactional_ids = {h.name(id)};
  h.send(request);
  return h.described_.at(0);
}

std::string list(Harness& h, List<TransactionState> states, List<ProducerId> producers = {},
                 int64_t duration_ms = -1) {
  ListTransactionsRequest request;
  request.states = std::move(states);
  request.producers = std::move(producers);
  request.duration_ms = duration_ms;
  h.send(request);
  std::string ids;
  for (const auto& transaction : h.listed_.transactions) {
    ids += h.names_.text(transaction.transactional_id);
  }
  return ids;
}

}  // namespace

TEST_CASE("a transaction is described as the cache has it") {
  Harness h("E1");
  const auto p = h.reach("t", kOngoing);
  auto open = describe(h, "t");
  CHECK(open.error == Error::kNone);
  CHECK(open.transactional_id == h.name("t"));
  CHECK(open.producer == p);
  CHECK(open.state == kOngoing);
  CHECK(open.timeout_ms == 60'000);
  CHECK(open.start_ms == h.wall_.ms());
  CHECK(open.partitions == List<TopicPartition>{kX0, kX1});
  h.end("t", p, true);
  CHECK(describe(h, "t").state == kOngoing);
  h.ack();
  h.markers();
  CHECK(describe(h, "t").state == kPrepareCommit);
  CHECK(describe(h, "t").partitions == List<TopicPartition>{kX1});
  h.settle();
  CHECK(describe(h, "t").partitions.empty());
}

TEST_CASE("an id that cannot be described says why") {
  Harness h("E1");
  CHECK(describe(h, "").error == Error::kInvalidRequest);
  CHECK(describe(h, "t").error == Error::kTransactionalIdNotFound);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  h.tc_.begin_load(partition, {1});
  CHECK(describe(h, "t").error == Error::kCoordinatorLoadInProgress);
  h.resign(partition, 2);
  CHECK(describe(h, "t").error == Error::kNotCoordinator);
}

TEST_CASE("transactions are listed by state, producer id and age, in the order of their ids") {
  Harness h("E1");
  const auto c = h.reach("c", kOngoing);
  h.advance(5'000);
  h.reach("a", kOngoing);
  const auto b = h.reach("b", kEmpty);
  CHECK(list(h, {}) == "abc");
  CHECK(list(h, {kOngoing}) == "ac");
  CHECK(list(h, {kEmpty, kPrepareCommit}) == "b");
  CHECK(list(h, {}, {b.id, c.id}) == "bc");
  CHECK(list(h, {kOngoing}, {b.id}).empty());
  CHECK(list(h, {kOngoing}, {}, 4'999) == "c");
  CHECK(list(h, {kOngoing}, {}, 5'000).empty());
  CHECK(list(h, {}, {}, 0) == "bc");  // what has not begun is older than anything
  CHECK(h.listed_.error == Error::kNone);
  h.tc_.begin_load(0, {1});
  CHECK(list(h, {}).empty());
  CHECK(h.listed_.error == Error::kCoordinatorLoadInProgress);
}
