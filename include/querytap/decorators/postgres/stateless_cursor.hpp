#pragma once

#include <querytap/decorators/detail/cursor_calls.hpp>
#include <querytap/decorators/postgres/transaction_base.hpp>

#include <exception>
#include <optional>
#include <string>

namespace querytap::postgres {

/// Any part of the rows of a query, by their numbers. retrieve() is one operation, its MOVE included;
/// so is finding the size, the first time.
///
///     postgres::stateless_cursor<pqxx::cursor_base::read_only, pqxx::cursor_base::owned> pages{
///         tx, "select body from documents order by id", "pages", false};
///     pages.retrieve(10, 20);
template <detail::cursor_update Update, detail::cursor_ownership Ownership>
class stateless_cursor {
  using native_type = pqxx::stateless_cursor<Update, Ownership>;

 public:
  using size_type = typename native_type::size_type;
  using difference_type = typename native_type::difference_type;

  stateless_cursor(transaction_base& tx, const std::string& query, const std::string& name,
                   bool hold, code_location site = code_location::current())
      : calls_{tx, site} {
    calls_.declare(hold ? "SCROLL WITH HOLD " : "SCROLL ", query,
                   Update == pqxx::cursor_base::update ? " FOR UPDATE" : " FOR READ ONLY",
                   [&] { native_.emplace(tx.native(), query, name, hold); });
    calls_.set_held(hold);
    release_if_loose();
  }
  /// Adopts a cursor that the server has.
  stateless_cursor(transaction_base& tx, const std::string& adopted,
                   code_location site = code_location::current())
      : calls_{tx, site} {
    calls_.run("MOVE BACKWARD ALL IN c", site, [&] { native_.emplace(tx.native(), adopted); });
    release_if_loose();
  }
  stateless_cursor(const stateless_cursor&) = delete;
  stateless_cursor& operator=(const stateless_cursor&) = delete;
  ~stateless_cursor() { close(); }

  void close() noexcept {
    if (native_) calls_.close([&]() noexcept { close_native(); });
  }
  size_type size(code_location site = code_location::current()) {
    if (knows_size_) return native_->size();
    const size_type found = calls_.run("MOVE ALL IN c", site, [&] { return native_->size(); });
    knows_size_ = true;
    return found;
  }
  pqxx::result retrieve(difference_type begin, difference_type end,
                        code_location site = code_location::current()) {
    size(site);
    return calls_.run("FETCH 1 IN c", site, [&] { return native_->retrieve(begin, end); });
  }
  [[nodiscard]] const std::string& name() const noexcept { return native_->name(); }

  [[nodiscard]] native_type& native() noexcept { return *native_; }

 private:
  void close_native() noexcept {
    try {
      native_->close();
    } catch (const std::exception&) {
      // libpqxx 8 throws what those before it report to the notice handler, or keep to themselves.
    }
  }
  void release_if_loose() noexcept {
    if (Ownership == pqxx::cursor_base::loose) calls_.set_loose();
  }

  detail::cursor_calls calls_;
  std::optional<native_type> native_;
  bool knows_size_ = false;
};

}  // namespace querytap::postgres
