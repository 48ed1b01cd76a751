#pragma once

#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/decorators/sqlite/bound_values.hpp>

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace querytap::sqlite::detail {

/// Gives a value to a parameter_digest or a parameter_description, as SQLite would store it.
template <class Sink>
struct value_visitor {
  Sink& sink;

  template <class T>
  void operator()(const T& value) const {
    if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::monostate>) {
      sink.add(nullptr);
    } else if constexpr (std::is_enum_v<T>) {
      sink.add(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::convertible_to<const T&, const char*>) {
      sink.add(static_cast<const char*>(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      sink.add(std::string_view{value});
    } else if constexpr (std::convertible_to<const T&, std::u16string_view>) {
      const std::u16string_view text{value};
      sink.add(std::as_bytes(std::span{text.data(), text.size()}));
    } else if constexpr (std::convertible_to<const T&, std::span<const std::byte>>) {
      sink.add(std::span<const std::byte>{value});
    } else if constexpr (std::convertible_to<const T&, std::span<const unsigned char>>) {
      sink.add(std::as_bytes(std::span<const unsigned char>{value}));
    } else if constexpr (std::same_as<T, uncopied>) {
      sink.add(value.text);
    } else {
      add_other(value);
    }
  }
  template <class T>
  void operator()(const std::optional<T>& value) const {
    value ? (*this)(*value) : sink.add(nullptr);
  }
  template <class... Ts>
  void operator()(const std::variant<Ts...>& value) const {
    std::visit(*this, value);
  }

 private:
  template <class T>
  void add_other(const T& value) const {
    if constexpr (std::integral<T> || std::floating_point<T>) {
      sink.add(value);
    } else if constexpr (requires { sink.add_unknown(); }) {
      sink.add_unknown();  // of a zeroblob, a pointer, a sqlite3_value
    } else if constexpr (std::same_as<T, zeroblob>) {
      sink.add(value.size);
    }
  }
};

/// True if two values of the type are the same for SQLite where their digests are.
template <class T>
inline constexpr bool has_digest =
    !std::same_as<T, pointer> && !std::is_convertible_v<const T&, const sqlite3_value*> &&
    !std::same_as<T, std::nullptr_t>;
template <>
inline constexpr bool has_digest<std::nullptr_t> = true;

/// What is noted of a statement's values: a hash, so that a request finds its duplicate calls, and for
/// reports their kinds. Values are bound all in order, or one by one.
class value_notes {
 public:
  /// All the values follow, in order.
  void begin(std::uint64_t text_hash, bool describes) {
    is_known_ = true;
    is_in_order_ = true;
    describes_ = describes;
    digest_ = {};
    digest_.add(text_hash);
    if (describes) description_ = {};
  }
  template <class T>
  void add(const T& value) {
    if constexpr (has_digest<T>) {
      value_visitor<parameter_digest>{digest_}(value);
    } else {
      is_known_ = false;
    }
    if (describes_) value_visitor<parameter_description>{description_}(value);
  }
  /// All the values follow, and nothing is noted.
  void skip() noexcept {
    is_known_ = false;
    is_in_order_ = true;
  }

  /// No value is bound. Keeps its memory.
  void clear() noexcept {
    skip();
    description_ = {};
  }

  /// This value alone has been bound, of so many.
  template <class T>
  void set(int index, const T& value, int parameters, bool describes) {
    parameter_digest alone;
    if constexpr (has_digest<T>) value_visitor<parameter_digest>{alone}(value);
    if (begin_by_index(parameters) && describes) description_ = {};
    hashes_[static_cast<std::size_t>(index - 1)] = has_digest<T> ? alone.hash() : 0;
    if (describes) value_visitor<parameter_description>{description_}(value);
  }
  /// The same, and nothing is noted of it.
  void forget(int index) noexcept;

  /// The hash of all values; nothing if it is not known of each.
  [[nodiscard]] std::optional<std::uint64_t> hash(std::uint64_t text_hash) const noexcept;
  [[nodiscard]] std::string_view description() const noexcept { return description_.text(); }
  [[nodiscard]] bool may_know() const noexcept { return is_known_ || !is_in_order_; }

 private:
  /// True if the values were bound in order before.
  bool begin_by_index(int parameters);

  bool is_known_ = false;
  bool is_in_order_ = true;
  bool describes_ = false;
  parameter_digest digest_;
  parameter_description description_;
  std::vector<std::uint64_t> hashes_;  // of values that were bound by index; 0: not known
};

}  // namespace querytap::sqlite::detail
