#pragma once

// The sources of querytap::mysql: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/mysql/bound_values.cpp"
#include "../../../src/decorators/mysql/calls.cpp"
#include "../../../src/decorators/mysql/connection.cpp"
#include "../../../src/decorators/mysql/mysql_failure.cpp"
#include "../../../src/decorators/mysql/non_blocking.cpp"
#include "../../../src/decorators/mysql/prepared.cpp"
#include "../../../src/decorators/mysql/readable_text.cpp"
#include "../../../src/decorators/mysql/result.cpp"
#include "../../../src/decorators/mysql/session.cpp"
#include "../../../src/decorators/mysql/session_transaction.cpp"
#include "../../../src/decorators/mysql/several_statements.cpp"
#include "../../../src/decorators/mysql/timed_call.cpp"
#include "../../../src/decorators/mysql/unindexed_calls.cpp"
