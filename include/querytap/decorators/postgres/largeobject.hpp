#pragma once

#include <querytap/decorators/postgres/dbtransaction.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <string>

namespace querytap::postgres {

class largeobjectaccess;

/// The identity of a large object. Creating, importing, exporting and removing it are operations of
/// their own, named by the server's functions.
///
///     postgres::largeobject image{tx, "/tmp/image.png"};
///     image.to_file(tx, "/tmp/copy.png");
class largeobject : public pqxx::largeobject {
 public:
  largeobject() noexcept = default;
  explicit largeobject(dbtransaction& tx, code_location site = code_location::current());
  explicit largeobject(pqxx::oid id) noexcept : pqxx::largeobject{id} {}
  largeobject(dbtransaction& tx, const std::string& file,
              code_location site = code_location::current());
  largeobject(const largeobjectaccess& object) noexcept;
  largeobject(const pqxx::largeobject& object) noexcept : pqxx::largeobject{object} {}

  void to_file(dbtransaction& tx, const std::string& file,
               code_location site = code_location::current()) const;
  void remove(dbtransaction& tx, code_location site = code_location::current()) const;
};

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
