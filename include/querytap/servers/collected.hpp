#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/snapshot/instrument.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace querytap {

/// What a collector has found: numbers with their instrument and labels, statements, and what could not
/// be found, with the reason.
///
///     collected found{{{"server.address", "queue"}}};
///     found.add(queue_length, 12, {{"queue.name", "embeddings"}});
///     found.lacks("queue.age", "needs version 2");
///
/// Units    those of the instrument: seconds, bytes, shares of 1.
/// Threads  one.
class collected {
 public:
  struct number {
    const querytap::instrument* instrument;
    attributes labels;
    std::int64_t value;  ///< in the instrument's recorded integers
  };

  /// Every number gets the `common` labels, such as `db.system.name` and `server.address`.
  explicit collected(attributes common = {});

  template <std::integral Number>
  void add(const instrument& instrument, Number value, const attributes& labels = {}) {
    const auto integer = static_cast<std::int64_t>(value);
    const bool has_wrapped = value > Number{0} && integer < 0;
    if (!has_wrapped) add_integer(instrument, integer, labels);
  }
  /// A value that is not a number is left out, as is one of more than 63 bits.
  void add(const instrument& instrument, double value, const attributes& labels = {});
  template <class Number>
  void add(const instrument& instrument, const std::optional<Number>& value,
           const attributes& labels = {}) {
    if (value.has_value()) add(instrument, *value, labels);
  }
  /// With the numbers that the server has counted since it began, or was last reset.
  void add(server_statement statement);
  /// The statements have been read, even if there are none; otherwise the last ones stay. `are_all`: the server
  /// has no others. `counted_since`: changes when the server begins to count all of them anew; empty if it does not say.
  void set_statements_read(bool are_all = true, std::string counted_since = {}) noexcept {
    has_read_statements_ = true;
    counted_since_ = std::move(counted_since);
    are_all_statements_ = are_all;
  }
  /// The name is that of a metric, a view or a section.
  void lacks(std::string name, std::string reason);

  /// Labels for what is added from here on.
  void set_common(attributes common);

  [[nodiscard]] const std::vector<number>& numbers() const noexcept { return numbers_; }
  [[nodiscard]] const std::vector<server_statement>& statements() const noexcept {
    return statements_;
  }
  [[nodiscard]] bool has_read_statements() const noexcept { return has_read_statements_; }
  [[nodiscard]] const std::string& statements_counted_since() const noexcept {
    return counted_since_;
  }
  [[nodiscard]] bool are_all_statements() const noexcept { return are_all_statements_; }
  [[nodiscard]] const std::vector<unavailable_part>& unavailable() const noexcept {
    return unavailable_;
  }

 private:
  void add_integer(const instrument& instrument, std::int64_t value, const attributes& labels);
  void add_recorded(const instrument& instrument, std::int64_t value, const attributes& labels);

  attributes common_;
  std::vector<number> numbers_;
  std::vector<server_statement> statements_;
  bool has_read_statements_ = false;
  std::string counted_since_;
  bool are_all_statements_ = true;
  std::vector<unavailable_part> unavailable_;
};

}  // namespace querytap
