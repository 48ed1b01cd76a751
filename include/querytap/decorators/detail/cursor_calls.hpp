#pragma once

#include <querytap/decorators/postgres/transaction_base.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::postgres::detail {

/// What a cursor sends: DECLARE, FETCH, MOVE and CLOSE. The name of a cursor is another one each time,
/// and no part of its statements.
class cursor_calls {
 public:
  cursor_calls(transaction_base& tx, code_location site);

  /// What `make` returns: the cursor.
  template <class Make>
  auto declare(std::string_view attributes, std::string_view query, std::string_view purpose,
               Make make) {
    while (!query.empty() && (query.back() == ';' || query.back() == ' ')) query.remove_suffix(1);
    std::string sql = "DECLARE c ";
    sql.append(attributes).append("CURSOR FOR ").append(query).append(purpose);
    try {
      return access::measure(*db_, call(sql), make);
    } catch (...) {
      access::statement_failed(*tx_);
      throw;
    }
  }
  template <class Execute>
  auto run(std::string_view sql, code_location site, Execute execute) const {
    return access::measure(*db_, sql, site, phase::execute, execute);
  }
  /// Runs `close`, if the cursor is still there to be closed. When the cursor's transaction has ended, the
  /// cursor has, too: the server refuses what libpqxx sends, which hides it, and no error is counted.
  template <class Close>
  void close(Close close) noexcept {
    if (is_closed_) return;
    is_closed_ = true;
    const bool has_ended = transactions_ != access::transactions_ended(*db_) && !is_held_;
    if (has_ended) return close();
    try {
      const operation timing = access::begin_call(*db_, "CLOSE c", site_);
      close();
    } catch (...) {
      close();
    }
  }
  void set_held(bool is_held) noexcept { is_held_ = is_held; }
  /// Nothing is sent at the end.
  void set_loose() noexcept { is_closed_ = true; }

 private:
  [[nodiscard]] sent_call call(const std::string& sql) const;

  connection_base* db_;
  transaction_base* tx_;  // until declare() returns
  code_location site_;
  std::uint64_t transactions_;
  bool is_held_ = false;
  bool is_closed_ = false;
};

}  // namespace querytap::postgres::detail
