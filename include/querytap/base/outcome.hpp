#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

/// The kind of failure: an error that the server or the client reports, a time limit, or a
/// cancellation.
enum class failure_kind : std::uint8_t { error, timeout, cancelled };

/// How a call to a backend ended.
///
///     call.fail(outcome::error("23505", "23505"));      // SQLSTATE: both the type and the code
///     call.fail(outcome::error("broken_connection"));   // no code from the server
///     call.fail(outcome::error("57014", "57014", failure_kind::timeout));
///
/// Cost     64 bytes, trivially copyable, no allocation: longer names are cut.
/// Source   OpenTelemetry `error.type` and `db.response.status_code`.
class outcome {
  // First: a constant expression may call only what is defined before it.
  template <std::size_t N>
  static constexpr std::uint8_t copy(std::string_view from, std::array<char, N>& into) noexcept {
    const std::size_t size = from.size() < N ? from.size() : N;
    for (std::size_t i = 0; i < size; ++i) into[i] = from[i];
    return static_cast<std::uint8_t>(size);
  }

 public:
  constexpr outcome() noexcept = default;

  [[nodiscard]] static constexpr outcome ok(std::string_view status_code = {}) noexcept {
    outcome result;
    result.code_size_ = copy(status_code, result.code_);
    return result;
  }

  /// An empty `type` counts as `_OTHER`, the convention's fallback.
  [[nodiscard]] static constexpr outcome error(std::string_view type,
                                               std::string_view status_code = {},
                                               failure_kind kind = failure_kind::error) noexcept {
    outcome result;
    result.kind_ = kind;
    result.type_size_ = copy(type.empty() ? std::string_view{"_OTHER"} : type, result.type_);
    result.code_size_ = copy(status_code, result.code_);
    return result;
  }

  [[nodiscard]] constexpr bool failed() const noexcept { return type_size_ != 0; }
  [[nodiscard]] constexpr std::string_view error_type() const noexcept {
    return {type_.data(), type_size_};
  }
  [[nodiscard]] constexpr std::string_view status_code() const noexcept {
    return {code_.data(), code_size_};
  }

  [[nodiscard]] constexpr failure_kind kind() const noexcept { return kind_; }

  friend constexpr bool operator==(const outcome& a, const outcome& b) noexcept {
    return a.error_type() == b.error_type() && a.status_code() == b.status_code() &&
           a.kind_ == b.kind_;
  }

 private:
  std::array<char, 45> type_{};
  std::array<char, 16> code_{};
  std::uint8_t type_size_ = 0;
  std::uint8_t code_size_ = 0;
  failure_kind kind_ = failure_kind::error;
};

static_assert(sizeof(outcome) == 64);

}  // namespace querytap
