#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace querytap::sqlite {

/// A value as SQLite stores it.
using any_value =
    std::variant<std::nullptr_t, std::int64_t, double, std::string, std::vector<std::byte>>;

namespace detail {

[[noreturn]] void refuse_integer(int index);

/// Reads a value of the current row, converted as SQLite converts.
struct column_reader {
  sqlite3_stmt* handle;
  int index;
  bool is_shared;  // between threads

  template <std::integral T>
  [[nodiscard]] T read(std::type_identity<T>) const {
    const std::int64_t value = sqlite3_column_int64(handle, index);
    if constexpr (!std::same_as<T, bool>) {
      if (static_cast<std::int64_t>(static_cast<T>(value)) != value ||
          (std::unsigned_integral<T> && value < 0)) {
        refuse_integer(index);
      }
    }
    return static_cast<T>(value);
  }
  template <class T>
  requires std::is_enum_v<T>
  [[nodiscard]] T read(std::type_identity<T>) const {
    return static_cast<T>(read(std::type_identity<std::underlying_type_t<T>>{}));
  }
  template <std::floating_point T>
  [[nodiscard]] T read(std::type_identity<T>) const {
    return static_cast<T>(sqlite3_column_double(handle, index));
  }
  [[nodiscard]] std::string_view read(std::type_identity<std::string_view>) const {
    if (is_shared) [[unlikely]]
      return read_shared_text();
    // Finds the column once for both. Not thread-safe, says SQLite, and need not be.
    sqlite3_value* const value = sqlite3_column_value(handle, index);
    const auto* const data = sqlite3_value_text(value);
    const int size = sqlite3_value_bytes(value);
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
  }
  /// Null for NULL.
  [[nodiscard]] const char* read(std::type_identity<const char*>) const {
    return reinterpret_cast<const char*>(sqlite3_column_text(handle, index));
  }
  [[nodiscard]] sqlite3_value* read(std::type_identity<sqlite3_value*>) const {
    return sqlite3_column_value(handle, index);
  }
  [[nodiscard]] std::string read(std::type_identity<std::string>) const;
  [[nodiscard]] std::u16string_view read(std::type_identity<std::u16string_view>) const;
  [[nodiscard]] std::u16string read(std::type_identity<std::u16string>) const;
  [[nodiscard]] std::span<const std::byte> read(
      std::type_identity<std::span<const std::byte>>) const;
  [[nodiscard]] std::span<const unsigned char> read(
      std::type_identity<std::span<const unsigned char>>) const;
  [[nodiscard]] std::vector<std::byte> read(std::type_identity<std::vector<std::byte>>) const;
  [[nodiscard]] std::vector<unsigned char> read(
      std::type_identity<std::vector<unsigned char>>) const;
  [[nodiscard]] any_value read(std::type_identity<any_value>) const;
  template <class T>
  [[nodiscard]] std::optional<T> read(std::type_identity<std::optional<T>>) const {
    if (sqlite3_column_type(handle, index) == SQLITE_NULL) return std::nullopt;
    return read(std::type_identity<T>{});
  }

 private:
  [[nodiscard]] std::string_view read_shared_text() const;
};

/// True for types that refer to what SQLite holds only until the next step().
template <class T>
inline constexpr bool is_view =
    std::is_pointer_v<T> || std::same_as<T, std::string_view> ||
    std::same_as<T, std::u16string_view> || std::same_as<T, std::span<const std::byte>> ||
    std::same_as<T, std::span<const unsigned char>>;
template <class T>
inline constexpr bool is_view<std::optional<T>> = is_view<T>;

}  // namespace detail
}  // namespace querytap::sqlite
