#include "sim/store.h"

#include <string>

#include "catch.h"

namespace eosim::sim {

TEST_CASE("what is put in a store is read by its id, across blocks and in copies") {
  Store<std::string, 4> store;
  std::vector<StoreId<std::string>> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(store.put("value " + std::to_string(i)));
  const Store<std::string, 4> copy(store);
  const auto eleventh = store.put("value 10");
  for (int i = 0; i < 10; ++i) {
    CHECK(store[ids[i]] == "value " + std::to_string(i));
    CHECK(copy[ids[i]] == store[ids[i]]);
  }
  CHECK(store[eleventh] == "value 10");
  CHECK(copy.size() == 10);
  CHECK_THROWS(copy[eleventh]);
}

TEST_CASE("copies share full blocks and go on by themselves") {
  Store<std::string, 2> store;
  const auto first = store.put("a");
  store.put("b");
  store.put("c");  // seals the block of the first two
  Store<std::string, 2> copy(store);
  CHECK(&copy[first] == &store[first]);
  const auto mine = store.put("mine");
  const auto other = copy.put("other");
  CHECK(mine == other);
  CHECK(store[mine] == "mine");
  CHECK(copy[other] == "other");
}

TEST_CASE("a block is let go when none of its ids is alive, in this copy only") {
  Store<std::string, 2> store;
  const auto a = store.put("a");
  const auto b = store.put("b");
  store.put("c");
  const Store<std::string, 2> copy(store);
  store.retain(a);
  store.release(a);
  store.release(b);
  CHECK(store[a] == "a");  // retained once more
  store.release(a);
  CHECK_THROWS(store[a]);
  CHECK(copy[a] == "a");
  CHECK_THROWS(store.release(a));
  CHECK_THROWS(store.retain(a));
}

TEST_CASE("what is held is what was put, but for blocks that are gone") {
  Store<std::string, 2> store;
  std::vector<StoreId<std::string>> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(store.put("value"));
  CHECK(store.held() == 5);
  store.release(ids[0]);
  CHECK(store.held() == 5);
  store.release(ids[1]);
  CHECK(store.held() == 3);
  store.release(ids[4]);  // of the open block, which goes when it is full
  CHECK(store.held() == 3);
  store.release(store.put("short"));
  store.put("value");
  CHECK(store.held() == 3);
  CHECK(store.size() == 7);
}

}  // namespace eosim::sim
