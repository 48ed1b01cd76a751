#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::size_t most_leases_shown = 20;  // of each pool

std::string number_or_dash(std::uint64_t number) {
  return number == 0 ? std::string{"–"} : std::to_string(number);
}

std::string row_of_lease(const pool_report& pool, const pool_lease& lease) {
  const bool is_held = pool.held_after.count() != 0 && lease.age >= pool.held_after;
  return fmt::format(
      "<tr><td>{}</td><td data-is=\"pool\">{}</td><td data-is=\"request\">{}</td>"
      "<td data-is=\"for\"{}>{}</td><td data-is=\"server pid\">{}</td>"
      "<td data-is=\"thread\">{}</td></tr>\n",
      span("site", to_string(lease.site)), escaped(pool.name), escaped(lease.request),
      is_held ? " class=\"bad\"" : "", human_duration(lease.age), number_or_dash(lease.server_pid),
      number_or_dash(lease.thread));
}

}  // namespace

std::string leases_part(const snapshot& snapshot) {
  std::string rows;
  std::size_t hidden = 0;
  for (const pool_report& pool : snapshot.pools) {
    const std::size_t shown = std::min(pool.leases.size(), most_leases_shown);
    for (std::size_t i = 0; i < shown; ++i) rows += row_of_lease(pool, pool.leases[i]);
    hidden += pool.used - std::min(pool.used, shown);
  }
  if (rows.empty()) return {};
  return "<section id=\"leases\"><h2>Who has what of the pools</h2><table><thead><tr>"
         "<th>acquired at</th><th>pool</th><th>request</th><th>for</th><th>server pid</th>"
         "<th>thread</th></tr></thead><tbody>\n" +
         rows + "</tbody></table>" +
         rest_of(most_leases_shown + hidden, most_leases_shown, "pools") + "</section>\n";
}

}  // namespace querytap::detail
