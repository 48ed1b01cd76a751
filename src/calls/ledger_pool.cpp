#include "ledger_pool.hpp"

#include <querytap/base/detail/features.hpp>
#include <querytap/calls/detail/ledger.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

// As many as requests are nested.
struct spare_ledgers {
  std::array<std::unique_ptr<ledger>, 4> spares;
  std::size_t size = 0;
};

struct spare_ledgers_of_thread {
  ~spare_ledgers_of_thread();
  spare_ledgers ledgers;
};

constinit thread_local spare_ledgers* current_spare_ledgers QUERYTAP_INITIAL_EXEC = nullptr;
constinit thread_local bool spare_ledgers_are_gone QUERYTAP_INITIAL_EXEC = false;

spare_ledgers_of_thread::~spare_ledgers_of_thread() {
  current_spare_ledgers = nullptr;
  spare_ledgers_are_gone = true;
}

spare_ledgers* spare_ledgers_for_thread() noexcept {
  if (current_spare_ledgers == nullptr && !spare_ledgers_are_gone) {
    thread_local spare_ledgers_of_thread made;
    current_spare_ledgers = &made.ledgers;
  }
  return current_spare_ledgers;
}

}  // namespace

ledger* take_ledger() noexcept {
  spare_ledgers* const of_thread = spare_ledgers_for_thread();
  if (of_thread != nullptr && of_thread->size != 0)
    return of_thread->spares[--of_thread->size].release();
  return new (std::nothrow) ledger;
}

void give_back(ledger* used) noexcept {
  used->clear();
  std::unique_ptr<ledger> spare{used};
  spare_ledgers* const of_thread = spare_ledgers_for_thread();
  if (of_thread != nullptr && of_thread->size != of_thread->spares.size())
    of_thread->spares[of_thread->size++] = std::move(spare);
}

}  // namespace querytap::detail
