#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/decorators/detail/pqxx_version.hpp>
#include <querytap/decorators/detail/sent_call.hpp>
#include <querytap/decorators/postgres/connection_options.hpp>
#include <querytap/decorators/postgres/names.hpp>
#include <querytap/recording/counter.hpp>

#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {
class recorder;
}

namespace querytap::postgres {

class connection_base;
class transaction_base;

namespace detail {

struct access;

/// Compares the session before and after a call, however the call ends.
class session_check {
 public:
  session_check(connection_base& db, code_location site) noexcept : db_{db}, site_{site} {}
  session_check(const session_check&) = delete;
  session_check& operator=(const session_check&) = delete;
  ~session_check();

 private:
  connection_base& db_;
  code_location site_;
};

/// The statement that was prepared under a name.
struct prepared_statement {
  statement_handle identity = {};
  std::string definition = {};  ///< for a connection that comes back under another address
  bool is_on_server = false;    ///< libpqxx 6 prepares on the first execution
};

}  // namespace detail

/// All kinds of connections: what pqxx::connection_base is to libpqxx 6, with the same members. What
/// sends something to the server is an operation of its own; everything else is passed through.
///
///     inline void prepare_all(postgres::connection_base& db) { db.prepare("one", "select 1"); }
///
/// After the server has gone, libpqxx 6 begins another session without an error. That is counted in
/// `querytap.connection.reconnects`, and is a finding, `lost_session`.
///
/// Threads  one at a time.
/// Cost     nothing for what is passed through.
/// Errors   libpqxx' own.
class connection_base {
 public:
  using capability = detail::native_connection::capability;
  using error_verbosity = detail::native_connection::error_verbosity;
  static constexpr capability cap_end = detail::native_connection::cap_end;
  static constexpr error_verbosity terse = detail::native_connection::terse;
  static constexpr error_verbosity normal = detail::native_connection::normal;
  static constexpr error_verbosity verbose = detail::native_connection::verbose;

  connection_base(const connection_base&) = delete;
  connection_base& operator=(const connection_base&) = delete;

  // Sent to the server:

  /// libpqxx 6 sends the statement on its first execution.
  void prepare(const std::string& name, const std::string& definition);
  void prepare(const std::string& definition) { prepare(std::string{}, definition); }
  void prepare_now(const std::string& name, code_location site = code_location::current());
  void unprepare(const std::string& name, code_location site = code_location::current());
  void set_variable(const std::string& name, const std::string& value,
                    code_location site = code_location::current());
  std::string get_variable(const std::string& name, code_location site = code_location::current());
  void set_client_encoding(const std::string& encoding,
                           code_location site = code_location::current());
  /// A request of its own to the server, over another connection.
  void cancel_query(code_location site = code_location::current());
  /// Connects, if the connection is down.
  void activate(code_location site = code_location::current());

  // Reads what the server has sent; receivers are called:

  int get_notifs() { return native_->get_notifs(); }
  int await_notification() { return native_->await_notification(); }
  int await_notification(long seconds, long microseconds) {
    return native_->await_notification(seconds, microseconds);
  }

  // Passed through:

  void disconnect() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return native_->is_open(); }
  void deactivate();
  void inhibit_reactivation(bool inhibit);
  void simulate_failure() { native_->simulate_failure(); }
  void process_notice(const char message[]) noexcept { native_->process_notice(message); }
  void process_notice(const std::string& message) noexcept { native_->process_notice(message); }
  void trace(std::FILE* file) noexcept { native_->trace(file); }
  const char* dbname() { return native_->dbname(); }
  const char* username() { return native_->username(); }
  const char* hostname() { return native_->hostname(); }
  const char* port() { return native_->port(); }
  [[nodiscard]] int backendpid() const noexcept { return native_->backendpid(); }
  [[nodiscard]] int sock() const noexcept { return native_->sock(); }
  [[nodiscard]] bool supports(capability feature) const noexcept {
    return native_->supports(feature);
  }
  [[nodiscard]] int protocol_version() const noexcept { return native_->protocol_version(); }
  [[nodiscard]] int server_version() const noexcept { return native_->server_version(); }
  [[nodiscard]] std::string get_client_encoding() const { return native_->get_client_encoding(); }
  std::string adorn_name(const std::string& name) { return native_->adorn_name(name); }
  void set_verbosity(error_verbosity verbosity) noexcept { native_->set_verbosity(verbosity); }
  [[nodiscard]] error_verbosity get_verbosity() const noexcept { return native_->get_verbosity(); }
  [[nodiscard]] std::vector<pqxx::errorhandler*> get_errorhandlers() const {
    return native_->get_errorhandlers();
  }

  std::string esc(const char text[]) { return native_->esc(text); }
  std::string esc(const char text[], std::size_t size) { return native_->esc(text, size); }
  std::string esc(const std::string& text) { return native_->esc(text); }
  std::string esc_raw(const unsigned char bytes[], std::size_t size) {
    return native_->esc_raw(bytes, size);
  }
  std::string unesc_raw(const std::string& text) { return native_->unesc_raw(text); }
  std::string unesc_raw(const char* text) { return native_->unesc_raw(text); }
  std::string quote_raw(const unsigned char bytes[], std::size_t size) {
    return native_->quote_raw(bytes, size);
  }
  std::string quote_name(const std::string& name) { return native_->quote_name(name); }
  template <class T>
  std::string quote(const T& value) {
    return native_->quote(value);
  }
  [[nodiscard]] std::string esc_like(const std::string& text, char escape = '\\') const {
    return native_->esc_like(text, escape);
  }

  /// The deprecated way to run a transactor: postgres/transactor.hpp.
  template <class Transactor>
  void perform(const Transactor& transactor, int attempts = 3);

  [[nodiscard]] detail::native_connection& native() noexcept { return *native_; }
  /// Of the session on the server, as pg_stat_activity has it; 0 without a connection.
  [[nodiscard]] int server_pid() const noexcept { return native_->backendpid(); }

 protected:
  /// `native` outlives this. A connection that is not open yet is asked for its database later.
  connection_base(recorder& telemetry, detail::native_connection& native,
                  const connection_options& options);
  ~connection_base();

 private:
  friend class detail::session_check;
  friend struct detail::access;

  [[nodiscard]] const backend& destination() {
    if (!backend_) [[unlikely]]
      open_slow();
    return *backend_;
  }
  void open_slow();
  [[nodiscard]] const std::string& commented(const std::string& sql);
  [[nodiscard]] bool describes_parameters() const noexcept { return options_.describe_parameters; }
  /// The statement that the text is under the connection's settings of this moment.
  [[nodiscard]] const statement& statement_for(std::string_view sql);
  /// The statement that was prepared under this name.
  [[nodiscard]] const statement& prepared(const std::string& name);
  /// Runs a call that takes no values, and whose text has none to be read by the settings.
  template <class Execute>
  auto measure(std::string_view sql, code_location site, phase phase, Execute execute) {
    const detail::sent_call call{destination().statement_for(sql), site, phase};
    const detail::session_check session{*this, site};
    return call.measure(transaction_, execute);
  }
  void check_session(code_location site) noexcept {
    if (const int pid = native_->backendpid(); pid != server_pid_) [[unlikely]]
      session_changed(pid, site);
  }
  void session_changed(int pid, code_location site) noexcept;
  /// The application has ended its session itself: none was lost.
  void session_ended() noexcept;
  void report_lost_session(int before, int after, code_location site);

  detail::native_connection* native_;
  recorder* telemetry_;
  const connection_options options_;
  std::string commented_;
  std::optional<backend> backend_ = {};  // none before a lazy connection has connected
  std::optional<counter> reconnects_ = {};
  int server_pid_ = 0;  // of the last session
  querytap::transaction transaction_ = {};
  std::uint64_t transactions_ended_ = 0;
  std::map<std::string, detail::prepared_statement> prepared_ = {};
  std::map<std::string, int> listeners_ = {};  // by channel, how many
  std::set<std::string> variables_ = {};       // whose values libpqxx knows
};

inline detail::session_check::~session_check() { db_.check_session(site_); }

namespace detail {

/// What the decorator's other classes need of a connection.
struct access {
  static const statement& statement_for(connection_base& db, std::string_view sql) {
    return db.statement_for(sql);
  }
  static const statement& statement_without_values(connection_base& db, std::string_view sql) {
    return db.destination().statement_for(sql);
  }
  /// A call whose end is not that of a function.
  static operation begin_call(connection_base& db, std::string_view sql, code_location site) {
    operation call{statement_without_values(db, sql), site};
    call.of(db.transaction_);
    return call;
  }
  static querytap::transaction& transaction(connection_base& db) { return db.transaction_; }
  static void begin_transaction(connection_base& db, code_location site) noexcept {
    db.transaction_.begin(*db.backend_, site);
  }
  static std::map<std::string, int>& listeners(connection_base& db) { return db.listeners_; }
  static std::uint64_t& transactions_ended(connection_base& db) { return db.transactions_ended_; }
  static std::set<std::string>& variables(connection_base& db) { return db.variables_; }

  /// With the connection's comment; good until the next call.
  static const std::string& sent_text(connection_base& db, const located_text& sql) {
    return db.options_.comment.empty() ? sql.text() : db.commented(sql.text());
  }
  template <class... Values>
  static sent_call call(connection_base& db, const located_text& sql, const Values&... values) {
    return {db.statement_for(sql.text()), db.describes_parameters(), sql, values...};
  }
  template <class... Values>
  static sent_call prepared_call(connection_base& db, const located_text& name,
                                 const Values&... values) {
    return {db.prepared(name.text()), db.describes_parameters(), name, values...};
  }
  template <class Execute>
  static auto measure(connection_base& db, const sent_call& call, Execute execute) {
    const session_check session{db, call.site()};
    return call.measure(db.transaction_, execute);
  }
  template <class Execute>
  static auto measure(connection_base& db, std::string_view sql, code_location site, phase phase,
                      Execute execute) {
    return db.measure(sql, site, phase, execute);
  }
  /// libpqxx has rolled back, unless the exception that is being handled says that nothing was sent.
  static void statement_failed(transaction_base& tx) noexcept;
  static void check_session(connection_base& db, code_location site) noexcept {
    db.check_session(site);
  }
};

}  // namespace detail
}  // namespace querytap::postgres
