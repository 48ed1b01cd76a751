#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// All series of a histogram merged; nothing without a series.
[[nodiscard]] std::optional<querytap::histogram_data> merged(const querytap::snapshot& snapshot,
                                                             std::string_view instrument);

/// The sum of the series of a counter or gauge; with a `key`, of those that have this attribute.
[[nodiscard]] std::int64_t number_of(const querytap::snapshot& snapshot,
                                     std::string_view instrument, std::string_view key = {},
                                     std::string_view value = {});

[[nodiscard]] std::uint64_t count_of(const std::optional<querytap::histogram_data>& data);
[[nodiscard]] double seconds_of(const std::optional<querytap::histogram_data>& data);
/// "–" without data.
[[nodiscard]] std::string readable_quantile(const std::optional<querytap::histogram_data>& data,
                                            double share);

/// Requests that ended with an error of the service.
[[nodiscard]] std::uint64_t failed_requests(const querytap::snapshot& snapshot);

/// The number of values recorded, in all histograms.
[[nodiscard]] std::uint64_t records_in(const querytap::snapshot& snapshot);

}  // namespace rag_chatbot
