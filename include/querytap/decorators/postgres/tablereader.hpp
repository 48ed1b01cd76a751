#pragma once

#include <querytap/decorators/detail/copy_call.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <pqxx/tablereader>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <string>

namespace querytap::postgres {

/// The rows of a table, as stream_from gives them; deprecated by libpqxx 6, and as there a header that is
/// included by itself.
///
///     postgres::tablereader documents{tx, "documents"};
///     for (std::vector<std::string> row; documents >> row; row.clear()) …
class tablereader {
 public:
  tablereader(transaction_base& tx, const std::string& table,
              const std::string& null = std::string{},
              code_location site = code_location::current())
      : call_{tx, table, {}, detail::copy_call::direction::from_table, site},
        native_{call_.open([&] {
          return pqxx::tablereader{tx.native(), table, null};
        })} {}
  template <class Iterator>
  tablereader(transaction_base& tx, const std::string& table, Iterator columns_begin,
              Iterator columns_end, const std::string& null = std::string{},
              code_location site = code_location::current())
      : call_{tx, table, detail::list_of_columns(columns_begin, columns_end),
              detail::copy_call::direction::from_table, site},
        native_{call_.open([&] {
          return pqxx::tablereader{tx.native(), table, columns_begin, columns_end, null};
        })} {}
  tablereader(const tablereader&) = delete;
  tablereader& operator=(const tablereader&) = delete;

  template <class Tuple>
  tablereader& operator>>(Tuple& row) {
    std::string line;
    if (get_raw_line(line)) tokenize(line, row);
    return *this;
  }
  bool get_raw_line(std::string& line) {
    const bool is_row = call_.run([&] { return native_.get_raw_line(line); });
    if (is_row) call_.count_row();
    return is_row;
  }
  template <class Tuple>
  void tokenize(const std::string& line, Tuple& row) const {
    native_.tokenize(line, row);
  }
  void complete() {
    call_.run([&] { native_.complete(); });
    call_.finish();
  }

  operator bool() const noexcept { return native_; }
  bool operator!() const noexcept { return !native_; }
  [[nodiscard]] const std::string& name() const noexcept { return native_.name(); }
  [[nodiscard]] const std::string& classname() const noexcept { return native_.classname(); }
  [[nodiscard]] std::string description() const { return native_.description(); }
  [[nodiscard]] pqxx::tablereader& native() noexcept { return native_; }

 private:
  detail::copy_call call_;
  pqxx::tablereader native_;
};

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
