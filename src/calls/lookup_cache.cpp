#include <querytap/calls/detail/lookup_cache.hpp>

#include "../base/fork_hooks.hpp"
#include "text_hash.hpp"
#include "text_table.hpp"

#include <querytap/base/detail/features.hpp>

#include <exception>

namespace querytap::detail {
namespace {

constinit text_table known_texts;

constinit thread_local text_reader* reader_of_thread QUERYTAP_INITIAL_EXEC = nullptr;
constinit thread_local bool reader_is_gone QUERYTAP_INITIAL_EXEC = false;

/// A fork waits for insertions, so that the child finds the table whole.
class text_table_guard final : public fork_hook {
 public:
  text_table_guard() : fork_hook{fork_stage::texts} {}
  using fork_hook::add;

 private:
  void before_fork() noexcept override { known_texts.lock(); }
  void in_parent() noexcept override { known_texts.unlock(); }
  void in_child() noexcept override {
    known_texts.forget_threads_of_parent(reader_of_thread);
    known_texts.unlock();
  }
};

struct reader_lease {
  ~reader_lease() {
    if (reader_of_thread != nullptr) text_readers::give_back(*reader_of_thread);
    reader_of_thread = nullptr;
    reader_is_gone = true;
  }
};

// Null without memory, or once the thread's storage is gone.
text_reader* lease_reader() noexcept {
  if (reader_is_gone) return nullptr;
  try {
    static text_table_guard& everlasting = *new text_table_guard;  // as processes fork at any time
    everlasting.add();
    thread_local const reader_lease lease;
    static_cast<void>(lease);
    return reader_of_thread = known_texts.readers().lease();
  } catch (const std::exception&) {
    return nullptr;
  }
}

text_reader* reader_of_this_thread() noexcept {
  return reader_of_thread != nullptr ? reader_of_thread : lease_reader();
}

// Several owners have equal texts, which are not to compete for the places of one set.
std::uint64_t key_of(std::uint64_t owner, std::uint64_t hash) noexcept {
  return folded_product(hash ^ owner, 0x9E3779B97F4A7C15);
}

const ref_counted* value_in_use(const text_reader& reader) noexcept {
  return &reader.in_use.load(std::memory_order_relaxed)->value();
}

bool insert_with_key(std::uint64_t owner, std::string_view text, std::uint64_t key,
                     const ref_counted& value) noexcept {
  text_reader* const reader = reader_of_this_thread();
  if (reader == nullptr) return false;
  const bool fits = text.size() <= lookup_cache::longest_text;
  if (!fits || !known_texts.insert(*reader, owner, text, key, value)) {
    reader->without_text = ref{value};
  }
  return true;
}

}  // namespace

const ref_counted* lookup_cache::find(std::uint64_t owner, std::string_view text) noexcept {
  text_reader* const reader = reader_of_this_thread();
  if (reader == nullptr || text.size() > longest_text) return nullptr;
  auto guess = reader->addresses.at(text);
  if (guess.is_any() && known_texts.use(*reader, guess.place(), owner, text)) {
    return value_in_use(*reader);
  }
  const auto place = known_texts.find(*reader, owner, text, key_of(owner, text_hash(text)));
  if (!place) return nullptr;
  guess.set(*place);
  return value_in_use(*reader);
}

const ref_counted* lookup_cache::find(std::uint64_t owner, std::string_view text,
                                      std::size_t hash) noexcept {
  text_reader* const reader = reader_of_this_thread();
  if (reader == nullptr) return nullptr;
  const auto place = known_texts.find(*reader, owner, text, key_of(owner, hash));
  return place ? value_in_use(*reader) : nullptr;
}

bool lookup_cache::insert(std::uint64_t owner, std::string_view text,
                          const ref_counted& value) noexcept {
  return insert_with_key(owner, text, key_of(owner, text_hash(text)), value);
}

bool lookup_cache::insert(std::uint64_t owner, std::string_view text, std::size_t hash,
                          const ref_counted& value) noexcept {
  return insert_with_key(owner, text, key_of(owner, hash), value);
}

void lookup_cache::purge_stale() noexcept { known_texts.purge_stale(); }

}  // namespace querytap::detail
