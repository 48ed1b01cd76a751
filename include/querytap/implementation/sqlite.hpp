#pragma once

// The sources of querytap::sqlite: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/sqlite/schema_columns.cpp"
#include "../../../src/decorators/sqlite/sqlite.cpp"
#include "../../../src/decorators/sqlite/sqlite_statement.cpp"
