#include <querytap/decorators/postgres/connection_base.hpp>

#include "../../base/numbers.hpp"
#include "../common/connect_timer.hpp"
#include "lost_session.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#include <utility>

namespace querytap::postgres {
namespace {

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::uint16_t exported_port(std::string_view text) {
  const auto port = querytap::detail::leading_number<std::uint16_t>(text);
  return port == database_systems::postgresql.default_port ? std::uint16_t{0} : port;
}

backend_options backend_options_of(detail::native_connection& db,
                                   const connection_options& options) {
  return {.system = std::string{database_systems::postgresql.name},
          .database = text_or_empty(db.dbname()),
          .server_address = text_or_empty(db.hostname()),
          .server_port = exported_port(detail::port_of(db)),
          .dialect = dialect::postgresql,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple,
          .describe_parameters = options.describe_parameters};
}

bool is_same_server(const backend_options& left, const backend_options& right) {
  return left.database == right.database && left.server_address == right.server_address &&
         left.server_port == right.server_port;
}

// The server reports standard_conforming_strings to libpq when a session begins and at each change;
// libpqxx does not pass the report on, but escapes by it, without asking the server.
quoting quoting_of_session(detail::native_connection& db) noexcept {
  try {
    if (!db.is_open()) return {};
    return {.backslash_escapes = db.esc("\\").size() == 2};
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

connection_base::connection_base(recorder& telemetry, detail::native_connection& native,
                                 const connection_options& options)
    : native_{&native}, telemetry_{&telemetry}, options_{options} {
  if (native_->is_open()) open_slow();
}

connection_base::~connection_base() = default;

void connection_base::open_slow() {
  if (!native_->is_open()) open_native(code_location{});
  backend_.emplace(*telemetry_, backend_options_of(*native_, options_));
  server_pid_ = native_->backendpid();
}

void connection_base::open_native(code_location site) {
  if (native_->is_open()) return;
  {
    const querytap::detail::connect_timer timer{*telemetry_, database_systems::postgresql.name};
    try {
      detail::activate(*native_);
    } catch (...) {
      querytap::detail::current_request_failed(outcome_of_current_exception());
      throw;
    }
  }
  if (backend_) check_session(site);
}

void connection_base::session_ended() noexcept {
  if (native_->is_open()) return;
  transaction_.end(transaction_end::rolled_back);
  server_pid_ = 0;
  for (auto& [name, known] : prepared_) known.is_on_server = false;
}

const statement& connection_base::statement_for(std::string_view sql) {
  return destination().statement_for(sql, [this] { return quoting_of_session(*native_); });
}

const statement& connection_base::prepared(const std::string& name) {
  const auto found = prepared_.find(name);
  // Not found: prepared through native(), or not at all.
  if (found == prepared_.end()) return destination().statement_for("EXECUTE " + name);
  detail::prepared_statement& known = found->second;
  known.is_on_server = true;
  if (!known.identity) known.identity = statement_handle{statement_for(known.definition)};
  return *known.identity;
}

search_limit connection_base::limit_of_prepared(const std::string& name) const noexcept {
  const auto found = prepared_.find(name);
  if (found == prepared_.end()) return {};
  return found->second.limit;
}

void connection_base::prepare(const std::string& name, const std::string& definition,
                              code_location site) {
  const auto send = [&] { native_->prepare(name, definition); };
  // Again the same, which libpqxx ignores; another definition it refuses.
  const auto found = prepared_.find(name);
  if (!detail::prepares_at_once && found != prepared_.end() &&
      found->second.definition == definition) {
    return send();
  }
  detail::prepared_statement prepared{.definition = definition,
                                      .is_on_server = detail::prepares_at_once,
                                      .limit = find_search_limit(definition, dialect::postgresql)};
  if (detail::prepares_at_once) {
    measure("PREPARE " + name, site, phase::execute, send);
  } else {
    send();
  }
  // Sent later, when the settings may be others: then nothing is shown that is a value under any of
  // them. A lazy connection knows its database later.
  if (detail::prepares_at_once) {
    prepared.identity = statement_handle{statement_for(definition)};
  } else if (backend_) {
    prepared.identity = statement_handle{backend_->statement_for(definition)};
  }
  prepared_.insert_or_assign(name, std::move(prepared));
}

void connection_base::prepare_once(const std::string& name, code_location site,
                                   const std::function<void()>& send) {
  const auto found = prepared_.find(name);
  // What is on the server already is not sent again.
  if (found != prepared_.end() && found->second.is_on_server) return send();
  measure("PREPARE " + name, site, phase::execute, send);
  if (found != prepared_.end()) found->second.is_on_server = true;
}

void connection_base::unprepare(const std::string& name, code_location site) {
  const auto found = prepared_.find(name);
  if (found == prepared_.end() || !found->second.is_on_server) {
    native_->unprepare(name);
  } else {
    measure("DEALLOCATE " + name, site, phase::execute, [&] { native_->unprepare(name); });
  }
  if (found != prepared_.end()) prepared_.erase(found);
}

void connection_base::set_variable(const std::string& name, const std::string& value,
                                   code_location site) {
  if (!native_->is_open()) {
    native_->set_variable(name, value);  // when the connection opens
  } else {
    measure("SET " + name + " = $1", site, phase::execute,
            [&] { native_->set_variable(name, value); });
  }
  if (detail::keeps_variables) variables_.insert(name);
}

std::string connection_base::get_variable(const std::string& name, code_location site) {
  if (variables_.contains(name)) return native_->get_variable(name);
  return measure("SHOW " + name, site, phase::execute, [&] { return native_->get_variable(name); });
}

void connection_base::set_client_encoding(const std::string& encoding, code_location site) {
  measure("SET client_encoding = $1", site, phase::execute,
          [&] { native_->set_client_encoding(encoding); });
}

void connection_base::cancel_query(code_location site) {
  // Another thread's, while this connection's waits for the query: no part of its transaction.
  operation call{destination().statement_for("CANCEL"), site};
  try {
    native_->cancel_query();
  } catch (...) {
    call.fail(detail::failure_of_current_exception().outcome);
    throw;
  }
}

void connection_base::session_changed(int pid, code_location site) noexcept {
  transaction_.end(transaction_end::lost, site);
  // 0 while there is no session, and none was lost before the first.
  if (pid == 0) return;
  const int before = std::exchange(server_pid_, pid);
  for (auto& [name, known] : prepared_) known.is_on_server = false;
  if (before == 0 || !querytap::detail::is_compiled_in) return;
  try {
    report_lost_session(before, pid, site);
  } catch (const std::exception&) {
    // Without memory the session is not reported.
  }
}

void connection_base::report_lost_session(int before, int after, code_location site) {
  const std::string_view system = database_systems::postgresql.name;
  if (!reconnects_) {
    reconnects_ =
        telemetry_->bind_counter(catalog::connection_reconnects, {{"db.system.name", system}});
  }
  reconnects_->add();
  detail::publish_lost_session(*telemetry_, before, after, site);
  // A connection string with several hosts may have led to another one.
  const backend_options current = backend_options_of(*native_, options_);
  if (is_same_server(current, backend_->options())) return;
  backend_.emplace(*telemetry_, current);
  for (auto& [name, known] : prepared_) known.identity = {};
}

const std::string& connection_base::commented(const std::string& sql) {
  const std::string_view sent = options_.comment.append_to(sql, dialect::postgresql, commented_);
  return sent.data() == sql.data() ? sql : commented_;
}

}  // namespace querytap::postgres

#include <pqxx/internal/ignore-deprecated-post.hxx>
