#pragma once

#include "command_pattern.hpp"
#include "command_shape.hpp"
#include "open_sessions.hpp"
#include "paused_calls.hpp"
#include "reply.hpp"
#include "server_watch.hpp"
#include "thread_state.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/decorators/mongodb/observation.hpp>
#include <querytap/recording/counter.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::mongodb::detail {

/// A command as libmongoc tells of it.
struct started_command {
  std::string_view name = {};  ///< of a command whose content is hidden
  std::string_view bytes = {};
  std::string_view database = {};
  std::string_view host = {};
  std::uint16_t port = 0;
  std::int64_t request = 0;
  std::int64_t operation_number = 0;
};

struct ended_command {
  std::string_view reply = {};
  std::int64_t request = 0;
  bool has_failed = false;
  std::uint32_t domain = 0;  ///< of the error
  std::uint32_t code = 0;
};

/// Makes operations out of the events of one client or pool. A command is one; what belongs to it is the same
/// one: its next batches, and the attempts that the driver makes again.
///
/// Threads  those of the commands, each with its own; topology events on any.
/// Cost     what every command runs is marked as hot, here and in the files around: linkers put it side by side,
///          so that fewer pages and lines of code are fetched anew for each command.
/// Lifetime ends with the observation and the client, whichever is last: libmongoc tells of the end of
///          its topology. From the end of the observation on it records nothing.
class watcher {
 public:
  watcher(recorder& telemetry, const observation_options& options);
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

  /// Each owner calls one of these, once.
  void observation_ended() noexcept;
  void client_ended() noexcept { release(); }

  [[gnu::hot]] void started(const started_command& command) noexcept;
  [[gnu::hot]] void ended(const ended_command& command) noexcept;
  /// This thread makes no further attempt.
  void settle_attempt() noexcept;

  [[nodiscard]] bool is_watching() const noexcept {
    return is_watching_.load(std::memory_order_relaxed);
  }
  /// Of no command, and so of no server.
  [[nodiscard]] const backend& any_backend() const noexcept { return any_backend_; }
  [[nodiscard]] server_watch& servers() noexcept { return servers_; }

 private:
  struct backend_key {
    std::string database;
    std::string host;
    std::uint16_t port;
    friend bool operator==(const backend_key& key, const started_command& command) noexcept {
      return key.port == command.port && key.host == command.host &&
             key.database == command.database;
    }
  };

  ~watcher() = default;
  void release() noexcept;

  [[nodiscard, gnu::hot]] const backend& backend_for(const started_command& command) noexcept;
  /// Of a shape that is not known yet.
  void start_slow(const started_command& command) noexcept;
  /// `facts` are those of its shape.
  [[gnu::hot]] void start(const started_command& command, std::string_view text,
                          const command_facts& facts, std::uint64_t batch_size) noexcept;
  void expect_waiting(const statement& identity) const noexcept;
  void go_on(const started_command& command, const command_facts& facts, const paused_call& prior,
             std::uint64_t batch_size) noexcept;
  [[nodiscard]] bool take_call(const started_command& command, const command_facts& facts,
                               paused_call& found) noexcept;
  [[nodiscard, gnu::hot]] command_in_flight& begin(const started_command& command,
                                                   const statement& identity, code_location site,
                                                   const command_facts& facts,
                                                   transaction* open) noexcept;
  [[nodiscard, gnu::hot]] transaction* transaction_of(const started_command& command,
                                                      const command_facts& facts,
                                                      code_location site) noexcept;
  [[nodiscard, gnu::hot]] code_location site_of_scope() const noexcept;
  void end_transaction(const command_in_flight& command, const reply_facts& reply,
                       bool has_failed) noexcept;
  void pause(command_in_flight& command, std::uint64_t number, const outcome& failure,
             std::int64_t code) noexcept;
  void record(paused_call& call) noexcept;
  void end_failed(command_in_flight& mine, const ended_command& command,
                  const reply_facts& reply) noexcept;
  void abandon(command_in_flight& command) noexcept;
  [[gnu::hot]] void finish(command_in_flight& command, const reply_facts& reply) noexcept;
  void note_failure(const command_in_flight& command, const reply_facts& reply,
                    bool will_retry) noexcept;

  const std::uint64_t number_;
  const observation_options options_;
  recorder& telemetry_;
  const backend any_backend_;
  const counter retries_;
  const counter overloads_;
  querytap::detail::append_list<backend_key, backend> backends_;
  known_commands known_;
  paused_calls paused_;
  open_sessions sessions_;
  server_watch servers_;
  // ORDER relaxed: no command runs while it changes.
  std::atomic<bool> is_watching_{true};
  // ORDER the last owner sees what the others did: released and acquired by the same subtraction.
  std::atomic<int> owners_{2};
};

}  // namespace querytap::mongodb::detail
