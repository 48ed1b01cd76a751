#pragma once

#include <querytap/base/error.hpp>
#include <querytap/base/function.hpp>
#include <querytap/base/smart_pointers.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace querytap {

struct batch_loader_options {
  /// Of one call; more keys make several calls. Servers limit the parameters of a statement.
  std::size_t most_keys = 1000;
};

/// Turns the loads of a request into one call for many keys: the cure of an N+1.
///
///     batch_loader<int, std::string> bodies{[&](std::span<const int> ids) {
///       return bodies_by_id(tx, ids);                // select … where id = any($1): one call
///     }};
///     const auto first = bodies.load(7);           // fetches nothing yet
///     const auto second = bodies.load(8);
///     print(first.get(), second.get());            // the first get() fetches both
///
/// The function returns the values by key, as a std::unordered_map or std::map, or else a
/// std::vector<std::optional<Value>> with one for each key, in the order of the keys. The function
/// is given each key once: values, and the lack of one, are cached until forget().
///
/// Threads  one at a time; each request has a loader of its own.
/// Errors   what the function throws is thrown by get() of every handle of that call; the next
///          load() of such a key fetches again. std::logic_error from get() where the function
///          returned another number of values than it was given keys, or asks for a key that it is
///          about to fetch. configuration_error at construction.
/// Lifetime the loader outlives the get() of its handles.
template <class Key, class Value, class Hash = std::hash<Key>, class Equal = std::equal_to<Key>>
class batch_loader {
 public:
  class handle;

  template <class Fetch>
  requires std::invocable<Fetch&, std::span<const Key>>
  explicit batch_loader(Fetch fetch, batch_loader_options options = {})
      : fetch_{in_order_of_keys(std::move(fetch))}, options_{options} {
    if (options.most_keys == 0) {
      throw configuration_error{"most_keys", "0", "a call without keys loads nothing"};
    }
  }
  batch_loader(const batch_loader&) = delete;
  batch_loader& operator=(const batch_loader&) = delete;

  [[nodiscard]] handle load(const Key& key) {
    std::shared_ptr<entry>& known = entries_[key];
    if (known == nullptr || known->error != nullptr) {
      known = pending_.emplace_back(std::make_shared<entry>(entry{key}));
    }
    return handle{*this, known};
  }

  template <class Keys>
  [[nodiscard]] std::vector<handle> load_all(const Keys& keys) {
    std::vector<handle> handles;
    for (const Key& key : keys) handles.push_back(load(key));
    return handles;
  }

  /// Fetches all that was loaded so far, as the next get() would. Errors are thrown by get().
  void dispatch() {
    const std::vector<std::shared_ptr<entry>> pending = std::exchange(pending_, {});
    for (std::span rest{pending}; !rest.empty();) {
      const auto batch = rest.first(std::min(rest.size(), options_.most_keys));
      fill(batch);
      rest = rest.subspan(batch.size());
    }
  }

  /// The next load() of the key fetches it anew; handles keep their values.
  void forget(const Key& key) { entries_.erase(key); }

 private:
  using values = std::vector<std::optional<Value>>;

  struct entry {
    Key key;
    bool is_settled = false;
    std::optional<Value> value = {};
    std::exception_ptr error = {};
  };

  template <class Fetch>
  static std::function<values(std::span<const Key>)> in_order_of_keys(Fetch fetch) {
    using result = std::invoke_result_t<Fetch&, std::span<const Key>>;
    if constexpr (std::convertible_to<result, values>) {
      return fetch;
    } else {
      return [fetch = std::move(fetch)](std::span<const Key> keys) mutable {
        auto found = fetch(keys);
        values in_order;
        in_order.reserve(keys.size());
        for (const Key& key : keys) {
          const auto place = found.find(key);
          in_order.push_back(place == found.end() ? std::nullopt
                                                  : std::optional<Value>{std::move(place->second)});
        }
        return in_order;
      };
    }
  }

  void fill(std::span<const std::shared_ptr<entry>> batch) {
    try {
      values found = fetch_(keys_of(batch));
      if (found.size() != batch.size()) {
        throw std::logic_error{"querytap: a batch_loader's function was given " +
                               std::to_string(batch.size()) + " keys and returned " +
                               std::to_string(found.size()) + " values"};
      }
      for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->value = std::move(found[i]);
    } catch (...) {
      for (const auto& requested : batch) requested->error = std::current_exception();
    }
    for (const auto& requested : batch) requested->is_settled = true;
  }

  static std::vector<Key> keys_of(std::span<const std::shared_ptr<entry>> batch) {
    std::vector<Key> keys;
    keys.reserve(batch.size());
    for (const auto& requested : batch) keys.push_back(requested->key);
    return keys;
  }

  std::function<values(std::span<const Key>)> fetch_;
  batch_loader_options options_;
  std::unordered_map<Key, std::shared_ptr<entry>, Hash, Equal> entries_;
  std::vector<std::shared_ptr<entry>> pending_;  // not fetched yet, in the order of their loads
};

/// A value that has been fetched, or will be at the first get(). Small, and may be copied.
template <class Key, class Value, class Hash, class Equal>
class batch_loader<Key, Value, Hash, Equal>::handle {
 public:
  /// Empty if there is no value for the key. The reference is good as long as the handle.
  [[nodiscard]] const std::optional<Value>& get() const {
    if (!entry_->is_settled) loader_->dispatch();
    if (!entry_->is_settled) {
      throw std::logic_error{"querytap: a batch_loader's function asks for what it is to fetch"};
    }
    if (entry_->error != nullptr) std::rethrow_exception(entry_->error);
    return entry_->value;
  }

 private:
  friend class batch_loader;
  handle(batch_loader& loader, std::shared_ptr<entry> loaded)
      : loader_{&loader}, entry_{std::move(loaded)} {}

  batch_loader* loader_;
  std::shared_ptr<entry> entry_;
};

}  // namespace querytap
