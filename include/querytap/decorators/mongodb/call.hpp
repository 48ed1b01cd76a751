#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/decorators/mongodb/observation.hpp>

#include <mongoc/mongoc.h>

#include <cstddef>
#include <string_view>

namespace querytap {
class operation;
class statement;
}  // namespace querytap

namespace querytap::mongodb {

/// The line that commands of this thread belong to, to the end of a scope; and a call of libmongoc that may end
/// without any command: where no server is found, libmongoc has no event to tell.
///
///     mongodb::call here{watched, R"({"insert": "users"})"};
///     if (!mongoc_collection_insert_one(users, ada, nullptr, nullptr, &error)) here.fail(error);
///
/// With a text, a call is in flight until the first command is sent. It is recorded only if it fails before:
/// else the commands are. The call of an inner scope is its own.
///
/// Threads  the one that made it.
/// Cost     some 5 ns; with a text, those of an operation besides.
/// Lifetime ends in the order of scopes. The observation outlives it.
class call {
 public:
  /// Names the line alone.
  explicit call(const observation& watched, code_location site = code_location::current()) noexcept
      : call{watched, {}, site} {}
  /// `command` is what is tried, as extended JSON; its values leave no trace.
  call(const observation& watched, std::string_view command,
       code_location site = code_location::current()) noexcept;
  call(const call&) = delete;
  call& operator=(const call&) = delete;
  ~call();

  /// Ended like this: counts if no command was sent.
  void fail(const bson_error_t& error) noexcept;

 private:
  friend class detail::watcher;

  void command_begins() noexcept;
  void wait_for(const statement& statement) noexcept;

  detail::watcher* const watcher_;  // null where nothing is recorded
  call* outer_ = nullptr;
  const code_location site_;
  bool has_command_ = false;
  bool has_failed_ = false;
  operation* waiting_ = nullptr;  // in the room that follows: its header is not for this one
  alignas(std::max_align_t) std::byte room_[320];
};

}  // namespace querytap::mongodb
