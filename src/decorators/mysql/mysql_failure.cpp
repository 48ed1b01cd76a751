#include "mysql_failure.hpp"

#include <querytap/base/exception_outcome.hpp>
#include <querytap/decorators/mysql/error.hpp>

#include <errmsg.h>
#include <mysqld_error.h>

#include <array>
#include <charconv>
#include <string_view>

namespace querytap::mysql {
namespace {

// Of the servers that the header of libmariadb does not know: MySQL's own.
constexpr unsigned mysql_statement_timeout = 3024;
constexpr unsigned mysql_lock_not_available = 3572;

failure_kind kind_of_number(unsigned number) noexcept {
  switch (number) {
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_STATEMENT_TIMEOUT:
    case mysql_statement_timeout:
    case mysql_lock_not_available: return failure_kind::timeout;
    case ER_QUERY_INTERRUPTED: return failure_kind::cancelled;
    default: return failure_kind::error;
  }
}

std::optional<outcome> outcome_of_mysql_exception() noexcept {
  try {
    throw;
  } catch (const error& failure) {
    return detail::outcome_of_number(failure.number());
  } catch (...) {
    return std::nullopt;
  }
}

const exception_classifier mysql_exceptions{&outcome_of_mysql_exception};

}  // namespace

namespace detail {

bool is_of_server(unsigned number) noexcept {
  constexpr unsigned first_of_server = 1000;
  const auto is_between = [number](unsigned first, unsigned last) {
    return number >= first && number <= last;
  };
  return number >= first_of_server && !is_between(CR_MIN_ERROR, 2999) &&
         !is_between(CER_MIN_ERROR, CER_MIN_ERROR + 99);
}

outcome outcome_of_number(unsigned number) noexcept {
  std::array<char, 12> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  const std::string_view text{digits.data(), static_cast<std::size_t>(written.ptr - digits.data())};
  return outcome::error(text, is_of_server(number) ? text : std::string_view{},
                        kind_of_number(number));
}

bool has_waited_for_lock(unsigned number) noexcept {
  return number == ER_LOCK_WAIT_TIMEOUT || number == ER_LOCK_DEADLOCK ||
         number == mysql_lock_not_available;
}

bool is_loss(unsigned number) noexcept {
  constexpr unsigned mysql_session_killed = 3169;
  constexpr unsigned mysql_idle_closed = 4031;
  switch (number) {
    // The server closes a connection after these, too.
    case ER_NET_PACKET_TOO_LARGE:
    case ER_NET_READ_ERROR_FROM_PIPE:
    case ER_NET_FCNTL_ERROR:
    case ER_NET_PACKETS_OUT_OF_ORDER:
    case ER_NET_UNCOMPRESS_ERROR:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
    case mysql_session_killed:
    case mysql_idle_closed:
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case ER_SERVER_SHUTDOWN:
    case ER_CONNECTION_KILLED: return true;
    default: return false;
  }
}

}  // namespace detail

error::error(connection* db)
    : std::runtime_error{::mysql_error(db->native())},
      number_{::mysql_errno(db->native())},
      sqlstate_{::mysql_sqlstate(db->native())} {}

error::error(statement* statement)
    : std::runtime_error{::mysql_stmt_error(mysql::native(statement))},
      number_{::mysql_stmt_errno(mysql::native(statement))},
      sqlstate_{::mysql_stmt_sqlstate(mysql::native(statement))} {}

}  // namespace querytap::mysql
