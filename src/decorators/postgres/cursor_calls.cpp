#include <querytap/decorators/detail/cursor_calls.hpp>

namespace querytap::postgres::detail {

cursor_calls::cursor_calls(transaction_base& tx, code_location site)
    : db_{&tx.conn()}, tx_{&tx}, site_{site}, transactions_{access::transactions_ended(*db_)} {
  tx.begin_if_needed(site);
}

sent_call cursor_calls::call(const std::string& sql) const {
  return access::call(*db_, {sql, site_});
}

}  // namespace querytap::postgres::detail
