#include "mongodb_session.hpp"

#include "../common/expected_host.hpp"

#include <querytap/base/database_system.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

// Finding the server, authentication, a ping of a connection that was idle, and the command.
constexpr int steps_of_command = 4;

struct mongoc_uri_deleter {
  void operator()(mongoc_uri_t* uri) const noexcept { mongoc_uri_destroy(uri); }
};
using owned_mongoc_uri = std::unique_ptr<mongoc_uri_t, mongoc_uri_deleter>;

bool is_change_of_role(std::uint32_t code) {
  constexpr std::array codes{91U, 189U, 10107U, 11600U, 11602U, 13435U, 13436U};
  return std::ranges::find(codes, code) != codes.end();
}

owned_mongoc_uri uri_of(const mongodb_address& address, std::chrono::milliseconds share) {
  owned_mongoc_uri uri{mongoc_uri_new_for_host_port(address.host.c_str(), address.port)};
  if (!uri) throw mongodb_trouble{"the address of the server cannot be read"};
  const auto limit = static_cast<std::int32_t>(share.count());
  for (const char* const option : {MONGOC_URI_CONNECTTIMEOUTMS, MONGOC_URI_SOCKETTIMEOUTMS,
                                   MONGOC_URI_SERVERSELECTIONTIMEOUTMS}) {
    mongoc_uri_set_option_as_int32(uri.get(), option, limit);
  }
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_DIRECTCONNECTION, true);
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_RETRYREADS, false);
  mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_RETRYWRITES, false);
  mongoc_uri_set_appname(uri.get(), "querytap");
  if (!address.user.empty()) {
    mongoc_uri_set_username(uri.get(), address.user.c_str());
    mongoc_uri_set_password(uri.get(), address.password.c_str());
    mongoc_uri_set_auth_source(uri.get(), address.user_database.c_str());
  }
  if (!address.tls_authority.empty()) {
    mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_TLS, true);
    mongoc_uri_set_option_as_utf8(uri.get(), MONGOC_URI_TLSCAFILE, address.tls_authority.c_str());
  }
  return uri;
}

}  // namespace

attributes labels_of(const mongodb_address& address) {
  attributes labels{{"db.system.name", database_systems::mongodb.name},
                    {"server.address", address.host}};
  if (address.port != database_systems::mongodb.default_port) {
    labels.set({"server.port", std::int64_t{address.port}});
  }
  return labels;
}

mongodb_session::mongodb_session(mongodb_address address) : address_{std::move(address)} {
  expect_host(address_.host);
  if (address_.port == 0) throw configuration_error{"port", "0", "expected 1 to 65535"};
  mongoc_init();
}

// After a fork the parent goes on using its connection.
void mongodb_session::disconnect() noexcept {
  if (client_ == nullptr) return;
  if (process_ != getpid()) mongoc_client_reset(client_);
  mongoc_client_destroy(client_);
  client_ = nullptr;
}

void mongodb_session::fail(const bson_error_t& error, share_of_time spent) {
  if (error.domain == MONGOC_ERROR_SERVER) {
    // libmongoc looks for another primary then, which there is none of here, and waits half a second before.
    if (is_change_of_role(error.code)) disconnect();
    throw refused_by_mongodb{fmt::format("the server refuses with error {}", error.code),
                             static_cast<int>(error.code)};
  }
  const bool is_late = spent >= share_ * 9 / 10;
  disconnect();
  if (error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE) {
    throw mongodb_trouble{"the server does not accept this user and password"};
  }
  throw mongodb_trouble{is_late ? "the server did not answer in time"
                                : "cannot connect to the server"};
}

void mongodb_session::connect(deadline until) {
  using namespace std::chrono;
  const auto left = duration_cast<milliseconds>(until - steady_clock::now());
  const share_of_time share = left / steps_of_command;
  if (share.count() < 1) throw mongodb_trouble{"the server did not answer in time"};
  const bool is_ours = client_ != nullptr && process_ == getpid();
  // A deadline that is a little nearer than the last one needs no new connection.
  const bool fits = share_ <= share + share / 8 + share_of_time{1} && share <= 2 * share_;
  if (is_ours && fits) return;
  disconnect();
  client_ = mongoc_client_new_from_uri(uri_of(address_, share).get());
  if (client_ == nullptr) throw mongodb_trouble{"the options of the connection cannot be used"};
  mongoc_client_set_error_api(client_, MONGOC_ERROR_API_VERSION_2);
  share_ = share;
  process_ = getpid();
}

bool mongodb_session::send(std::string_view database, const mongodb_document& command,
                           bson_t& reply, bson_error_t& error) {
  error = {};
  return mongoc_client_command_simple(client_, std::string{database}.c_str(), &command.bson(),
                                      nullptr, &reply, &error);
}

mongodb_document mongodb_session::ask(std::string_view database, std::string_view command,
                                      deadline until) {
  using namespace std::chrono;
  const mongodb_document body = mongodb_document::of_json(command);
  const bool was_open = client_ != nullptr && process_ == getpid();
  connect(until);
  for (bool may_repeat = was_open;; may_repeat = false) {
    bson_t reply;
    bson_error_t error;
    const auto begin = steady_clock::now();
    const bool is_well = send(database, body, reply, error);
    const auto spent = duration_cast<milliseconds>(steady_clock::now() - begin);
    mongodb_document answer{reply};
    bson_destroy(&reply);
    if (is_well) return answer;
    // Closed meanwhile, as by a restart: it is asked once more on a new connection.
    const bool was_closed = error.domain == MONGOC_ERROR_STREAM && spent < share_ / 2;
    if (!was_closed || !may_repeat) fail(error, spent);
    disconnect();
    connect(until);
  }
}

}  // namespace querytap::detail
