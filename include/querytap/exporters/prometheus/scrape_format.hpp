#pragma once

#include <cstdint>
#include <string_view>

namespace querytap {

/// The formats of a scrape: prometheus_text, open_metrics or prometheus_protobuf.
enum class scrape_format : std::uint8_t { text, open_metrics, protobuf };

/// The format that an HTTP `Accept` header prefers: the highest `q`, and of several equal weights
/// the first. Text, which every server reads, if the header names none of the formats here.
///
///     choose_format("application/openmetrics-text;version=1.0.0,*/*;q=0.1");   // open_metrics
[[nodiscard]] scrape_format choose_format(std::string_view accept) noexcept;

/// Whether an `Accept-Encoding` header allows gzip.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding) noexcept;

/// "text", "open_metrics" or "protobuf".
[[nodiscard]] std::string_view to_string(scrape_format format) noexcept;

/// The `Content-Type` of a body of this format.
[[nodiscard]] std::string_view content_type_of(scrape_format format) noexcept;

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus.hpp>
#endif
