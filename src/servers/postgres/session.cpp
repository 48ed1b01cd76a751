#include "session.hpp"

#include "../../base/numbers.hpp"
#include "../common/milliseconds_left.hpp"
#include "../common/own_questions.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>

namespace querytap::detail {
namespace {

std::string error_field(const PGresult* result, int field) {
  const char* const text = PQresultErrorField(result, field);
  return text == nullptr ? std::string{} : text;
}

/// A parameter whose type the server cannot determine is named in its message alone: `… $3`.
std::size_t parameter_in_message(const PGresult* result) {
  const std::string message = error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::size_t sign = message.rfind('$');
  return sign == std::string::npos
             ? 0
             : leading_number<std::size_t>(std::string_view{message}.substr(sign + 1));
}

// The server's message may quote literals of the statement: the SQLSTATE alone is reported.
refused_statement refusal_in(const PGresult* result) {
  static constexpr std::string_view indeterminate_type = "42P18";
  std::string state = error_field(result, PG_DIAG_SQLSTATE);
  const auto position =
      leading_number<std::size_t>(error_field(result, PG_DIAG_STATEMENT_POSITION));
  const std::size_t parameter = state == indeterminate_type ? parameter_in_message(result) : 0;
  return {fmt::format("the server refuses with SQLSTATE {}", state.empty() ? "unknown" : state),
          state, position, parameter};
}

/// The code behind the last blank of libpq's message, at the terseness that connections are made with:
/// `connection to server at … failed: FATAL:  53300`. Empty: the failure is not the server's.
std::string state_in(std::string_view message) {
  while (message.ends_with('\n')) message.remove_suffix(1);
  const std::string_view last = message.substr(message.find_last_of(" \n") + 1);
  const bool is_state =
      last.size() == 5 && std::ranges::all_of(last, [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z');
      });
  return is_state ? std::string{last} : std::string{};
}

// libpq has the system's own words for it, and no code.
bool says_system_error(std::string_view message, int number) {
  return message.find(std::generic_category().message(number)) != std::string_view::npos;
}

bool is_failed_result(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

/// Cancelled by a time limit, of the statement or of a lock.
bool is_too_late(std::string_view state) { return state == "57014" || state == "55P03"; }

}  // namespace

postgres_session::~postgres_session() { disconnect(); }

// After a fork the parent goes on using its connection: a Terminate message from the child would
// end the parent's session, so the child only closes its copy of the socket.
void postgres_session::disconnect() noexcept {
  if (connection_ == nullptr) return;
  if (process_ == getpid()) {
    PQfinish(connection_);
  } else {
    close(PQsocket(connection_));
  }
  connection_ = nullptr;
  has_own_process_.reset();
  prepared_.clear();
}

std::string postgres_session::host() const {
  const char* const host = connection_ == nullptr ? nullptr : PQhost(connection_);
  return host == nullptr ? std::string{} : host;
}

std::string postgres_session::port() const {
  const char* const port = connection_ == nullptr ? nullptr : PQport(connection_);
  return port == nullptr ? std::string{} : port;
}

int postgres_session::server_version() const noexcept {
  return connection_ == nullptr ? 0 : PQserverVersion(connection_);
}

void postgres_session::fail(unreachable_reason reason, const char* message) {
  disconnect();
  next_try_ = std::chrono::steady_clock::now() + options_.retry_delay;
  throw unreachable_server{reason, message};
}

// libpq's message may quote the user, the address or the server's reply: it is not shown.
void postgres_session::fail_to_connect() {
  const std::string message = PQerrorMessage(connection_);
  disconnect();
  next_try_ = std::chrono::steady_clock::now() + options_.retry_delay;
  const std::string state = state_in(message);
  const bool is_nothing_there =
      says_system_error(message, ECONNREFUSED) || says_system_error(message, ENOENT);
  const auto reason = !state.empty()     ? unreachable_reason::refused
                      : is_nothing_there ? unreachable_reason::nothing_there
                                         : unreachable_reason::other;
  throw unreachable_server{reason, "cannot connect to the database", state};
}

void postgres_session::wait_for(short events, deadline until) {
  pollfd waiting{PQsocket(connection_), events, 0};
  int ready = 0;
  while ((ready = poll(&waiting, 1, milliseconds_left(until))) < 0 && errno == EINTR) {
  }
  if (ready <= 0) fail(unreachable_reason::no_answer, "the server did not answer in time");
}

void postgres_session::connect(deadline until) {
  if (connection_ != nullptr && process_ != getpid()) disconnect();
  if (connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK) return;
  disconnect();
  if (std::chrono::steady_clock::now() < next_try_) {
    throw unreachable_server{unreachable_reason::asked_too_soon,
                             "the server did not answer a moment ago; it is asked again later"};
  }
  process_ = getpid();
  start_connecting(until);
  PQsetnonblocking(connection_, 1);
  // By default libpq prints notices to the application's standard error.
  PQsetNoticeReceiver(
      connection_, [](void*, const PGresult*) {}, nullptr);
}

void postgres_session::start_connecting(deadline until) {
  // The name that pg_stat_activity shows for this session.
  // Of two databases the one that is given last is used, but an empty name is none.
  const bool has_database = !options_.database.empty();
  const std::array<const char*, 4> keywords{"dbname", "fallback_application_name",
                                            has_database ? "dbname" : nullptr, nullptr};
  const std::array<const char*, 4> values{connection_string_.c_str(), "querytap",
                                          has_database ? options_.database.c_str() : nullptr,
                                          nullptr};
  constexpr int read_as_connection_string = 1;
  connection_ = PQconnectStartParams(keywords.data(), values.data(), read_as_connection_string);
  if (connection_ == nullptr) throw std::bad_alloc{};
  // Of a refusal the code alone, in which no language is.
  PQsetErrorVerbosity(connection_, PQERRORS_SQLSTATE);
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  if (PQstatus(connection_) == CONNECTION_BAD) status = PGRES_POLLING_FAILED;
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) fail_to_connect();
    wait_for(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, until);
    status = PQconnectPoll(connection_);
  }
}

postgres_results postgres_session::receive_all(bool sent, deadline until) {
  if (!sent) fail(unreachable_reason::lost, "the connection was lost");
  while (const int left = PQflush(connection_)) {
    if (left < 0) fail(unreachable_reason::lost, "the connection was lost");
    wait_for(POLLIN | POLLOUT, until);
    if (PQconsumeInput(connection_) == 0) fail(unreachable_reason::lost, "the connection was lost");
  }
  postgres_results all;
  for (;;) {
    while (PQisBusy(connection_) != 0) {
      wait_for(POLLIN, until);
      if (PQconsumeInput(connection_) == 0)
        fail(unreachable_reason::lost, "the connection was lost");
    }
    postgres_result next{PQgetResult(connection_)};
    if (next == nullptr) break;
    if (is_failed_result(next.get())) {
      if (!all.refused) all.refused.emplace(refusal_in(next.get()));
    } else {
      all.results.push_back(std::move(next));
    }
  }
  if (PQstatus(connection_) != CONNECTION_OK)
    fail(unreachable_reason::lost, "the connection was lost");
  return all;
}

postgres_result postgres_session::receive(bool sent, deadline until) {
  postgres_results all = receive_all(sent, until);
  if (all.refused) throw refused_statement{*all.refused};
  return all.results.empty() ? nullptr : std::move(all.results.back());
}

void postgres_session::execute(const char* commands, deadline until) {
  connect(until);
  static_cast<void>(receive(PQsendQuery(connection_, commands) == 1, until));
}

postgres_result postgres_session::query(const std::string& statement,
                                        std::initializer_list<const char*> parameters,
                                        deadline until) {
  connect(until);
  return receive(
      PQsendQueryParams(connection_, statement.c_str(), static_cast<int>(parameters.size()),
                        nullptr, parameters.begin(), nullptr, nullptr, 0) == 1,
      until);
}

postgres_results postgres_session::query_all(std::string_view begin_and_settings,
                                             std::string_view statements, deadline until) {
  connect(until);
  const std::string message = fmt::format("{}; {}; commit", begin_and_settings, statements);
  note_own_questions(message, dialect::postgresql);
  postgres_results all = receive_all(PQsendQuery(connection_, message.c_str()) == 1, until);
  std::erase_if(all.results, [](const postgres_result& result) {
    return PQresultStatus(result.get()) != PGRES_TUPLES_OK;
  });
  if (all.refused) {
    note_own_question("rollback", dialect::postgresql);
    execute("rollback", until);
  }
  return all;
}

bool postgres_session::has_process_of_its_own(deadline until) {
  connect(until);
  if (!has_own_process_) {
    constexpr std::string_view number_of_process = "select pg_backend_pid()";
    const postgres_results reply = query_all(read_only_transaction, number_of_process, until);
    has_own_process_ =
        !reply.results.empty() &&
        whole_number<int>(PQgetvalue(reply.results[0].get(), 0, 0)) == PQbackendPID(connection_);
  }
  return *has_own_process_;
}

// In one message: a round trip costs more than the server's time. A statement without parameters has its one plan from
// its first execution on.
postgres_results postgres_session::query_repeated(std::string_view begin_and_settings,
                                                  std::span<const std::string_view> statements,
                                                  deadline until) {
  const bool prepares = has_process_of_its_own(until);
  std::string message;
  std::vector<std::string> new_names(statements.size());
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto known = prepared_.find(statements[i]);
    if (i != 0) message += ';';
    if (!prepares || (known != prepared_.end() && known->second.empty())) {
      message += statements[i];
    } else if (known != prepared_.end()) {
      message += fmt::format("execute {}", known->second);
    } else {
      // The server may know it by its bare text, from a process of ours that did not prepare it.
      note_own_question(statements[i], dialect::postgresql);
      new_names[i] = fmt::format("querytap_{}", ++last_name_);
      message += fmt::format("prepare {0} as {1};execute {0}", new_names[i], statements[i]);
    }
  }
  postgres_results all = query_all(begin_and_settings, message, until);
  for (std::size_t i = 0; i < std::min(all.results.size(), statements.size()); ++i) {
    if (!new_names[i].empty()) prepared_.emplace(statements[i], new_names[i]);
  }
  if (all.refused && all.results.size() < statements.size()) {
    const std::size_t refused = all.results.size();
    // A new one may be there or not; an old one may be of no use any more, after an update of an extension.
    const bool is_usable = new_names[refused].empty() && is_too_late(all.refused->state());
    if (!is_usable) prepared_[std::string{statements[refused]}].clear();
  }
  return all;
}

// A Parse message of the protocol takes one statement only, where PREPARE could be followed by
// another.
int postgres_session::prepare(const char* name, const std::string& statement, deadline until) {
  connect(until);
  static_cast<void>(
      receive(PQsendPrepare(connection_, name, statement.c_str(), 0, nullptr) == 1, until));
  return PQnparams(receive(PQsendDescribePrepared(connection_, name) == 1, until).get());
}

std::vector<postgres_result> rows_of(postgres_session& session, std::string_view statements,
                                     postgres_session::deadline until) {
  postgres_results all = session.query_all(read_only_transaction, statements, until);
  if (all.refused) throw refused_statement{*all.refused};
  return std::move(all.results);
}

}  // namespace querytap::detail
