#include "session.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace querytap::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds left_alone{10};

int milliseconds_to(server_inspector::deadline until) {
  const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(left, 0, INT_MAX));
}

// What the server says in words may hold what the statement holds.
std::string refusal(const PGresult* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return fmt::format("the server refuses with SQLSTATE {}", state == nullptr ? "unknown" : state);
}

bool is_failure(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

}  // namespace

postgres_session::~postgres_session() { give_up(); }

// The parent's connection is the parent's: in its child nobody may speak on it, not even to say goodbye.
void postgres_session::give_up() noexcept {
  if (connection_ == nullptr) return;
  if (process_ == getpid()) {
    PQfinish(connection_);
  } else {
    close(PQsocket(connection_));
  }
  connection_ = nullptr;
}

void postgres_session::fail(const char* why) {
  give_up();
  next_try_ = steady_clock::now() + left_alone;
  throw plan_error{why};
}

void postgres_session::wait_for(short events, deadline until) {
  pollfd waiting{PQsocket(connection_), events, 0};
  int ready = 0;
  while ((ready = poll(&waiting, 1, milliseconds_to(until))) < 0 && errno == EINTR) {
  }
  if (ready <= 0) fail("the server did not answer in time");
}

void postgres_session::connect(deadline until) {
  if (connection_ != nullptr && process_ != getpid()) give_up();
  if (connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK) return;
  give_up();
  if (steady_clock::now() < next_try_) {
    throw plan_error{"the server did not answer a moment ago; it is asked again later"};
  }
  process_ = getpid();
  start_connecting(until);
  PQsetnonblocking(connection_, 1);
  // Notices would go to the application's standard error.
  PQsetNoticeReceiver(
      connection_, [](void*, const PGresult*) {}, nullptr);
}

void postgres_session::start_connecting(deadline until) {
  // So that whoever looks at the server's sessions sees whose this is.
  const std::array<const char*, 3> keywords{"dbname", "fallback_application_name", nullptr};
  const std::array<const char*, 3> values{connection_string_.c_str(), "querytap", nullptr};
  constexpr int read_as_connection_string = 1;
  connection_ = PQconnectStartParams(keywords.data(), values.data(), read_as_connection_string);
  if (connection_ == nullptr) throw std::bad_alloc{};
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  if (PQstatus(connection_) == CONNECTION_BAD) status = PGRES_POLLING_FAILED;
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) fail("cannot connect to the database");
    wait_for(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, until);
    status = PQconnectPoll(connection_);
  }
}

postgres_result postgres_session::answer(bool sent, deadline until) {
  if (!sent) fail("the connection was lost");
  while (const int left = PQflush(connection_)) {
    if (left < 0) fail("the connection was lost");
    wait_for(POLLIN | POLLOUT, until);
    if (PQconsumeInput(connection_) == 0) fail("the connection was lost");
  }
  postgres_result last;
  std::string refused;
  for (;;) {
    while (PQisBusy(connection_) != 0) {
      wait_for(POLLIN, until);
      if (PQconsumeInput(connection_) == 0) fail("the connection was lost");
    }
    postgres_result next{PQgetResult(connection_)};
    if (next == nullptr) break;
    if (is_failure(next.get()) && refused.empty()) refused = refusal(next.get());
    last = std::move(next);
  }
  if (PQstatus(connection_) != CONNECTION_OK) fail("the connection was lost");
  if (!refused.empty()) throw plan_error{refused};
  return last;
}

void postgres_session::execute(const char* commands, deadline until) {
  connect(until);
  static_cast<void>(answer(PQsendQuery(connection_, commands) == 1, until));
}

postgres_result postgres_session::query(const std::string& statement,
                                        std::initializer_list<const char*> parameters,
                                        deadline until) {
  connect(until);
  return answer(
      PQsendQueryParams(connection_, statement.c_str(), static_cast<int>(parameters.size()),
                        nullptr, parameters.begin(), nullptr, nullptr, 0) == 1,
      until);
}

// By the protocol, and not by PREPARE: one statement and no more can be sent so.
int postgres_session::prepare(const char* name, const std::string& statement, deadline until) {
  connect(until);
  static_cast<void>(
      answer(PQsendPrepare(connection_, name, statement.c_str(), 0, nullptr) == 1, until));
  return PQnparams(answer(PQsendDescribePrepared(connection_, name) == 1, until).get());
}

}  // namespace querytap::detail
