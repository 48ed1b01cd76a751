#pragma once

#include <querytap/decorators/postgres/dbtransaction.hpp>

#include <string>
#include <string_view>

namespace querytap::postgres {

namespace detail {

/// What begins a transaction, as one statement.
[[nodiscard]] constexpr std::string_view begin_of(pqxx::isolation_level level,
                                                  bool is_read_only) noexcept {
  switch (level) {
    case pqxx::repeatable_read:
      return is_read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                          : "BEGIN ISOLATION LEVEL REPEATABLE READ";
    case pqxx::serializable:
      return is_read_only ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"
                          : "BEGIN ISOLATION LEVEL SERIALIZABLE";
    default: return is_read_only ? "BEGIN READ ONLY" : "BEGIN";
  }
}

}  // namespace detail

/// A transaction: BEGIN when constructed, ROLLBACK at the end of its scope unless committed.
///
///     postgres::work tx{db};
///     postgres::transaction<postgres::serializable> strict{db, "transfer"};
template <pqxx::isolation_level Level = pqxx::read_committed,
          detail::write_policy Policy = detail::write_policy::read_write>
class transaction : public dbtransaction {
  using native_type = pqxx::transaction<Level, Policy>;

 public:
  using isolation_tag = detail::isolation_tag<Level>;

  explicit transaction(connection_base& db, code_location site = code_location::current())
      : transaction{db, std::string{}, site} {}
  transaction(connection_base& db, const std::string& name,
              code_location site = code_location::current())
      : dbtransaction{db, site},
        native_{this->measure_begin(
            detail::begin_of(Level, Policy == detail::write_policy::read_only), [&] {
              return native_type{db.native(), name};
            })} {
    this->set_begun(native_);
  }
  ~transaction() override { this->end_scope(); }

  [[nodiscard]] native_type& native() noexcept { return native_; }

 private:
  native_type native_;
};

using work = transaction<>;
using read_transaction = transaction<pqxx::read_committed, detail::write_policy::read_only>;

}  // namespace querytap::postgres
