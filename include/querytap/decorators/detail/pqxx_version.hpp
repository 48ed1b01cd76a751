#pragma once

#include <pqxx/pqxx>

#include <cstddef>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// What libpqxx 6, 7 and 8 do otherwise than each other: the rest of the decorator asks here, and tests no
// version. A member that one of them lacks is a template of the decorator that does not compile with it.

#if PQXX_VERSION_MAJOR < 6 || PQXX_VERSION_MAJOR > 8 || \
    (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR < 10)
#error "querytap's decorator is written for libpqxx 6.4, for 7 from 7.10 on, and for 8"
#endif

/// Around what only version 6 has: invocations and transactors.
#define QUERYTAP_PQXX_IS_6 (PQXX_VERSION_MAJOR == 6)

namespace querytap::postgres::detail {

/// The parts of a table's name, as libpqxx 7 and 8 take them.
using table_path = std::initializer_list<std::string_view>;

}  // namespace querytap::postgres::detail

#include <pqxx/internal/ignore-deprecated-pre.hxx>

#if PQXX_VERSION_MAJOR >= 7

namespace pqxx::prepare {}  // namespace pqxx::prepare

namespace querytap::postgres::detail {

using native_connection = pqxx::connection;
using native_subtransaction = pqxx::subtransaction;
using native_stream_to = pqxx::stream_to;
using parameters = pqxx::params;
using prepared_name = pqxx::prepped;
using description_text = std::string_view;
using write_policy = pqxx::write_policy;
using cursor_update = pqxx::cursor_base::update_policy;
using cursor_ownership = pqxx::cursor_base::ownership_policy;
using object_size = std::size_t;

inline constexpr bool exec_rolls_back = false;
inline constexpr bool prepares_at_once = true;
inline constexpr bool saves_at_once = true;
inline constexpr bool keeps_variables = false;

/// Names that only version 6 explains.
template <pqxx::isolation_level Level>
struct isolation_tag;
struct connect_direct;
struct connect_lazy;
struct connect_async;
struct connect_null;
template <class Policy>
struct native_of;
template <>
struct native_of<connect_direct> {
  using type = pqxx::connection;
};
#define QUERYTAP_PQXX_CONNECTIONS(apply) apply(pqxx::connection)

struct connection_names {
  using error_verbosity = pqxx::error_verbosity;
  static constexpr error_verbosity terse = error_verbosity::terse;
  static constexpr error_verbosity normal = error_verbosity::normal;
  static constexpr error_verbosity verbose = error_verbosity::verbose;
};

/// Its end ends it: there is no other session.
inline void activate(native_connection&) { throw pqxx::broken_connection{"connection is closed"}; }
inline void begin(native_subtransaction&) {}
/// Not known: libpq's connection is not shown.
[[nodiscard]] inline bool has_failed_on_server(const pqxx::transaction_base&) noexcept {
  return false;
}
/// Its line is set when it is made.
struct first_row {
  void set_retry(pqxx::stream_from&) noexcept {}
};

#if PQXX_VERSION_MAJOR == 7
inline int await_notification(native_connection& db) { return db.await_notification(); }
[[nodiscard]] inline std::string port_of(const native_connection& db) {
  const char* const port = db.port();
  return port == nullptr ? std::string{} : port;
}
template <class... Values>
[[nodiscard]] pqxx::params parameters_of(pqxx::transaction_base&, Values&&... values) {
  return pqxx::params{std::forward<Values>(values)...};
}
template <class Native>
[[nodiscard]] Native robust(native_connection& db, const std::string& name) {
  return Native{db, std::string_view{name}};
}
template <class Stream>
[[nodiscard]] auto read_raw_line(Stream& rows) {
  return rows.get_raw_line();
}
template <class T>
inline constexpr bool is_dynamic_params = false;
template <class... Arguments>
inline constexpr bool is_dynamic_params<pqxx::internal::dynamic_params<Arguments...>> = true;
#else
/// Without an argument it is ambiguous in 8.0.
inline int await_notification(native_connection& db) {
  return db.await_notification(pqxx::sl::current());
}
[[nodiscard]] inline std::string port_of(const native_connection& db) {
  const auto port = db.port_number();
  return port ? std::to_string(*port) : std::string{};
}
/// Texts are escaped by the encoding of the session.
template <class... Values>
[[nodiscard]] pqxx::params parameters_of(pqxx::transaction_base& tx, Values&&... values) {
  return pqxx::params{tx, std::forward<Values>(values)...};
}
/// 8.0 has constructors with a name, and they do not compile.
template <class Native>
[[nodiscard]] Native robust(native_connection& db, const std::string&) {
  return Native{db};
}
template <class Stream>
[[nodiscard]] auto read_raw_line(Stream& rows) {
  return rows.get_raw_line(pqxx::sl::current());
}
template <class T>
inline constexpr bool is_dynamic_params = false;
#endif

template <class T>
concept convertible_value =
    !std::is_same_v<T, pqxx::params> && !is_dynamic_params<T> && requires(const T& value) {
  pqxx::string_traits<T>::size_buffer(value);
};
template <convertible_value T>
[[nodiscard]] bool is_null_value(const T& value) {
  return pqxx::is_null(value);
}

inline pqxx::result exec(pqxx::transaction_base& tx, const std::string& sql,
                         std::string_view description) {
  return description.empty() ? tx.exec(std::string_view{sql})
                             : tx.exec(std::string_view{sql}, description);
}
inline pqxx::result exec_n(pqxx::transaction_base& tx, std::size_t rows, const std::string& sql,
                           std::string_view description) {
  return exec(tx, sql, description).expect_rows(static_cast<pqxx::result_size_type>(rows));
}
template <class... Values>
pqxx::result exec_params(pqxx::transaction_base& tx, const std::string& sql, Values&&... values) {
  return tx.exec(std::string_view{sql}, parameters_of(tx, std::forward<Values>(values)...));
}
template <class... Values>
pqxx::result exec_params_n(pqxx::transaction_base& tx, std::size_t rows, const std::string& sql,
                           Values&&... values) {
  return exec_params(tx, sql, std::forward<Values>(values)...)
      .expect_rows(static_cast<pqxx::result_size_type>(rows));
}
template <class... Values>
pqxx::result exec_prepared(pqxx::transaction_base& tx, const std::string& name,
                           Values&&... values) {
  return tx.exec(pqxx::prepped{name}, parameters_of(tx, std::forward<Values>(values)...));
}
template <class... Values>
pqxx::result exec_prepared_n(pqxx::transaction_base& tx, std::size_t rows, const std::string& name,
                             Values&&... values) {
  return exec_prepared(tx, name, std::forward<Values>(values)...)
      .expect_rows(static_cast<pqxx::result_size_type>(rows));
}
[[nodiscard]] inline pqxx::row only_row(const pqxx::result& rows) { return rows.one_row(); }

/// "a,b"
template <class Iterator>
[[nodiscard]] std::string joined(Iterator begin, Iterator end) {
  return pqxx::separated_list(",", begin, end);
}
template <class... Arguments>
[[nodiscard]] pqxx::stream_from open_stream_from(pqxx::transaction_base& tx,
                                                 const std::string& table,
                                                 const Arguments&... columns) {
  return pqxx::stream_from{tx, std::string_view{table}, columns...};
}
/// 7.10 has a constructor with columns, and it does not compile.
[[nodiscard]] inline pqxx::stream_to open_stream_to(pqxx::transaction_base& tx,
                                                    const std::string& table) {
  return pqxx::stream_to::raw_table(tx, table);
}
template <class Iterator>
[[nodiscard]] pqxx::stream_to open_stream_to(pqxx::transaction_base& tx, const std::string& table,
                                             Iterator begin, Iterator end) {
  return pqxx::stream_to::raw_table(tx, table, joined(begin, end));
}
/// The stream keeps the failure of its destructor to itself and its transaction.
template <class Call>
void end_stream(native_stream_to&, Call&) noexcept {}
template <class Stream>
[[nodiscard]] bool read_raw_line(Stream& rows, std::string& line) {
  const auto [text, size] = read_raw_line(rows);
  if (!rows) return false;
  line.assign(text.get(), size);
  return true;
}

}  // namespace querytap::postgres::detail

#else  // libpqxx 6

namespace querytap::postgres::detail {

using native_connection = pqxx::connection_base;
using description_text = const std::string&;
using write_policy = pqxx::readwrite_policy;
using cursor_update = pqxx::cursor_base::updatepolicy;
using cursor_ownership = pqxx::cursor_base::ownershippolicy;
using object_size = long;

/// Names that only versions after it explain.
struct parameters;
struct prepared_name;

/// exec() of a transaction rolls back before it throws.
inline constexpr bool exec_rolls_back = true;
/// prepare() sends the statement.
inline constexpr bool prepares_at_once = false;
/// A subtransaction sends its SAVEPOINT before its first statement, and not when it is constructed.
inline constexpr bool saves_at_once = false;
/// A variable that was set is known without a question to the server, and set again in another session.
inline constexpr bool keeps_variables = true;

/// Whether a statement of the transaction has failed on the server, which answers a COMMIT with a
/// ROLLBACK; libpqxx does not look.
[[nodiscard]] bool has_failed_on_server(const pqxx::transaction_base& tx) noexcept;

template <pqxx::isolation_level Level>
using isolation_tag = pqxx::isolation_traits<Level>;
using pqxx::connect_async;
using pqxx::connect_direct;
using pqxx::connect_lazy;
using pqxx::connect_null;
template <class Policy>
struct native_of {
  using type = pqxx::basic_connection_base<Policy>;
};
#define QUERYTAP_PQXX_CONNECTIONS(apply)                                           \
  apply(pqxx::connection) apply(pqxx::lazyconnection) apply(pqxx::asyncconnection) \
      apply(pqxx::nullconnection)

struct connection_names {
  using capability = native_connection::capability;
  using error_verbosity = native_connection::error_verbosity;
  static constexpr capability cap_end = native_connection::cap_end;
  static constexpr error_verbosity terse = native_connection::terse;
  static constexpr error_verbosity normal = native_connection::normal;
  static constexpr error_verbosity verbose = native_connection::verbose;
};

inline void activate(native_connection& db) { db.activate(); }
inline int await_notification(native_connection& db) { return db.await_notification(); }

[[nodiscard]] inline std::string port_of(native_connection& db) {
  const char* const port = db.port();
  return port == nullptr ? std::string{} : port;
}

template <class T>
inline constexpr bool is_dynamic_params = false;
template <class... Arguments>
inline constexpr bool is_dynamic_params<pqxx::internal::dynamic_params<Arguments...>> = true;
template <class T>
concept convertible_value = requires(const T& value) {
  pqxx::string_traits<T>::to_string(value);
};
template <convertible_value T>
[[nodiscard]] bool is_null_value(const T& value) {
  return pqxx::string_traits<T>::is_null(value);
}

inline pqxx::result exec(pqxx::transaction_base& tx, const std::string& sql,
                         const std::string& description) {
  return tx.exec(sql, description);
}
inline pqxx::result exec_n(pqxx::transaction_base& tx, std::size_t rows, const std::string& sql,
                           const std::string& description) {
  return tx.exec_n(rows, sql, description);
}
template <class... Values>
pqxx::result exec_params(pqxx::transaction_base& tx, const std::string& sql, Values&&... values) {
  return tx.exec_params(sql, std::forward<Values>(values)...);
}
template <class... Values>
pqxx::result exec_params_n(pqxx::transaction_base& tx, std::size_t rows, const std::string& sql,
                           Values&&... values) {
  return tx.exec_params_n(rows, sql, std::forward<Values>(values)...);
}
template <class... Values>
pqxx::result exec_prepared(pqxx::transaction_base& tx, const std::string& name,
                           Values&&... values) {
  return tx.exec_prepared(name, std::forward<Values>(values)...);
}
template <class... Values>
pqxx::result exec_prepared_n(pqxx::transaction_base& tx, std::size_t rows, const std::string& name,
                             Values&&... values) {
  return tx.exec_prepared_n(rows, name, std::forward<Values>(values)...);
}
[[nodiscard]] inline pqxx::row only_row(const pqxx::result& rows) { return rows.front(); }

template <class Native>
[[nodiscard]] Native robust(native_connection& db, const std::string& name) {
  return Native{db, name};
}

/// Sends the SAVEPOINT with the first statement; begun by itself, that is an operation of its own.
class native_subtransaction : public pqxx::subtransaction {
 public:
  native_subtransaction(pqxx::dbtransaction& parent, const std::string& name)
      : namedclass{"subtransaction", parent.conn().adorn_name(name)},
        pqxx::subtransaction{parent, name} {}

  void begin() { Begin(); }
};
inline void begin(native_subtransaction& part) { part.begin(); }

/// libpqxx 6.4 never sets whether a stream holds a line that could not be read the first time, and so may
/// take an empty one for it. A row of no values sets it: what the row was is the next one again.
class first_row {
 public:
  void set_retry(pqxx::stream_from& rows) {
    if (std::exchange(is_set_, true)) return;
    try {
      std::tuple<> nothing;
      rows >> nothing;
    } catch (const pqxx::usage_error&) {
      // It holds the line now.
    }
  }

 private:
  bool is_set_ = false;
};

/// A stream whose end, which libpqxx keeps to itself in a destructor, can be seen to fail.
class native_stream_to : public pqxx::stream_to {
 public:
  native_stream_to(pqxx::transaction_base& tx, const std::string& table)
      : namedclass{"stream_to", table}, pqxx::stream_to{tx, table} {}
  // The name that libpqxx gives it, which its messages have.
  template <class Iterator>
  native_stream_to(pqxx::transaction_base& tx, const std::string& table, Iterator columns_begin,
                   Iterator columns_end)
      : namedclass{"stream_from", table}, pqxx::stream_to{tx, table, columns_begin, columns_end} {}

  /// What the destructor does, to the letter, with a word to the call.
  template <class Call>
  void end(Call& call) noexcept {
    try {
      complete();
    } catch (const std::exception& error) {
      call.fail();
      reg_pending_error(error.what());
    }
  }
};
template <class Call>
void end_stream(native_stream_to& rows, Call& call) noexcept {
  rows.end(call);
}

/// "a,b"
template <class Iterator>
[[nodiscard]] std::string joined(Iterator begin, Iterator end) {
  return pqxx::separated_list(",", begin, end);
}
template <class... Arguments>
[[nodiscard]] pqxx::stream_from open_stream_from(pqxx::transaction_base& tx,
                                                 const std::string& table,
                                                 const Arguments&... columns) {
  return pqxx::stream_from{tx, table, columns...};
}
template <class... Arguments>
[[nodiscard]] native_stream_to open_stream_to(pqxx::transaction_base& tx, const std::string& table,
                                              const Arguments&... columns) {
  return native_stream_to{tx, table, columns...};
}
[[nodiscard]] inline bool read_raw_line(pqxx::stream_from& rows, std::string& line) {
  return rows.get_raw_line(line);
}

}  // namespace querytap::postgres::detail

#endif

#include <pqxx/internal/ignore-deprecated-post.hxx>
