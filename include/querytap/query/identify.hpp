#pragma once

#include <querytap/base/statement_identity.hpp>
#include <querytap/query/dialect.hpp>

#include <string_view>

namespace querytap {

/// Tells which statement a text is: everything about it but its values.
///
///     const auto id = identify("select * from users where id = 42", dialect::postgresql);
///     id.text;     // select * from users where id = ?
///     id.summary;  // select users
///
/// Units    `text` ends in `…` past 4 KiB; the fingerprint covers all of it all the same.
/// Threads  any number at once: a pure function.
/// Cost     one pass over the text, linear, bench/query/identify_bench.cpp; no allocation but those
///          of the result.
/// Errors   any bytes will do. Where a quote is not closed, all that follows is one value.
/// Source   `db.query.text` and `db.query.summary` of the OpenTelemetry database conventions.
[[nodiscard]] statement_identity identify(std::string_view text, dialect rules,
                                          const quoting& quotes = {});

}  // namespace querytap
