// The requests and responses, a struct an RPC, with the fields that decide something
// (transactions.md 2, groups-streams-replication.md 1-3). Bodies live in pools (bodies.h); what is
// big and immutable is an id in a store. A header a subject; this one is all of them.
#pragma once

#include "models/protocol/messages_cluster.h"
#include "models/protocol/messages_data.h"
#include "models/protocol/messages_group.h"
#include "models/protocol/messages_transaction.h"
#include "models/protocol/rpc.h"
