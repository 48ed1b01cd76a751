#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/code_location.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/call_report.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

namespace querytap::testing::conformance {

/// What a client can do. The promises about a capability that it lacks are registered under a name
/// that says that they are not applicable.
struct capabilities {
  bool rows = false;              ///< calls return a number of rows, documents, values …
  bool transactions = false;      ///< adapter: transact()
  bool timeouts = false;          ///< a time limit ends a call: trouble::timeout
  bool cancellation = false;      ///< a caller or an administrator ends a call: trouble::cancelled
  bool locks = false;             ///< a call waits for another's lock: trouble::lock
  bool lost_connections = false;  ///< a connection can break: trouble::lost_connection
};

struct client_options {
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  bool describe_parameters = false;
};

/// One of the ways in which an application can make the same call: a text, a text with values, a
/// prepared statement, a command …
template <class Client>
struct way {
  std::string_view name;
  std::string_view statement;        ///< the sanitised text that is exported
  std::string_view parameters = {};  ///< the description of the values, `integer`; empty: no values
  /// Reads so many rows, and passes `site` on as the line of the call.
  void (Client::*read)(int rows, code_location site);
};

/// How a call can fail.
enum class trouble : std::uint8_t {
  refused,          ///< by the server: every client can be refused
  timeout,          ///< ended by a time limit
  cancelled,        ///< ended by a person or another session
  lock,             ///< ended while it waited for a lock
  lost_connection,  ///< broken in the middle of the call
};

/// What a call that met trouble is recorded as, and the exception that the application sees.
struct ending {
  attributes call;          ///< the attributes that name the call: `db.query.summary`, …
  std::string error_type;   ///< `error.type`
  std::string status_code;  ///< `db.response.status_code`; empty: the server gave none
  report_reason reason;
  std::type_index exception;  ///< the client's own type …
  std::string message;        ///< … and a part of its text; empty: any
};

/// The attributes that name the calls that begin and end a transaction.
struct transaction_calls {
  attributes begin;
  attributes commit;
  attributes rollback;
};

/// An adapter: one file for each client, which makes a few sample calls through the decorator. It
/// does not include a test framework, so that it compiles into programs of other kinds as well.
///
/// Everything that an adapter does outside of the sample calls (filling tables, setting limits,
/// holding locks) goes through the bare client, so that it is not counted.
template <class Client>
concept client = std::constructible_from<Client, recorder&, const client_options&> &&
    requires(Client client, code_location site, trouble trouble, std::function<void()> during,
             std::string_view secret, recorder& recorder) {
  { Client::name } -> std::convertible_to<std::string_view>;  // for the names of the tests
  { Client::can } -> std::convertible_to<capabilities>;
  { Client::labels() } -> std::same_as<attributes>;       // of every call: system, database, server
  { Client::read_labels() } -> std::same_as<attributes>;  // that name the call of way::read
  { Client::write_labels() } -> std::same_as<attributes>;  // that name the call of write()
  { Client::ways() } -> std::same_as<std::vector<way<Client>>>;
  // The next call of way::read runs `during`, once, on the caller's thread while the server is at
  // work. `during` does not throw.
  client.run_during_next_read(during);
  client.write(site);          // a call that returns no rows
  client.meet(trouble, site);  // one call that fails; throws the client's exception
  { Client::ending_of(trouble) } -> std::same_as<ending>;
  { client.is_usable() } -> std::same_as<bool>;  // whether the connection can make another call
  Client::connect_in_vain(recorder);             // a connection that fails; throws
  // Sends the secret in every part of a call that may hold one: literals, values, credentials,
  // calls that fail. Catches the exceptions.
  client.send_secret(secret);
};

/// The additional part of an adapter with capabilities::transactions.
template <class Client>
concept transactional_client = client<Client> &&
    requires(Client client, const std::function<void()>& inside) {
  { Client::transaction_labels() } -> std::same_as<transaction_calls>;
  // A transaction around one write() and `inside`, whose exceptions pass through.
  client.transact(true, inside);   // commits
  client.transact(false, inside);  // leaves it open, for its destructor to end
};

}  // namespace querytap::testing::conformance
