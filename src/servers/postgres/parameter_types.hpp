#pragma once

#include "../common/explained_text.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// Gives types to the parameters whose types PostgreSQL cannot infer, where the literals in their
/// place had types: `1 + 1` is the sum of two integers, and `$1 + $2` could be many things.
///
///     parameter_types types{text};
///     while (is_refused(text)) if (!types.change(sqlstate, position, parameter)) throw …
class parameter_types {
 public:
  explicit parameter_types(explained_text& text) : text_{text}, tried_(text.parameters.size()) {}

  /// Changes the types after a refusal with this SQLSTATE, at this character and of this parameter;
  /// both counted from 1, 0 where they are not known. False: there is nothing left to try.
  [[nodiscard]] bool change(std::string_view sqlstate, std::size_t position, std::size_t parameter);

 private:
  using places = std::vector<std::size_t>;  // of parameters in the tokens

  [[nodiscard]] bool is_parameter(std::size_t at) const;
  [[nodiscard]] bool is_word(std::size_t at, std::string_view word) const;
  [[nodiscard]] bool is_name(std::size_t at) const;
  [[nodiscard]] bool is_end_of_result(std::size_t at) const;
  [[nodiscard]] std::size_t past_call(std::size_t open_at) const;
  /// The operands of the operator, or the arguments of the function.
  [[nodiscard]] places beside(std::size_t at) const;
  /// The parameters that stand for a whole result: of a column, an argument or a CASE.
  [[nodiscard]] places results(std::size_t begin, std::size_t end) const;
  [[nodiscard]] places listed_values(std::size_t at) const;
  [[nodiscard]] std::size_t values_named_by(std::size_t at) const;
  [[nodiscard]] std::size_t place_in_list(std::size_t open_at, std::string_view name) const;
  [[nodiscard]] places column_of_rows(std::size_t at, std::size_t column) const;
  [[nodiscard]] places column_of_first_query(std::size_t at) const;
  [[nodiscard]] std::size_t begin_of_query(std::size_t at, std::size_t& commas) const;
  bool set_text(std::size_t parameter, const places& found);
  static bool set_text(explained_parameter& parameter);
  bool set_next_type(const places& found);

  static constexpr int most_changes = 24;

  explained_text& text_;
  std::vector<std::size_t> tried_;  ///< how many types each parameter has had
  std::size_t last_at_ = SIZE_MAX;
  int changes_ = 0;
  bool has_typed_results_ = false;
};

}  // namespace querytap::detail
