#pragma once

// The sources of querytap::sqlite: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/sqlite/backup.cpp"
#include "../../../src/decorators/sqlite/binding.cpp"
#include "../../../src/decorators/sqlite/blob.cpp"
#include "../../../src/decorators/sqlite/c_api.cpp"
#include "../../../src/decorators/sqlite/cached_statement.cpp"
#include "../../../src/decorators/sqlite/column_reader.cpp"
#include "../../../src/decorators/sqlite/connection.cpp"
#include "../../../src/decorators/sqlite/connection_state.cpp"
#include "../../../src/decorators/sqlite/lock_waits.cpp"
#include "../../../src/decorators/sqlite/observation.cpp"
#include "../../../src/decorators/sqlite/open_database.cpp"
#include "../../../src/decorators/sqlite/savepoint.cpp"
#include "../../../src/decorators/sqlite/schema_columns.cpp"
#include "../../../src/decorators/sqlite/statement.cpp"
#include "../../../src/decorators/sqlite/statement_metrics.cpp"
#include "../../../src/decorators/sqlite/transaction.cpp"
#include "../../../src/decorators/sqlite/value_notes.cpp"
