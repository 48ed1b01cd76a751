#pragma once

#include "open_transaction.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace querytap {
class statement;
}

namespace querytap::detail {

/// The open transactions that began on one thread, with the calls that the thread made of other backends
/// meanwhile. Deeper than `most` they are not listed.
///
/// Threads  its own alone. A transaction that another thread ended is found to be over, and removed: until
///          then what it refers to in its recorder is compared only.
class transactions_of_thread {
 public:
  static constexpr std::size_t most = 8;

  transactions_of_thread() noexcept = default;
  transactions_of_thread(const transactions_of_thread&) = delete;
  transactions_of_thread& operator=(const transactions_of_thread&) = delete;
  ~transactions_of_thread();

  /// Of this thread; null where its thread-local storage is gone.
  [[nodiscard]] static transactions_of_thread* find() noexcept;

  void add(std::shared_ptr<const open_transaction> shown, std::uint64_t number,
           const backend_state& backend, std::uint64_t recorder_id) noexcept;
  /// The calls of other backends; none if the transaction is not listed.
  [[nodiscard]] foreign_calls remove(const open_transaction& shown, std::uint64_t number) noexcept;
  void add_call(const statement& statement, std::uint64_t nanoseconds, code_location site) noexcept;

 private:
  struct entry {
    std::shared_ptr<const open_transaction> shown;
    std::uint64_t number = 0;
    const backend_state* backend = nullptr;
    std::uint64_t recorder_id = 0;
    foreign_calls foreign;
  };

  void remove_ended() noexcept;
  void erase(std::size_t index) noexcept;

  std::array<entry, most> entries_{};
  std::size_t size_ = 0;
};

}  // namespace querytap::detail
