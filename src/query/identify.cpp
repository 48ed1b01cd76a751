#include <querytap/query/identify.hpp>

#include "mongodb/mongodb.hpp"
#include "redis/redis.hpp"
#include "sql/sql.hpp"
#include "text/dialect_rules.hpp"

namespace querytap {

statement_identity identify(std::string_view text, dialect rules, const quoting& quotes) {
  using namespace detail;
  if (rules == dialect::redis) return identify_redis(text);
  if (rules == dialect::mongodb) return identify_mongodb(text);
  return identify_sql(
      text,
      {.language = rules,
       .backslash_escapes = quotes.backslash_escapes.value_or(rules == dialect::mysql),
       .double_quoted_names = quotes.double_quoted_names.value_or(rules == dialect::postgresql)});
}

}  // namespace querytap
