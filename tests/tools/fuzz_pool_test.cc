// Jobs on several threads, taken in order.
#include <atomic>
#include <stdexcept>

#include "catch.h"
#include "tools/campaign.h"
#include "tools/ordered_pool.h"

using namespace eosim::tools;

TEST_CASE("results are taken in the order of their numbers, whatever the threads do") {
  for (const int threads : {1, 2, 7}) {
    OrderedPool<uint64_t> pool({5'000, threads, {}, {}}, [](uint64_t number) {
      if (number % 97 == 0) std::this_thread::yield();
      return number * number;
    });
    std::vector<uint64_t> taken;
    CHECK(pool.run([&taken](uint64_t number, uint64_t result) {
      CHECK(number == taken.size());
      taken.push_back(result);
      return true;
    }) == 5'000);
    REQUIRE(taken.size() == 5'000);
    CHECK(taken[4'999] == 4'999 * 4'999);
  }
}

TEST_CASE("what was begun after the last that is taken is thrown away") {
  for (const int threads : {1, 4}) {
    OrderedPool<uint64_t> pool({1'000, threads, {}, {}}, [](uint64_t number) { return number; });
    CHECK(pool.run([](uint64_t number, uint64_t) { return number < 41; }) == 42);
  }
}

TEST_CASE("a pool that is told to stop has done a prefix") {
  std::atomic<int> begun = 0;
  OrderedPool<uint64_t> pool({1'000'000, 3, [&begun] { return ++begun > 100; }, {}},
                             [](uint64_t number) { return number; });
  uint64_t next = 0;
  const uint64_t taken = pool.run([&next](uint64_t number, uint64_t) { return number == next++; });
  CHECK(taken == 100);
  CHECK(next == 100);
}

TEST_CASE("an exception of a job comes out in its turn") {
  OrderedPool<int> pool({100, 2, {}, {}}, [](uint64_t number) {
    if (number >= 50) throw std::runtime_error("job " + std::to_string(number));
    return 0;
  });
  int taken = 0;
  CHECK_THROWS_WITH(pool.run([&taken](uint64_t, int) { return ++taken > 0; }), "job 50");
  CHECK(taken == 50);
}

TEST_CASE("a pool without jobs ends at once") {
  OrderedPool<int> pool({0, 4, {}, {}}, [](uint64_t) { return 0; });
  CHECK(pool.run([](uint64_t, int) { return true; }) == 0);
}

TEST_CASE("shards take the seeds with their remainder, up to the ends of the numbers") {
  struct Row {
    uint64_t first, last, shard, of, expected_first, expected_count;
  };
  const Row kRows[] = {{1, 10, 0, 1, 1, 10},
                       {1, 10, 0, 3, 3, 3},
                       {1, 10, 1, 3, 1, 4},
                       {1, 10, 2, 3, 2, 3},
                       {5, 5, 0, 2, 5, 0},
                       {5, 5, 1, 2, 5, 1},
                       {0, UINT64_MAX, 0, 1, 0, UINT64_MAX},
                       {UINT64_MAX, UINT64_MAX, 0, 1, UINT64_MAX, 1},
                       {UINT64_MAX - 1, UINT64_MAX, 1, 2, UINT64_MAX, 1}};
  for (const Row& row : kRows) {
    INFO(row.first << ".." << row.last << " " << row.shard << "/" << row.of);
    const Seeds seeds = seeds_between(row.first, row.last, row.shard, row.of);
    CHECK(seeds.count == row.expected_count);
    if (seeds.count > 0) CHECK(seeds.at(0) == row.expected_first);
  }
}
