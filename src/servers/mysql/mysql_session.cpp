#include "mysql_session.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::chrono::seconds time_between_connects{10};

int milliseconds_left(mysql_session::deadline until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

// For a plan nothing is evaluated that may take long, and nothing waits for locks. MySQL lacks the
// first two settings, and has one of its own.
constexpr std::string_view limits_of_mariadb =
    "set session expensive_subquery_limit = 0, max_statement_time = 0.4, lock_wait_timeout = 1, "
    "innodb_lock_wait_timeout = 1";
constexpr std::string_view limits_of_mysql =
    "set session max_execution_time = 400, lock_wait_timeout = 1, innodb_lock_wait_timeout = 1";

}  // namespace

mysql_session::~mysql_session() { disconnect(); }

// After a fork the parent goes on using its connection: what the child would say on it when closing
// goes nowhere.
void mysql_session::disconnect() noexcept {
  if (connection_ == nullptr) return;
  if (process_ != getpid()) {
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int socket = mysql_get_socket(connection_);
    if (nowhere >= 0 && socket >= 0) dup2(nowhere, socket);
    if (nowhere >= 0) close(nowhere);
  }
  mysql_close(connection_);
  connection_ = nullptr;
}

void mysql_session::fail(const char* reason) {
  disconnect();
  next_try_ = std::chrono::steady_clock::now() + time_between_connects;
  throw plan_error{reason};
}

void mysql_session::wait_for(int& events, deadline until) {
  pollfd waiting{mysql_get_socket(connection_), 0, 0};
  if ((events & MYSQL_WAIT_READ) != 0) waiting.events |= POLLIN;
  if ((events & MYSQL_WAIT_WRITE) != 0) waiting.events |= POLLOUT;
  if ((events & MYSQL_WAIT_EXCEPT) != 0) waiting.events |= POLLPRI;
  int ready = 0;
  while ((ready = poll(&waiting, 1, milliseconds_left(until))) < 0 && errno == EINTR) {
  }
  if (ready <= 0) fail("the server did not answer in time");
  events = 0;
  if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0) events |= MYSQL_WAIT_READ;
  if ((waiting.revents & POLLOUT) != 0) events |= MYSQL_WAIT_WRITE;
  if ((waiting.revents & POLLPRI) != 0) events |= MYSQL_WAIT_EXCEPT;
}

void mysql_session::connect(deadline until) {
  if (connection_ != nullptr && process_ != getpid()) disconnect();
  if (connection_ != nullptr) return;
  if (std::chrono::steady_clock::now() < next_try_) {
    throw plan_error{"the server did not answer a moment ago; it is asked again later"};
  }
  process_ = getpid();
  connection_ = mysql_init(nullptr);
  if (connection_ == nullptr) throw std::bad_alloc{};
  mysql_options(connection_, MYSQL_OPT_NONBLOCK, nullptr);
  mysql_optionsv(connection_, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "querytap");
  if (!options_.tls_authority.empty()) {
    const my_bool yes = 1;
    mysql_ssl_set(connection_, nullptr, nullptr, options_.tls_authority.c_str(), nullptr, nullptr);
    mysql_options(connection_, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(connection_, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  }
  MYSQL* made = nullptr;
  int events = mysql_real_connect_start(&made, connection_, text_or_null(options_.host),
                                        options_.user.c_str(), options_.password.c_str(),
                                        text_or_null(options_.database), options_.port,
                                        text_or_null(options_.unix_socket), 0);
  while (events != 0) {
    wait_for(events, until);
    events = mysql_real_connect_cont(&made, connection_, events);
  }
  if (made == nullptr) fail("cannot connect to the database");
  send(mariadb_connection(connection_) != 0 ? limits_of_mariadb : limits_of_mysql, until);
}

mysql_rows mysql_session::send(std::string_view statement, deadline until) {
  int failed = 0;
  int events = mysql_real_query_start(&failed, connection_, statement.data(), statement.size());
  while (events != 0) {
    wait_for(events, until);
    events = mysql_real_query_cont(&failed, connection_, events);
  }
  MYSQL_RES* answer = nullptr;
  if (failed == 0) {
    events = mysql_store_result_start(&answer, connection_);
    while (events != 0) {
      wait_for(events, until);
      events = mysql_store_result_cont(&answer, connection_, events);
    }
  }
  mysql_rows rows;
  if (answer != nullptr) {
    const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> owner{answer, &mysql_free_result};
    while (MYSQL_ROW const row = mysql_fetch_row(answer)) {
      const unsigned long* const sizes = mysql_fetch_lengths(answer);
      auto& values = rows.emplace_back();
      for (unsigned i = 0; i < mysql_num_fields(answer); ++i) {
        values.emplace_back(row[i] == nullptr ? "" : row[i], row[i] == nullptr ? 0 : sizes[i]);
      }
    }
    return rows;
  }
  const unsigned number = mysql_errno(connection_);
  constexpr unsigned first_of_client = 2000;
  constexpr unsigned last_of_client = 2999;
  if (number >= first_of_client && number <= last_of_client) fail("the connection was lost");
  if (number != 0) {
    throw refused_by_mysql{fmt::format("the server refuses with error {}", number), number};
  }
  return rows;
}

mysql_rows mysql_session::query(std::string_view statement, deadline until) {
  connect(until);
  return send(statement, until);
}

std::string mysql_session::quoted(std::string_view text) {
  std::string literal = "convert(x'";
  for (const char c : text) {
    literal += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return literal + "' using utf8mb4)";
}

}  // namespace querytap::detail
