#include "server_failure.hpp"

#include "../../base/ascii.hpp"

#include <algorithm>
#include <string_view>

namespace querytap::libpq::detail {
namespace {

std::string_view text_of(const char* text) noexcept {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

// From a server that may be anyone's: nothing else becomes a label.
bool is_sqlstate(std::string_view code) noexcept {
  return code.size() == 5 && std::ranges::all_of(code, [](char c) {
           return querytap::detail::is_ascii_digit(c) || (c >= 'A' && c <= 'Z');
         });
}

// As in the decorator of libpqxx: one code for a time limit and for a cancellation, told apart by a
// message in English alone.
failure_kind kind_of_server_failure(std::string_view code, std::string_view message) noexcept {
  if (code == "55P03") return failure_kind::timeout;
  if (code != "57014") return failure_kind::error;
  const bool is_time_limit = message.find("statement timeout") != message.npos ||
                             message.find("lock timeout") != message.npos;
  return is_time_limit ? failure_kind::timeout : failure_kind::cancelled;
}

}  // namespace

bool is_failure(const PGresult* result) noexcept {
  if (result == nullptr) return true;
  switch (::PQresultStatus(result)) {
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
    case PGRES_PIPELINE_ABORTED: return true;
    default: return false;
  }
}

server_failure failure_of(const PGconn* db, const PGresult* result) noexcept {
  if (result != nullptr && ::PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
    return {outcome::error("pipeline_aborted")};
  }
  const std::string_view code = text_of(::PQresultErrorField(result, PG_DIAG_SQLSTATE));
  if (is_sqlstate(code)) {
    const std::string_view message = text_of(::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    return {outcome::error(code, code, kind_of_server_failure(code, message)),
            code == "55P03" || code == "40P01"};
  }
  if (::PQstatus(db) == CONNECTION_BAD) return {outcome::error("broken_connection")};
  return {outcome::error(result == nullptr ? "usage_error" : "client_error")};
}

outcome failure_to_connect(const PGconn* db) noexcept {
  constexpr std::string_view too_many_connections = "53300";
  const std::string_view message = text_of(::PQerrorMessage(db));
  for (const std::string_view words :
       {"too many clients already", "remaining connection slots are reserved",
        "too many connections for"}) {
    if (message.find(words) != message.npos) {
      return outcome::error(too_many_connections, too_many_connections);
    }
  }
  return outcome::error("broken_connection");
}

}  // namespace querytap::libpq::detail
