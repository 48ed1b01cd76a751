#pragma once

#include <querytap/base/function.hpp>
#include <querytap/decorators/detail/copy_call.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <string>
#include <utility>

namespace querytap::postgres::detail {

/// A function that counts the rows it is called for, with the same parameters: libpqxx reads the types of
/// the columns from them.
template <class Function, class Signature = decltype(std::function{std::declval<Function>()})>
struct counting_function;
template <class Function, class Result, class... Columns>
struct counting_function<Function, std::function<Result(Columns...)>> {
  Function& function;
  copy_call& call;

  void operator()(Columns... columns) const {
    call.count_row();
    function(std::forward<Columns>(columns)...);
  }
};

/// The rows of a query, as transaction_base::stream() gives them: COPY (…) TO STDOUT, one call until the last
/// row is read or the stream goes out of scope. `Stream` is libpqxx' own.
template <class Stream>
class row_stream {
 public:
  class iterator {
   public:
    using native_iterator = decltype(std::declval<Stream&>().begin());

    explicit iterator(row_stream& rows)
        : rows_{rows}, native_{rows.call_.run([&] { return rows.native_.begin(); })} {
      rows_.note_row(native_);
    }

    decltype(auto) operator*() const { return *native_; }
    iterator& operator++() {
      rows_.call_.run([&] { ++native_; });
      rows_.note_row(native_);
      return *this;
    }
    template <class End>
    bool operator==(const End& end) const {
      return native_ == end;
    }
    template <class End>
    bool operator!=(const End& end) const {
      return native_ != end;
    }

   private:
    row_stream& rows_;
    native_iterator native_;  // which some versions can neither copy nor move
  };

  template <class Open>
  row_stream(transaction_base& tx, const located_text& sql, const Open& open)
      : call_{tx, '(' + sql.text() + ')', {}, copy_call::direction::from_table, sql.site()},
        native_{call_.open(open)} {}
  row_stream(const row_stream&) = delete;
  row_stream& operator=(const row_stream&) = delete;

  [[nodiscard]] iterator begin() & { return iterator{*this}; }
  [[nodiscard]] auto end() const& { return native_.end(); }
  [[nodiscard]] bool done() const& noexcept { return native_.done(); }

 private:
  void note_row(const typename iterator::native_iterator& native) noexcept {
    if (native != native_.end()) {
      call_.count_row();
    } else {
      call_.finish();
    }
  }

  copy_call call_;
  Stream native_;
};

/// Calls the function for each row, in one call.
template <class Transaction, class Function>
void for_each_row(Transaction& tx, const located_text& sql, Function& function) {
  copy_call call{tx, '(' + sql.text() + ')', {}, copy_call::direction::from_table, sql.site()};
  call.open([&] {
    tx.native().for_stream(sql.text(), counting_function<Function>{function, call});
  });
}

}  // namespace querytap::postgres::detail
