// Simulated time. A 64-bit count of nanoseconds since the start of the run; strong types, so that
// an instant, a span and a host's wall clock cannot be mixed up (design.md section 2).
#pragma once

#include <compare>
#include <cstdint>

namespace eosim::sim {

// A span of time in nanoseconds; may be negative (clock steps).
struct Duration {
  int64_t ns = 0;

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator*(Duration a, int64_t k) { return {a.ns * k}; }
  friend constexpr Duration operator/(Duration a, int64_t k) { return {a.ns / k}; }
  constexpr Duration& operator+=(Duration b) { return ns += b.ns, *this; }
  constexpr Duration& operator-=(Duration b) { return ns -= b.ns, *this; }
  constexpr int64_t ms() const { return ns / 1'000'000; }
};

constexpr Duration nanoseconds(int64_t n) { return {n}; }
constexpr Duration microseconds(int64_t n) { return {n * 1'000}; }
constexpr Duration milliseconds(int64_t n) { return {n * 1'000'000}; }
constexpr Duration seconds(int64_t n) { return {n * 1'000'000'000}; }

// An instant of the simulation, which only the kernel and the sinks may know.
struct Time {
  int64_t ns = 0;

  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time t, Duration d) { return {t.ns + d.ns}; }
  friend constexpr Time operator-(Time t, Duration d) { return {t.ns - d.ns}; }
  friend constexpr Duration operator-(Time a, Time b) { return {a.ns - b.ns}; }
};

inline constexpr Time kNever{INT64_MAX};

// What a host's wall clock shows: may jump and run back. For timestamps that are stored, sent or
// compared with such. In milliseconds where Kafka has milliseconds: ms().
struct WallTime {
  int64_t ns = 0;

  friend constexpr auto operator<=>(WallTime, WallTime) = default;
  friend constexpr WallTime operator+(WallTime t, Duration d) { return {t.ns + d.ns}; }
  friend constexpr Duration operator-(WallTime a, WallTime b) { return {a.ns - b.ns}; }
  constexpr int64_t ms() const { return ns / 1'000'000; }
};

// What a host's steady clock shows: never runs back, may drift. For durations.
struct SteadyTime {
  int64_t ns = 0;

  friend constexpr auto operator<=>(SteadyTime, SteadyTime) = default;
  friend constexpr SteadyTime operator+(SteadyTime t, Duration d) { return {t.ns + d.ns}; }
  friend constexpr SteadyTime operator-(SteadyTime t, Duration d) { return {t.ns - d.ns}; }
  friend constexpr Duration operator-(SteadyTime a, SteadyTime b) { return {a.ns - b.ns}; }
};

inline constexpr SteadyTime kSteadyNever{INT64_MAX};

}  // namespace eosim::sim
