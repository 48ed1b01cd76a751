#pragma once

#include <pqxx/pqxx>

// What libpqxx 6 does that versions after it do not, or do otherwise: the rest of the decorator asks here.

#if PQXX_VERSION_MAJOR != 6
#error \
    "querytap's decorator is written for libpqxx 6: 7 has other connections, streams and policies"
#endif

namespace querytap::postgres::detail {

using native_connection = pqxx::connection_base;

/// exec() of a transaction rolls back before it throws.
inline constexpr bool exec_rolls_back = true;
/// prepare() sends the statement.
inline constexpr bool prepares_at_once = false;

// What libpqxx 6 has and calls deprecated.
void activate(native_connection& db);
void deactivate(native_connection& db);
void inhibit_reactivation(native_connection& db, bool inhibit);
/// Whether a statement of the transaction has failed on the server, which answers a COMMIT with a
/// ROLLBACK; libpqxx does not look.
[[nodiscard]] bool has_failed_on_server(const pqxx::transaction_base& tx) noexcept;

template <class T>
inline constexpr bool is_dynamic_params = false;
template <class... Arguments>
inline constexpr bool is_dynamic_params<pqxx::internal::dynamic_params<Arguments...>> = true;

template <class T>
concept convertible_value = requires(const T& value) {
  pqxx::string_traits<T>::to_string(value);
};
template <convertible_value T>
[[nodiscard]] bool is_null_value(const T& value) {
  return pqxx::string_traits<T>::is_null(value);
}

}  // namespace querytap::postgres::detail
