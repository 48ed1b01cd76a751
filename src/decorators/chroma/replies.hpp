#pragma once

#include <querytap/decorators/chroma/records.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::chroma::detail {

/// From the bodies of Chroma's replies to values, whatever stands in them.
///
/// Errors   `unexpected_reply` for what is not as Chroma has it: another type, another length, no JSON.

[[nodiscard]] std::vector<std::vector<found_record>> parse_query_reply(std::string_view body,
                                                                       std::size_t vectors);
[[nodiscard]] std::vector<found_record> parse_get_reply(std::string_view body);
[[nodiscard]] collection_info parse_collection(std::string_view body);
[[nodiscard]] std::vector<collection_info> parse_collections(std::string_view body);
[[nodiscard]] std::uint64_t parse_count(std::string_view body);
[[nodiscard]] std::chrono::nanoseconds parse_heartbeat(std::string_view body);
/// None where the server does not say.
[[nodiscard]] std::optional<std::uint64_t> parse_largest_batch(std::string_view body);

/// `NotFoundError: Collection [pages] does not exist`, or nothing.
[[nodiscard]] std::string parse_error(std::string_view body);

/// An error without a status, for an answer that nobody can read.
[[noreturn]] void throw_unexpected_reply(std::string_view expected);

}  // namespace querytap::chroma::detail
