#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap {

/// The position of a request in a distributed trace, as the HTTP header `traceparent` states it.
///
///     if (const auto caller = trace_context::parse(request.header("traceparent"))) …
///
/// Threads  a plain value.
/// Errors   parse() returns nothing for a header that the specification calls invalid: the caller
///          then starts a new trace, and serves the request as if there had been no header.
/// Source   W3C Trace Context, level 2, section 3.2.
struct trace_context {
  static constexpr std::uint8_t sampled_flag = 0x01;

  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};  ///< `parent-id`: the caller's span
  std::uint8_t flags = 0;

  /// A later version is parsed as far as version 00 goes, as the specification asks. Blanks and tabs around
  /// the value do not count: they are no part of a header's value (RFC 9110, section 5.5).
  [[nodiscard]] static std::optional<trace_context> parse(std::string_view header) noexcept;

  /// Whether the caller may have recorded the trace, so that its id leads somewhere.
  [[nodiscard]] bool sampled() const noexcept { return (flags & sampled_flag) != 0; }

  friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`
[[nodiscard]] std::string to_string(const trace_context& trace);

/// 32 and 16 lower-case hexadecimal digits.
[[nodiscard]] std::string trace_id_text(const trace_context& trace);
[[nodiscard]] std::string span_id_text(const trace_context& trace);

}  // namespace querytap
