#pragma once

#include <querytap/decorators/detail/copy_call.hpp>
#include <querytap/decorators/detail/row_stream.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <concepts>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>

namespace querytap::postgres {

/// The rows of a table, as a stream: COPY … TO STDOUT, one operation until complete() or the end of
/// its scope, what the application does between two rows included. Time from the first row on is of the
/// phase `fetch`.
///
///     postgres::stream_from documents{tx, "documents", std::vector<std::string>{"id", "body"}};
///     for (std::tuple<int, std::string> row; documents >> row;) …
class stream_from {
 public:
  stream_from(transaction_base& tx, const std::string& table,
              code_location site = code_location::current())
      : call_{tx, table, {}, detail::copy_call::direction::from_table, site},
        native_{call_.open([&] { return detail::open_stream_from(tx.native(), table); })} {}
  template <class Columns>
  requires requires(const Columns& columns) { std::begin(columns); }
  stream_from(transaction_base& tx, const std::string& table, const Columns& columns,
              code_location site = code_location::current())
      : stream_from{tx, table, std::begin(columns), std::end(columns), site} {}
  template <class Iterator>
  stream_from(transaction_base& tx, const std::string& table, Iterator columns_begin,
              Iterator columns_end, code_location site = code_location::current())
      : call_{tx, table, detail::list_of_columns(columns_begin, columns_end),
              detail::copy_call::direction::from_table, site},
        native_{call_.open([&] {
          return detail::open_stream_from(tx.native(), table, columns_begin, columns_end);
        })} {}
  /// The forms of libpqxx 7 and 8, which call them deprecated: transaction_base::stream() does the same.
  template <class Native = pqxx::stream_from>
  [[nodiscard]] static stream_from query(transaction_base& tx, const located_text& sql) {
    return {tx, '(' + sql.text() + ')', {}, sql.site(), [&] {
              return Native::query(tx.native(), sql.text());
            }};
  }
  template <class Native = pqxx::stream_from>
  [[nodiscard]] static stream_from table(transaction_base& tx, detail::table_path path,
                                         std::initializer_list<std::string_view> columns = {},
                                         code_location site = code_location::current()) {
    return raw_table<Native>(tx, tx.conn().quote_table(path), tx.conn().quote_columns(columns),
                             site);
  }
  template <class Native = pqxx::stream_from>
  [[nodiscard]] static stream_from raw_table(transaction_base& tx, const std::string& path,
                                             const std::string& columns = {},
                                             code_location site = code_location::current()) {
    return {tx, path, columns, site, [&] { return Native::raw_table(tx.native(), path, columns); }};
  }
  stream_from(const stream_from&) = delete;
  stream_from& operator=(const stream_from&) = delete;

  void complete() {
    call_.run([&] { native_.complete(); });
    call_.finish();
  }
  bool get_raw_line(std::string& line) {
    return counted(call_.run([&] { return detail::read_raw_line(native_, line); }));
  }
  /// As libpqxx 7 and 8 give it.
  template <class Native = pqxx::stream_from>
  [[nodiscard]] auto get_raw_line() {
    Native& native = native_;
    auto line = call_.run([&] { return detail::read_raw_line(native); });
    counted(static_cast<bool>(native_));
    return line;
  }
  template <class Tuple>
  stream_from& operator>>(Tuple& row) {
    call_.run([&] {
      first_row_.set_retry(native_);
      if (native_) native_ >> row;
    });
    counted(static_cast<bool>(native_));
    return *this;
  }
  operator bool() const noexcept { return native_; }
  bool operator!() const noexcept { return !native_; }

  template <class Native = pqxx::stream_from>
  [[nodiscard]] decltype(auto) name() const noexcept {
    return static_cast<const Native&>(native_).name();
  }
  template <class Native = pqxx::stream_from>
  [[nodiscard]] decltype(auto) classname() const noexcept {
    return static_cast<const Native&>(native_).classname();
  }
  template <class Native = pqxx::stream_from>
  [[nodiscard]] std::string description() const {
    return static_cast<const Native&>(native_).description();
  }
  [[nodiscard]] pqxx::stream_from& native() noexcept { return native_; }

 private:
  template <class Open>
  requires std::invocable<Open> stream_from(transaction_base& tx, const std::string& source,
                                            const std::string& columns, code_location site,
                                            Open open)
      : call_{tx, source, columns, detail::copy_call::direction::from_table, site},
        native_{call_.open(open)} {}

  bool counted(bool is_row) noexcept {
    if (is_row) call_.count_row();
    return is_row;
  }

  detail::copy_call call_;
  pqxx::stream_from native_;
  detail::first_row first_row_;
};

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
