#pragma once

#include <querytap/decorators/detail/copy_call.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <iterator>
#include <string>
#include <tuple>
#include <utility>

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
        native_{call_.open([&] {
          return pqxx::stream_from{tx.native(), table};
        })} {}
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
          return pqxx::stream_from{tx.native(), table, columns_begin, columns_end};
        })} {}
  stream_from(const stream_from&) = delete;
  stream_from& operator=(const stream_from&) = delete;

  void complete() {
    call_.run([&] { native_.complete(); });
    call_.finish();
  }
  bool get_raw_line(std::string& line) {
    return counted(call_.run([&] { return native_.get_raw_line(line); }));
  }
  template <class Tuple>
  stream_from& operator>>(Tuple& row) {
    call_.run([&] {
      set_retry();
      if (native_) native_ >> row;
    });
    counted(static_cast<bool>(native_));
    return *this;
  }
  operator bool() const noexcept { return native_; }
  bool operator!() const noexcept { return !native_; }

  [[nodiscard]] const std::string& name() const noexcept { return native_.name(); }
  [[nodiscard]] const std::string& classname() const noexcept { return native_.classname(); }
  [[nodiscard]] std::string description() const { return native_.description(); }
  [[nodiscard]] pqxx::stream_from& native() noexcept { return native_; }

 private:
  /// libpqxx 6.4 never sets whether it holds a line that could not be read the first time, and so may
  /// take an empty one for it. A row of no values sets it: what the row was is the next one again.
  void set_retry() {
    if (std::exchange(has_retry_, true)) return;
    try {
      std::tuple<> nothing;
      native_ >> nothing;
    } catch (const pqxx::usage_error&) {
      // It holds the line now.
    }
  }
  bool counted(bool is_row) noexcept {
    if (is_row) call_.count_row();
    return is_row;
  }

  detail::copy_call call_;
  pqxx::stream_from native_;
  bool has_retry_ = false;
};

}  // namespace querytap::postgres
