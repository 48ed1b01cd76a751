#include "named_rows.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace querytap::detail {
namespace {

// Between the texts that a thing is known by: no name has it.
constexpr char name_separator = '\0';

double units_of_column(const section_column& column) {
  return column.unit == field_unit::as_it_is ? 1.0 : 1e9;
}

bool is_counter_column(const section_column& column) {
  return column.instrument->kind == instrument_kind::counter;
}

}  // namespace

named_rows::named_rows(const result_rows& rows, std::span<const section_label> labels,
                       std::span<const section_column> columns)
    : rows_{rows}, labels_{labels}, columns_{columns} {
  for (const section_column& column : columns) {
    bool is_there = false;
    for (int row = 0; row < rows.count(); ++row) {
      is_there = is_there || !rows.is_null(row, column.column);
    }
    is_there_.push_back(is_there);
  }
}

void named_rows::add_split(named_and_rest& split, const attributes& labels,
                           section_numbers& numbers) const {
  std::vector<named_numbers> named;
  for (int row = 0; row + 1 < rows_.count(); ++row) named.push_back(thing_of(row));
  add(split.split(std::move(named), thing_of(rows_.count() - 1)), labels, numbers);
}

std::vector<std::string> named_rows::add_split_of_all(named_and_rest& split,
                                                      section_numbers& numbers) const {
  std::vector<named_numbers> all;
  for (int row = 0; row < rows_.count(); ++row) all.push_back(thing_of(row));
  const std::vector<named_numbers> shown = split.split(all);
  add(shown, {}, numbers);
  std::vector<std::string> names;
  for (const named_numbers& thing : shown) names.push_back(thing.name);
  return names;
}

void named_rows::add_own(std::span<const section_column> columns, int count,
                         const attributes& labels, section_numbers& numbers) const {
  for (int row = 0; row < count; ++row) {
    const attributes own = labels_of(thing_of(row).name, labels);
    for (const section_column& column : columns) {
      const std::optional<double> value = field_in(rows_, row, column);
      if (!value.has_value()) continue;
      attributes all = own;
      if (!column.label.empty()) all.set({column.label, column.label_value});
      numbers.add(*column.instrument, *value, std::move(all));
    }
  }
}

void named_rows::add_rest(const instrument& instrument, std::optional<double> value,
                          const attributes& labels, section_numbers& numbers) const {
  if (value.has_value()) {
    numbers.add(instrument, *value, labels_of(std::string{rest_name}, labels));
  }
}

// A number that one row lacks, such as the index scans of a table without an index, is 0 in sums.
named_numbers named_rows::thing_of(int row) const {
  named_numbers thing;
  for (const section_label& label : labels_) {
    if (&label != labels_.data()) thing.name += name_separator;
    thing.name += rows_.text(row, label.column);
  }
  for (const section_column& column : columns_) {
    const double value = field_in(rows_, row, column).value_or(0) * units_of_column(column);
    (is_counter_column(column) ? thing.counters : thing.gauges).push_back(std::llround(value));
  }
  return thing;
}

attributes named_rows::labels_of(const std::string& name, attributes labels) const {
  const bool is_rest = name == rest_name;
  std::size_t begin = 0;
  for (const section_label& label : labels_) {
    const std::size_t end = std::min(name.find(name_separator, begin), name.size());
    labels.set({label.key, is_rest ? std::string{rest_name} : name.substr(begin, end - begin)});
    begin = end + 1;
  }
  return labels;
}

void named_rows::add(const std::vector<named_numbers>& things, const attributes& labels,
                     section_numbers& numbers) const {
  for (const named_numbers& thing : things) {
    const attributes own = labels_of(thing.name, labels);
    auto counter = thing.counters.begin();
    auto gauge = thing.gauges.begin();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const section_column& column = columns_[i];
      const std::int64_t value = is_counter_column(column) ? *counter++ : *gauge++;
      if (!is_there_[i]) continue;
      attributes all = own;
      if (!column.label.empty()) all.set({column.label, column.label_value});
      if (column.unit == field_unit::as_it_is) {
        numbers.add(*column.instrument, value, std::move(all));
      } else {
        numbers.add(*column.instrument, static_cast<double>(value) / units_of_column(column),
                    std::move(all));
      }
    }
  }
}

}  // namespace querytap::detail
