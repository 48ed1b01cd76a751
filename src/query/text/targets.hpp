#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The operations and targets that a summary is made of, and which of them are tables.
///
/// Cost     no allocation before `text()` and `tables()`.
/// Lifetime points into the text of the statement.
class statement_targets {
 public:
  enum class sort : std::uint8_t {
    operation,
    table,
    owner,  ///< a table that the summary does not name: an index is on it
    query,  ///< a common table expression
    other,
    rest,  ///< a further part of the name before: `.name`
  };

  /// Past the limit, this name and all that follow are left out.
  void add(std::string_view text, sort as, std::uint64_t hash = 0) noexcept {
    if (count_ == parts_.size()) return;
    first_ = count_;
    parts_[count_++] = {text.data(), text.size(), hash, as};
  }

  /// Continues the last name: `.name`.
  void extend(std::string_view rest, std::uint64_t hash) noexcept {
    if (count_ == parts_.size()) return;
    parts_[first_].hash = parts_[first_].hash * 31 + hash;
    parts_[count_++] = {rest.data(), rest.size(), 0, sort::rest};
  }

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Takes back all after the first so many.
  void shrink(std::size_t size) noexcept {
    count_ = std::min(count_, size);
    first_ = count_ == 0 ? 0 : count_ - 1;
    while (first_ != 0 && parts_[first_].as == sort::rest) --first_;
  }

  /// The last name is a function.
  void last_is_function() noexcept {
    if (count_ != 0) parts_[first_].as = sort::other;
  }

  /// Operations and targets in the order of the statement.
  [[nodiscard]] std::string text() const;

  /// Each table once, without the names that the statement itself gives to queries.
  [[nodiscard]] std::vector<std::string> tables() const;

 private:
  struct part {
    const char* text;
    std::size_t size;
    std::uint64_t hash;
    sort as;
  };

  static constexpr std::size_t longest_text = 255;
  static constexpr std::size_t most_parts = 128;

  [[nodiscard]] bool is_table(std::size_t at) const noexcept;
  [[nodiscard]] std::size_t end_of(std::size_t first) const noexcept;
  [[nodiscard]] std::size_t size_of(std::size_t first, std::size_t end) const noexcept;
  char* write(std::size_t first, std::size_t end, char* into) const noexcept;

  std::array<part, most_parts> parts_;  // filled as far as `count_`
  std::size_t count_ = 0;
  std::size_t first_ = 0;  ///< the first part of the last name
};

}  // namespace querytap::detail
