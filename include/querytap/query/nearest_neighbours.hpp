#pragma once

#include <querytap/base/dialect.hpp>
#include <querytap/base/statement_identity.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap {

/// A search for nearest neighbours, written in SQL.
struct nearest_neighbours {
  std::string metric =
      {};  ///< "l2", "cosine", "inner_product", "l1", "hamming", "jaccard"; may be empty
  std::string table = {};  ///< the first table that the statement names
};

/// Whether a statement looks for nearest neighbours: by an operator of pgvector in ORDER BY (`<->`, `<=>`,
/// `<#>`, `<+>`, `<~>`, `<%>`), by MATCH and `k` of sqlite-vec's vec0, or by a function `vec_distance_…`.
///
/// Cost     a pass over the sanitised text, with an allocation; for the first sight of a statement.
/// Source   pgvector 0.8, sqlite-vec 0.1.
[[nodiscard]] std::optional<nearest_neighbours> find_nearest_neighbours(
    const statement_identity& statement, dialect dialect);

/// How many neighbours a text asks for: by LIMIT, FETCH FIRST, or vec0's `k =`.
struct search_limit {
  std::optional<std::uint64_t> literal = {};
  std::uint32_t parameter = 0;  ///< 1 for the first; 0: it is no parameter, or a named one
};

/// Of a text as it is sent.
///
/// Cost     a pass over the text; no allocation.
[[nodiscard]] search_limit find_search_limit(std::string_view sql, dialect dialect) noexcept;

}  // namespace querytap
