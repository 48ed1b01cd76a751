#pragma once

#include <querytap/snapshot/finding.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// What is known of searches that returned too few results although there are more to be found.
struct under_return_evidence {
  std::string_view system;
  std::string_view collection;
  std::string_view search_width;  // the setting's name; empty: what is known of the system
  std::uint64_t searches;         // under this filter
  std::uint64_t short_searches;   // of those
  std::uint64_t asked;            // by the short ones
  std::uint64_t returned;         // to the short ones
  std::uint64_t k;                // of the search that was looked into …
  std::uint64_t matching;         // … and how many records its filter leaves
};

[[nodiscard]] finding under_return_finding(const under_return_evidence& evidence);

}  // namespace querytap::detail
