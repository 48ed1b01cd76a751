#include <rag_chatbot/corpus/manual_pages.hpp>

#include <rag_chatbot/corpus/debian_pages.hpp>
#include <rag_chatbot/corpus/manual_page.hpp>
#include <rag_chatbot/corpus/overstrike.hpp>
#include <rag_chatbot/corpus/parallel.hpp>
#include <rag_chatbot/corpus/program.hpp>
#include <rag_chatbot/corpus/text.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

namespace rag_chatbot {
namespace {

namespace fs = std::filesystem;

/// Wide enough that a paragraph is one line: no word is broken at a hyphen.
constexpr auto page_width = "width=1000";

std::string render(const fs::path& source) {
  return strip_overstrike(output_of({"mandoc", "-T", "utf8", "-O", page_width, source.string()}));
}

/// "pipe.2.gz" is cited as "pipe(2)". The title in the text may be in capitals.
std::string page_of(const fs::path& source) {
  const fs::path name = source.stem();
  return fmt::format("{}({})", name.stem().string(), name.extension().string().substr(1));
}

/// Renamed once it is complete: no reader sees half a file, not even another process that fills the
/// same cache. The cached file gets the time of its source: a later version of the page has another
/// time, even one older than this rendering.
void write_cached(const fs::path& cached, std::string_view text, fs::file_time_type source_time) {
  const fs::path unfinished = fmt::format("{}.{}", cached.string(), ::getpid());
  std::ofstream output{unfinished, std::ios::binary};
  output.write(text.data(), static_cast<std::streamsize>(text.size()));
  output.close();
  if (!output) throw std::runtime_error{"cannot write " + unfinished.string()};
  fs::last_write_time(unfinished, source_time);
  fs::rename(unfinished, cached);
}

std::string rendered_text(const fs::path& source, const fs::path& folder) {
  const fs::path cached = folder / source.stem().concat(".txt");
  const auto source_time = fs::last_write_time(source);
  if (fs::exists(cached) && fs::last_write_time(cached) == source_time) return read_file(cached);
  std::string text = render(source);
  write_cached(cached, text, source_time);
  return text;
}

}  // namespace

std::vector<document> load_manual_pages(const fs::path& cache, const std::stop_token& stop) {
  const fs::path folder = cache / "rendered";
  fs::create_directories(folder);
  const auto sources = debian_page_files(cache);

  std::vector<std::optional<document>> parsed(sources.size());
  for_each_index_in_parallel(sources.size(), stop, [&](std::size_t i) {
    parsed[i] = parse_manual_page(page_of(sources[i]), rendered_text(sources[i], folder));
  });

  std::vector<document> documents;
  for (auto& page : parsed) {
    if (page) documents.push_back(std::move(*page));
  }
  std::sort(documents.begin(), documents.end(),
            [](const document& a, const document& b) { return a.page < b.page; });
  return documents;
}

}  // namespace rag_chatbot
