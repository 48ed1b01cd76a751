#include <querytap/decorators/detail/pqxx_version.hpp>

#if QUERYTAP_PQXX_IS_6

#include <libpq-fe.h>

namespace querytap::postgres::detail {
namespace {

/// The one class of libpqxx that shows a derived one the connection of libpq.
struct connection_of_libpq : pqxx::largeobject {
  static const PGconn* of(const pqxx::dbtransaction& tx) { return raw_connection(tx); }
};

}  // namespace

bool has_failed_on_server(const pqxx::transaction_base& tx) noexcept {
  const auto* const known = dynamic_cast<const pqxx::dbtransaction*>(&tx);
  return known != nullptr &&
         ::PQtransactionStatus(connection_of_libpq::of(*known)) == PQTRANS_INERROR;
}

}  // namespace querytap::postgres::detail

#endif
