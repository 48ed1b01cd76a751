#pragma once

#include "../../base/numbers.hpp"
#include "session.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap::detail {

/// Reads the fields of a result by the names of its columns. A column that the result does not have is
/// null in every row.
///
/// Lifetime the result must outlive the reader.
class result_rows {
 public:
  explicit result_rows(const postgres_result& result) : result_{result.get()} {}

  [[nodiscard]] int count() const { return PQntuples(result_); }
  [[nodiscard]] bool has(const char* column) const { return PQfnumber(result_, column) >= 0; }

  [[nodiscard]] bool is_null(int row, const char* column) const {
    const int at = PQfnumber(result_, column);
    return at < 0 || row >= count() || PQgetisnull(result_, row, at) != 0;
  }
  /// Empty for null.
  [[nodiscard]] std::string_view text(int row, const char* column) const {
    if (is_null(row, column)) return {};
    const int at = PQfnumber(result_, column);
    return {PQgetvalue(result_, row, at), static_cast<std::size_t>(PQgetlength(result_, row, at))};
  }
  [[nodiscard]] bool is_true(int row, const char* column) const { return text(row, column) == "t"; }
  template <class Number>
  [[nodiscard]] std::optional<Number> number(int row, const char* column) const {
    return whole_number<Number>(text(row, column));
  }

 private:
  const PGresult* result_;
};

}  // namespace querytap::detail
