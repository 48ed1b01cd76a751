#pragma once

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::detail {

/// Texts of which no two are equal, each until its holder ends. Compared by their hashes: where two
/// of different texts are equal, one text is refused without need.
///
///     std::optional<distinct_texts::holder> mine = all.take(names);   // nothing if one is taken
///
/// Threads  one at a time, the holders included.
class distinct_texts {
  using hashes = absl::flat_hash_set<std::uint64_t>;

 public:
  class holder {
   public:
    holder() = default;
    holder(holder&& other) noexcept = default;
    holder& operator=(holder&& other) noexcept {
      release();
      all_ = std::move(other.all_);
      own_ = std::move(other.own_);
      return *this;
    }
    ~holder() { release(); }

   private:
    friend class distinct_texts;
    holder(std::shared_ptr<hashes> all, std::vector<std::uint64_t> own)
        : all_{std::move(all)}, own_{std::move(own)} {}

    void release() noexcept {
      if (all_ == nullptr) return;
      for (const std::uint64_t hash : own_) all_->erase(hash);
    }

    std::shared_ptr<hashes> all_;  // null once moved from
    std::vector<std::uint64_t> own_;
  };

  [[nodiscard]] std::optional<holder> take(std::span<const std::string> texts) {
    std::vector<std::uint64_t> own;
    for (const std::string& text : texts) own.push_back(hash_of(text));
    const bool is_taken =
        std::ranges::any_of(own, [&](std::uint64_t hash) { return all_->contains(hash); });
    if (is_taken) return std::nullopt;
    all_->insert(own.begin(), own.end());
    return holder{all_, std::move(own)};
  }

  [[nodiscard]] static std::uint64_t hash_of(std::string_view text) noexcept {
    return std::hash<std::string_view>{}(text);
  }

 private:
  std::shared_ptr<hashes> all_ = std::make_shared<hashes>();
};

}  // namespace querytap::detail
