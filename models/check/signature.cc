#include "models/check/signature.h"

#include <algorithm>

#include "sim/digest.h"

namespace eosim::check {

std::string Signature::hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += kDigits[(hash >> shift) & 15];
  return digits;
}

Signature signature(const Violation& violation) {
  Signature result;
  for (const std::string* part : {&violation.kind, &violation.checker, &violation.era,
                                  &violation.guarantee, &violation.transaction_state}) {
    if (!result.text.empty()) result.text += ' ';
    result.text += part->empty() ? std::string("-") : *part;
  }
  result.text += ": " + violation.rule;
  result.hash = sim::hash_text(result.text);
  return result;
}

std::optional<Signature> signature(const std::vector<Violation>& violations) {
  const auto first = std::min_element(
      violations.begin(), violations.end(),
      [](const Violation& a, const Violation& b) { return a.time_ns < b.time_ns; });
  if (first == violations.end()) return std::nullopt;
  return signature(*first);
}

}  // namespace eosim::check
