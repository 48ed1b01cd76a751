#include <querytap/decorators/postgres/invocation.hpp>

namespace querytap::postgres {
namespace {

/// In place of values that are not known.
constexpr detail::unreadable_value values_not_known;

}  // namespace

pqxx::result detail::parameterized_invocation::exec(code_location site) {
  tx_->begin_if_needed(site);
  connection_base& db = tx_->conn();
  return access::measure(db, access::call(db, {text_, site}, values_not_known),
                         [&] { return native_.exec(); });
}

pqxx::result prepare::invocation::exec(code_location site) {
  connection_base& db = tx_->conn();
  return detail::access::measure(db,
                                 detail::access::prepared_call(db, {text_, site}, values_not_known),
                                 [&] { return native_.exec(); });
}

}  // namespace querytap::postgres
