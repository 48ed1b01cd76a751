#pragma once

#include <cstdint>
#include <string>

namespace querytap {

enum class statement_kind : std::uint8_t { read, write, definition, transaction, other };

/// What a person would call "the same query": everything about a statement but its literals.
///
/// Source   `db.query.text` and `db.query.summary` of the OpenTelemetry database conventions.
struct statement_identity {
  std::uint64_t fingerprint =
      0;                     ///< groups statements that differ in literals, case or layout only
  std::string text = {};     ///< sanitised: every literal replaced by `?`
  std::string summary = {};  ///< operations and targets in source order, at most 255 characters
  statement_kind kind = statement_kind::other;
};

}  // namespace querytap
