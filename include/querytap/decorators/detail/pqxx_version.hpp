#pragma once

#include <pqxx/pqxx>

#include <concepts>

// What differs between the versions of libpqxx, and nothing else of the decorator knows.

namespace querytap::postgres::detail {

using native_connection = pqxx::connection_base;

/// exec() of a transaction rolls back before it throws.
inline constexpr bool exec_rolls_back = PQXX_VERSION_MAJOR < 7;
/// prepare() sends the statement.
inline constexpr bool prepares_at_once = PQXX_VERSION_MAJOR >= 7;

// What libpqxx 6 has and calls deprecated.
void activate(native_connection& db);
void deactivate(native_connection& db);
void inhibit_reactivation(native_connection& db, bool inhibit);

template <class T>
inline constexpr bool is_dynamic_params = false;
template <class... Arguments>
inline constexpr bool is_dynamic_params<pqxx::internal::dynamic_params<Arguments...>> = true;

#if PQXX_VERSION_MAJOR < 7
template <class T>
concept convertible_value = requires(const T& value) {
  pqxx::string_traits<T>::to_string(value);
};
template <convertible_value T>
[[nodiscard]] bool is_null_value(const T& value) {
  return pqxx::string_traits<T>::is_null(value);
}
#else
template <class T>
concept convertible_value = !std::same_as<T, pqxx::params> && requires(const T& value) {
  pqxx::string_traits<T>::size_buffer(value);
};
template <convertible_value T>
[[nodiscard]] bool is_null_value(const T& value) {
  return pqxx::is_null(value);
}
#endif

}  // namespace querytap::postgres::detail
