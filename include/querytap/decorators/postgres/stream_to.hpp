#pragma once

#include <querytap/decorators/detail/copy_call.hpp>
#include <querytap/decorators/postgres/stream_from.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <concepts>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>

namespace querytap::postgres {

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
        native_{call_.open([&] { return detail::open_stream_to(tx.native(), table); })} {}
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
          return detail::open_stream_to(tx.native(), table, columns_begin, columns_end);
        })} {}
  /// The forms of libpqxx 7 and 8.
  template <class Native = detail::native_stream_to>
  [[nodiscard]] static stream_to table(transaction_base& tx, detail::table_path path,
                                       std::initializer_list<std::string_view> columns = {},
                                       code_location site = code_location::current()) {
    return raw_table<Native>(tx, tx.conn().quote_table(path), tx.conn().quote_columns(columns),
                             site);
  }
  template <class Native = detail::native_stream_to>
  [[nodiscard]] static stream_to raw_table(transaction_base& tx, const std::string& path,
                                           const std::string& columns = {},
                                           code_location site = code_location::current()) {
    return {tx, path, columns, site, [&] { return Native::raw_table(tx.native(), path, columns); }};
  }
  stream_to(const stream_to&) = delete;
  stream_to& operator=(const stream_to&) = delete;
  ~stream_to() { detail::end_stream(native_, call_); }

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
  template <class Row, class Native = detail::native_stream_to>
  void write_row(const Row& row) {
    call_.run([&] { static_cast<Native&>(native_).write_row(row); });
  }
  template <class... Values>
  void write_values(const Values&... values) {
    write_row(std::tuple<const Values&...>{values...});
  }

  operator bool() const noexcept { return native_; }
  bool operator!() const noexcept { return !native_; }
  template <class Native = detail::native_stream_to>
  [[nodiscard]] decltype(auto) name() const noexcept {
    return static_cast<const Native&>(native_).name();
  }
  template <class Native = detail::native_stream_to>
  [[nodiscard]] decltype(auto) classname() const noexcept {
    return static_cast<const Native&>(native_).classname();
  }
  template <class Native = detail::native_stream_to>
  [[nodiscard]] std::string description() const {
    return static_cast<const Native&>(native_).description();
  }
  [[nodiscard]] pqxx::stream_to& native() noexcept { return native_; }

 private:
  template <class Open>
  requires std::invocable<Open> stream_to(transaction_base& tx, const std::string& path,
                                          const std::string& columns, code_location site, Open open)
      : call_{tx, path, columns, detail::copy_call::direction::into_table, site},
        native_{call_.open(open)} {}

  detail::copy_call call_;
  detail::native_stream_to native_;
};

inline stream_to& stream_to::operator<<(stream_from& rows) {
  call_.run([&] { native_ << rows.native(); });
  return *this;
}

}  // namespace querytap::postgres
