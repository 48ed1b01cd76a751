#pragma once

#include <querytap/decorators/postgres.hpp>

namespace querytap::testing {

/// Calls what the decorator offers. It compiles with each version of libpqxx, and is not meant to be run.
void use_all_members(recorder& telemetry, postgres::detail::native_connection& plain,
                     pqxx::dbtransaction& plain_transaction);

}  // namespace querytap::testing
