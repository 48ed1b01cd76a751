#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::http {

/// The headers of a reply, in the order in which they came.
///
///     if (const auto type = reply.headers.find("content-type")) use(*type);
///
/// Cost     one text; find() walks through it.
class header_list {
 public:
  /// The value of the first header of this name, whatever its letters' case; without blanks around.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;

  /// Calls `visit(name, value)` for each.
  template <class Visit>
  void for_each(Visit visit) const {
    std::string_view name;
    std::string_view value;
    for (std::size_t at = 0; next(at, name, value);) visit(name, value);
  }

  /// Takes a line as it was received: `name: value`, with or without its line end. A line without a
  /// colon is left out.
  void add_line(std::string_view line);
  void clear() noexcept { lines_.clear(); }
  /// Bytes of all lines.
  [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }

 private:
  /// Reads the line at `at` and moves `at` behind it; false at the end.
  [[nodiscard]] bool next(std::size_t& at, std::string_view& name,
                          std::string_view& value) const noexcept;

  std::string lines_;  // `name:value`, each with a line feed
};

}  // namespace querytap::http
