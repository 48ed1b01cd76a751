#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// All series of a histogram as one; nothing if it has none.
[[nodiscard]] std::optional<querytap::histogram_data> merged(const querytap::snapshot& from,
                                                             std::string_view instrument);

/// The sum of a counter's or gauge's series; of those with this attribute, if one is named.
[[nodiscard]] std::int64_t number_of(const querytap::snapshot& from, std::string_view instrument,
                                     std::string_view key = {}, std::string_view value = {});

[[nodiscard]] std::uint64_t count_of(const std::optional<querytap::histogram_data>& data);
[[nodiscard]] double seconds_of(const std::optional<querytap::histogram_data>& data);
/// "–" without data.
[[nodiscard]] std::string readable_quantile(const std::optional<querytap::histogram_data>& data,
                                            double share);

/// Requests that ended with an error of the service.
[[nodiscard]] std::uint64_t failed_requests(const querytap::snapshot& from);

/// How many values were recorded, in all histograms.
[[nodiscard]] std::uint64_t records_in(const querytap::snapshot& from);

}  // namespace rag_chatbot
