#pragma once

#include <filesystem>
#include <vector>

namespace rag_chatbot {

/// The source files (roff, gzip) of the English pages of `manpages` and `manpages-dev`, each page
/// once: symbolic links are further names of listed pages. Where the system is installed without
/// manual pages, the packages are downloaded and unpacked below `cache`.
[[nodiscard]] std::vector<std::filesystem::path> debian_page_files(
    const std::filesystem::path& cache);

}  // namespace rag_chatbot
