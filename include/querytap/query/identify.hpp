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
/// Values are what quotes, digits and parameters mark, and words that are data without quotes: what
/// a setting is set to (`set app.user_id = ada`), and names that programs make up, of cursors,
/// prepared statements, savepoints, channels, roles and databases to switch to
/// (`fetch 5 from c1`, `execute s_17(1)`, `use tenant_1`). The setting's own name stays, and DEFAULT.
/// A word BATCH before a statement is how the decorators name several that are sent at once.
/// In MongoDB they are also keys that are data: numbers, dates and generated ids in the path of a
/// field (`items.17.qty` is `items.?.qty`); a string such as "$name" stays only where an expression
/// stands. Behind a `/*! … */` of MySQL with an odd quote in it all is one value, for a server that
/// skips the comment reads on in another place than one that executes it.
///
/// Units    `text` ends in `…` past 4 KiB; the fingerprint still covers the whole statement.
/// Threads  any number at once: a pure function.
/// Cost     one pass over the text, linear: some 0.5 µs for 207 bytes and 1 to 2 ms for a megabyte of
///          rows, bench/query/identify_bench.cpp; no allocation except those of the result.
/// Errors   any bytes will do. Where a quote is not closed, all that follows is one value.
/// Source   `db.query.text` and `db.query.summary` of the OpenTelemetry database conventions.
[[nodiscard]] statement_identity identify(std::string_view text, dialect dialect,
                                          const quoting& quotes = {});

}  // namespace querytap
