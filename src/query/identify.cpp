#include <querytap/query/identify.hpp>

#include "mongodb/mongodb.hpp"
#include "redis/redis.hpp"
#include "sql/sql.hpp"
#include "text/dialect_rules.hpp"

namespace querytap {

statement_identity identify(std::string_view text, dialect dialect, const quoting& quotes) {
  if (dialect == dialect::redis) return detail::identify_redis(text);
  if (dialect == dialect::mongodb) return detail::identify_mongodb(text);
  return detail::identify_sql(
      text,
      {.language = dialect,
       .backslash_escapes = quotes.backslash_escapes.value_or(dialect == dialect::mysql),
       .double_quoted_names = quotes.double_quoted_names.value_or(dialect == dialect::postgresql)});
}

}  // namespace querytap
