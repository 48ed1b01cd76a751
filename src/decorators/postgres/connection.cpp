#include <querytap/decorators/postgres/connection.hpp>

#include "../common/connect_timer.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/exception_outcome.hpp>

#include <type_traits>

namespace querytap::postgres::detail {
namespace {

template <class Native>
Native timed_connect(recorder& telemetry, const std::string& connection_string) {
  const querytap::detail::connect_timer timer{telemetry, database_systems::postgresql.name};
  try {
    return Native{connection_string};
  } catch (...) {
    querytap::detail::current_request_failed(outcome_of_current_exception());
    throw;
  }
}

template <class Native>
Native connected_by_kind(recorder& telemetry, const std::string& connection_string) {
  // The others connect later, if at all.
  if constexpr (std::is_same_v<Native, pqxx::connection>) {
    return timed_connect<Native>(telemetry, connection_string);
  } else {
    return Native{connection_string};
  }
}

}  // namespace

template <class Native>
owned_connection<Native>::owned_connection(recorder& telemetry,
                                           const std::string& connection_string)
    : owned_{connected_by_kind<Native>(telemetry, connection_string)} {}

#define QUERYTAP_OWNED_CONNECTION(native) template class owned_connection<native>;
QUERYTAP_PQXX_CONNECTIONS(QUERYTAP_OWNED_CONNECTION)
#undef QUERYTAP_OWNED_CONNECTION

}  // namespace querytap::postgres::detail
