#pragma once

#include <support/child_process.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace querytap::testing {

/// A /proc or a tree of cgroups as a test wants it.
class file_tree {
 public:
  void write(std::string_view path, std::string_view text) const {
    const auto file = folder_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << text;
  }
  [[nodiscard]] std::string path(std::string_view below = {}) const {
    return (folder_.path() / below).string();
  }

 private:
  temporary_folder folder_;
};

}  // namespace querytap::testing
