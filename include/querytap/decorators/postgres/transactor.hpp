#pragma once

#include <querytap/decorators/postgres/connection_base.hpp>
#include <querytap/decorators/postgres/transaction.hpp>

#include <exception>
#include <string>

#if QUERYTAP_PQXX_IS_6

namespace querytap::postgres {

/// The base of function objects that connection_base::perform() runs in a transaction, and again where
/// that fails. Deprecated by libpqxx 6: postgres::perform(), which is libpqxx' own, does the same for a
/// lambda.
///
///     class count : public postgres::transactor<> {
///      public:
///       void operator()(argument_type& tx) { tx.exec("select 1"); }
///     };
///     db.perform(count{});
template <class Transaction = work>
class transactor {
 public:
  using argument_type = Transaction;

  explicit transactor(const std::string& name = "transactor") : name_{name} {}

  /// The application's own hides this, which is defined nowhere.
  void operator()(Transaction& tx);
  void on_abort(const char[]) noexcept {}
  void on_commit() {}
  void on_doubt() noexcept {}
  [[nodiscard]] std::string name() const { return name_; }

 private:
  std::string name_;
};

template <class Transactor>
void connection_base::perform(const Transactor& transactor, int attempts) {
  while (attempts-- > 0) {
    Transactor copy{transactor};
    try {
      typename Transactor::argument_type tx{*this, copy.name()};
      copy(tx);
      tx.commit();
    } catch (const pqxx::in_doubt_error&) {
      copy.on_doubt();
      throw;
    } catch (const std::exception& error) {
      copy.on_abort(error.what());
      if (attempts <= 0) throw;
      continue;
    } catch (...) {
      copy.on_abort("Unknown exception");
      throw;
    }
    return copy.on_commit();
  }
}

}  // namespace querytap::postgres

#endif
