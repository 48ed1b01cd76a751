#pragma once

#include <querytap/decorators/postgres/dbtransaction.hpp>

#include <string_view>

namespace querytap::postgres::detail {

/// One call of a server's function for large objects: libpq sends it by number, as no statement.
template <class Execute>
auto large_object_call(transaction_base& tx, std::string_view function, code_location site,
                       Execute execute) {
  return access::measure(tx.conn(), function, site, phase::execute, execute);
}

/// The same for a function of the library that returns -1 where it fails.
template <class Execute>
auto checked_large_object_call(transaction_base& tx, std::string_view function, code_location site,
                               Execute execute) noexcept {
  operation call = access::begin_call(tx.conn(), function, site);
  const auto result = execute();
  if (result == -1) call.fail(outcome::error("failure"));
  return result;
}

}  // namespace querytap::postgres::detail
