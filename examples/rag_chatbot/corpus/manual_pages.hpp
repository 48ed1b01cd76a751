#pragma once

#include <rag_chatbot/corpus/document.hpp>

#include <filesystem>
#include <stop_token>
#include <vector>

namespace rag_chatbot {

/// The English manual pages of Debian's `manpages` and `manpages-dev`, sections 1 to 8, by page
/// name. Rendered with mandoc on every core; `cache` keeps the text, so that the second start is
/// quick. Where the system leaves manual pages out of its installation, the packages are downloaded
/// and unpacked below `cache`. Throws std::runtime_error if there is no way to get at any page.
[[nodiscard]] std::vector<document> load_manual_pages(const std::filesystem::path& cache,
                                                      const std::stop_token& stop = {});

}  // namespace rag_chatbot
