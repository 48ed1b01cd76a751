#include "transactions_of_thread.hpp"

#include <querytap/calls/statement.hpp>
#include <querytap/calls/transaction.hpp>

#include <utility>

namespace querytap::detail {

constinit thread_local transactions_of_thread* current_transactions QUERYTAP_INITIAL_EXEC = nullptr;

namespace {

constinit thread_local bool transactions_are_gone QUERYTAP_INITIAL_EXEC = false;

}  // namespace

transactions_of_thread* transactions_of_thread::find() noexcept {
  if (transactions_are_gone) return nullptr;
  thread_local transactions_of_thread of_thread;
  return &of_thread;
}

transactions_of_thread::~transactions_of_thread() {
  transactions_are_gone = true;
  current_transactions = nullptr;
}

void transactions_of_thread::add(std::shared_ptr<const open_transaction> shown,
                                 std::uint64_t number, const backend_state& backend,
                                 std::uint64_t recorder_id) noexcept {
  remove_ended();
  if (size_ == most) return;
  entries_[size_++] = {std::move(shown), number, &backend, recorder_id, {}};
  current_transactions = this;
}

foreign_calls transactions_of_thread::remove(const open_transaction& shown,
                                             std::uint64_t number) noexcept {
  for (std::size_t i = size_; i-- != 0;) {
    if (entries_[i].shown.get() != &shown || entries_[i].number != number) continue;
    foreign_calls foreign = std::move(entries_[i].foreign);
    erase(i);
    return foreign;
  }
  return {};
}

// Not a call of the same backend: whether it is of another connection, only a decorator knows.
void transactions_of_thread::add_call(const statement& statement, std::uint64_t nanoseconds,
                                      code_location site) noexcept {
  remove_ended();
  for (std::size_t i = 0; i < size_; ++i) {
    entry& open = entries_[i];
    const bool is_ours = open.recorder_id == statement.shown_as().recorder_id;
    if (!is_ours || open.backend == &statement.backend()) continue;
    foreign_calls& foreign = open.foreign;
    ++foreign.calls;
    foreign.nanoseconds += nanoseconds;
    if (foreign.calls > 1 && nanoseconds <= foreign.longest) continue;
    foreign.longest = nanoseconds;
    foreign.system = statement.system();
    foreign.statement = statement.shared_identity();
    foreign.site = site;
  }
}

void transactions_of_thread::remove_ended() noexcept {
  for (std::size_t i = size_; i-- != 0;) {
    if (!entries_[i].shown->is(entries_[i].number)) erase(i);
  }
}

void transactions_of_thread::erase(std::size_t index) noexcept {
  for (; index + 1 < size_; ++index) entries_[index] = std::move(entries_[index + 1]);
  entries_[--size_] = {};
  if (size_ == 0) current_transactions = nullptr;
}

}  // namespace querytap::detail
