#pragma once

#include <querytap/decorators/postgres/transaction_base.hpp>

#if QUERYTAP_PQXX_IS_6

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <cstddef>
#include <string>
#include <utility>

namespace querytap::postgres {

namespace detail {

/// A statement whose parameters are passed one by one: what libpqxx had before exec_params() and
/// exec_prepared(). Its values are not compared with those of other calls.
template <class Derived, class Native>
class invocation_of {
 public:
  Derived& operator()() {
    return with([&] { native_(); });
  }
  template <class... Arguments>
  requires(sizeof...(Arguments) > 0) Derived& operator()(Arguments&&... arguments) {
    return with([&] { native_(std::forward<Arguments>(arguments)...); });
  }

 protected:
  invocation_of(transaction_base& tx, Native native, std::string text)
      : tx_{&tx}, native_{std::move(native)}, text_{std::move(text)} {}

  template <class Add>
  Derived& with(Add add) {
    add();
    return static_cast<Derived&>(*this);
  }

  transaction_base* tx_;
  Native native_;
  std::string text_;
};

class parameterized_invocation
    : public invocation_of<parameterized_invocation, pqxx::internal::parameterized_invocation> {
 public:
  parameterized_invocation(transaction_base& tx, const std::string& query)
      : invocation_of{tx, tx.native().parameterized(query), query} {}

  pqxx::result exec(code_location site = code_location::current());
};

}  // namespace detail

namespace prepare {

/// One call of a prepared statement, as transaction_base::prepared() returns it:
///
///     tx.prepared("by_id")(7).exec();
///
/// Deprecated by libpqxx 6: exec_prepared() does the same.
class invocation : public detail::invocation_of<invocation, pqxx::prepare::invocation> {
 public:
  invocation(transaction_base& tx, const std::string& statement)
      : invocation_of{tx, tx.native().prepared(statement), statement} {}

  pqxx::result exec(code_location site = code_location::current());
  [[nodiscard]] bool exists() const { return native_.exists(); }
};

}  // namespace prepare
}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>

#endif
