#include <querytap/query/identify.hpp>

#include "mongodb/mongodb.hpp"
#include "redis/redis.hpp"
#include "sql/sql.hpp"
#include "text/characters.hpp"
#include "text/dialect_rules.hpp"
#include "text/named.hpp"

namespace querytap {
namespace {

detail::setting setting_of(const std::optional<bool>& value) noexcept {
  if (!value) return detail::setting::unknown;
  return *value ? detail::setting::on : detail::setting::off;
}

detail::sql_rules rules_of(dialect dialect, const quoting& quotes) noexcept {
  using enum detail::setting;
  switch (dialect) {
    case dialect::sqlite: return {dialect, off, setting_of(quotes.double_quoted_names)};
    case dialect::mysql:
      return {dialect, setting_of(quotes.backslash_escapes),
              setting_of(quotes.double_quoted_names)};
    default: return {dialect, setting_of(quotes.backslash_escapes), on};
  }
}

}  // namespace

statement_identity identify(std::string_view text, dialect dialect, const quoting& quotes) {
  while (text.starts_with(detail::byte_order_mark))
    text.remove_prefix(detail::byte_order_mark.size());
  if (dialect == dialect::redis) return detail::identify_redis(text);
  if (dialect == dialect::named) return detail::identify_named(text);
  if (dialect == dialect::mongodb) return detail::identify_mongodb(text);
  return detail::identify_sql(text, rules_of(dialect, quotes), quotes.columns);
}

}  // namespace querytap
