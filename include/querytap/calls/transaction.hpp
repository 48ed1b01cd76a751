#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/detail/features.hpp>
#include <querytap/base/smart_pointers.hpp>

#include <cstdint>

namespace querytap {

class backend;

enum class transaction_end : std::uint8_t {
  committed,
  rolled_back,
  lost,  ///< with its connection, or in a failed COMMIT: what became of it is not known
};

namespace detail {

class backend_state;
class open_transaction;
class transactions_of_thread;

/// The transactions that began on this thread and are open; null where there is none.
extern thread_local constinit transactions_of_thread* current_transactions QUERYTAP_INITIAL_EXEC;

}  // namespace detail

/// The transaction of one connection, from BEGIN to its end: how long it took, how long the application
/// let it idle, and which other backends it called meanwhile. The decorators have one for each
/// connection; this is for a client that has no decorator.
///
///     transaction open;                                  // beside the connection
///     run("BEGIN");   open.begin(orders);                // once BEGIN has been answered
///     operation call{insert}; call.of(open);             // each call of the connection, COMMIT too
///     run("COMMIT");  open.end(transaction_end::committed);
///
/// Recorded are `querytap.transaction.duration`, and `querytap.transaction.idle`, the time without a
/// call of the connection: from BEGIN to the first query, between queries, and from the last one to
/// COMMIT or ROLLBACK. Findings, with the lines of both ends: `idle_in_transaction` past
/// recorder_options::idle_in_transaction, also while it lasts, and `io_in_transaction`, a call of
/// another backend on the thread that began the transaction.
///
/// Threads  one at a time, as the connection. Calls of other backends are seen on the thread that called
///          begin(), and reported if that thread calls end(), too.
/// Cost     begin() and end(): a clock read each, and four records. A call of the connection: some
///          stores. A call of another backend while a transaction is open: at most some 20 ns. The
///          first begin() allocates, and takes a lock. bench/calls/transaction_bench.cpp.
/// Errors   none; without memory the transaction is not measured.
/// Lifetime outlives the operations that it was given to; the recorder outlives it. Ended by its
///          destructor if it is open: rolled back, as a server does when a connection ends.
class transaction {
 public:
  transaction() noexcept = default;
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction() {
    if (is_open()) end(transaction_end::rolled_back, last_site_);
  }

  /// `site` is the line that began it. Begins anew if it is open: what was open then counts as lost.
  void begin(const backend& backend, code_location site = code_location::current()) noexcept;
  /// Does nothing if it is not open.
  void end(transaction_end how, code_location site = code_location::current()) noexcept;
  [[nodiscard]] bool is_open() const noexcept { return backend_ != nullptr; }

 private:
  friend class operation;

  /// A number that belongs to the open transaction of this connection.
  std::uint64_t begin_call(std::uint64_t ticks, code_location site) noexcept;
  void end_call(std::uint64_t number, std::uint64_t ticks, code_location site) noexcept;
  void begin_idling(std::uint64_t ticks, code_location site) noexcept;
  void end_idling(std::uint64_t ticks, code_location site) noexcept;
  [[nodiscard]] std::uint64_t note_idle(std::uint64_t ticks, code_location site) noexcept;
  [[nodiscard]] bool prepare(detail::backend_state& backend) noexcept;
  void report(std::uint64_t nanoseconds) noexcept;

  struct idle_time {
    std::uint64_t nanoseconds = 0;
    code_location after = {};
    code_location until = {};
  };

  std::shared_ptr<detail::open_transaction> shown_;  // made by the first begin()
  detail::backend_state* backend_ = nullptr;         // null while none is open
  std::uint64_t number_ = 0;                         // counts the transactions of the connection
  std::uint64_t begin_ = 0;                          // ticks
  std::uint64_t idle_since_ = 0;                     // ticks
  std::uint32_t calls_in_flight_ = 0;
  std::uint32_t calls_ = 0;
  code_location begin_site_;
  code_location last_site_;
  // Nanoseconds without a call. Of the last time it is known only at the end that the call after it
  // was COMMIT.
  std::uint64_t to_first_ = 0;
  std::uint64_t between_ = 0;
  std::uint64_t last_idle_ = 0;
  idle_time longest_idle_;
};

}  // namespace querytap
