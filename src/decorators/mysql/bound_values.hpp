#pragma once

#include <querytap/calls/detail/parameter_digest.hpp>

#include <mysql.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace querytap::mysql::detail {

/// The hash and the description of the values that an application has bound.
class bound_values {
 public:
  explicit bound_values(std::uint64_t text_hash) noexcept { digest_.add(text_hash); }

  void add(const MYSQL_BIND& value, bool describes);

  /// Nothing where a value cannot be read: calls that differ in it would pass for repetitions.
  [[nodiscard]] std::optional<std::uint64_t> hash() const noexcept {
    return is_complete_ ? std::optional{digest_.hash()} : std::nullopt;
  }
  [[nodiscard]] parameter_description take_description() noexcept {
    return std::move(description_);
  }

 private:
  template <class T>
  void note(const T& value, bool describes) {
    digest_.add(value);
    if (describes) description_.add(value);
  }
  template <class T>
  void note_number(const MYSQL_BIND& value, bool describes);
  void note_time(const MYSQL_TIME& time, bool describes);
  void note_unreadable(bool describes);

  parameter_digest digest_;
  parameter_description description_;
  bool is_complete_ = true;
};

}  // namespace querytap::mysql::detail
