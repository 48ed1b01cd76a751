#pragma once

#include <querytap/decorators/detail/cursor_calls.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <ios>
#include <string>
#include <vector>

namespace querytap::postgres {

class icursor_iterator;

/// A cursor as a stream of results: DECLARE when constructed, FETCH for each block, CLOSE at the end of
/// its scope, which the server refuses once the transaction has ended.
///
///     postgres::icursorstream pages{tx, "select body from documents", "pages", 100};
///     for (pqxx::result block; pages >> block;) …
class icursorstream {
 public:
  using size_type = pqxx::icursorstream::size_type;
  using difference_type = pqxx::icursorstream::difference_type;

  icursorstream(transaction_base& tx, const std::string& query, const std::string& basename,
                difference_type stride = 1, code_location site = code_location::current());
  /// Adopts a cursor that the server has.
  icursorstream(transaction_base& tx, const pqxx::field& name, difference_type stride = 1,
                detail::cursor_ownership ownership = pqxx::cursor_base::owned,
                code_location site = code_location::current());
  icursorstream(const icursorstream&) = delete;
  icursorstream& operator=(const icursorstream&) = delete;
  ~icursorstream();

  operator bool() const noexcept { return native(); }
  icursorstream& get(pqxx::result& block, code_location site = code_location::current());
  icursorstream& operator>>(pqxx::result& block) { return get(block, site_); }
  icursorstream& ignore(std::streamsize rows = 1, code_location site = code_location::current());
  void set_stride(difference_type stride) { native().set_stride(stride); }
  [[nodiscard]] difference_type stride() const noexcept { return native().stride(); }

  [[nodiscard]] pqxx::icursorstream& native() noexcept { return *native_; }
  [[nodiscard]] const pqxx::icursorstream& native() const noexcept { return *native_; }

 private:
  friend class icursor_iterator;

  /// Reads what iterators up to this row stand for.
  void read_up_to(difference_type row);
  [[nodiscard]] pqxx::result fetch_block(code_location site);

  detail::cursor_calls calls_;
  code_location site_;
  std::optional<pqxx::icursorstream> native_;
  difference_type position_ = 0;   // of the cursor
  difference_type requested_ = 0;  // by iterators
  std::vector<icursor_iterator*> iterators_ = {};
};

}  // namespace querytap::postgres
