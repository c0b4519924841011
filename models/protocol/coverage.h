// Which cells of the protocol's tables a run was in: what a coordinator or a leader was like when a
// request met it, and what the request was told in the end. For `eosim list coverage` only: nothing
// in a run reads it, no digest has it, and a note is a bit in an array.
//
// A table belongs to whom it is of (models/transaction, models/group, models/log) and says which
// cells there can be, in any version: a cell that is reached and not in its table is a mistake of
// the table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "models/protocol/errors.h"

namespace eosim::kafka {

enum class CoverageRole : uint8_t { kTransaction, kGroup, kLeader };
inline constexpr size_t kCoverageRoles = 3;

// Of a request and the state that it met: row and column of the role's table. As made: of none.
class Encounter {
 public:
  static constexpr size_t kRows = 16;     // of a table, at most
  static constexpr size_t kColumns = 20;  //
  static constexpr size_t kCount = kCoverageRoles * kRows * kColumns;

  constexpr Encounter() = default;
  constexpr Encounter(CoverageRole role, size_t row, size_t column)
      : number_(static_cast<uint16_t>(1 + (static_cast<size_t>(role) * kRows + row) * kColumns +
                                      column)) {}
  constexpr bool valid() const { return number_ != 0; }
  constexpr size_t index() const { return size_t{number_} - 1; }

 private:
  uint16_t number_ = 0;
};

class Coverage {
 public:
  void note(Encounter met, Error answer) {
    if (met.valid()) answers_[met.index()][word(answer)] |= bit(answer);
  }
  bool reached(Encounter met, Error answer) const {
    return (answers_[met.index()][word(answer)] & bit(answer)) != 0;
  }
  // visit(role, row, column, answer) for all that was reached, in that order.
  template <class Visit>
  void visit(Visit visit) const {
    for (size_t i = 0; i < Encounter::kCount; ++i) {
      const size_t row = i / Encounter::kColumns;
      for (size_t n = 0; n < 128; ++n) {
        if ((answers_[i][n / 64] >> n % 64 & 1) == 0) continue;
        visit(static_cast<CoverageRole>(row / Encounter::kRows), row % Encounter::kRows,
              i % Encounter::kColumns, static_cast<Error>(static_cast<int>(n) - 1));
      }
    }
  }
  void merge(const Coverage& other) {
    for (size_t i = 0; i < Encounter::kCount; ++i) {
      answers_[i][0] |= other.answers_[i][0];
      answers_[i][1] |= other.answers_[i][1];
    }
  }
  friend bool operator==(const Coverage&, const Coverage&) = default;

 private:
  // Codes are -1 to 126.
  static constexpr size_t number(Error answer) {
    return static_cast<size_t>(static_cast<int>(answer) + 1);
  }
  static constexpr size_t word(Error answer) { return number(answer) / 64 % 2; }
  static constexpr uint64_t bit(Error answer) { return uint64_t{1} << number(answer) % 64; }

  std::array<std::array<uint64_t, 2>, Encounter::kCount> answers_{};
};

// What an answer says: its error, else that of each thing that it is about. An answer about several
// transactions is not noted: they were not in one state.
template <class Response>
void note_answer(Coverage& coverage, Encounter met, const Response& response) {
  if (!met.valid()) return;
  bool noted = false;
  const auto note = [&](Error error) {
    coverage.note(met, error);
    noted = true;
  };
  const auto note_each = [&](const auto& results) {
    for (const auto& result : results) note(result.error);
  };
  if constexpr (requires { response.error; }) {
    if (response.error != Error::kNone) return note(response.error);
  }
  if constexpr (requires { response.members.front() == Error::kNone; }) {
    for (const Error error : response.members) note(error);
  }
  if constexpr (requires { response.partitions.front().error; }) note_each(response.partitions);
  if constexpr (requires { response.transactions; }) {
    if (response.transactions.size() > 1) return;
    for (const auto& transaction : response.transactions) {
      if constexpr (requires { transaction.error; }) {
        note(transaction.error);
      } else if constexpr (requires { transaction.partitions; }) {
        note_each(transaction.partitions);
      }
    }
  }
  if (!noted) note(Error::kNone);
}

// A line of a table: the states in which this error can answer the row's request, one character
// each, 'x' where it can. kBeforeAnyState: it is given before any state is looked at, one cell.
inline constexpr std::string_view kBeforeAnyState = "*";
struct CoverageLine {
  std::string_view states;
  uint8_t row = 0;
  Error error = Error::kNone;
};

// Names are single words.
struct CoverageTable {
  CoverageRole role;
  std::string_view name;
  std::string_view title;
  std::span<const std::string_view> rows;    // requests
  std::span<const std::string_view> states;  // columns
  std::span<const std::string_view> heads;   // of columns, at most four characters
  std::span<const CoverageLine> lines;       // by row
};

}  // namespace eosim::kafka
