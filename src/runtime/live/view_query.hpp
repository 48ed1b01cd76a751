#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What a view of the page is asked for: the part of its address behind the question mark.
///
/// Units    seconds. A window of 0 is all since the start, of which nothing is known as of an earlier time. Windows are 1, 5, 15
///          and 60 minutes, comparisons 5, 10, 30 and 50: the first that is as long as asked.
struct view_query {
  std::string view = "overview";
  std::string id = {};  ///< of the one statement, by fingerprint, or request, by number
  std::chrono::seconds window{60};
  std::chrono::seconds compared{0};  ///< with the same window so long ago; 0: with none
  std::string sort = "total";
  bool is_ascending = false;
  std::string text = {};  ///< that rows contain, in whatever case
  std::string kind = {};  ///< the system, or the kind of a finding; empty: all
  std::size_t limit = 100;
};

/// Of `view=statements&window=300&before=600&sort=p99&order=asc&q=orders&kind=sqlite&limit=50`; what is missing or cannot
/// be read is as above, numbers are brought within their bounds.
[[nodiscard]] view_query parse_view_query(std::string_view query);

}  // namespace querytap::detail
