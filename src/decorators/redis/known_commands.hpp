#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/calls/statement.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::redis::detail {

/// The statements of formats that lines of the application have used, one for each line: of commands of
/// which nothing else is to be known.
///
/// Threads  those of the connection.
/// Cost     a comparison of the format, and one cache line.
class known_commands {
 public:
  /// Null where the line has used another format, or is not known.
  [[nodiscard]] const statement* find(const char* format, code_location site) const noexcept {
    const entry& known = entries_[index_of(site)];
    const bool is_same = known.site == site.pointer() && std::strcmp(known.format, format) == 0;
    return is_same && !known.identity->is_stale() ? known.identity.get() : nullptr;
  }
  void add(std::string_view format, code_location site, const statement& identity) noexcept {
    if (format.size() >= sizeof entry::format) return;
    entry& known = entries_[index_of(site)];
    known.identity = statement_handle{identity};
    known.site = site.pointer();
    known.format[format.copy(known.format, format.size())] = '\0';
  }
  void clear() noexcept { entries_.fill({}); }

 private:
  static constexpr std::size_t cache_line = 64;
  struct alignas(cache_line) entry {
    const void* site = nullptr;  // null: there is no statement
    statement_handle identity;
    char format[cache_line - 2 * sizeof(void*)] = {};
  };
  static_assert(sizeof(entry) == cache_line);

  /// What a compiler knows of one line lies 24 bytes from the next.
  [[nodiscard]] static std::size_t index_of(code_location site) noexcept {
    return (reinterpret_cast<std::uintptr_t>(site.pointer()) / 8) % lines;
  }

  static constexpr std::size_t lines = 8;
  std::array<entry, lines> entries_;
};

}  // namespace querytap::redis::detail
