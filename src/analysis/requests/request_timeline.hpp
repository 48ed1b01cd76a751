#pragma once

#include "statement_form.hpp"

#include <querytap/snapshot/request_report.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace querytap::detail {

/// How the calls of a statement lie in transactions, as far as the request shows it.
enum class transactions_around : std::uint8_t { none_seen, shared, several };

/// In which order a request called its statements. A report lists its first calls: of those that came
/// later the worst is assumed.
///
/// Lifetime the report outlives it.
class request_timeline {
 public:
  explicit request_timeline(const request_report& report);

  [[nodiscard]] const statement_form& form(std::size_t statement) const {
    return forms_[statement];
  }
  /// The calls of a statement in groups, in their order: between two groups, another call changed what
  /// the statement reads, or read what it changes. At least the number of groups, at most the number of
  /// calls.
  [[nodiscard]] std::vector<std::uint64_t> undisturbed_groups(std::size_t statement) const;
  /// The same for the answer to a read: between two groups, another call wrote anything. A write to one table
  /// can change what is read of another one, by a view, a trigger or a foreign key.
  [[nodiscard]] std::vector<std::uint64_t> groups_between_writes(std::size_t statement) const;
  /// Of the calls with parameters that were sent before, those that surely gave the same as before.
  [[nodiscard]] std::uint64_t surely_same(std::size_t statement) const;
  [[nodiscard]] transactions_around transactions(std::size_t statement) const;
  /// Whether the request asks for what its inserts generate.
  [[nodiscard]] bool asks_for_generated_values() const;

 private:
  [[nodiscard]] bool disturbs(std::size_t other, std::size_t statement) const;
  [[nodiscard]] bool writes_between(std::size_t other, std::size_t statement) const;
  [[nodiscard]] std::vector<std::uint64_t> groups_between(const std::vector<bool>& disturbing,
                                                          std::size_t statement) const;
  [[nodiscard]] bool may_read(std::size_t statement) const;
  [[nodiscard]] bool have_a_table_in_common(std::size_t a, std::size_t b) const;
  [[nodiscard]] std::uint64_t listed_calls(std::size_t statement) const;
  [[nodiscard]] bool may_be_disturbed_later(const std::vector<bool>& disturbing) const;

  const request_report& report_;
  std::vector<statement_form> forms_;  // by statement of the report
};

}  // namespace querytap::detail
