#include "session_state.hpp"

#include "../../base/ascii.hpp"
#include "redis_failure.hpp"
#include "redis_findings.hpp"
#include "reply_contents.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>
#include <string>

namespace querytap::redis::detail {
namespace {

std::optional<int> number_in(std::string_view text) noexcept {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> database_in(sent_arguments arguments) noexcept {
  std::string_view argument;
  if (!arguments.next(argument) || !arguments.next(argument)) return std::nullopt;
  return number_in(argument);
}

bool is_status(const redisReply& reply, std::string_view status) noexcept {
  return reply.type == REDIS_REPLY_STATUS && text_of(reply) == status;
}

/// `unsubscribe`, the channel, and how many subscriptions are left.
bool ends_subscriptions(const redisReply& message) noexcept {
  constexpr std::string_view end = "unsubscribe";
  if (message.elements != 3 || message.element == nullptr) return false;
  const redisReply* const kind = message.element[0];
  const redisReply* const left = message.element[2];
  return kind != nullptr && left != nullptr && text_of(*kind).ends_with(end) &&
         left->type == REDIS_REPLY_INTEGER && left->integer == 0;
}

/// Those of a reader that nobody has changed: what they make are redisReply.
const redisReplyObjectFunctions* own_reply_functions() noexcept {
  static const redisReplyObjectFunctions* const functions = [] {
    redisReader* const reader = ::redisReaderCreate();
    if (reader == nullptr) return static_cast<const redisReplyObjectFunctions*>(nullptr);
    const redisReplyObjectFunctions* const found = reader->fn;
    ::redisReaderFree(reader);
    return found;
  }();
  return functions;
}

bool waits_for_others(command_kind kind, const statement& identity) noexcept {
  if (kind == command_kind::waits) return true;
  if (kind != command_kind::may_wait) return false;
  const std::string_view text = identity.identity().text;
  return text.find(" BLOCK") != text.npos || text.find(" block") != text.npos;
}

}  // namespace

void add_arguments(parameter_digest& digest, sent_arguments arguments) noexcept {
  std::string_view argument;
  while (arguments.next(argument)) digest.add(argument);
}

void note_values(operation& timing, const sent_arguments& arguments) noexcept {
  if (querytap::detail::current_ledger == nullptr) [[likely]]
    return;
  parameter_digest digest;
  add_arguments(digest, arguments);
  timing.parameters(digest.hash());
}

std::string describe_values(sent_arguments arguments) {
  parameter_description description;
  std::string_view argument;
  static_cast<void>(arguments.next(argument));  // the name
  while (arguments.next(argument)) description.add(argument);
  return description.text();
}

std::string_view error_in_list(const redisReply& reply) noexcept {
  if (reply.element == nullptr) return {};
  for (std::size_t i = 0; i < reply.elements; ++i) {
    const redisReply* const each = reply.element[i];
    if (each != nullptr && each->type == REDIS_REPLY_ERROR) return text_of(*each);
  }
  return {};
}

session_state::session_state(recorder& telemetry, const redisContext& context,
                             const connection_options& options, std::optional<int> database)
    : default_functions_{own_reply_functions()},
      telemetry_{telemetry},
      options_{options},
      database_{database} {
  const bool has_path = context.connection_type == REDIS_CONN_UNIX;
  const char* const address = has_path ? context.unix_sock.path : context.tcp.host;
  if (address != nullptr) address_ = address;
  const int port = context.tcp.port;
  if (!has_path && address != nullptr && port != database_systems::redis.default_port) {
    port_ = static_cast<std::uint16_t>(port);
  }
  backend_.emplace(telemetry_, options_of(database_));
  if (database_) backends_.emplace_back(*database_, *backend_);
  const std::string_view system = database_systems::redis.name;
  const auto redirects = [&](std::string_view kind) {
    return telemetry_.bind_counter(catalog::redis_redirects,
                                   {{"db.system.name", system}, {"querytap.result", kind}});
  };
  moved_ = redirects("moved");
  asked_ = redirects("ask");
  messages_ = telemetry_.bind_counter(catalog::redis_messages, {{"db.system.name", system}});
  sizes_ = telemetry_.bind_histogram(catalog::response_size, {{"db.system.name", system}});
}

backend_options session_state::options_of(std::optional<int> database) const {
  return {.system = std::string{database_systems::redis.name},
          .database = database ? std::to_string(*database) : std::string{},
          .server_address = address_,
          .server_port = port_,
          .dialect = dialect::redis,
          .slow_threshold = options_.slow_threshold,
          .slow_multiple = options_.slow_multiple,
          .describe_parameters = options_.describe_parameters};
}

const statement& session_state::statement_of(const sent_command& command,
                                             command_kind kind) noexcept {
  const bool has_name = kind != command_kind::container && !command.written_name.empty();
  const statement& identity =
      backend_->statement_for(has_name ? command.format : writer_.text_of(command.arguments));
  // How long it waits is what the application has asked for.
  if (waits_for_others(kind, identity)) [[unlikely]] {
    const auto usual = static_cast<std::uint64_t>(options_.slow_threshold.count());
    constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
    if (identity.slow_threshold() == usual) identity.set_slow_threshold(never);
  }
  return identity;
}

void session_state::remember(const sent_command& command, command_kind kind,
                             const statement& identity) noexcept {
  const bool is_plain =
      kind == command_kind::ordinary || (kind == command_kind::set && !options_.expects_expiry);
  // What an overflowing statement costs is counted by its text, which may get a series of its own.
  const bool needs_more = options_.describe_parameters || has_lost_database() ||
                          command.written_name.empty() || identity.is_overflow();
  if (is_plain && !needs_more) known_.add(command.format, command.site, identity);
}

void session_state::conclude(operation& timing, const noted_command& command,
                             const redisReply& reply, const statement& identity,
                             code_location site) noexcept {
  if (reply.type == REDIS_REPLY_ERROR) {
    note_error(timing, text_of(reply));
    return;
  }
  const reply_contents contents = contents_of(reply);
  if (contents.has_rows) timing.rows(contents.rows);
  note_size(contents.bytes, identity, site);
  if (command.kind == command_kind::exec) note_error(timing, error_in_list(reply));
}

bool session_state::note_error(operation& timing, std::string_view text) noexcept {
  if (text.data() == nullptr) return false;
  if (is_redirect(text)) {
    note_redirect(text);
    return false;
  }
  timing.fail(outcome_of_error(text));
  return true;
}

void session_state::change_database(std::optional<int> database) noexcept {
  if (database == database_ || !database) return;
  database_ = database;
  known_.clear();
  const auto known = std::find_if(backends_.begin(), backends_.end(),
                                  [&](const auto& each) { return each.first == *database; });
  if (known != backends_.end()) {
    backend_ = known->second;
    return;
  }
  try {
    const querytap::backend current{telemetry_, options_of(database)};
    backend_ = current;
    backends_.emplace_back(*database, current);
  } catch (const std::exception&) {
    return;  // no memory
  }
}

noted_command session_state::note_command(const sent_command& command, command_kind kind) noexcept {
  const bool needs_database = kind != command_kind::set_up && kind != command_kind::container &&
                              kind != command_kind::select;
  if (lost_database_ && needs_database) publish_lost(command.site);
  switch (kind) {
    case command_kind::select: {
      lost_database_.reset();
      return {kind, database_in(command.arguments)};
    }
    case command_kind::keys: publish_keys(telemetry_, command.site); return {};
    case command_kind::set:
      if (options_.expects_expiry) note_missing_expiry(command);
      return {};
    case command_kind::multi:
    case command_kind::exec:
    case command_kind::discard:
    case command_kind::subscribe:
    case command_kind::unsubscribe:
    case command_kind::monitor:
    case command_kind::reset:
    case command_kind::set_up: return {kind, {}};
    default: return {};
  }
}

void session_state::note_missing_expiry(const sent_command& command) noexcept {
  sent_arguments rest = command.arguments;
  std::string_view argument;
  constexpr int values = 3;  // SET, key, value
  for (int at = 0; rest.next(argument); ++at) {
    constexpr std::string_view options[] = {"ex", "px", "exat", "pxat", "keepttl"};
    const auto is_option = [&](std::string_view option) {
      return querytap::detail::equal_ignoring_case(argument, option);
    };
    if (at >= values && std::any_of(std::begin(options), std::end(options), is_option)) return;
  }
  constexpr std::size_t most_lines = 32;
  const auto& known = lines_without_expiry_;
  const void* const line = command.site.pointer();
  if (known.size() == most_lines || std::find(known.begin(), known.end(), line) != known.end()) {
    return;
  }
  try {
    lines_without_expiry_.push_back(line);
  } catch (const std::exception&) {
    return;  // no memory
  }
  publish_missing_expiry(telemetry_, command.site);
}

void session_state::note_answer(const noted_command& command, const redisReply& reply) noexcept {
  const bool failed = reply.type == REDIS_REPLY_ERROR;
  switch (command.kind) {
    case command_kind::select:
      if (is_status(reply, "QUEUED")) queued_database_ = command.database;
      if (is_status(reply, "OK")) change_database(command.database);
      break;
    case command_kind::exec:
      if (!failed && reply.type != REDIS_REPLY_NIL) change_database(queued_database_);
      queued_database_.reset();
      break;
    case command_kind::discard: queued_database_.reset(); break;
    case command_kind::subscribe:
    case command_kind::monitor:
      if (!failed && !is_status(reply, "QUEUED")) receives_messages_ = true;
      break;
    case command_kind::reset:
      if (!failed) note_reset();
      break;
    case command_kind::set_up: note_protocol(reply); break;
    default: break;
  }
}

void session_state::note_message(const redisReply* message) noexcept {
  messages_.add();
  if (message == nullptr) return;
  if (ends_subscriptions(*message)) receives_messages_ = false;
  if (is_status(*message, "RESET")) note_reset();
}

void session_state::note_reset() noexcept {
  queued_database_.reset();
  receives_messages_ = false;
  has_pushes_ = false;
  change_database(0);
}

// HELLO is answered in the protocol that it has chosen, AUTH by a status.
void session_state::note_protocol(const redisReply& reply) noexcept {
  const reply_form form = form_of(reply);
  if (form == reply_form::map) has_pushes_ = true;
  if (form == reply_form::list) has_pushes_ = false;
}

void session_state::note_redirect(std::string_view text) noexcept {
  (text.starts_with("MOVED") ? moved_ : asked_).add();
}

void session_state::note_size(std::uint64_t bytes, const statement& identity,
                              code_location site) noexcept {
  constexpr std::uint64_t smallest = 1024;
  if (bytes < smallest) [[likely]]
    return;
  sizes_.record(bytes);
  if (options_.large_reply == 0 || bytes <= options_.large_reply) return;
  publish_large_reply(telemetry_, identity.shared_identity(), bytes, site);
}

void session_state::note_new_session() noexcept {
  if (database_.value_or(0) != 0) lost_database_ = database_;
  queued_database_.reset();
  receives_messages_ = false;
  has_pushes_ = false;
  known_.clear();
  database_ = database_.value_or(-1) == 0 ? database_ : std::nullopt;
  change_database(0);
}

void session_state::publish_lost(code_location site) noexcept {
  publish_lost_database(telemetry_, *lost_database_, site);
  lost_database_.reset();
}

}  // namespace querytap::redis::detail
