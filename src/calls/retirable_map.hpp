#pragma once

#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/histogram.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace querytap::detail {

/// Reference-counted objects of one kind by key, each until its series are idle and no other
/// reference to it is left.
///
/// T is ref_counted and has for_each_histogram(visit); shown_as(), the series under which its calls
/// are in flight; is_overflow(); and release_series(), which gives its series back to the recorder.
///
/// Threads  one at a time: under a parts_lock.
template <class Key, class T>
class retirable_map {
 public:
  retirable_map() = default;
  retirable_map(const retirable_map&) = delete;
  retirable_map& operator=(const retirable_map&) = delete;
  ~retirable_map() {
    for (const auto& [key, entry] : entries_) entry->set_stale(true);
    lookup_cache::purge_stale();
  }

  /// What `make` made past the series limit is not entered: there may be millions of them.
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
    for (const auto& [key, entry] : entries_) visit(entry);
  }

  // Only an object without any other reference can be released: new references are given out by
  // this map alone, and the look for calls in flight without a reference comes after the count was
  // read, as does the look for requests whose ledgers name the object.
  /// True if anything was released.
  bool release_idle(const series_usage& usage) {
    std::vector<Key> candidates = mark_idle(usage);
    std::erase_if(candidates, [&](const Key& key) { return !entries_.at(key)->has_one_owner(); });
    if (candidates.empty()) return false;
    const std::size_t before = entries_.size();
    const in_flight_view in_flight = usage.in_flight();
    for (const Key& key : candidates) {
      const auto place = entries_.find(key);
      if (std::ranges::binary_search(in_flight.series_of_calls, &place->second->shown_as()))
        continue;
      if (!is_out_of_reach(*place->second, in_flight, usage)) continue;
      place->second->release_series();
      entries_.erase(place);
    }
    return entries_.size() != before;
  }

 private:
  // Takes the idle objects out of the cache of texts, which refers to them.
  [[nodiscard]] std::vector<Key> mark_idle(const series_usage& usage) {
    std::vector<Key> idle;
    bool some_are_referenced = false;
    for (const auto& [key, entry] : entries_) {
      if (!is_idle(*entry, usage)) continue;
      idle.push_back(key);
      if (entry->has_one_owner()) continue;
      entry->set_stale(true);
      some_are_referenced = true;
    }
    if (some_are_referenced) lookup_cache::purge_stale();
    return idle;
  }

  [[nodiscard]] static bool is_idle(const T& entry, const series_usage& usage) {
    bool idle = true;
    entry.for_each_histogram([&](const histogram& bound) {
      if (!bound.is_overflow() && !usage.is_idle(bound.target())) idle = false;
    });
    return idle;
  }

  // The ledger of no request that is in flight can name the entry.
  [[nodiscard]] static bool is_out_of_reach(const T& entry, const in_flight_view& in_flight,
                                            const series_usage& usage) {
    bool out_of_reach = true;
    entry.for_each_histogram([&](const histogram& bound) {
      if (bound.is_overflow()) return;
      out_of_reach = out_of_reach && usage.is_older_than_requests(bound.target(), in_flight);
    });
    return out_of_reach;
  }

  absl::flat_hash_map<Key, ref<const T>> entries_;
};

}  // namespace querytap::detail
