#pragma once

#include "../common/named_and_rest.hpp"
#include "section_numbers.hpp"

#include <span>
#include <string>
#include <vector>

namespace querytap::detail {

/// Rows that are one thing each, known by the texts of some columns: all that there are, or the ones to be named and
/// behind them a row with the sum of everything.
///
/// Lifetime refers to rows and columns.
class named_rows {
 public:
  named_rows(const result_rows& rows, std::span<const section_label> labels,
             std::span<const section_column> columns);

  /// Adds the columns of the named ones and of `_OTHER`, where the last row is the sum.
  void add_split(named_and_rest& split, const attributes& labels, section_numbers& numbers) const;
  /// The same where the rows are all that there are. Returns the names of those that are named.
  std::vector<std::string> add_split_of_all(named_and_rest& split, section_numbers& numbers) const;
  /// Adds columns of the first rows alone.
  void add_own(std::span<const section_column> columns, int count, const attributes& labels,
               section_numbers& numbers) const;
  /// Adds a number of `_OTHER` alone.
  void add_rest(const instrument& instrument, std::optional<double> value, const attributes& labels,
                section_numbers& numbers) const;

 private:
  [[nodiscard]] named_numbers thing_of(int row) const;
  [[nodiscard]] attributes labels_of(const std::string& name, attributes labels) const;
  void add(const std::vector<named_numbers>& things, const attributes& labels,
           section_numbers& numbers) const;

  const result_rows& rows_;
  std::span<const section_label> labels_;
  std::span<const section_column> columns_;
  std::vector<bool> is_there_ = {};  // whether any row has the column
};

}  // namespace querytap::detail
