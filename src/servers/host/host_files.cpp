#include "host_files.hpp"

#include "../../base/numbers.hpp"
#include "../../base/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace querytap::detail {
namespace {

constexpr std::size_t largest_file = std::size_t{4} << 20;

class open_file {
 public:
  explicit open_file(const std::string& path)
      : descriptor_{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)} {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] ssize_t read_some(char* into, std::size_t size) const noexcept {
    ssize_t count = 0;
    while ((count = read(descriptor_, into, size)) < 0 && errno == EINTR) {
    }
    return count;
  }

 private:
  int descriptor_;
};

}  // namespace

std::optional<std::string> file_text(const std::string& path) {
  const open_file file{path};
  if (!file.is_open()) return std::nullopt;
  std::string text;
  std::array<char, 16384> buffer{};
  ssize_t count = 0;
  while ((count = file.read_some(buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_file) break;
  }
  if (count < 0) return std::nullopt;
  return text;
}

std::optional<std::int64_t> number_of(std::string_view word) {
  return whole_number<std::int64_t>(word);
}

std::optional<std::int64_t> file_number_text(const std::string& path) {
  const auto text = file_text(path);
  if (!text) return std::nullopt;
  return number_of(trimmed(*text, " \t\n"));
}

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view blanks = " \t";
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (line.empty()) return words;
    const std::size_t end = std::min(line.find_first_of(blanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

numbers_by_key keyed_numbers(std::string_view text) {
  numbers_by_key numbers;
  for_each_line(text, [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.size() < 2) return;
    std::string_view key = words[0];
    if (key.ends_with(':')) key.remove_suffix(1);
    if (const auto number = number_of(words[1])) numbers.emplace(key, *number);
  });
  return numbers;
}

std::optional<std::int64_t> found_in(const numbers_by_key& numbers, std::string_view key) {
  const auto found = numbers.find(key);
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

std::int64_t nanoseconds_of_ticks(std::int64_t ticks) {
  static const std::int64_t nanoseconds_per_tick =
      1'000'000'000 / std::max<std::int64_t>(sysconf(_SC_CLK_TCK), 1);
  return ticks * nanoseconds_per_tick;
}

// some avg10=0.00 avg60=0.00 avg300=0.00 total=6212537373, in microseconds
pressure_times pressure_of(std::string_view text) {
  pressure_times times;
  for_each_line(text, [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.empty()) return;
    constexpr std::string_view total = "total=";
    for (const std::string_view word : words) {
      if (!word.starts_with(total)) continue;
      const auto microseconds = number_of(word.substr(total.size()));
      if (!microseconds) continue;
      if (words[0] == "some") times.some = *microseconds * 1000;
      if (words[0] == "full") times.full = *microseconds * 1000;
    }
  });
  return times;
}

}  // namespace querytap::detail
