#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rag_chatbot {

/// Runs a program without a shell and returns its standard output; its standard error is that of
/// this process. Throws std::runtime_error if the program cannot be started or does not exit with 0.
[[nodiscard]] std::string output_of(const std::vector<std::string>& command,
                                    const std::filesystem::path& working_folder = {});

}  // namespace rag_chatbot
