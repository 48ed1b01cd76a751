#include <querytap/decorators/mysql/connection.hpp>

#include "session.hpp"

#include <querytap/decorators/mysql/calls.hpp>

#include <exception>
#include <new>

namespace querytap::mysql {
namespace {

MYSQL* new_handle() {
  MYSQL* const handle = ::mysql_init(nullptr);
  if (handle == nullptr) throw std::bad_alloc{};
  return handle;
}

/// Closes a handle unless the connection that it is for has been made.
class unused_handle {
 public:
  explicit unused_handle(MYSQL* handle) noexcept : handle_{handle} {}
  unused_handle(const unused_handle&) = delete;
  unused_handle& operator=(const unused_handle&) = delete;
  ~unused_handle() {
    if (handle_ != nullptr) ::mysql_close(handle_);
  }
  MYSQL* release() noexcept { return std::exchange(handle_, nullptr); }

 private:
  MYSQL* handle_;
};

}  // namespace

connection::connection(recorder& telemetry, const connection_options& options)
    : native_{new_handle()}, is_own_{true}, session_{[&] {
        unused_handle handle{native_};
        auto session = std::make_unique<detail::session>(telemetry, *this, options);
        static_cast<void>(handle.release());
        return session;
      }()} {}

connection::connection(recorder& telemetry, MYSQL* handle, const connection_options& options)
    : native_{handle},
      is_own_{false},
      session_{std::make_unique<detail::session>(telemetry, *this, options)} {}

connection::~connection() {
  MYSQL* const handle = detail::session::release(*this);
  if (is_own_ && handle != nullptr) ::mysql_close(handle);
}

connection* mysql_init(recorder& telemetry, const connection_options& options) noexcept {
  try {
    auto made = std::make_unique<connection>(telemetry, options);
    detail::session::set_on_heap(*made);
    return made.release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

connection* mysql_init(connection* db) noexcept {
  detail::session::reopen(*db);
  return db->native() == nullptr ? nullptr : db;
}

connection* mysql_real_connect(connection* db, const char* host, const char* user,
                               const char* password, const char* database, unsigned port,
                               const char* unix_socket, unsigned long flags) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_connect();
  const bool is_connected = ::mysql_real_connect(db->native(), host, user, password, database, port,
                                                 unix_socket, flags) != nullptr;
  session.end_connect(is_connected);
  return is_connected ? db : nullptr;
}

my_bool mariadb_reconnect(connection* db) noexcept {
  detail::session& session = detail::session::of(*db);
  session.begin_connect();
  const my_bool failed = ::mariadb_reconnect(db->native());
  session.end_connect(failed == 0);
  return failed;
}

void mysql_close(connection* db) noexcept {
  if (db == nullptr) return;
  ::mysql_close(detail::session::release(*db));
  detail::session::end_release(*db);
}

}  // namespace querytap::mysql
