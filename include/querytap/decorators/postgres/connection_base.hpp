#pragma once

#include <querytap/base/function.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/decorators/detail/connection_members.hpp>
#include <querytap/decorators/detail/pqxx_version.hpp>
#include <querytap/decorators/detail/sent_call.hpp>
#include <querytap/decorators/postgres/connection_options.hpp>
#include <querytap/decorators/postgres/names.hpp>
#include <querytap/recording/counter.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

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
  search_limit limit = {};      ///< of neighbours that it looks for
};

}  // namespace detail

/// All kinds of connections: what pqxx::connection_base is to libpqxx 6, and pqxx::connection to those after
/// it, with the same members. What
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
class connection_base : public detail::connection_members<connection_base> {
 public:
  connection_base(const connection_base&) = delete;
  connection_base& operator=(const connection_base&) = delete;

  // Sent to the server:

  /// libpqxx 6 sends the statement on its first execution.
  void prepare(const std::string& name, const std::string& definition,
               code_location site = code_location::current());
  void prepare(const std::string& definition, code_location site = code_location::current()) {
    prepare(std::string{}, definition, site);
  }
  template <class Native = detail::native_connection>
  void prepare_now(const std::string& name, code_location site = code_location::current()) {
    Native& native = *native_;
    prepare_once(name, site, [&] { native.prepare_now(name); });
  }
  void unprepare(const std::string& name, code_location site = code_location::current());
  void set_variable(const std::string& name, const std::string& value,
                    code_location site = code_location::current());
  std::string get_variable(const std::string& name, code_location site = code_location::current());
  void set_client_encoding(const std::string& encoding,
                           code_location site = code_location::current());
  /// A request of its own to the server, over another connection.
  void cancel_query(code_location site = code_location::current());
  /// Connects, if the connection is down.
  template <class Native = detail::native_connection>
  requires requires(Native& db) { db.activate(); }
  void activate(code_location site = code_location::current()) { open_native(site); }

  // Reads what the server has sent; receivers are called:

  int get_notifs() { return native_->get_notifs(); }
  int await_notification() { return detail::await_notification(*native_); }
  int await_notification(long seconds, long microseconds) {
    return native_->await_notification(seconds, microseconds);
  }

  // Passed through:

  [[nodiscard]] bool is_open() const noexcept { return native_->is_open(); }
  [[nodiscard]] int backendpid() const noexcept { return native_->backendpid(); }

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
  friend class detail::connection_members<connection_base>;
  friend class detail::session_check;
  friend struct detail::access;

  [[nodiscard]] const backend& destination() {
    if (!backend_) [[unlikely]]
      open_slow();
    return *backend_;
  }
  void open_slow();
  [[nodiscard]] const std::string& commented(const std::string& sql);
  void open_native(code_location site);
  void prepare_once(const std::string& name, code_location site, const std::function<void()>& send);
  [[nodiscard]] bool describes_parameters() const noexcept { return options_.describe_parameters; }
  /// The statement that the text is under the connection's settings of this moment.
  [[nodiscard]] const statement& statement_for(std::string_view sql);
  /// The statement that was prepared under this name.
  [[nodiscard]] const statement& prepared(const std::string& name);
  [[nodiscard]] search_limit limit_of_prepared(const std::string& name) const noexcept;
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
    sent_call call{db.prepared(name.text()), db.describes_parameters(), name, values...};
    if (call.statement().is_search()) [[unlikely]]
      call.note_search(db.limit_of_prepared(name.text()), values...);
    return call;
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
