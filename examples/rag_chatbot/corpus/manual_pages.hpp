#pragma once

#include <rag_chatbot/corpus/document.hpp>

#include <filesystem>
#include <stop_token>
#include <vector>

namespace rag_chatbot {

/// The English manual pages of Debian's `manpages` and `manpages-dev`, sections 1 to 8, by page
/// name. Rendered with mandoc on every core; the text is cached below `cache`, so that the second
/// start is quick. Where the system is installed without manual pages, the packages are downloaded
/// and unpacked below `cache`. Throws std::runtime_error if no page can be obtained.
[[nodiscard]] std::vector<document> load_manual_pages(const std::filesystem::path& cache,
                                                      const std::stop_token& stop = {});

}  // namespace rag_chatbot
