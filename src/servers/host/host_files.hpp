#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// What a file of /proc or of a cgroup has to say; nothing where it cannot be read. At most 4 MiB.
[[nodiscard]] std::optional<std::string> file_text(const std::string& path);

/// The one number that the file has; nothing for a word such as `max`.
[[nodiscard]] std::optional<std::int64_t> file_number_text(const std::string& path);

void for_each_line(std::string_view text, const std::function<void(std::string_view line)>& visit);

/// What stands between blanks.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view line);

/// The number of a word; nothing if it is none.
[[nodiscard]] std::optional<std::int64_t> number_of(std::string_view word);

/// The numbers of a file of lines such as `MemTotal:  24684096 kB` or `usage_usec 812`, as they stand.
using numbers_by_key = std::map<std::string, std::int64_t, std::less<>>;
[[nodiscard]] numbers_by_key keyed_numbers(std::string_view text);

[[nodiscard]] std::optional<std::int64_t> found_in(const numbers_by_key& numbers,
                                                   std::string_view key);

/// Kernel ticks as nanoseconds.
[[nodiscard]] std::int64_t nanoseconds_of_ticks(std::int64_t ticks);

/// How long something has waited for a resource, of a pressure file.
struct pressure_times {
  std::optional<std::int64_t> some = {};  ///< at least one task waited; in nanoseconds
  std::optional<std::int64_t> full = {};  ///< all tasks waited
};
[[nodiscard]] pressure_times pressure_of(std::string_view text);

}  // namespace querytap::detail
