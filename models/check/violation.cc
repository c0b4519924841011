#include "models/check/violation.h"

#include "models/check/signature.h"

namespace eosim::check {

void Findings::add(Violation violation, const std::string& subject) {
  std::string key = violation.kind;
  key += '/';
  key += subject;
  if (subjects_.contains(key)) return;
  const bool new_signature = signatures_.insert(signature(violation).text).second;
  if (all_.size() >= max_ && !new_signature) {
    ++not_kept_;
    return;
  }
  subjects_.insert(std::move(key));
  all_.push_back(std::move(violation));
}

}  // namespace eosim::check
