#include <querytap/decorators/postgres/invocation.hpp>

#if QUERYTAP_PQXX_IS_6

namespace querytap::postgres {
namespace {

/// In place of values that are not known.
constexpr detail::unreadable_value values_not_known;

}  // namespace

prepare::invocation transaction_base::prepared(const std::string& statement) {
  begin_if_needed(site_);
  return {*this, statement};
}

detail::parameterized_invocation transaction_base::parameterized(const std::string& query) {
  return {*this, query};
}

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

#endif
