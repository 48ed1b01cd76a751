#include "neighbours_asked.hpp"

#include "../../base/numbers.hpp"

#include <string_view>

namespace querytap::libpq::detail {
namespace {

/// A number of PostgreSQL's binary format: of 2, 4 or 8 bytes, the highest first.
std::optional<std::uint64_t> binary_number(const char* bytes, int size) noexcept {
  if (size != 2 && size != 4 && size != 8) return std::nullopt;
  std::uint64_t number = 0;
  for (int i = 0; i < size; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  const bool is_negative = (static_cast<unsigned char>(bytes[0]) & 0x80) != 0;
  if (is_negative) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> neighbours_asked(const search_limit& limit,
                                              const sent_values& sent) noexcept {
  if (limit.parameter == 0) return limit.literal;
  const int place = static_cast<int>(limit.parameter) - 1;
  if (place >= sent.count || sent.values == nullptr || sent.values[place] == nullptr)
    return std::nullopt;
  const char* const value = sent.values[place];
  const bool is_binary = sent.formats != nullptr && sent.formats[place] != 0;
  if (!is_binary) return querytap::detail::whole_number<std::uint64_t>(value);
  return binary_number(value, sent.lengths == nullptr ? 0 : sent.lengths[place]);
}

}  // namespace querytap::libpq::detail
