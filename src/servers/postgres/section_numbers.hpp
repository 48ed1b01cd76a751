#pragma once

#include "result_rows.hpp"

#include <querytap/servers/collected.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace querytap::detail {

/// The numbers of a part of the server's own view, retained until that part is asked again.
class section_numbers {
 public:
  enum class merge : std::uint8_t { sum, largest };

  struct number {
    const querytap::instrument* instrument;
    std::variant<std::int64_t, double> value;
    attributes labels;
  };

  void add(const instrument& instrument, std::int64_t value, attributes labels = {});
  void add(const instrument& instrument, double value, attributes labels = {});
  /// For labels that several things share: `_OTHER`.
  void merge_in(const instrument& instrument, double value, attributes labels, merge how);
  void lacks(std::string_view name, std::string_view reason);

  void add_to(collected& found) const;

 private:
  std::vector<number> numbers_;
  std::vector<unavailable_part> unavailable_;
};

/// Why a part is lacking that the server refuses with this SQLSTATE.
[[nodiscard]] std::string_view reason_of_refusal(std::string_view state);

/// How the field of a column becomes a number.
enum class field_unit : std::uint8_t { as_it_is, in_milliseconds, in_seconds };

/// A column of a section's rows, and the series that it is.
struct section_column {
  const char* column;
  const querytap::instrument* instrument;
  field_unit unit = field_unit::as_it_is;
  std::string_view label = {};  ///< of the series, besides those of the row
  std::string_view label_value = {};
  /// Why the column may be missing, or null in all rows: it is lacking then, else simply not there.
  std::string_view absence = {};
};

struct section_label {
  const char* column;
  std::string_view key;
};

/// One query of the server's own view, and what its columns are.
struct server_section {
  std::string_view name;
  const char* query;
  std::span<const section_label> labels;
  std::span<const section_column> columns;
  /// How rows of one set of labels, such as `_OTHER`, are one.
  section_numbers::merge how = section_numbers::merge::sum;
};

/// The field as a number in the instrument's unit; nothing if it is null.
[[nodiscard]] std::optional<double> field_in(const result_rows& rows, int row,
                                             const section_column& column);

/// Names what the columns of a section lack.
void add_absences(const server_section& section, const result_rows& rows, section_numbers& numbers);

using shown_name = std::function<std::string(std::string_view)>;

/// Adds what the rows of a section say. `shown` is the name under which a database is shown.
void add_rows(const server_section& section, const result_rows& rows, const shown_name& shown,
              section_numbers& numbers);

}  // namespace querytap::detail
