#pragma once

#include "mongodb_document.hpp"

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/servers/mongodb/mongodb_address.hpp>

#include <sys/types.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Why a MongoDB gave no answer. Without its text.
class mongodb_trouble : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An answer that is an error.
class refused_by_mongodb final : public mongodb_trouble {
 public:
  refused_by_mongodb(const std::string& message, int code)
      : mongodb_trouble{message}, code_{code} {}

  [[nodiscard]] int code() const noexcept { return code_; }
  /// The user may not, or there is no such command or stage.
  [[nodiscard]] bool is_lack_of_right() const noexcept { return code_ == 13; }

 private:
  int code_;
};

/// `db.system.name`, `server.address` and, unless it is the usual one, `server.port`: as the calls of the
/// decorator have them.
[[nodiscard]] attributes labels_of(const mongodb_address& address);

/// One connection to one member, which it uses whatever the member's role is.
///
/// libmongoc has no deadlines but time limits for each step: a client is made with a share of the time that is
/// left, so that the steps of one command end in time together, and made anew where that does not fit.
///
/// Threads  one at a time.
/// Errors   mongodb_trouble; refused_by_mongodb for an error, after which the connection can go on.
class mongodb_session {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  explicit mongodb_session(mongodb_address address);
  ~mongodb_session() { disconnect(); }
  mongodb_session(const mongodb_session&) = delete;
  mongodb_session& operator=(const mongodb_session&) = delete;

  /// A command in extended JSON.
  [[nodiscard]] mongodb_document ask(std::string_view database, std::string_view command,
                                     deadline until);
  [[nodiscard]] const mongodb_address& address() const noexcept { return address_; }

 private:
  using share_of_time = std::chrono::milliseconds;

  void connect(deadline until);
  [[nodiscard]] bool send(std::string_view database, const mongodb_document& command, bson_t& reply,
                          bson_error_t& error);
  void disconnect() noexcept;
  [[noreturn]] void fail(const bson_error_t& error, share_of_time spent);

  const mongodb_address address_;
  mongoc_client_t* client_ = nullptr;
  share_of_time share_{};
  pid_t process_ = 0;
};

}  // namespace querytap::detail
