#include <querytap/decorators/detail/pqxx_version.hpp>

#include <libpq-fe.h>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

namespace querytap::postgres::detail {
namespace {

/// The one class of libpqxx that shows a derived one the connection of libpq.
struct connection_of_libpq : pqxx::largeobject {
  static const PGconn* of(const pqxx::dbtransaction& tx) { return raw_connection(tx); }
};

}  // namespace

void activate(native_connection& db) { db.activate(); }
void deactivate(native_connection& db) { db.deactivate(); }
void inhibit_reactivation(native_connection& db, bool inhibit) { db.inhibit_reactivation(inhibit); }

bool has_failed_on_server(const pqxx::transaction_base& tx) noexcept {
  const auto* const known = dynamic_cast<const pqxx::dbtransaction*>(&tx);
  return known != nullptr &&
         ::PQtransactionStatus(connection_of_libpq::of(*known)) == PQTRANS_INERROR;
}

}  // namespace querytap::postgres::detail

#include <pqxx/internal/ignore-deprecated-post.hxx>
