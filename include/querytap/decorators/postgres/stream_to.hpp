#pragma once

#include <querytap/decorators/detail/copy_call.hpp>
#include <querytap/decorators/postgres/stream_from.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <exception>
#include <iterator>
#include <string>

namespace querytap::postgres {

namespace detail {

/// A stream whose end, which libpqxx keeps to itself in a destructor, can be seen to fail.
class native_stream_to : public pqxx::stream_to {
 public:
  native_stream_to(pqxx::transaction_base& tx, const std::string& table)
      : namedclass{"stream_to", table}, pqxx::stream_to{tx, table} {}
  // The name that libpqxx gives it, which its messages have.
  template <class Iterator>
  native_stream_to(pqxx::transaction_base& tx, const std::string& table, Iterator columns_begin,
                   Iterator columns_end)
      : namedclass{"stream_from", table}, pqxx::stream_to{tx, table, columns_begin, columns_end} {}

  /// What the destructor does, to the letter, with a word to the call.
  void end(copy_call& call) noexcept {
    try {
      complete();
    } catch (const std::exception& error) {
      call.fail();
      reg_pending_error(error.what());
    }
  }
};

}  // namespace detail

/// Rows for a table, as a stream: COPY … FROM STDIN, one operation until complete() or the end of
/// its scope, what the application does between two rows included.
///
///     postgres::stream_to documents{tx, "documents", std::vector<std::string>{"id", "body"}};
///     documents << std::make_tuple(7, "page 7");
///     documents.complete();
class stream_to {
 public:
  stream_to(transaction_base& tx, const std::string& table,
            code_location site = code_location::current())
      : call_{tx, table, {}, detail::copy_call::direction::into_table, site},
        native_{call_.open([&] {
          return detail::native_stream_to{tx.native(), table};
        })} {}
  template <class Columns>
  requires requires(const Columns& columns) { std::begin(columns); }
  stream_to(transaction_base& tx, const std::string& table, const Columns& columns,
            code_location site = code_location::current())
      : stream_to{tx, table, std::begin(columns), std::end(columns), site} {}
  template <class Iterator>
  stream_to(transaction_base& tx, const std::string& table, Iterator columns_begin,
            Iterator columns_end, code_location site = code_location::current())
      : call_{tx, table, detail::list_of_columns(columns_begin, columns_end),
              detail::copy_call::direction::into_table, site},
        native_{call_.open([&] {
          return detail::native_stream_to{tx.native(), table, columns_begin, columns_end};
        })} {}
  stream_to(const stream_to&) = delete;
  stream_to& operator=(const stream_to&) = delete;
  ~stream_to() { native_.end(call_); }

  void complete() {
    call_.run([&] { native_.complete(); });
    call_.finish();
  }
  template <class Tuple>
  stream_to& operator<<(const Tuple& row) {
    call_.run([&] { native_ << row; });
    return *this;
  }
  stream_to& operator<<(stream_from& rows);

  operator bool() const noexcept { return native_; }
  bool operator!() const noexcept { return !native_; }
  [[nodiscard]] const std::string& name() const noexcept { return native_.name(); }
  [[nodiscard]] const std::string& classname() const noexcept { return native_.classname(); }
  [[nodiscard]] std::string description() const { return native_.description(); }
  [[nodiscard]] pqxx::stream_to& native() noexcept { return native_; }

 private:
  detail::copy_call call_;
  detail::native_stream_to native_;
};

inline stream_to& stream_to::operator<<(stream_from& rows) {
  call_.run([&] { native_ << rows.native(); });
  return *this;
}

}  // namespace querytap::postgres
