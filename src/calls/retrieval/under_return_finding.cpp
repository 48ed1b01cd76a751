#include "under_return_finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace querytap::detail {
namespace {

struct width_of_system {
  std::string_view system;
  std::string_view advice;
};

// Source: the documentation of each system, as of 2026.
constexpr std::array widths_of_systems{
    width_of_system{
        "chroma",
        "raise `ef_search` in the collection's `hnsw` configuration to several times k; "
        "what the configuration says may have to be set when the collection is made"},
    width_of_system{
        "postgresql",
        "pgvector from 0.8.0 on: set `hnsw.iterative_scan` (or `ivfflat.iterative_scan`) to "
        "`strict_order` or `relaxed_order`, so that the index goes on until k rows pass the "
        "filter; before 0.8.0 it never does: raise `hnsw.ef_search` (40 by default, the most "
        "that one scan returns) or `ivfflat.probes`, make a partial index for the filter, or "
        "upgrade"},
    width_of_system{
        "sqlite",
        "sqlite-vec applies what stands outside of MATCH after it has taken k rows: make the "
        "filtered columns metadata or partition keys of the vec0 table, or ask for a larger k"},
    width_of_system{
        "qdrant",
        "make a payload index for each filtered key before the points are indexed, and raise "
        "`hnsw_ef` of the search"},
    width_of_system{"weaviate", "raise `ef`, and see `flatSearchCutoff` and `filterStrategy`"},
    width_of_system{"milvus", "raise `ef` (HNSW) or `nprobe` (IVF) of the search"},
    width_of_system{"elasticsearch",
                    "raise `num_candidates`, and put the filter into `knn.filter` instead of "
                    "behind the search"},
    width_of_system{
        "opensearch",
        "raise `ef_search`, and put the filter into the `knn` clause instead of behind the search"},
    width_of_system{"redis", "raise `EF_RUNTIME` of the search"}};

std::string advice_on_width(const under_return_evidence& evidence) {
  if (!evidence.search_width.empty())
    return fmt::format("raise `{}`, so that the index looks further", evidence.search_width);
  const auto* const known =
      std::ranges::find(widths_of_systems, evidence.system, &width_of_system::system);
  if (known != widths_of_systems.end()) return std::string{known->advice};
  return "let the index look further: raise the width of its search, or filter while it searches "
         "instead of afterwards";
}

}  // namespace

finding under_return_finding(const under_return_evidence& evidence) {
  finding result{.kind = finding_kind::under_return,
                 .system = std::string{evidence.system},
                 .table = std::string{evidence.collection},
                 .calls = evidence.short_searches};
  result.message = fmt::format(
      "{} of {} searches of {} so far returned fewer results than they asked for, {} instead of "
      "{}; one that asked for {} was looked into: {} records could have been found",
      evidence.short_searches, evidence.searches, evidence.collection, evidence.returned,
      evidence.asked, evidence.k, evidence.matching);
  result.advice = advice_on_width(evidence);
  const auto add = [&](const char* name, std::uint64_t value) {
    result.evidence.set({name, static_cast<std::int64_t>(value)});
  };
  add("searches", evidence.searches);
  add("short_searches", evidence.short_searches);
  add("asked", evidence.asked);
  add("returned", evidence.returned);
  add("matching", evidence.matching);
  return result;
}

}  // namespace querytap::detail
