#!/usr/bin/env bash
# libpg_query 15-4.0.0 (Debian libpg-query-dev 15-4.0.0-2)
#
# Expected: a fingerprint leaves out the values of constants. Statements that do different things
#           have different fingerprints.
# Instead:  it leaves out that there is a constant at all, and the clause with it where nothing else
#           stands there: DELETE of all rows and of none are one statement, as are f() and f(1), and
#           ORDER BY of one column and another. So are BEGIN at any isolation level, and INSERT with
#           its columns in any order. The text of a COMMENT, on the other hand, counts.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian libpg-query-dev=15-4.0.0-2 libpg-query1504.0=15-4.0.0-2

say 'the fingerprints of pairs of statements'
build pairs -lpg_query <<'CPP'
extern "C" {
#include <pg_query.h>
}

#include <cstdio>
#include <string>

std::string fingerprint(const char* sql) {
  const PgQueryFingerprintResult result = pg_query_fingerprint(sql);
  std::string text = result.error ? result.error->message : result.fingerprint_str;
  pg_query_free_fingerprint_result(result);
  return text;
}

void compare(const char* one, const char* other) {
  const std::string of_one = fingerprint(one), of_other = fingerprint(other);
  std::printf("%s  %s %s\n%s  %s\n", of_one.c_str(), one,
              of_one == of_other ? "  -- the same as" : "  -- another than", of_other.c_str(), other);
}

int main() {
  std::printf("PostgreSQL %s's parser\n", PG_MAJORVERSION);
  compare("delete from t", "delete from t where false");
  compare("select f()", "select f(1)");
  compare("select a, b from t order by 1", "select a, b from t order by 2");
  compare("begin", "begin isolation level serializable");
  compare("insert into t (a, b) values (1, 2)", "insert into t (b, a) values (1, 2)");
  compare("comment on table t is 'one'", "comment on table t is 'two'");
}
CPP
show "$folder/pairs"
expect <<'TEXT'
PostgreSQL 15's parser
2441c40e033aca72  delete from t   -- the same as
2441c40e033aca72  delete from t where false
f1dfd569b11a0a72  select f()   -- the same as
f1dfd569b11a0a72  select f(1)
44a9fd894830733d  select a, b from t order by 1   -- the same as
44a9fd894830733d  select a, b from t order by 2
b16b431979fc3e05  begin   -- the same as
b16b431979fc3e05  begin isolation level serializable
ecffa724a4836a7b  insert into t (a, b) values (1, 2)   -- the same as
ecffa724a4836a7b  insert into t (b, a) values (1, 2)
f77ecf81df952a83  comment on table t is 'one'   -- another than
2f13641cb26937b0  comment on table t is 'two'
TEXT
