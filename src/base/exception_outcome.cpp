#include <querytap/base/exception_outcome.hpp>

#include <cxxabi.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iterator>
#include <memory>
#include <new>
#include <string_view>
#include <system_error>
#include <typeinfo>

namespace querytap {

struct exception_classifier::entry {
  std::atomic<function> classify{nullptr};
  entry* next = nullptr;

  struct first_entries;
  static constinit first_entries
      without_allocation;  // a plugin that is closed leaves nothing behind

  [[nodiscard]] static entry* find_free() noexcept;
};

struct exception_classifier::entry::first_entries {
  constexpr first_entries() noexcept {
    for (std::size_t i = 1; i < std::size(all); ++i) all[i - 1].next = &all[i];
  }
  entry all[8];
};

constinit exception_classifier::entry::first_entries
    exception_classifier::entry::without_allocation{};
constinit std::atomic<exception_classifier::entry*> exception_classifier::first_{
    &entry::without_allocation.all[0]};

// The last of those that are free before one that is not: what is made next comes before it.
exception_classifier::entry* exception_classifier::entry::find_free() noexcept {
  entry* found = nullptr;
  for (entry* e = first_.load(std::memory_order_acquire); e != nullptr; e = e->next) {
    if (e->classify.load(std::memory_order_acquire) == nullptr) {
      found = e;
    } else if (found != nullptr) {
      break;
    }
  }
  return found;
}

exception_classifier::exception_classifier(function classify) noexcept {
  while (entry* const free = entry::find_free()) {
    function none = nullptr;
    if (free->classify.compare_exchange_strong(none, classify, std::memory_order_acq_rel)) {
      entry_ = free;
      return;
    }
  }
  // Never deleted: exceptions are classified after static destruction too.
  entry_ = new (std::nothrow) entry{classify, first_.load(std::memory_order_relaxed)};
  if (entry_ == nullptr) return;
  while (!first_.compare_exchange_weak(entry_->next, entry_, std::memory_order_release,
                                       std::memory_order_relaxed)) {
  }
}

exception_classifier::~exception_classifier() {
  if (entry_ != nullptr) entry_->classify.store(nullptr, std::memory_order_release);
}

namespace {

// The largest prefix that tells one type from another; template arguments have no end.
std::string_view shortened_type_name(std::string_view name) noexcept {
  name = name.substr(0, name.find('<'));
  for (const std::string_view own : {"std::", "querytap::"}) {
    if (!name.starts_with(own)) continue;
    return name.substr(name.rfind(':') + 1);
  }
  constexpr std::size_t longest = 45;  // of an outcome; the last name says more than the first
  return name.size() <= longest ? name : name.substr(name.rfind(':') + 1);
}

// Of the type that was thrown, whatever it is.
outcome outcome_by_type() noexcept {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  if (type == nullptr) return outcome::error({});
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name{
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free};
  return outcome::error(shortened_type_name(name == nullptr ? type->name() : name.get()));
}

failure_kind kind_of_system_error(const std::error_code& code) noexcept {
  if (code == std::errc::timed_out) return failure_kind::timeout;
  if (code == std::errc::operation_canceled) return failure_kind::cancelled;
  return failure_kind::error;
}

// "generic:111"
outcome outcome_of_system_error(const std::error_code& code) noexcept {
  char text[45];
  const std::string_view category{code.category().name()};
  char* end = text + category.copy(text, sizeof text - 13);
  *end++ = ':';
  end = std::to_chars(end, std::end(text), code.value()).ptr;
  return outcome::error({text, static_cast<std::size_t>(end - text)}, {},
                        kind_of_system_error(code));
}

}  // namespace

outcome outcome_of_current_exception() noexcept {
  if (std::current_exception() == nullptr) return outcome::error({});
  using classifier = exception_classifier;
  for (auto* e = classifier::first_.load(std::memory_order_acquire); e != nullptr; e = e->next) {
    const classifier::function classify = e->classify.load(std::memory_order_acquire);
    if (classify == nullptr) continue;
    if (const std::optional<outcome> known = classify()) return *known;
  }
  try {
    throw;
  } catch (const std::system_error& error) {
    return outcome_of_system_error(error.code());
  } catch (...) {
    return outcome_by_type();
  }
}

}  // namespace querytap
