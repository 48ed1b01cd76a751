#include "mysql_session.hpp"

#include "../common/milliseconds_left.hpp"
#include "../common/own_questions.hpp"

#include <fmt/format.h>
#include <mysqld_error.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

const char* reason_of_failed_connect(unsigned number) {
  switch (number) {
    case ER_CON_COUNT_ERROR:
      return "the server takes no more connections: max_connections is reached";
    case ER_USER_LIMIT_REACHED:
    case ER_TOO_MANY_USER_CONNECTIONS: return "the server takes no more connections of this user";
    case ER_ACCESS_DENIED_ERROR: return "the server does not accept this user and password";
    default: return "cannot connect to the database";
  }
}

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
  next_try_ = std::chrono::steady_clock::now() + settings_.time_between_connects;
  throw plan_error{reason};
}

void mysql_session::lose() {
  disconnect();
  next_try_ = std::chrono::steady_clock::now() + settings_.time_between_connects;
  throw lost_by_mysql{"the connection was lost"};
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
  if (made == nullptr) fail(reason_of_failed_connect(mysql_errno(connection_)));
  send(is_mariadb() ? settings_.of_mariadb : settings_.of_mysql, until);
}

bool mysql_session::is_mariadb() const noexcept {
  return connection_ != nullptr && mariadb_connection(connection_) != 0;
}

mysql_rows mysql_session::send(std::string_view statement, deadline until,
                               std::vector<std::string>* names) {
  if (settings_.asks_own_questions) note_own_question(statement, dialect::mysql);
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
    for (unsigned i = 0; names != nullptr && i < mysql_num_fields(answer); ++i) {
      names->emplace_back(mysql_fetch_field_direct(answer, i)->name);
    }
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
  if (number >= first_of_client && number <= last_of_client) lose();
  if (number != 0) {
    throw refused_by_mysql{fmt::format("the server refuses with error {}", number), number};
  }
  return rows;
}

mysql_rows mysql_session::query(std::string_view statement, deadline until) {
  connect(until);
  return send(statement, until);
}

template <class Query>
auto mysql_session::repeated(Query query) {
  const bool was_open = connection_ != nullptr && process_ == getpid();
  try {
    return query();
  } catch (const lost_by_mysql&) {
    if (!was_open) throw;
  }
  return query();
}

mysql_rows mysql_session::query_again(std::string_view statement, deadline until) {
  return repeated([&] { return query(statement, until); });
}

mysql_records mysql_session::records(std::string_view statement, deadline until) {
  return repeated([&] {
    connect(until);
    std::vector<std::string> names;
    mysql_records records;
    for (std::vector<std::string>& row : send(statement, until, &names)) {
      auto& record = records.emplace_back();
      for (std::size_t i = 0; i < names.size(); ++i) {
        record.emplace(names[i], std::move(row[i]));
      }
    }
    return records;
  });
}

std::string mysql_session::quoted(std::string_view text) {
  std::string literal = "convert(x'";
  for (const char c : text) {
    literal += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return literal + "' using utf8mb4)";
}

}  // namespace querytap::detail
