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

// As deep as requests are nested.
struct spares {
  std::array<std::unique_ptr<ledger>, 4> spare_ledgers;
  std::size_t size = 0;
};

struct spares_of_thread {
  ~spares_of_thread();
  spares made;
};

constinit thread_local spares* current_spares QUERYTAP_INITIAL_EXEC = nullptr;
constinit thread_local bool storage_is_gone QUERYTAP_INITIAL_EXEC = false;

spares_of_thread::~spares_of_thread() {
  current_spares = nullptr;
  storage_is_gone = true;
}

spares* spares_here() noexcept {
  if (current_spares == nullptr && !storage_is_gone) {
    thread_local spares_of_thread of_thread;
    current_spares = &of_thread.made;
  }
  return current_spares;
}

}  // namespace

ledger* take_ledger() noexcept {
  spares* const here = spares_here();
  if (here != nullptr && here->size != 0) return here->spare_ledgers[--here->size].release();
  return new (std::nothrow) ledger;
}

void give_back(ledger* used) noexcept {
  used->clear();
  std::unique_ptr<ledger> spare{used};
  spares* const here = spares_here();
  if (here != nullptr && here->size != here->spare_ledgers.size())
    here->spare_ledgers[here->size++] = std::move(spare);
}

}  // namespace querytap::detail
