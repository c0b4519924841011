// A benchmark harness of our own: cases that run side by side in one process. The rounds are
// interleaved, so that a machine that slows down slows all of them; what counts is the median, and
// the ratio to the first case is taken round by round.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace eosim::tools {

// Keeps the compiler from leaving out what computed `value`.
inline void keep(uint64_t value) {
  volatile uint64_t sink = value;
  static_cast<void>(sink);
}

struct BenchCase {
  std::string name;
  // Brings the state to where it stays, outside of what is measured.
  std::function<void()> prepare;
  // Works off at least `events` events and returns how many it did. State is kept between calls, so
  // that each starts warm.
  std::function<uint64_t(uint64_t events)> run;
  // Which case the ratio is to, by name; none: the first.
  std::string reference;
  std::vector<double> ns_per_event = {};
};

class Bench {
 public:
  void add(BenchCase bench_case) { cases_.push_back(std::move(bench_case)); }

  // Spends about `budget_s` seconds on all cases, in `rounds` rounds.
  void run(double budget_s, int rounds);
  void print() const;

 private:
  static double seconds_of(BenchCase& bench_case, uint64_t events, uint64_t& done);
  const BenchCase& reference_of(const BenchCase& bench_case) const;

  std::vector<BenchCase> cases_;
};

inline double Bench::seconds_of(BenchCase& bench_case, uint64_t events, uint64_t& done) {
  const auto start = std::chrono::steady_clock::now();
  done = bench_case.run(events);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return took.count();
}

inline void Bench::run(double budget_s, int rounds) {
  const double share_s = budget_s / static_cast<double>(cases_.size()) / (rounds + 1);
  std::vector<uint64_t> events;
  for (BenchCase& bench_case : cases_) {
    bench_case.prepare();
    uint64_t n = 20'000;
    for (;;) {  // finds how much fills a share of the budget
      uint64_t done = 0;
      const double took_s = seconds_of(bench_case, n, done);
      if (took_s > share_s / 4) {
        n = std::max<uint64_t>(1, static_cast<uint64_t>(static_cast<double>(n) * share_s / took_s));
        break;
      }
      n *= 2;
    }
    events.push_back(n);
  }
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < cases_.size(); ++i) {
      uint64_t done = 0;
      const double took_s = seconds_of(cases_[i], events[i], done);
      cases_[i].ns_per_event.push_back(took_s * 1e9 / static_cast<double>(done));
    }
  }
}

inline const BenchCase& Bench::reference_of(const BenchCase& bench_case) const {
  for (const BenchCase& other : cases_) {
    if (other.name == bench_case.reference) return other;
  }
  return cases_.front();
}

inline double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

inline void Bench::print() const {
  std::printf("%-52s %9s %17s %9s   %s\n", "case", "ns/event", "range", "M events/s",
              "x faster than");
  for (const BenchCase& bench_case : cases_) {
    const std::vector<double>& ns = bench_case.ns_per_event;
    const BenchCase& reference = reference_of(bench_case);
    std::vector<double> ratios;
    for (size_t i = 0; i < ns.size(); ++i) ratios.push_back(reference.ns_per_event[i] / ns[i]);
    const double median = median_of(ns);
    const auto [least, most] = std::minmax_element(ns.begin(), ns.end());
    std::printf("%-52s %9.1f %8.1f-%8.1f %9.2f   %.2f  %s\n", bench_case.name.c_str(), median,
                *least, *most, 1e3 / median, median_of(ratios), reference.name.c_str());
  }
}

}  // namespace eosim::tools
