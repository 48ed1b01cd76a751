#pragma once

#include <querytap/decorators/detail/copy_call.hpp>
#include <querytap/decorators/postgres/tablereader.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <pqxx/tablewriter>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <exception>
#include <iterator>
#include <string>

namespace querytap::postgres {

namespace detail {

/// A writer whose end, which libpqxx keeps to itself in a destructor, can be seen to fail.
class native_tablewriter : public pqxx::tablewriter {
 public:
  native_tablewriter(pqxx::transaction_base& tx, const std::string& table, const std::string& null)
      : namedclass{"tablewriter", table}, pqxx::tablewriter{tx, table, null} {}
  template <class Iterator>
  native_tablewriter(pqxx::transaction_base& tx, const std::string& table, Iterator columns_begin,
                     Iterator columns_end, const std::string& null)
      : namedclass{"tablewriter", table},
        pqxx::tablewriter{tx, table, columns_begin, columns_end, null} {}

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

/// Rows for a table, as stream_to takes them; deprecated by libpqxx 6, and as there a header that is
/// included by itself.
///
///     postgres::tablewriter documents{tx, "documents"};
///     documents << std::vector<std::string>{"7", "page 7"};
class tablewriter {
 public:
  using value_type = std::string;  // for std::back_inserter

  tablewriter(transaction_base& tx, const std::string& table,
              const std::string& null = std::string{},
              code_location site = code_location::current())
      : call_{tx, table, {}, detail::copy_call::direction::into_table, site},
        native_{call_.open([&] {
          return detail::native_tablewriter{tx.native(), table, null};
        })} {}
  template <class Iterator>
  tablewriter(transaction_base& tx, const std::string& table, Iterator columns_begin,
              Iterator columns_end, const std::string& null = std::string{},
              code_location site = code_location::current())
      : call_{tx, table, detail::list_of_columns(columns_begin, columns_end),
              detail::copy_call::direction::into_table, site},
        native_{call_.open([&] {
          return detail::native_tablewriter{tx.native(), table, columns_begin, columns_end, null};
        })} {}
  tablewriter(const tablewriter&) = delete;
  tablewriter& operator=(const tablewriter&) = delete;
  ~tablewriter() { native_.end(call_); }

  template <class Iterator>
  void insert(Iterator begin, Iterator end) {
    call_.run([&] { native_.insert(begin, end); });
  }
  template <class Tuple>
  void insert(const Tuple& row) {
    insert(std::begin(row), std::end(row));
  }
  template <class Iterator>
  void push_back(Iterator begin, Iterator end) {
    insert(begin, end);
  }
  template <class Tuple>
  void push_back(const Tuple& row) {
    insert(row);
  }
  template <class Size>
  void reserve(Size) {}
  template <class Tuple>
  tablewriter& operator<<(const Tuple& row) {
    insert(row);
    return *this;
  }
  tablewriter& operator<<(tablereader& rows) {
    call_.run([&] { native_ << rows.native(); });
    return *this;
  }
  template <class Iterator>
  [[nodiscard]] std::string generate(Iterator begin, Iterator end) const {
    return native_.generate(begin, end);
  }
  template <class Tuple>
  [[nodiscard]] std::string generate(const Tuple& row) const {
    return native_.generate(row);
  }
  void write_raw_line(const std::string& line) {
    call_.run([&] { native_.write_raw_line(line); });
  }
  void complete() {
    call_.run([&] { native_.complete(); });
    call_.finish();
  }

  [[nodiscard]] const std::string& name() const noexcept { return native_.name(); }
  [[nodiscard]] const std::string& classname() const noexcept { return native_.classname(); }
  [[nodiscard]] std::string description() const { return native_.description(); }
  [[nodiscard]] pqxx::tablewriter& native() noexcept { return native_; }

 private:
  detail::copy_call call_;
  detail::native_tablewriter native_;
};

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
