#pragma once

#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorder.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::detail {

/// What is kept of one kind, by its key, until nobody uses it any more.
///
/// T is kept, and tells: for_each_histogram(visit), shown_as(), the series under which its calls are
/// in flight, and is_overflow(); release_series() gives its series back to the recorder.
///
/// Threads  one at a time: under an owners_lock.
template <class Key, class T>
class retirable_map {
 public:
  /// Past the limit what `make` made is not entered: there may be millions of them.
  template <class Make>
  [[nodiscard]] ref<const T> find_or_make(const Key& key, Make make) {
    if (const auto known = entries_.find(key); known != entries_.end()) {
      known->second->set_stale(false);
      return known->second;
    }
    ref<const T> fresh = make();
    if (!fresh->is_overflow()) entries_.emplace(key, fresh);
    return fresh;
  }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, one] : entries_) visit(one);
  }

  // Only what nobody but this map holds can be let go of: nobody can come by a new hold, because that
  // is to be had from here, and calls that are in flight without one are seen after that was known, as
  // are the requests whose ledgers name it.
  /// True if it has let go of something.
  bool release_idle(const series_usage& now) {
    std::vector<Key> candidates;
    bool some_are_kept = false;
    for (auto& [key, one] : entries_) {
      if (!is_idle(*one, now)) continue;
      if (one->has_one_owner()) {
        candidates.push_back(key);
      } else {
        one->set_stale(true);
        some_are_kept = true;
      }
    }
    if (some_are_kept) lookup_cache::purge_stale();
    if (candidates.empty()) return false;
    const std::size_t before = entries_.size();
    const in_flight_view in_flight = now.in_flight();
    for (const Key& key : candidates) {
      const auto place = entries_.find(key);
      if (std::ranges::binary_search(in_flight.series_of_calls, &place->second->shown_as()))
        continue;
      if (!is_out_of_reach(*place->second, in_flight, now)) continue;
      place->second->release_series();
      entries_.erase(place);
    }
    return entries_.size() != before;
  }

 private:
  [[nodiscard]] static bool is_idle(const T& one, const series_usage& now) {
    bool idle = true;
    one.for_each_histogram([&](const histogram& of) {
      if (!of.is_overflow() && !now.is_idle(of.target())) idle = false;
    });
    return idle;
  }

  [[nodiscard]] static bool is_out_of_reach(const T& one, const in_flight_view& in_flight,
                                            const series_usage& now) {
    bool out_of_reach = true;
    one.for_each_histogram([&](const histogram& of) {
      if (of.is_overflow()) return;
      out_of_reach = out_of_reach && now.is_older_than_requests(of.target(), in_flight);
    });
    return out_of_reach;
  }

  absl::flat_hash_map<Key, ref<const T>> entries_;
};

/// The one part of type T with this key, which lets go of its series when nobody uses them.
template <class T, class... Arguments>
[[nodiscard]] std::shared_ptr<T> shared_owner(recorder& of, std::string_view key,
                                              const Arguments&... arguments) {
  return of.shared_part<T>(key, [&] {
    auto made = std::make_shared<T>(of, arguments...);
    of.add_part(made);
    return made;
  });
}

}  // namespace querytap::detail
