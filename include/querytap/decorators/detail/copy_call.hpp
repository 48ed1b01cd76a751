#pragma once

#include <querytap/decorators/detail/open_call.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <cstdint>
#include <string>

namespace querytap::postgres::detail {

/// "a,b" of columns, as libpqxx has them in its COPY.
template <class Iterator>
[[nodiscard]] std::string list_of_columns(Iterator begin, Iterator end) {
  return joined(begin, end);
}

/// A COPY, from its begin to the end of its rows.
class copy_call {
 public:
  enum class direction : std::uint8_t { from_table, into_table };

  copy_call(transaction_base& tx, const std::string& table, const std::string& columns,
            direction way, code_location site);
  copy_call(const copy_call&) = delete;
  copy_call& operator=(const copy_call&) = delete;
  ~copy_call();

  /// The stream that `make` returns; where its COPY fails, libpqxx has rolled back.
  template <class Make>
  auto open(Make make) {
    try {
      return call_.run(make);
    } catch (...) {
      access::statement_failed(tx_);
      throw;
    }
  }
  template <class Step>
  decltype(auto) run(Step step) {
    return call_.run(step);
  }
  void fail() noexcept { call_.fail(); }
  void count_row() noexcept {
    if (++rows_ == 1) call_.fetch();
  }
  void finish() noexcept;

 private:
  transaction_base& tx_;
  code_location site_;
  direction direction_;
  std::uint64_t rows_ = 0;
  open_call call_;
};

}  // namespace querytap::postgres::detail
