#include "models/protocol/errors.h"

#include <string_view>

#include "catch.h"

namespace eosim::kafka {
namespace {

struct ErrorRow {
  int code;
  const char* name;
  const char* classes;  // R: retriable, M: and asks for fresh metadata
};

// transactions.md 1.11 and groups-streams-replication.md 0.4.
constexpr ErrorRow kErrors[] = {
    {-1, "UNKNOWN_SERVER_ERROR", ""},
    {0, "NONE", ""},
    {1, "OFFSET_OUT_OF_RANGE", ""},
    {2, "CORRUPT_MESSAGE", "R"},
    {3, "UNKNOWN_TOPIC_OR_PARTITION", "RM"},
    {6, "NOT_LEADER_OR_FOLLOWER", "RM"},
    {7, "REQUEST_TIMED_OUT", "R"},
    {10, "MESSAGE_TOO_LARGE", ""},
    {12, "OFFSET_METADATA_TOO_LARGE", ""},
    {13, "NETWORK_EXCEPTION", "RM"},
    {14, "COORDINATOR_LOAD_IN_PROGRESS", "R"},
    {15, "COORDINATOR_NOT_AVAILABLE", "R"},
    {16, "NOT_COORDINATOR", "R"},
    {18, "RECORD_LIST_TOO_LARGE", ""},
    {19, "NOT_ENOUGH_REPLICAS", "R"},
    {20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "R"},
    {22, "ILLEGAL_GENERATION", ""},
    {23, "INCONSISTENT_GROUP_PROTOCOL", ""},
    {24, "INVALID_GROUP_ID", ""},
    {25, "UNKNOWN_MEMBER_ID", ""},
    {26, "INVALID_SESSION_TIMEOUT", ""},
    {27, "REBALANCE_IN_PROGRESS", ""},
    {28, "INVALID_COMMIT_OFFSET_SIZE", ""},
    {35, "UNSUPPORTED_VERSION", ""},
    {42, "INVALID_REQUEST", ""},
    {45, "OUT_OF_ORDER_SEQUENCE_NUMBER", ""},
    {46, "DUPLICATE_SEQUENCE_NUMBER", ""},
    {47, "INVALID_PRODUCER_EPOCH", ""},
    {48, "INVALID_TXN_STATE", ""},
    {49, "INVALID_PRODUCER_ID_MAPPING", ""},
    {50, "INVALID_TRANSACTION_TIMEOUT", ""},
    {51, "CONCURRENT_TRANSACTIONS", "R"},
    {52, "TRANSACTION_COORDINATOR_FENCED", ""},
    {55, "OPERATION_NOT_ATTEMPTED", ""},
    {56, "KAFKA_STORAGE_ERROR", "RM"},
    {59, "UNKNOWN_PRODUCER_ID", ""},
    {69, "GROUP_ID_NOT_FOUND", ""},
    {74, "FENCED_LEADER_EPOCH", "RM"},
    {75, "UNKNOWN_LEADER_EPOCH", "R"},
    {78, "OFFSET_NOT_AVAILABLE", "R"},
    {79, "MEMBER_ID_REQUIRED", ""},
    {81, "GROUP_MAX_SIZE_REACHED", ""},
    {82, "FENCED_INSTANCE_ID", ""},
    {87, "INVALID_RECORD", ""},
    {88, "UNSTABLE_OFFSET_COMMIT", "R"},
    {90, "PRODUCER_FENCED", ""},
};

TEST_CASE("an error has Kafka's number, name and classes") {
  for (const ErrorRow& row : kErrors) {
    const Error error = static_cast<Error>(row.code);
    const std::string_view classes = row.classes;
    CAPTURE(row.name);
    CHECK(error_name(error) == row.name);
    CHECK(is_retriable(error) == (classes.find('R') != classes.npos));
    CHECK(wants_metadata_refresh(error) == (classes.find('M') != classes.npos));
  }
}

}  // namespace
}  // namespace eosim::kafka
