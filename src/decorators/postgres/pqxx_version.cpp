#include <querytap/decorators/detail/pqxx_version.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

namespace querytap::postgres::detail {

void activate(native_connection& db) { db.activate(); }
void deactivate(native_connection& db) { db.deactivate(); }
void inhibit_reactivation(native_connection& db, bool inhibit) { db.inhibit_reactivation(inhibit); }

}  // namespace querytap::postgres::detail

#include <pqxx/internal/ignore-deprecated-post.hxx>
