#include <rag_chatbot/corpus/debian_pages.hpp>

#include <rag_chatbot/corpus/program.hpp>
#include <rag_chatbot/corpus/text.hpp>

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
    // Not installed: dpkg has said so on standard error, and the caller goes on to download.
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

std::vector<fs::path> downloaded_files(const std::string& package, const fs::path& cache) {
  const fs::path unpacked = cache / "packages" / package;
  if (auto files = files_below(unpacked); !files.empty()) return files;

  const fs::path download = cache / "packages" / (package + ".download");
  fs::remove_all(download);
  fs::create_directories(download);
  static_cast<void>(output_of({"apt-get", "-q", "download", package}, download));
  for (const auto& archive : fs::directory_iterator{download}) {
    static_cast<void>(output_of({"dpkg-deb", "-x", archive.path().string(), unpacked.string()}));
  }
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
