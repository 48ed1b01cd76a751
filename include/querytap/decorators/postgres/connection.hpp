#pragma once

#include <querytap/decorators/postgres/connection_base.hpp>

#include <cstddef>
#include <string>

namespace querytap::postgres {

namespace detail {

/// A connection of libpqxx as a base, so that it is there before connection_base refers to it.
template <class Native>
class owned_connection {
 protected:
  /// The time that connecting takes is the phase `connect`. Defined for libpqxx' own connections.
  owned_connection(recorder& telemetry, const std::string& connection_string);

  Native owned_;
};

}  // namespace detail

/// A connection of libpqxx 6 by its policy: connects when constructed, on first use, in the
/// background, or never. Can be neither copied nor moved: a pool stores pointers.
///
///     postgres::connection db{recorder, "dbname=chatbot"};
///     postgres::lazyconnection later{recorder, "dbname=chatbot"};
///
/// The connection string is passed to libpqxx and not stored.
///
/// Errors   as pqxx::connection: broken_connection.
/// Lifetime the recorder outlives the connection, the connection its transactions.
template <class Policy>
class basic_connection_base
    : private detail::owned_connection<typename detail::native_of<Policy>::type>,
      public connection_base {
  using native_type = typename detail::native_of<Policy>::type;
  using owner = detail::owned_connection<native_type>;

 public:
  explicit basic_connection_base(recorder& telemetry, const connection_options& options = {})
      : basic_connection_base{telemetry, std::string{}, options} {}
  basic_connection_base(recorder& telemetry, const std::string& connection_string,
                        const connection_options& options = {})
      : owner{telemetry, connection_string}, connection_base{telemetry, owner::owned_, options} {}
  basic_connection_base(recorder& telemetry, const char* connection_string,
                        const connection_options& options = {})
      : basic_connection_base{
            telemetry, connection_string == nullptr ? std::string{} : connection_string, options} {}
  basic_connection_base(recorder& telemetry, std::nullptr_t, const connection_options& options = {})
      : basic_connection_base{telemetry, std::string{}, options} {}

  [[nodiscard]] const std::string& options() const noexcept { return owner::owned_.options(); }
  [[nodiscard]] native_type& native() noexcept { return owner::owned_; }
};

using connection = basic_connection_base<detail::connect_direct>;
using lazyconnection = basic_connection_base<detail::connect_lazy>;
using asyncconnection = basic_connection_base<detail::connect_async>;
using nullconnection = basic_connection_base<detail::connect_null>;

}  // namespace querytap::postgres
