#pragma once

#include <querytap/decorators/sqlite/bound_values.hpp>

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace querytap::sqlite::detail {

[[noreturn]] void refuse_integer(int index);

[[nodiscard]] int bind_null(sqlite3_stmt* handle, int index) noexcept;
[[nodiscard]] int bind_real(sqlite3_stmt* handle, int index, double value) noexcept;
[[nodiscard]] int bind_text(sqlite3_stmt* handle, int index, std::string_view value) noexcept;
[[nodiscard]] int bind_text(sqlite3_stmt* handle, int index, std::u16string_view value) noexcept;
[[nodiscard]] int bind_blob(sqlite3_stmt* handle, int index,
                            std::span<const std::byte> value) noexcept;
[[nodiscard]] int bind_special(sqlite3_stmt* handle, int index, zeroblob value) noexcept;
[[nodiscard]] int bind_special(sqlite3_stmt* handle, int index, uncopied value) noexcept;
[[nodiscard]] int bind_special(sqlite3_stmt* handle, int index, pointer value) noexcept;

/// Binds values of every type; returns SQLite's code. std::out_of_range for an integer that SQLite does
/// not have.
struct binder {
  sqlite3_stmt* handle;

  int operator()(int index, std::nullptr_t) const { return bind_null(handle, index); }
  int operator()(int index, std::monostate) const { return bind_null(handle, index); }
  template <std::integral T>
  int operator()(int index, T value) const {
    if (std::cmp_greater(+value, std::numeric_limits<std::int64_t>::max())) refuse_integer(index);
    return sqlite3_bind_int64(handle, index, static_cast<std::int64_t>(value));
  }
  template <class T>
  requires std::is_enum_v<T>
  int operator()(int index, T value) const {
    return (*this)(index, static_cast<std::underlying_type_t<T>>(value));
  }
  int operator()(int index, double value) const { return bind_real(handle, index, value); }
  int operator()(int index, std::string_view value) const {
    return bind_text(handle, index, value);
  }
  int operator()(int index, const char* value) const {
    return value == nullptr ? bind_null(handle, index) : bind_text(handle, index, value);
  }
  int operator()(int index, std::u16string_view value) const {
    return bind_text(handle, index, value);
  }
  int operator()(int index, std::span<const std::byte> value) const {
    return bind_blob(handle, index, value);
  }
  int operator()(int index, std::span<const unsigned char> value) const {
    return bind_blob(handle, index, std::as_bytes(value));
  }
  int operator()(int index, zeroblob value) const { return bind_special(handle, index, value); }
  int operator()(int index, uncopied value) const { return bind_special(handle, index, value); }
  int operator()(int index, pointer value) const { return bind_special(handle, index, value); }
  /// A column of another statement, or an argument of an SQL function, with its own type.
  int operator()(int index, const sqlite3_value* value) const {
    return sqlite3_bind_value(handle, index, value);
  }
  int operator()(int index, sqlite3_value* value) const {
    return sqlite3_bind_value(handle, index, value);
  }
  template <class T>
  int operator()(int index, const std::optional<T>& value) const {
    return value ? (*this)(index, *value) : bind_null(handle, index);
  }
  template <class... Ts>
  int operator()(int index, const std::variant<Ts...>& value) const {
    return std::visit([&](const auto& held) { return (*this)(index, held); }, value);
  }
};

}  // namespace querytap::sqlite::detail
