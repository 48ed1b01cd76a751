#include <querytap/decorators/detail/copy_call.hpp>

namespace querytap::postgres::detail {

copy_call::copy_call(transaction_base& tx, const std::string& table, const std::string& columns,
                     direction way, code_location site)
    : tx_{tx}, site_{site}, direction_{way} {
  tx.begin_if_needed(site);
  std::string sql = "COPY " + table;
  if (!columns.empty()) sql += '(' + columns + ')';
  sql += way == direction::from_table ? " TO STDOUT" : " FROM STDIN";
  call_.begin(access::statement_for(tx.conn(), sql), access::transaction(tx.conn()), site);
}

copy_call::~copy_call() { finish(); }

void copy_call::finish() noexcept {
  if (!call_.is_open()) return;
  if (direction_ == direction::from_table) call_.rows(rows_);
  call_.finish();
  access::check_session(tx_.conn(), site_);
}

}  // namespace querytap::postgres::detail
