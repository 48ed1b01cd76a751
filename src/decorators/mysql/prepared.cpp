#include "prepared.hpp"

#include "bound_values.hpp"
#include "result.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/decorators/mysql/calls.hpp>
#include <querytap/decorators/mysql/passed_through.hpp>

#include <exception>
#include <new>

namespace querytap::mysql {

void statement::identify(std::string_view sql) noexcept {
  parameter_digest text;
  text.add(sql);
  text_hash_ = text.hash();
  if (has_session()) {
    backend_ = session_.backend();
    identity_ = statement_handle{session_.statement_for(sql)};
  } else {
    identity_ = statement_handle{backend_.statement_for(sql)};
  }
}

void statement::begin_prepare(std::string_view sql, code_location site) noexcept {
  end();
  identify(sql);
  prepare_site_ = site;
  prepare_begin_ = backend_.time().ticks();
}

// The time of a statement that is never executed would be missing from its operations: preparing is
// a phase by itself, and an operation where it fails.
void statement::prepared(bool failed) noexcept {
  if (failed) {
    call_.begin(*identity_, phase::compile, prepare_site_, transaction_->current());
    call_.began_at(prepare_begin_);
    return finish(true);
  }
  const std::uint64_t spent =
      backend_.time().nanoseconds_between(prepare_begin_, backend_.time().ticks());
  try {
    backend_.record_phase(to_string(phase::compile),
                          std::chrono::nanoseconds{static_cast<std::int64_t>(spent)});
  } catch (const std::exception&) {
    return;  // no memory
  }
  if (querytap::detail::current_ledger != nullptr) {
    querytap::detail::current_ledger->add(identity_->system(), phase::compile, spent);
  }
}

void statement::begin_execute(code_location site) noexcept {
  end();
  begin_call(site, true);
}

void statement::begin_call(code_location site, bool has_values) noexcept {
  is_stored_ = false;
  const bool is_commit = detail::is_named(identity_->identity().summary, "COMMIT");
  call_.begin(*identity_, is_commit ? phase::commit : phase::execute, site,
              transaction_->current());
  if (native_->array_size > 0) return call_.batch(native_->array_size);
  if (has_values) note_values();
}

void statement::begin_direct(std::string_view sql, code_location site) noexcept {
  end();
  identify(sql);
  // What was bound for an earlier text is not read again; it may be gone.
  const bool is_bound_before = native_->prebind_params != 0;
  begin_call(site, is_bound_before);
}

void statement::note_values() noexcept {
  const bool describes = backend_.options().describe_parameters;
  if (!describes && querytap::detail::current_ledger == nullptr) return;
  try {
    detail::bound_values values{text_hash_};
    if (native_->params != nullptr) {
      for (unsigned i = 0; i < native_->param_count; ++i) values.add(native_->params[i], describes);
    }
    if (values.hash()) call_.parameters(*values.hash());
    if (describes) call_.describe(values.take_description());
  } catch (const std::exception&) {
    return;  // no memory
  }
}

void statement::executed(bool failed) noexcept {
  if (failed) return finish(true);
  const bool has_rows = ::mysql_stmt_field_count(native_) > 0;
  if (has_rows) call_.returns_rows();
  if (!has_rows && !has_more()) finish(false);
}

void statement::stored(bool failed) noexcept {
  if (failed) return finish(true);
  is_stored_ = true;
  if (call_.is_open()) call_.has_stored(::mysql_stmt_num_rows(native_), fetch_begin_);
  result_over();
}

void statement::fetched(int code) noexcept {
  if (is_stored_) return;
  if (code == MYSQL_NO_DATA) return result_over();
  if (code != 0 && code != MYSQL_DATA_TRUNCATED) return finish(true);
  call_.has_read_row();
}

void statement::next_answered(int code) noexcept {
  is_stored_ = false;
  if (code > 0) return finish(true);
  if (code < 0) return finish(false);
  executed(false);
}

void statement::result_over() noexcept {
  if (!has_more()) finish(false);
}

void statement::end() noexcept { finish(false); }

void statement::finish(bool failed) noexcept {
  if (!call_.is_open()) return;
  const bool has_status = has_session();
  detail::call_end end{.status = has_status ? native_->mysql->server_status
                                            : native_->upsert_status.server_status};
  if (failed) {
    end.number = ::mysql_stmt_errno(native_);
    end.sqlstate = ::mysql_stmt_sqlstate(native_);
    // Where fetching a row failed, the client library says so of the connection alone.
    if (end.number == 0 && native_->mysql != nullptr) {
      end.number = ::mysql_errno(native_->mysql);
      end.sqlstate = ::mysql_sqlstate(native_->mysql);
    }
    end.is_of_statement_alone = has_status && ::mysql_errno(native_->mysql) == 0;
  } else if (const std::uint64_t affected = ::mysql_stmt_affected_rows(native_);
             ::mysql_stmt_field_count(native_) == 0 && affected != ~std::uint64_t{0}) {
    end.affected_rows = affected;
  }
  has_status ? session_.finish(call_, end) : call_.finish(end);
}

MYSQL_STMT* native(const statement* statement) noexcept {
  return statement == nullptr ? nullptr : statement->native();
}

statement* mysql_stmt_init(connection* db) noexcept {
  MYSQL_STMT* const handle = ::mysql_stmt_init(db->native());
  if (handle == nullptr) return nullptr;
  auto* const made = new (std::nothrow) statement{detail::session::of(*db), handle};
  if (made == nullptr) ::mysql_stmt_close(handle);
  return made;
}

int mysql_stmt_prepare(statement* statement, const char* sql, unsigned long size,
                       location site) noexcept {
  statement->begin_prepare({sql, size}, site);
  const int failed = ::mysql_stmt_prepare(statement->native(), sql, size);
  statement->prepared(failed != 0);
  return failed;
}

int mysql_stmt_execute(statement* statement, location site) noexcept {
  statement->begin_execute(site);
  const int failed = ::mysql_stmt_execute(statement->native());
  statement->executed(failed != 0);
  return failed;
}

int mariadb_stmt_execute_direct(statement* statement, const char* sql, std::size_t size,
                                location site) noexcept {
  statement->begin_direct({sql, size}, site);
  const int failed = ::mariadb_stmt_execute_direct(statement->native(), sql, size);
  statement->executed(failed != 0);
  return failed;
}

int mysql_stmt_store_result(statement* statement) noexcept {
  statement->begin_store();
  const int failed = ::mysql_stmt_store_result(statement->native());
  statement->stored(failed != 0);
  return failed;
}

int mysql_stmt_fetch(statement* statement) noexcept {
  statement->begin_fetch();
  const int code = ::mysql_stmt_fetch(statement->native());
  statement->fetched(code);
  return code;
}

int mysql_stmt_next_result(statement* statement) noexcept {
  const int code = ::mysql_stmt_next_result(statement->native());
  statement->next_answered(code);
  return code;
}

my_bool mysql_stmt_send_long_data(statement* statement, unsigned parameter, const char* data,
                                  unsigned long size) noexcept {
  return ::mysql_stmt_send_long_data(statement->native(), parameter, data, size);
}

my_bool mysql_stmt_reset(statement* statement) noexcept {
  const my_bool failed = ::mysql_stmt_reset(statement->native());
  statement->end();
  return failed;
}

my_bool mysql_stmt_free_result(statement* statement) noexcept {
  const my_bool failed = ::mysql_stmt_free_result(statement->native());
  statement->end();
  return failed;
}

my_bool mysql_stmt_close(statement* statement) noexcept {
  if (statement == nullptr) return 1;
  statement->end();
  const my_bool failed = ::mysql_stmt_close(statement->native());
  delete statement;
  return failed;
}

result* mysql_stmt_result_metadata(statement* statement) noexcept {
  return detail::result_of(statement->native()->mysql,
                           ::mysql_stmt_result_metadata(statement->native()));
}

result* mysql_stmt_param_metadata(statement* statement) noexcept {
  return detail::result_of(statement->native()->mysql,
                           ::mysql_stmt_param_metadata(statement->native()));
}

}  // namespace querytap::mysql
