#include <querytap/base/trace_context.hpp>

#include "text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace querytap {
namespace {

// version-trace_id-parent_id-flags
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t span_id_at = 36;
constexpr std::size_t flags_at = 53;
constexpr std::size_t size_of_version_00 = 55;
constexpr std::uint8_t version_00 = 0x00;
constexpr std::uint8_t forbidden_version = 0xff;

// Lower case only, as the specification asks; -1 for anything else.
int hexadecimal_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

bool read_hexadecimal(std::string_view digits, std::span<std::uint8_t> bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hexadecimal_value(digits[2 * i]);
    const int low = hexadecimal_value(digits[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool is_zero_id(std::span<const std::uint8_t> id) noexcept {
  return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
}

bool has_shape_of_version(std::uint8_t version, std::string_view text) noexcept {
  if (version == forbidden_version) return false;
  if (text.size() == size_of_version_00) return true;
  return version != version_00 && text[size_of_version_00] == '-';
}

// fmt::join would add 14 KB to every program.
std::string hexadecimal_text(std::span<const std::uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 0xf];
  }
  return text;
}

}  // namespace

std::optional<trace_context> trace_context::parse(std::string_view header) noexcept {
  const std::string_view traceparent = detail::trimmed(header);
  if (traceparent.size() < size_of_version_00) return std::nullopt;
  const bool has_dashes = traceparent[trace_id_at - 1] == '-' &&
                          traceparent[span_id_at - 1] == '-' && traceparent[flags_at - 1] == '-';
  if (!has_dashes) return std::nullopt;
  std::uint8_t version = 0;
  trace_context result;
  const bool has_digits = read_hexadecimal(traceparent, {&version, 1}) &&
                          read_hexadecimal(traceparent.substr(trace_id_at), result.trace_id) &&
                          read_hexadecimal(traceparent.substr(span_id_at), result.span_id) &&
                          read_hexadecimal(traceparent.substr(flags_at), {&result.flags, 1});
  if (!has_digits || !has_shape_of_version(version, traceparent)) return std::nullopt;
  if (is_zero_id(result.trace_id) || is_zero_id(result.span_id)) return std::nullopt;
  return result;
}

std::string to_string(const trace_context& trace) {
  return fmt::format("00-{}-{}-{:02x}", trace_id_text(trace), span_id_text(trace), trace.flags);
}

std::string trace_id_text(const trace_context& trace) { return hexadecimal_text(trace.trace_id); }
std::string span_id_text(const trace_context& trace) { return hexadecimal_text(trace.span_id); }

}  // namespace querytap
