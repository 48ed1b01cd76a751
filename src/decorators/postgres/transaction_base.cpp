#include <querytap/decorators/postgres/transaction_base.hpp>

#include "transaction_effect.hpp"

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <algorithm>
#include <typeinfo>

namespace querytap::postgres {
namespace {

// libpqxx throws these of its own accord, before it sends anything: a stream is still open, say.
bool nothing_was_sent() noexcept {
  try {
    throw;
  } catch (const pqxx::usage_error&) {
    return true;
  } catch (const pqxx::failure& error) {
    return typeid(error) == typeid(pqxx::failure);
  } catch (...) {
    return false;
  }
}

// BEGIN and COMMIT as texts, which only a nontransaction may send.
detail::transaction_effect effect_of(const statement& statement) noexcept {
  const statement_identity& identity = statement.identity();
  return identity.kind == statement_kind::transaction ? detail::effect_of(identity.text)
                                                      : detail::transaction_effect::none;
}

transaction_end end_of_failed_commit() noexcept {
  try {
    throw;
  } catch (const pqxx::in_doubt_error&) {
    return transaction_end::lost;
  } catch (const pqxx::broken_connection&) {
    return transaction_end::lost;
  } catch (...) {
    return transaction_end::rolled_back;
  }
}

}  // namespace

transaction_base::~transaction_base() = default;

void transaction_base::send_begin(code_location) {}

void transaction_base::begin_slow(code_location site) {
  send_begin(site);
  set_open();
}

void transaction_base::set_closed(transaction_end how, code_location site) noexcept {
  state_ = progress::closed;
  ++detail::access::transactions_ended(*db_);
  if (is_outermost_) detail::access::transaction(*db_).end(how, site);
}

void transaction_base::set_begun(pqxx::transaction_base& native) noexcept {
  set_native(native);
  is_outermost_ = true;
  detail::access::begin_transaction(*db_, site_);
}

void transaction_base::follow(detail::transaction_effect effect, code_location site) noexcept {
  querytap::transaction& of_connection = detail::access::transaction(*db_);
  switch (effect) {
    case detail::transaction_effect::begins: return detail::access::begin_transaction(*db_, site);
    case detail::transaction_effect::commits:
      return of_connection.end(transaction_end::committed, site);
    case detail::transaction_effect::rolls_back:
      return of_connection.end(transaction_end::rolled_back, site);
    case detail::transaction_effect::none: return;
  }
}

void transaction_base::statement_failed() noexcept {
  if (detail::exec_rolls_back && state_ == progress::open && !nothing_was_sent())
    set_closed(transaction_end::rolled_back, site_);
}

template <class Execute>
pqxx::result transaction_base::execute(const located_text& sql, Execute execute) {
  begin_if_needed(sql.site());
  detail::transaction_effect effect = detail::transaction_effect::none;
  try {
    const detail::sent_call call = detail::access::call(*db_, sql);
    if (state_ == progress::autocommit) effect = effect_of(call.statement());
    pqxx::result rows = measure(call, execute);
    follow(effect, sql.site());
    return rows;
  } catch (const pqxx::unexpected_rows&) {
    follow(effect, sql.site());
    throw;  // the statement did not fail, and libpqxx does not roll back
  } catch (...) {
    // A COMMIT that fails has rolled back.
    if (effect == detail::transaction_effect::commits && !nothing_was_sent())
      follow(detail::transaction_effect::rolls_back, sql.site());
    statement_failed();
    throw;
  }
}

pqxx::result transaction_base::exec(const located_text& sql, detail::description_text description) {
  return execute(sql, [&] {
    return detail::exec(*native_, detail::access::sent_text(*db_, sql), description);
  });
}

pqxx::result transaction_base::exec_n(std::size_t rows, const located_text& sql,
                                      detail::description_text description) {
  return execute(sql, [&] {
    return detail::exec_n(*native_, rows, detail::access::sent_text(*db_, sql), description);
  });
}

void transaction_base::commit(code_location site) {
  if (state_ != progress::open) return native_->commit();
  const bool has_failed = detail::has_failed_on_server(*native_);
  try {
    detail::access::measure(*db_, commit_, site, phase::commit, [&] { native_->commit(); });
  } catch (...) {
    if (!nothing_was_sent()) set_closed(end_of_failed_commit(), site);
    throw;
  }
  set_closed(has_failed ? transaction_end::rolled_back : transaction_end::committed, site);
  detail::access::variables(*db_).insert(variables_.begin(), variables_.end());
}

void transaction_base::abort(code_location site) {
  if (state_ != progress::open) return native_->abort();
  // Without a connection libpqxx sends no ROLLBACK of this transaction.
  if (!db_->is_open()) {
    set_closed(transaction_end::lost, site);
    return native_->abort();
  }
  {
    operation rollback = detail::access::begin_call(*db_, rollback_, site);
    native_->abort();
    // libpqxx reports a failed ROLLBACK to its notice handler only.
    if (!db_->is_open()) rollback.fail(outcome::error("broken_connection"));
  }
  set_closed(transaction_end::rolled_back, site);
  detail::access::check_session(*db_, site);
}

void transaction_base::end_scope() noexcept {
  if (state_ != progress::open) return;
  try {
    abort(site_);
  } catch (...) {
    // As in the destructor of a transaction of libpqxx, which does not throw either.
  }
}

void transaction_base::set_variable(const std::string& name, const std::string& value,
                                    code_location site) {
  detail::access::measure(*db_, "SET " + name + " = $1", site, phase::execute,
                          [&] { native_->set_variable(name, value); });
  if (detail::keeps_variables) variables_.push_back(name);
}

std::string transaction_base::get_variable(const std::string& name, code_location site) {
  const std::set<std::string>& of_session = detail::access::variables(*db_);
  if (of_session.contains(name) || std::ranges::find(variables_, name) != variables_.end())
    return native_->get_variable(name);
  return detail::access::measure(*db_, "SHOW " + name, site, phase::execute,
                                 [&] { return native_->get_variable(name); });
}

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
