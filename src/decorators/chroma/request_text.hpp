#pragma once

#include <querytap/calls/retrieval/filter_shape.hpp>
#include <querytap/decorators/chroma/client.hpp>
#include <querytap/decorators/chroma/records.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::chroma::detail {

/// The bodies of requests. What Chroma would not take is refused.
///
/// Errors   invalid_input for a filter or metadata that is no JSON object, and for texts that are not UTF-8.

[[nodiscard]] std::string text_of_records(const records& written);
[[nodiscard]] std::string text_of_query(std::span<const std::vector<float>> vectors,
                                        const query_options& options);
[[nodiscard]] std::string text_of_get(const get_options& options);
[[nodiscard]] std::string text_of_remove(const remove_options& options);
[[nodiscard]] std::string text_of_create(std::string_view name, const create_options& options);

/// The keys of both filters; `#document` for one of documents.
[[nodiscard]] filter_shape shape_of_filters(std::string_view filter,
                                            std::string_view document_filter);

}  // namespace querytap::chroma::detail
