#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace querytap::detail {

inline constexpr std::string_view target_info_help = "The service that these metrics are of.";

/// What an exporter keeps of each instrument from scrape to scrape, until it has left the snapshot.
///
/// Threads  one at a time.
template <class Family>
class family_cache {
 public:
  /// The family of an instrument; made on first sight, and at one address as long as it is there.
  template <class Make>
  [[nodiscard]] Family& of(const instrument& what, Make make) {
    const auto [place, fresh] = families_.try_emplace(&what);
    if (fresh) place->second = std::make_unique<entry>(entry{make(), 0});
    place->second->last_used = scrape_;
    return place->second->family;
  }

  /// Once a scrape is over.
  void forget_unused() {
    absl::erase_if(families_,
                   [this](const auto& one) { return one.second->last_used + patience < scrape_; });
    ++scrape_;
  }

 private:
  // Scrapes that a family may be missing from before it is forgotten: some ask for single ones.
  static constexpr std::uint64_t patience = 8;

  struct entry {
    Family family;
    std::uint64_t last_used;
  };

  std::uint64_t scrape_ = 1;
  absl::flat_hash_map<const instrument*, std::unique_ptr<entry>> families_;
};

}  // namespace querytap::detail
