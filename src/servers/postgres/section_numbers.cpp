#include "section_numbers.hpp"

#include <algorithm>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::string_view database_name_key = "postgresql.database.name";

bool is_null_everywhere(const result_rows& rows, const char* column) {
  for (int row = 0; row < rows.count(); ++row) {
    if (!rows.is_null(row, column)) return false;
  }
  return true;
}

attributes labels_of_row(const server_section& section, const result_rows& rows, int row,
                         const shown_name& shown) {
  attributes labels;
  for (const section_label& label : section.labels) {
    const std::string_view text = rows.text(row, label.column);
    labels.set({label.key, label.key == database_name_key ? shown(text) : std::string{text}});
  }
  return labels;
}

}  // namespace

void section_numbers::add(const instrument& instrument, std::int64_t value, attributes labels) {
  numbers_.push_back({&instrument, value, std::move(labels)});
}

void section_numbers::add(const instrument& instrument, double value, attributes labels) {
  numbers_.push_back({&instrument, value, std::move(labels)});
}

void section_numbers::merge_in(const instrument& instrument, double value, attributes labels,
                               merge how) {
  const auto known = std::ranges::find_if(numbers_, [&](const number& item) {
    return item.instrument == &instrument && item.labels == labels;
  });
  if (known == numbers_.end()) return add(instrument, value, std::move(labels));
  double& before = std::get<double>(known->value);
  before = how == merge::sum ? before + value : std::max(before, value);
}

void section_numbers::lacks(std::string_view name, std::string_view reason) {
  unavailable_.push_back({std::string{name}, std::string{reason}});
}

void section_numbers::add_to(collected& found) const {
  for (const number& item : numbers_) {
    std::visit([&](auto value) { found.add(*item.instrument, value, item.labels); }, item.value);
  }
  for (const unavailable_part& part : unavailable_) found.lacks(part.name, part.reason);
}

std::string_view reason_of_refusal(std::string_view state) {
  if (state == "42501") return "needs the role pg_monitor";
  if (state == "55000") return "shared_preload_libraries does not have the extension";
  if (state == "55P03") return "waited for a lock";
  if (state == "57014") return "took the server longer than the time limit";
  const bool is_unknown_name = state == "42P01" || state == "42883" || state == "42703";
  return is_unknown_name ? "this version of the server does not have it"
                         : "the server refuses to show it";
}

std::optional<double> field_in(const result_rows& rows, int row, const section_column& column) {
  std::optional<double> field = rows.number<double>(row, column.column);
  if (!field.has_value() && !rows.is_null(row, column.column)) {
    const std::string_view text = rows.text(row, column.column);
    if (text == "t" || text == "f") field = text == "t" ? 1 : 0;
  }
  if (field.has_value() && column.unit == field_unit::in_milliseconds) *field /= 1000;
  return field;
}

void add_absences(const server_section& section, const result_rows& rows,
                  section_numbers& numbers) {
  for (const section_column& column : section.columns) {
    if (!column.absence.empty() && rows.count() > 0 && is_null_everywhere(rows, column.column)) {
      numbers.lacks(column.instrument->name, column.absence);
    }
  }
}

void add_rows(const server_section& section, const result_rows& rows, const shown_name& shown,
              section_numbers& numbers) {
  add_absences(section, rows, numbers);
  for (int row = 0; row < rows.count(); ++row) {
    const attributes labels = labels_of_row(section, rows, row, shown);
    for (const section_column& column : section.columns) {
      const std::optional<double> value = field_in(rows, row, column);
      if (!value.has_value()) continue;
      attributes all = labels;
      if (!column.label.empty()) all.set({column.label, column.label_value});
      numbers.merge_in(*column.instrument, *value, std::move(all), section.how);
    }
  }
}

}  // namespace querytap::detail
