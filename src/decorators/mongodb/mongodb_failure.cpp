#include "mongodb_failure.hpp"

#include <querytap/base/exception_outcome.hpp>
#include <querytap/decorators/mongodb/error.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace querytap::mongodb {
namespace {

using namespace std::string_view_literals;

// Codes of servers.
constexpr std::int64_t lock_timeout = 24;
constexpr std::int64_t time_limit = 50;
constexpr std::int64_t network_timeout = 89;
constexpr std::int64_t write_conflict = 112;
constexpr std::int64_t exceeded_time_limit = 262;
constexpr std::int64_t interrupted = 11601;

failure_kind kind_of_code(std::int64_t code) noexcept {
  switch (code) {
    case lock_timeout:
    case time_limit:
    case network_timeout:
    case exceeded_time_limit: return failure_kind::timeout;
    case interrupted: return failure_kind::cancelled;
    default: return failure_kind::error;
  }
}

// In the order of their numbers.
std::string_view name_of_domain(std::uint32_t domain) noexcept {
  constexpr std::array names{"_OTHER"sv,        "client"sv,  "stream"sv,     "protocol"sv,
                             "cursor"sv,        "query"sv,   "insert"sv,     "sasl"sv,
                             "bson"sv,          "matcher"sv, "namespace"sv,  "command"sv,
                             "collection"sv,    "gridfs"sv,  "scram"sv,      "server_selection"sv,
                             "write_concern"sv, "server"sv,  "transaction"sv};
  static_assert(MONGOC_ERROR_CLIENT == 1 && MONGOC_ERROR_STREAM == 2 &&
                MONGOC_ERROR_SERVER_SELECTION == 15 && MONGOC_ERROR_TRANSACTION == 18);
  return domain < names.size() ? names[domain] : names[0];
}

// As the specification of retryable reads has them.
bool is_retryable_code(std::int64_t code) noexcept {
  switch (code) {
    case 6:      // HostUnreachable
    case 7:      // HostNotFound
    case 89:     // NetworkTimeout
    case 91:     // ShutdownInProgress
    case 134:    // ReadConcernMajorityNotAvailableYet
    case 189:    // PrimarySteppedDown
    case 262:    // ExceededTimeLimit
    case 9001:   // SocketException
    case 10107:  // NotWritablePrimary
    case 11600:  // InterruptedAtShutdown
    case 11602:  // InterruptedDueToReplStateChange
    case 13435:  // NotPrimaryNoSecondaryOk
    case 13436:  // NotPrimaryOrSecondary
      return true;
    default: return false;
  }
}

std::optional<outcome> outcome_of_mongodb_exception() noexcept {
  try {
    throw;
  } catch (const error& failure) {
    return detail::outcome_of_error(failure.domain(), failure.code());
  } catch (...) {
    return std::nullopt;
  }
}

const exception_classifier mongodb_exceptions{&outcome_of_mongodb_exception};

}  // namespace

namespace detail {

outcome outcome_of_code(std::int64_t code) noexcept {
  std::array<char, 20> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), code);
  const std::string_view text{digits.data(), static_cast<std::size_t>(written.ptr - digits.data())};
  return outcome::error(text, text, kind_of_code(code));
}

outcome outcome_of_error(std::uint32_t domain, std::uint32_t code) noexcept {
  const bool is_of_server =
      domain == MONGOC_ERROR_QUERY || domain == MONGOC_ERROR_SERVER ||
      domain == MONGOC_ERROR_WRITE_CONCERN ||
      ((domain == MONGOC_ERROR_COLLECTION || domain == MONGOC_ERROR_COMMAND) &&
       code != MONGOC_ERROR_COMMAND_INVALID_ARG && code != MONGOC_ERROR_COLLECTION_INSERT_FAILED);
  if (is_of_server) return outcome_of_code(code);
  std::array<char, 32> text{};
  char* const end = text.data() + text.size();
  char* at = text.data() + name_of_domain(domain).copy(text.data(), 16);
  *at++ = ':';
  at = std::to_chars(at, end, code).ptr;
  const bool is_timeout =
      domain == MONGOC_ERROR_SERVER_SELECTION && code == MONGOC_ERROR_SERVER_SELECTION_FAILURE;
  return outcome::error({text.data(), static_cast<std::size_t>(at - text.data())}, {},
                        is_timeout ? failure_kind::timeout : failure_kind::error);
}

bool has_waited_for_lock(std::int64_t code) noexcept {
  return code == lock_timeout || code == write_conflict;
}

retry_rule retry_rule_of(const command_traits& command) noexcept {
  const bool ends_transaction =
      command.kind == command_kind::commit || command.kind == command_kind::abort;
  if (ends_transaction) return retry_rule::as_write;
  if (command.is_in_transaction) return retry_rule::never;
  if (command.has_transaction_number) return retry_rule::as_write;
  const bool is_read = command.kind == command_kind::read || command.kind == command_kind::count ||
                       command.kind == command_kind::distinct;
  return is_read && !command.writes_result ? retry_rule::as_read : retry_rule::never;
}

bool will_be_retried(retry_rule rule, const reply_facts& reply, bool is_of_network) noexcept {
  if (rule == retry_rule::never) return false;
  return is_of_network || is_retryable_code(reply.code) ||
         (rule == retry_rule::as_write && reply.labels.is_retryable);
}

}  // namespace detail

error::error(const bson_error_t& reported)
    : std::runtime_error{reported.message}, domain_{reported.domain}, code_{reported.code} {}

}  // namespace querytap::mongodb
