#pragma once

#include <querytap/decorators/detail/transaction_members.hpp>
#include <querytap/decorators/postgres/connection_base.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace querytap::postgres {

namespace prepare {
class invocation;
}
namespace detail {
class parameterized_invocation;
enum class transaction_effect : std::uint8_t;
}  // namespace detail

/// What all kinds of transactions are, and what a helper takes that does not care which:
///
///     inline void add_page(postgres::transaction_base& tx, const std::string& body) {
///       tx.exec_params("insert into documents(body) values ($1)", body);
///     }
///
/// The members of pqxx::transaction_base, with their arguments, results and exceptions; what is sent to
/// the server is an operation of its own, COMMIT and ROLLBACK included.
///
/// Cost     two clock reads and one record per statement; the rest is passed through.
/// Errors   libpqxx' own. `error.type` is the SQLSTATE, or the exception's name.
class transaction_base : public detail::transaction_members<transaction_base> {
 public:
  using isolation_tag = detail::isolation_tag<pqxx::read_committed>;

  transaction_base(const transaction_base&) = delete;
  transaction_base& operator=(const transaction_base&) = delete;
  virtual ~transaction_base();

  void commit(code_location site = code_location::current());
  void abort(code_location site = code_location::current());

  /// libpqxx 6 rolls back before the exception of a failing statement arrives here: that ROLLBACK is
  /// part of the statement's time, and not an operation of its own.
  pqxx::result exec(const located_text& sql, detail::description_text description = {});
  pqxx::result exec0(const located_text& sql, detail::description_text description = {}) {
    return exec_n(0, sql, description);
  }
  pqxx::row exec1(const located_text& sql, detail::description_text description = {}) {
    return detail::only_row(exec_n(1, sql, description));
  }
  pqxx::result exec_n(std::size_t rows, const located_text& sql,
                      detail::description_text description = {});

  /// The forms of libpqxx 7 and 8: the values are pqxx::params, the name of a prepared statement pqxx::prepped.
  template <class Values = detail::parameters>
  pqxx::result exec(const located_text& sql, const std::type_identity_t<Values>& values) {
    return exec_params(sql, values);
  }
  template <std::same_as<detail::prepared_name> Name>
  pqxx::result exec(const Name& name, code_location site = code_location::current()) {
    return exec_prepared({std::string_view{name}, site});
  }
  template <std::same_as<detail::prepared_name> Name, class Values = detail::parameters>
  pqxx::result exec(const Name& name, const std::type_identity_t<Values>& values,
                    code_location site = code_location::current()) {
    return exec_prepared({std::string_view{name}, site}, values);
  }

  template <class... Values>
  pqxx::result exec_params(const located_text& sql, Values&&... values) {
    begin_if_needed(sql.site());
    return measure(detail::access::call(*db_, sql, values...), [&] {
      return detail::exec_params(*native_, detail::access::sent_text(*db_, sql),
                                 std::forward<Values>(values)...);
    });
  }
  template <class... Values>
  pqxx::result exec_params0(const located_text& sql, Values&&... values) {
    return exec_params_n(0, sql, std::forward<Values>(values)...);
  }
  template <class... Values>
  pqxx::row exec_params1(const located_text& sql, Values&&... values) {
    return detail::only_row(exec_params_n(1, sql, std::forward<Values>(values)...));
  }
  template <class... Values>
  pqxx::result exec_params_n(std::size_t rows, const located_text& sql, Values&&... values) {
    begin_if_needed(sql.site());
    return measure(detail::access::call(*db_, sql, values...), [&] {
      return detail::exec_params_n(*native_, rows, detail::access::sent_text(*db_, sql),
                                   std::forward<Values>(values)...);
    });
  }

  template <class... Values>
  pqxx::result exec_prepared(const located_text& name, Values&&... values) {
    begin_if_needed(name.site());
    return measure(detail::access::prepared_call(*db_, name, values...), [&] {
      return detail::exec_prepared(*native_, name.text(), std::forward<Values>(values)...);
    });
  }
  template <class... Values>
  pqxx::result exec_prepared0(const located_text& name, Values&&... values) {
    return exec_prepared_n(0, name, std::forward<Values>(values)...);
  }
  template <class... Values>
  pqxx::row exec_prepared1(const located_text& name, Values&&... values) {
    return detail::only_row(exec_prepared_n(1, name, std::forward<Values>(values)...));
  }
  template <class... Values>
  pqxx::result exec_prepared_n(std::size_t rows, const located_text& name, Values&&... values) {
    begin_if_needed(name.site());
    return measure(detail::access::prepared_call(*db_, name, values...), [&] {
      return detail::exec_prepared_n(*native_, rows, name.text(), std::forward<Values>(values)...);
    });
  }

  /// Deprecated by libpqxx: postgres/invocation.hpp.
  prepare::invocation prepared(const std::string& statement = std::string{});
  detail::parameterized_invocation parameterized(const std::string& query);

  void set_variable(const std::string& name, const std::string& value,
                    code_location site = code_location::current());
  std::string get_variable(const std::string& name, code_location site = code_location::current());

  [[nodiscard]] connection_base& conn() const noexcept { return *db_; }
  [[nodiscard]] pqxx::transaction_base& native() noexcept { return *native_; }

  /// For classes that send something for this transaction: the SAVEPOINT of a subtransaction is sent
  /// with its first statement.
  void begin_if_needed(code_location site) {
    if (state_ == progress::to_begin) [[unlikely]]
      begin_slow(site);
  }

 protected:
  enum class progress : std::uint8_t {
    autocommit,  ///< nothing is sent to begin or end
    to_begin,    ///< something is sent before the first statement
    open,
    closed
  };

  transaction_base(connection_base& db, progress begun, std::string_view commit,
                   std::string_view rollback, code_location site) noexcept
      : db_{&db}, state_{begun}, commit_{commit}, rollback_{rollback}, site_{site} {}

  /// What is made by `begin`, an operation of its own.
  template <class Begin>
  auto measure_begin(std::string_view sql, Begin begin) {
    return detail::access::measure(*db_, sql, site_, phase::execute, begin);
  }
  /// Last in each constructor: `native` lives as long as this.
  void set_native(pqxx::transaction_base& native) noexcept { native_ = &native; }
  /// The same where BEGIN has been sent for it.
  void set_begun(pqxx::transaction_base& native) noexcept;
  /// First in the destructor of a class that has the native transaction: rolls back, if it is open.
  void end_scope() noexcept;
  void set_open() noexcept { state_ = progress::open; }
  [[nodiscard]] code_location site() const noexcept { return site_; }
  /// Sends what a subtransaction begins with.
  virtual void send_begin(code_location site);

 private:
  friend struct detail::access;
  friend class detail::transaction_members<transaction_base>;

  template <class Execute>
  auto measure(const detail::sent_call& call, Execute execute) {
    return detail::access::measure(*db_, call, execute);
  }
  template <class Execute>
  pqxx::result execute(const located_text& sql, Execute execute);
  void begin_slow(code_location site);
  void set_closed(transaction_end how, code_location site) noexcept;
  /// After a statement that is a transaction's begin or end, sent outside of one.
  void follow(detail::transaction_effect effect, code_location site) noexcept;
  /// libpqxx has rolled back, unless the exception that is being handled says that nothing was sent.
  void statement_failed() noexcept;

  connection_base* db_;
  pqxx::transaction_base* native_ = nullptr;
  progress state_;
  bool is_outermost_ = false;
  std::string_view commit_;
  std::string_view rollback_;
  code_location site_;
  std::vector<std::string> variables_ = {};  // whose values libpqxx knows
};

inline void detail::access::statement_failed(transaction_base& tx) noexcept {
  tx.statement_failed();
}

}  // namespace querytap::postgres
