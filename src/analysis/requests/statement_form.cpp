#include "statement_form.hpp"

#include <querytap/base/database_system.hpp>

namespace querytap::detail {
namespace {

// What a model writes may be another text each time.
bool is_generation(const statement_identity& statement) {
  return statement.backend == backend_kind::model &&
         (statement.summary.starts_with("chat") || statement.summary.starts_with("text_") ||
          statement.summary.starts_with("generate"));
}

statement_form form_of_named(const statement_identity& statement) {
  const bool is_pure = statement.kind == statement_kind::read && !is_generation(statement);
  return {.how = batching::call,
          .purity = is_pure ? effect::pure : effect::impure,
          .changes_data = statement.kind != statement_kind::read};
}

}  // namespace

statement_form form_of(const statement_share& share) {
  if (share.statement == nullptr) return {};
  const statement_identity& statement = *share.statement;
  if (statement.is_named) return form_of_named(statement);
  const database_system& system = find_database_system(share.system);
  if (system.dialect == dialect::redis) return form_of_redis(statement);
  if (system.dialect == dialect::mongodb) return form_of_mongodb(statement);
  // A system without a row in the table may speak SQL; whatever else it speaks is of an unknown kind.
  if (system.is_sql || statement.kind != statement_kind::other) {
    return form_of_sql(statement, system.dialect);
  }
  return {.how = batching::call, .purity = effect::unknown};
}

}  // namespace querytap::detail
