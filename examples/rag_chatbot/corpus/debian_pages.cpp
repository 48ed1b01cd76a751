#include <rag_chatbot/corpus/debian_pages.hpp>

#include <rag_chatbot/corpus/program.hpp>
#include <rag_chatbot/corpus/text.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace rag_chatbot {
namespace {

namespace fs = std::filesystem;

/// ".../man/man2/pipe.2.gz"; a translation is in ".../man/de/man2".
bool is_english_page(const fs::path& file) {
  const std::string folder = file.parent_path().filename().string();
  return file.extension() == ".gz" && folder.size() == 4 && folder.starts_with("man") &&
         folder[3] >= '1' && folder[3] <= '8' &&
         file.parent_path().parent_path().filename() == "man";
}

bool is_source_of_a_page(const fs::path& file) {
  std::error_code missing;
  return is_english_page(file) && fs::is_regular_file(fs::symlink_status(file, missing));
}

std::vector<fs::path> installed_files(const std::string& package) {
  std::vector<fs::path> files;
  try {
    const std::string listing = output_of({"dpkg", "-L", package});
    for (const auto line : lines_of(listing)) files.emplace_back(line);
  } catch (const std::runtime_error&) {
    // Not installed: dpkg has printed an error, and the caller downloads the package.
  }
  std::erase_if(files, [](const fs::path& file) { return !is_source_of_a_page(file); });
  return files;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (is_source_of_a_page(entry.path())) files.push_back(entry.path());
  }
  return files;
}

void run_in(const fs::path& folder, const std::vector<std::string>& command) {
  static_cast<void>(output_of(command, folder));
}

fs::path only_file_in(const fs::path& folder) {
  const fs::directory_iterator file{folder};
  if (file == fs::directory_iterator{}) throw std::runtime_error{"nothing in " + folder.string()};
  return fs::absolute(file->path());
}

/// Into a temporary folder that is renamed once it is complete: neither an interruption nor another
/// process leaves half a package.
void download(const std::string& package, const fs::path& unpacked) {
  const fs::path temporary = fmt::format("{}.{}", unpacked.string(), ::getpid());
  fs::remove_all(temporary);
  fs::create_directories(temporary);
  run_in(temporary, {"apt-get", "-q", "download", package});
  run_in(temporary, {"dpkg-deb", "-x", only_file_in(temporary).string(), "unpacked"});
  std::error_code another_process_was_first;
  fs::rename(temporary / "unpacked", unpacked, another_process_was_first);
  fs::remove_all(temporary);
}

std::vector<fs::path> downloaded_files(const std::string& package, const fs::path& cache) {
  const fs::path unpacked = cache / "packages" / package;
  if (!fs::exists(unpacked)) download(package, unpacked);
  return files_below(unpacked);
}

}  // namespace

std::vector<fs::path> debian_page_files(const fs::path& cache) {
  std::vector<fs::path> pages;
  for (const std::string package : {"manpages", "manpages-dev"}) {
    auto files = installed_files(package);
    if (files.empty()) files = downloaded_files(package, cache);
    if (files.empty()) throw std::runtime_error{"no manual pages found in package " + package};
    pages.insert(pages.end(), files.begin(), files.end());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

}  // namespace rag_chatbot
