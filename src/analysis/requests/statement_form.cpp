#include "statement_form.hpp"

#include <querytap/base/database_system.hpp>

namespace querytap::detail {

statement_form form_of(const statement_share& share) {
  if (share.statement == nullptr) return {};
  const statement_identity& statement = *share.statement;
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
