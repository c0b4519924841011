// eosim schema: the JSON Schema of the scenario file.
#include "models/scenario/schema.h"
#include "tools/commands.h"

namespace eosim::tools {
namespace {

int run_schema(const Arguments&, Console& console) {
  console.out << scenario::schema_text();
  return kExitOk;
}

}  // namespace

Command schema_command() {
  return {.name = "schema",
          .summary = "prints the JSON Schema of the scenario file",
          .description = "Editors complete and check a file that names it: \"$schema\": \"path\".",
          .positional = {},
          .options = {},
          .run = run_schema};
}

}  // namespace eosim::tools
