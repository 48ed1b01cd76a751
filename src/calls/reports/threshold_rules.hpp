#pragma once

#include <querytap/base/dialect.hpp>
#include <querytap/recording/recorder_options.hpp>

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace querytap::detail {

/// What a recorder takes for slow, hung and repeated too often: what its options say, and what the
/// application has changed since.
///
/// Units    nanoseconds.
/// Threads  any number at once for single numbers; what is set for names is under a parts_lock.
class threshold_rules {
 public:
  explicit threshold_rules(const recorder_options& options)
      : slow_request_{static_cast<std::uint64_t>(options.slow_request.count())},
        hung_after_{static_cast<std::uint64_t>(options.hung_after.count())},
        n_plus_one_from_{options.n_plus_one_from},
        idle_in_transaction_{static_cast<std::uint64_t>(options.idle_in_transaction.count())} {}

  [[nodiscard]] std::uint64_t slow_request() const noexcept { return load(slow_request_); }
  [[nodiscard]] std::uint64_t hung_after() const noexcept { return load(hung_after_); }
  [[nodiscard]] std::uint64_t n_plus_one_from() const noexcept { return load(n_plus_one_from_); }
  [[nodiscard]] std::uint64_t idle_in_transaction() const noexcept {
    return load(idle_in_transaction_);
  }
  void set_slow_request(std::uint64_t time) noexcept { store(slow_request_, time); }
  void set_hung_after(std::uint64_t time) noexcept { store(hung_after_, time); }
  void set_n_plus_one_from(std::uint64_t calls) noexcept { store(n_plus_one_from_, calls); }
  void set_idle_in_transaction(std::uint64_t time) noexcept { store(idle_in_transaction_, time); }

  // Under a parts_lock; nothing: no threshold of its own.

  [[nodiscard]] std::optional<std::uint64_t> of_system(std::string_view system) const {
    return find(systems_, std::string{system});
  }
  [[nodiscard]] std::optional<std::uint64_t> of_request(std::string_view name) const {
    return find(requests_, std::string{name});
  }
  [[nodiscard]] std::optional<std::uint64_t> of_statement(dialect dialect,
                                                          std::uint64_t fingerprint) const {
    return find(statements_, std::pair{dialect, fingerprint});
  }
  void set_system(std::string_view system, std::optional<std::uint64_t> time) {
    set(systems_, std::string{system}, time);
  }
  void set_request(std::string_view name, std::optional<std::uint64_t> time) {
    set(requests_, std::string{name}, time);
  }
  void set_statement(dialect dialect, std::uint64_t fingerprint,
                     std::optional<std::uint64_t> time) {
    set(statements_, std::pair{dialect, fingerprint}, time);
  }

 private:
  using number = std::atomic<std::uint64_t>;
  template <class Key>
  using rules = absl::flat_hash_map<Key, std::uint64_t>;

  // ORDER relaxed: each is one number, and nothing else is published with it; a request or call that
  //       ends meanwhile is judged by the old one or the new one.
  static std::uint64_t load(const number& value) noexcept {
    return value.load(std::memory_order_relaxed);
  }
  static void store(number& value, std::uint64_t fresh) noexcept {
    value.store(fresh, std::memory_order_relaxed);
  }

  template <class Map, class Key>
  static std::optional<std::uint64_t> find(const Map& map, const Key& key) {
    const auto known = map.find(key);
    return known == map.end() ? std::nullopt : std::optional{known->second};
  }
  template <class Map, class Key>
  static void set(Map& map, const Key& key, std::optional<std::uint64_t> time) {
    if (time.has_value()) {
      map.insert_or_assign(key, *time);
    } else {
      map.erase(key);
    }
  }

  number slow_request_;
  number hung_after_;
  number n_plus_one_from_;
  number idle_in_transaction_;
  rules<std::string> systems_;
  rules<std::string> requests_;
  rules<std::pair<dialect, std::uint64_t>> statements_;
};

}  // namespace querytap::detail
