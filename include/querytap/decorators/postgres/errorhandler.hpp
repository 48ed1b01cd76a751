#pragma once

#include <querytap/decorators/postgres/connection_base.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

namespace querytap::postgres {

/// Receives the warnings of a connection: libpqxx' own class, for a connection of the decorator.
///
///     class log_notices : public postgres::errorhandler {
///      public:
///       using errorhandler::errorhandler;
///       bool operator()(const char message[]) noexcept override { return true; }
///     };
class errorhandler : public pqxx::errorhandler {
 public:
  explicit errorhandler(connection_base& db) : pqxx::errorhandler{db.native()} {}
};

/// Keeps warnings from the handlers that were there before.
class quiet_errorhandler : public pqxx::quiet_errorhandler {
 public:
  explicit quiet_errorhandler(connection_base& db) : pqxx::quiet_errorhandler{db.native()} {}
};

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
