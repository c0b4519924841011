// What a draw depends on, and what settles it.
#include "sim/choices.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "allocations.h"
#include "catch.h"
#include "sim/digest.h"

namespace eosim::sim {
namespace {

std::vector<uint32_t> words(Choices& choices, const char* text, int count) {
  std::vector<uint32_t> drawn;
  const StreamId stream = choices.stream(text);
  for (int i = 0; i < count; ++i) drawn.push_back(choices.word(stream));
  return drawn;
}

TEST_CASE("a word is Philox of seed, stream key and index") {
  const uint64_t seed = 0x0123456789abcdef;
  const uint64_t key = hash_text("latency EndTxn app-1->broker-2");
  Choices choices(seed);
  const std::vector<uint32_t> drawn = words(choices, "latency EndTxn app-1->broker-2", 11);
  for (uint32_t i = 0; i < drawn.size(); ++i) {
    const PhiloxBlock block =
        philox4x32({i / 4, 0, static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)},
                   {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
    CHECK(drawn[i] == block[i % 4]);
  }
}

TEST_CASE("a stream is found again by its text") {
  Choices choices(1);
  std::vector<StreamId> made;
  for (int i = 0; i < 1'000; ++i) made.push_back(choices.stream("stream " + std::to_string(i)));
  for (int i = 0; i < 1'000; ++i) {
    const std::string text = "stream " + std::to_string(i);
    REQUIRE(choices.stream(text) == made[i]);
    REQUIRE(choices.stream_text(made[i]) == text);
  }
  CHECK(choices.stream_count() == 1'000);
  CHECK_THROWS_AS(choices.word(StreamId{}), InvariantBroken);
}

TEST_CASE("an extra stream or draw changes no other draw") {
  Choices plain(7);
  const std::vector<uint32_t> expected = words(plain, "a", 20);
  Choices busy(7);
  words(busy, "z", 3);
  std::vector<uint32_t> drawn;
  for (int i = 0; i < 20; ++i) {
    words(busy, "b", i);
    drawn.push_back(words(busy, "a", 1)[0]);
  }
  CHECK(drawn == expected);
}

TEST_CASE("seeds and streams part the draws") {
  Choices one(1);
  Choices two(2);
  CHECK(words(one, "a", 8) != words(two, "a", 8));
  CHECK(words(one, "b", 8) != words(one, "c", 8));
}

TEST_CASE("a copy draws on by itself") {
  Choices original(3);
  words(original, "a", 5);
  Choices copy = original;
  const std::vector<uint32_t> expected = words(original, "a", 9);
  words(original, "made later", 1);
  CHECK(copy.stream_count() == 1);
  CHECK(words(copy, "a", 9) == expected);
}

TEST_CASE("a fork goes on with the indices of the old seed and the words of the new") {
  Choices forked(1);
  words(forked, "a", 6);
  forked.fork(2);
  CHECK(forked.seed() == 2);
  Choices other(2);
  words(other, "a", 6);
  CHECK(words(forked, "a", 10) == words(other, "a", 10));
}

// One draw of each kind, as a number.
struct Kind {
  const char* name;
  int64_t min;
  int64_t max;
  int64_t calm;
  int64_t (*draw)(Choices&, StreamId);
};

const LogNormal kLatency = LogNormal::from_median_p99(milliseconds(1), milliseconds(10));

const Kind kKinds[] = {
    {"below", 0, 9, 4,
     [](Choices& c, StreamId s) { return static_cast<int64_t>(c.below(s, 10, 4)); }},
    {"below, wide", 0, (int64_t{1} << 50) - 1, 5,
     [](Choices& c, StreamId s) { return static_cast<int64_t>(c.below(s, uint64_t{1} << 50, 5)); }},
    {"chance", 0, 1, 0,
     [](Choices& c, StreamId s) {
       return int64_t{c.chance(s, {1, 2}, false)};
     }},
    {"exponential", exponential_from_word(0, seconds(1)).ns,
     exponential_from_word(UINT32_MAX, seconds(1)).ns, 77,
     [](Choices& c, StreamId s) { return c.exponential(s, seconds(1), {77}).ns; }},
    {"log_normal", kLatency.from_word(0).ns, kLatency.from_word(UINT32_MAX).ns, 1'000'000,
     [](Choices& c, StreamId s) { return c.log_normal(s, kLatency).ns; }},
    {"log_uniform", 1'000, 1'000'000'000, 0,
     [](Choices& c, StreamId s) {
       return c.log_uniform(s, microseconds(1), seconds(1), Duration{}).ns;
     }},
    {"uniform", -500, 1'500, 3,
     [](Choices& c, StreamId s) { return c.uniform(s, {-500}, {1'500}, {3}).ns; }},
    {"uniform, wide", -500, 100'000'000'000, 3,
     [](Choices& c, StreamId s) { return c.uniform(s, {-500}, seconds(100), {3}).ns; }},
};

TEST_CASE("a draw stays in its limits and takes one index") {
  for (const Kind& kind : kKinds) {
    INFO(kind.name);
    Choices choices(11);
    const StreamId stream = choices.stream("a");
    bool differs = false;
    int64_t first = 0;
    for (uint64_t i = 0; i < 2'000; ++i) {
      const int64_t drawn = kind.draw(choices, stream);
      if (i == 0) first = drawn;
      differs = differs || drawn != first;
      REQUIRE(drawn >= kind.min);
      REQUIRE(drawn <= kind.max);
      REQUIRE(choices.next_index(stream) == i + 1);
    }
    CHECK(differs);
  }
}

TEST_CASE("a calm world draws calm values, and words as ever") {
  for (const Kind& kind : kKinds) {
    INFO(kind.name);
    Choices choices(11, true);
    const StreamId stream = choices.stream("a");
    for (int i = 0; i < 10; ++i) REQUIRE(kind.draw(choices, stream) == kind.calm);
    CHECK(choices.next_index(stream) == 10);
  }
  Choices calm(5, true);
  Choices wild(5);
  CHECK(words(calm, "a", 9) == words(wild, "a", 9));
}

TEST_CASE("an override settles its draw alone, clamped, in a calm world too") {
  for (const Kind& kind : kKinds) {
    for (const bool calm : {false, true}) {
      INFO(kind.name << (calm ? ", calm" : ""));
      Choices plain(13, calm);
      Choices changed(13, calm);
      changed.override_draw("a", 2, kind.max);
      changed.override_draw("a", 4, INT64_MIN);
      const StreamId stream = changed.stream("a");
      changed.override_draw("a", 5, INT64_MAX);
      const StreamId plain_stream = plain.stream("a");
      for (int i = 0; i < 10; ++i) {
        const int64_t expected = kind.draw(plain, plain_stream);
        const int64_t drawn = kind.draw(changed, stream);
        if (i == 2 || i == 5) {
          CHECK(drawn == kind.max);
        } else if (i == 4) {
          CHECK(drawn == kind.min);
        } else {
          CHECK(drawn == expected);
        }
      }
      CHECK(changed.unused_overrides().empty());
    }
  }
}

TEST_CASE("a raw word can be overridden") {
  Choices choices(1);
  choices.override_draw("a", 1, 17);
  choices.override_draw("a", 2, -1);
  const std::vector<uint32_t> drawn = words(choices, "a", 3);
  CHECK(drawn[1] == 17);
  CHECK(drawn[2] == 0);
}

TEST_CASE("overrides that no draw asked for are listed by text and index") {
  Choices choices(1);
  words(choices, "b", 2);
  choices.override_draw("c", 0, 1);
  choices.override_draw("b", 9, 2);
  choices.override_draw("b", 1, 3);  // drawn already
  choices.override_draw("b", 3, 4);
  choices.override_draw("b", 3, 5);  // replaces
  choices.override_draw("a", 0, 6);
  words(choices, "a", 1);
  words(choices, "b", 3);
  const std::vector<Override> expected = {{"b", 1, 3}, {"b", 9, 2}, {"c", 0, 1}};
  CHECK(choices.unused_overrides() == expected);
}

TEST_CASE("a chance keeps its ratio") {
  struct Row {
    Ratio ratio;
    int at_least;
    int at_most;
  };
  const Row rows[] = {{{0, 1}, 0, 0},
                      {{0, UINT32_MAX}, 0, 0},
                      {{1, 1}, 40'000, 40'000},
                      {{UINT32_MAX, UINT32_MAX}, 40'000, 40'000},
                      {{1, 2}, 19'600, 20'400},
                      {{1, 100}, 330, 470},
                      {{999, 1'000}, 39'930, 39'985}};
  Choices choices(1);
  const StreamId stream = choices.stream("a");
  for (const Row& row : rows) {
    int hits = 0;
    for (int i = 0; i < 40'000; ++i) hits += choices.chance(stream, row.ratio, false) ? 1 : 0;
    INFO(row.ratio.numerator << "/" << row.ratio.denominator);
    CHECK(hits >= row.at_least);
    CHECK(hits <= row.at_most);
  }
}

TEST_CASE("below is even, also for bounds beyond 32 bits") {
  for (const uint64_t bound :
       {uint64_t{5}, uint64_t{1} << 32, uint64_t{5} << 32, uint64_t{5} << 56}) {
    Choices choices(1);
    const StreamId stream = choices.stream("a");
    std::vector<int> fifths(5);
    uint64_t odd = 0;
    for (int i = 0; i < 50'000; ++i) {
      const uint64_t drawn = choices.below(stream, bound, 0);
      REQUIRE(drawn < bound);
      odd += drawn % 2;
      ++fifths[static_cast<uint64_t>(static_cast<double>(drawn) / static_cast<double>(bound) * 5)];
    }
    INFO(bound);
    for (const int count : fifths) CHECK(std::abs(count - 10'000) < 400);
    if (bound > 5) CHECK(std::abs(static_cast<int>(odd) - 25'000) < 500);
  }
}

TEST_CASE("draws of a seed are what they were") {
  Choices choices(42);
  const StreamId stream = choices.stream("golden");
  Digest digest;
  for (int i = 0; i < 1'000; ++i) {
    for (const Kind& kind : kKinds) digest.i64(kind.draw(choices, stream));
  }
  CHECK(digest.value() == 0xb530eebc8c8db04e);
}

TEST_CASE("a draw from a known stream allocates nothing") {
  Choices choices(1);
  choices.override_draw("a", 5, 1);
  const StreamId stream = choices.stream("a");
  const uint64_t before = allocation_count();
  for (int i = 0; i < 100; ++i) {
    for (const Kind& kind : kKinds) kind.draw(choices, stream);
  }
  choices.stream("a");
  CHECK(allocation_count() == before);
}

TEST_CASE("a draw asked for with limits that make no sense is refused") {
  Choices choices(1);
  const StreamId stream = choices.stream("a");
  CHECK_THROWS_AS(choices.below(stream, 0, 0), InvariantBroken);
  CHECK_THROWS_AS(choices.below(stream, 5, 5), InvariantBroken);
  CHECK_THROWS_AS(choices.chance(stream, {2, 1}, false), InvariantBroken);
  CHECK_THROWS_AS(choices.chance(stream, {0, 0}, false), InvariantBroken);
  CHECK_THROWS_AS(choices.uniform(stream, {2}, {1}, {1}), InvariantBroken);
  CHECK_THROWS_AS(choices.log_uniform(stream, {0}, {1}, {1}), InvariantBroken);
  CHECK_THROWS_AS(choices.exponential(stream, {-1}, {1}), InvariantBroken);
}

}  // namespace
}  // namespace eosim::sim
