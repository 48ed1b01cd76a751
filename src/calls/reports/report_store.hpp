#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace querytap::detail {

/// The most recent values of a kind, and the slowest for each key, in bounded memory.
///
/// Threads  one at a time.
template <class Key, class Value>
class recent_and_slowest {
 public:
  using pointer = std::shared_ptr<const Value>;

  recent_and_slowest(std::size_t most_recent, std::size_t most_keys)
      : most_recent_{most_recent}, most_keys_{most_keys} {}

  void add(const Key& key, const pointer& one) {
    recent_.push_back(one);
    if (recent_.size() > most_recent_) recent_.pop_front();
    const auto [place, fresh] = slowest_.try_emplace(key, one);
    if (!fresh && one->duration >= place->second->duration) place->second = one;
    if (slowest_.size() > most_keys_) drop_fastest();
  }

  /// The newest first.
  [[nodiscard]] std::vector<pointer> all() const {
    std::vector<pointer> found{recent_.begin(), recent_.end()};
    for (const auto& [key, one] : slowest_) found.push_back(one);
    const auto newer = [](const pointer& a, const pointer& b) { return a->number > b->number; };
    std::ranges::sort(found, newer);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  /// Puts another value in the place of the one with this number.
  template <class Change>
  void replace(std::uint64_t number, Change change) {
    pointer fresh;
    const auto renew = [&](pointer& one) {
      if (one->number != number) return;
      if (fresh == nullptr) fresh = change(*one);
      one = fresh;
    };
    for (pointer& one : recent_) renew(one);
    for (auto& [key, one] : slowest_) renew(one);
  }

  void clear() noexcept {
    recent_.clear();
    slowest_.clear();
  }

 private:
  void drop_fastest() {
    slowest_.erase(std::ranges::min_element(
        slowest_, {}, [](const auto& entry) { return entry.second->duration; }));
  }

  const std::size_t most_recent_;
  const std::size_t most_keys_;
  std::deque<pointer> recent_;
  absl::flat_hash_map<Key, pointer> slowest_;
};

/// What a recorder remembers of single calls and requests, and of what they showed.
///
/// Threads  one at a time.
class report_store {
 public:
  [[nodiscard]] std::shared_ptr<const call_report> add(call_report one);
  [[nodiscard]] std::shared_ptr<const request_report> add(request_report one);
  /// Null if it was known and told of not long ago: then it is only counted.
  [[nodiscard]] std::shared_ptr<const finding> add(finding one);
  void amend(std::uint64_t number, const std::function<void(call_report&)>& change);

  void add_to(snapshot& now) const;
  void clear() noexcept;

 private:
  // System and fingerprint.
  using statement_key = std::pair<std::string, std::uint64_t>;
  using finding_key =
      std::tuple<finding_kind, std::string, std::uint64_t, std::string, std::string>;
  [[nodiscard]] static finding_key key_of(const finding& one);
  void drop_oldest_finding();

  std::uint64_t last_slow_query_ = 0;
  std::uint64_t last_request_ = 0;
  std::uint64_t last_finding_ = 0;
  recent_and_slowest<statement_key, call_report> slow_queries_{200, 200};
  recent_and_slowest<std::string, request_report> requests_{100, 100};
  absl::flat_hash_map<finding_key, std::shared_ptr<const finding>> findings_;
};

}  // namespace querytap::detail
