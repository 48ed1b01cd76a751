#include "view_query.hpp"

#include "query_string.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace querytap::detail {
namespace {

constexpr std::size_t most_view_rows = 500;
constexpr std::size_t longest_view_text = 200;

std::string last_in_query(std::string_view query, std::string_view name,
                          std::string_view otherwise) {
  std::vector<std::string> values = query_values(query, name);
  if (values.empty() || values.back().empty()) return std::string{otherwise};
  values.back().resize(std::min(values.back().size(), longest_view_text));
  return std::move(values.back());
}

std::int64_t number_in_query(std::string_view query, std::string_view name,
                             std::int64_t otherwise) {
  const std::string text = last_in_query(query, name, "");
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return otherwise;
  return number;
}

// Few, so that viewers share what is computed for them: the first that is as long as asked, or the longest.
template <std::size_t Size>
std::chrono::seconds first_as_long(std::int64_t asked, const std::array<int, Size>& offered) {
  const auto found = std::ranges::find_if(offered, [&](int length) { return length >= asked; });
  return std::chrono::seconds{found == offered.end() ? offered.back() : *found};
}

constexpr std::array offered_windows{0, 60, 300, 900, 3600};
constexpr std::array offered_comparisons{0, 300, 600, 1800, 3000};

}  // namespace

view_query parse_view_query(std::string_view query) {
  const view_query usual;
  view_query asked;
  asked.view = last_in_query(query, "view", usual.view);
  asked.id = last_in_query(query, "id", usual.id);
  asked.window =
      first_as_long(number_in_query(query, "window", usual.window.count()), offered_windows);
  asked.compared = first_as_long(number_in_query(query, "before", 0), offered_comparisons);
  asked.sort = last_in_query(query, "sort", usual.sort);
  asked.is_ascending = last_in_query(query, "order", "") == "asc";
  asked.text = last_in_query(query, "q", usual.text);
  asked.kind = last_in_query(query, "kind", usual.kind);
  asked.limit =
      std::min(most_view_rows, static_cast<std::size_t>(number_in_query(
                                   query, "limit", static_cast<std::int64_t>(usual.limit))));
  return asked;
}

}  // namespace querytap::detail
