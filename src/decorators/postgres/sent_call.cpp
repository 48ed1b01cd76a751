#include <querytap/decorators/detail/sent_call.hpp>

#include <querytap/base/exception_outcome.hpp>

#include <optional>
#include <string_view>

namespace querytap::postgres {
namespace {

constexpr std::string_view query_canceled = "57014";
constexpr std::string_view lock_not_available = "55P03";

outcome sqlstate_outcome(std::string_view code, failure_kind kind = failure_kind::error) noexcept {
  return outcome::error(code, code, kind);
}

// The server uses one SQLSTATE for a time limit and for a cancellation by a client, and
// distinguishes them in its message only. Where the server's language is not English, a time limit
// counts as cancelled.
failure_kind kind_of_sqlstate(std::string_view code, std::string_view message) noexcept {
  const auto contains = [&](std::string_view words) { return message.find(words) != message.npos; };
  if (code == lock_not_available) return failure_kind::timeout;
  if (code != query_canceled) return failure_kind::error;
  return contains("statement timeout") || contains("lock timeout") ? failure_kind::timeout
                                                                   : failure_kind::cancelled;
}

detail::statement_failure failure_of(const pqxx::sql_error& error) noexcept {
  const std::string_view code = error.sqlstate();
  if (code.empty()) return {outcome::error("sql_error")};
  return {sqlstate_outcome(code, kind_of_sqlstate(code, error.what())), code == lock_not_available};
}

// libpqxx has no SQLSTATE of a server that refuses a connection; where its language is English, the text
// tells a full server from one that cannot be reached.
detail::statement_failure failure_of(const pqxx::broken_connection& error) noexcept {
  const std::string_view text = error.what();
  const auto contains = [&](std::string_view words) { return text.find(words) != text.npos; };
  if (contains("too many clients already") || contains("remaining connection slots are reserved"))
    return {sqlstate_outcome("53300")};
  return {outcome::error("broken_connection")};
}

// In libpqxx 6, an exception class that stands for one SQLSTATE does not store it.
std::optional<detail::statement_failure> failure_of_pqxx_exception() noexcept {
  using failure = detail::statement_failure;
  try {
    throw;
  } catch (const pqxx::serialization_failure&) {
    return failure{sqlstate_outcome("40001")};
  } catch (const pqxx::deadlock_detected&) {
    return failure{sqlstate_outcome("40P01"), true};
  } catch (const pqxx::statement_completion_unknown&) {
    return failure{sqlstate_outcome("40003")};
  } catch (const pqxx::too_many_connections&) {
    return failure{sqlstate_outcome("53300")};
  } catch (const pqxx::transaction_rollback&) {
    return failure{sqlstate_outcome("40000")};
  } catch (const pqxx::insufficient_privilege& error) {
    if (error.sqlstate().empty()) return failure{sqlstate_outcome("42501")};
    return failure_of(error);
  } catch (const pqxx::sql_error& error) {
    return failure_of(error);
  } catch (const pqxx::broken_connection& error) {
    return failure_of(error);
  } catch (const pqxx::in_doubt_error&) {
    return failure{outcome::error("in_doubt_error")};
  } catch (const pqxx::usage_error&) {
    return failure{outcome::error("usage_error")};
  } catch (const pqxx::argument_error&) {
    return failure{outcome::error("argument_error")};
  } catch (const pqxx::conversion_error&) {
    return failure{outcome::error("conversion_error")};
  } catch (const pqxx::unexpected_rows&) {
    return failure{outcome::error("unexpected_rows")};
  } catch (const pqxx::range_error&) {
    return failure{outcome::error("range_error")};
  } catch (const pqxx::internal_error&) {
    return failure{outcome::error("internal_error")};
  } catch (const pqxx::failure&) {
    return failure{outcome::error("failure")};
  } catch (...) {
    return std::nullopt;
  }
}

std::optional<outcome> outcome_of_pqxx_exception() noexcept {
  const auto known = failure_of_pqxx_exception();
  return known ? std::optional{known->outcome} : std::nullopt;
}

const exception_classifier pqxx_exceptions{&outcome_of_pqxx_exception};

}  // namespace

detail::statement_failure detail::failure_of_current_exception() noexcept {
  if (const auto known = failure_of_pqxx_exception()) return *known;
  return {outcome_of_current_exception()};
}

}  // namespace querytap::postgres
