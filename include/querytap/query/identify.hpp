#pragma once

#include <querytap/base/dialect.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/query/quoting.hpp>

#include <string_view>

namespace querytap {

/// The identity of the statement that a text is: everything about the text except its values.
///
///     const auto id = identify("select * from users where id = 42", dialect::postgresql);
///     id.text;     // select * from users where id = ?
///     id.summary;  // select users
///
/// Quotes are read as `quotes` says; what may be a value under a setting that is not known is hidden.
/// In SQLite that is each word in double quotes that stands where an expression can stand.
///
/// Units    `text` ends in `…` past 4 KiB; the fingerprint still covers the whole statement.
/// Threads  any number at once: a pure function.
/// Cost     one pass over the text, linear, bench/query/identify_bench.cpp; no allocation except
///          those of the result.
/// Errors   any bytes will do. Where a quote is not closed, all that follows is one value.
/// Source   `db.query.text` and `db.query.summary` of the OpenTelemetry database conventions.
[[nodiscard]] statement_identity identify(std::string_view text, dialect dialect,
                                          const quoting& quotes = {});

}  // namespace querytap
