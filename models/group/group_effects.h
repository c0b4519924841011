// What the group coordinator asks of its broker, in order.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "models/protocol/effects.h"

namespace eosim::kafka {

using GroupEffect =
    std::variant<AppendEffect, AnswerEffect<JoinGroupResponse>, AnswerEffect<SyncGroupResponse>,
                 AnswerEffect<HeartbeatResponse>, AnswerEffect<LeaveGroupResponse>,
                 AnswerEffect<OffsetCommitResponse>, AnswerEffect<TxnOffsetCommitResponse>,
                 AnswerEffect<OffsetFetchResponse>, EmittedEvent>;
using GroupEffects = std::vector<GroupEffect>;

template <class Response>
void answer(GroupEffects& effects, RequestToken request, Response response) {
  effects.push_back(AnswerEffect<Response>{request, std::move(response)});
}

inline void emit(GroupEffects& effects, Event event, std::initializer_list<int64_t> values) {
  effects.push_back(make_event(event, values));
}

inline int64_t field(Name name) { return name.valid() ? static_cast<int64_t>(name.id) : -1; }

}  // namespace eosim::kafka
