#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>

namespace querytap::detail {

/// What an exporter has prepared for each instrument, cached until the instrument leaves the
/// snapshot.
///
/// Threads  one at a time.
template <class Family>
class family_cache {
 public:
  /// The family of an instrument, made by `make` if there is none; its address is stable.
  template <class Make>
  [[nodiscard]] Family& find_or_make(const instrument& instrument, Make make) {
    const auto [place, fresh] = families_.try_emplace(&instrument);
    if (fresh) place->second = std::make_unique<entry>(entry{make(), 0});
    place->second->last_used = scrape_;
    return place->second->family;
  }

  /// To be called at the end of each scrape.
  void evict_unused() {
    absl::erase_if(families_, [this](const auto& family) {
      return family.second->last_used + patience < scrape_;
    });
    ++scrape_;
  }

 private:
  // Scrapes without a family before it is evicted: some scrapes ask for single families.
  static constexpr std::uint64_t patience = 8;

  struct entry {
    Family family;
    std::uint64_t last_used;
  };

  std::uint64_t scrape_ = 1;
  absl::flat_hash_map<const instrument*, std::unique_ptr<entry>> families_;
};

}  // namespace querytap::detail
