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
#include <utility>
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

  void add(const Key& key, const pointer& value) {
    recent_.push_back(value);
    if (recent_.size() > most_recent_) recent_.pop_front();
    const auto [place, fresh] = slowest_.try_emplace(key, value);
    if (!fresh && value->duration >= place->second->duration) place->second = value;
    if (slowest_.size() > most_keys_) drop_fastest();
  }

  /// The newest first.
  [[nodiscard]] std::vector<pointer> all() const {
    std::vector<pointer> found{recent_.begin(), recent_.end()};
    for (const auto& [key, value] : slowest_) found.push_back(value);
    const auto newer = [](const pointer& a, const pointer& b) { return a->number > b->number; };
    std::ranges::sort(found, newer);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  /// Puts another value in the place of the one with this number.
  template <class Change>
  void replace(std::uint64_t number, Change change) {
    pointer fresh;
    const auto renew = [&](pointer& value) {
      if (value->number != number) return;
      if (fresh == nullptr) fresh = change(*value);
      value = fresh;
    };
    for (pointer& value : recent_) renew(value);
    for (auto& [key, value] : slowest_) renew(value);
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

/// The published reports of a recorder that its snapshots and pages show, in bounded memory.
///
/// Threads  one at a time.
class report_store {
 public:
  [[nodiscard]] std::shared_ptr<const call_report> add(call_report report);
  [[nodiscard]] std::shared_ptr<const request_report> add(request_report report);
  /// Null if the finding is a repetition: it is counted, and not published again for a while.
  [[nodiscard]] std::shared_ptr<const finding> add(finding finding);
  void amend(std::uint64_t number, const std::function<void(call_report&)>& change);

  void add_to(snapshot& snapshot) const;
  void clear() noexcept;

 private:
  // System and fingerprint.
  using statement_key = std::pair<std::string, std::uint64_t>;
  using finding_key =
      std::tuple<finding_kind, std::string, std::uint64_t, std::string, std::string>;
  [[nodiscard]] static finding_key key_of(const finding& finding);
  void drop_oldest_finding();

  std::uint64_t last_call_ = 0;
  std::uint64_t last_request_ = 0;
  std::uint64_t last_finding_ = 0;
  recent_and_slowest<statement_key, call_report> calls_{200, 200};
  recent_and_slowest<std::string, request_report> requests_{100, 100};
  absl::flat_hash_map<finding_key, std::shared_ptr<const finding>> findings_;
};

}  // namespace querytap::detail
