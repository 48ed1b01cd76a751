#include <querytap/decorators/postgres/largeobject.hpp>

#include "large_object_call.hpp"

#include <querytap/decorators/postgres/largeobjectaccess.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

namespace querytap::postgres {

largeobject::largeobject(dbtransaction& tx, code_location site)
    : pqxx::largeobject{detail::large_object_call(
          tx, "CALL lo_creat(1)", site, [&] { return pqxx::largeobject{tx.native()}; })} {}

largeobject::largeobject(dbtransaction& tx, const std::string& file, code_location site)
    : pqxx::largeobject{detail::large_object_call(tx, "CALL lo_import(1)", site, [&] {
        return pqxx::largeobject{tx.native(), file};
      })} {}

largeobject::largeobject(const largeobjectaccess& object) noexcept
    : pqxx::largeobject{object.native()} {}

void largeobject::to_file(dbtransaction& tx, const std::string& file, code_location site) const {
  detail::large_object_call(tx, "CALL lo_export(1, 2)", site,
                            [&] { pqxx::largeobject::to_file(tx.native(), file); });
}

void largeobject::remove(dbtransaction& tx, code_location site) const {
  detail::large_object_call(tx, "CALL lo_unlink(1)", site,
                            [&] { pqxx::largeobject::remove(tx.native()); });
}

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
