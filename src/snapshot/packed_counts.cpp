#include <querytap/snapshot/detail/packed_counts.hpp>

#include <limits>
#include <type_traits>

namespace querytap::detail {
namespace {

template <class Stored>
constexpr std::uint64_t largest_count = std::numeric_limits<Stored>::max();

template <class Stored, class Count>
[[nodiscard]] bool try_add_counts(Stored* sums, std::span<const Count> more) noexcept {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < more.size(); ++i) bits |= sums[i] + std::uint64_t{more[i]};
  if (bits > largest_count<Stored>) return false;
  for (std::size_t i = 0; i < more.size(); ++i) sums[i] = static_cast<Stored>(sums[i] + more[i]);
  return true;
}

}  // namespace

packed_counts::packed_counts() noexcept = default;
packed_counts::packed_counts(const packed_counts&) = default;
packed_counts::packed_counts(packed_counts&&) noexcept = default;
packed_counts& packed_counts::operator=(const packed_counts&) = default;
packed_counts& packed_counts::operator=(packed_counts&&) noexcept = default;
packed_counts::~packed_counts() = default;

void packed_counts::clear() noexcept {
  std::visit([](auto& list) { list.clear(); }, counts_);
}

std::uint64_t packed_counts::assign(std::span<const std::uint64_t> counts) {
  const auto store_as = [&]<class Stored>(std::type_identity<Stored>) {
    auto* list = std::get_if<std::vector<Stored>>(&counts_);
    if (list == nullptr) list = &counts_.emplace<std::vector<Stored>>();
    list->resize(counts.size());
    Stored* const stored = list->data();
    for (std::size_t i = 0; i < counts.size(); ++i) stored[i] = static_cast<Stored>(counts[i]);
  };
  std::uint64_t sum = 0;
  std::uint64_t bits = 0;  // of all counts, or-ed: shows whether every count fits
  for (const std::uint64_t count : counts) {
    sum += count;
    bits |= count;
  }
  if (bits <= largest_count<std::uint16_t>) {
    store_as(std::type_identity<std::uint16_t>{});
  } else if (bits <= largest_count<std::uint32_t>) {
    store_as(std::type_identity<std::uint32_t>{});
  } else {
    store_as(std::type_identity<std::uint64_t>{});
  }
  return sum;
}

void packed_counts::insert_zeros(std::size_t at, std::size_t how_many) {
  std::visit(
      [&](auto& list) { list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), how_many, 0); },
      counts_);
}

template <class Count>
void packed_counts::add(std::size_t at, std::span<const Count> more) {
  while (!std::visit([&](auto& list) { return try_add_counts(list.data() + at, more); }, counts_))
    widen();
}

template void packed_counts::add(std::size_t, std::span<const std::uint16_t>);
template void packed_counts::add(std::size_t, std::span<const std::uint32_t>);
template void packed_counts::add(std::size_t, std::span<const std::uint64_t>);

void packed_counts::subtract(std::size_t at, std::uint64_t less) noexcept {
  std::visit([&]<class Stored>(
                 std::vector<Stored>& list) { list[at] = static_cast<Stored>(list[at] - less); },
             counts_);
}

void packed_counts::widen() {
  if (const auto* narrow = std::get_if<std::vector<std::uint16_t>>(&counts_)) {
    counts_ = std::vector<std::uint32_t>(narrow->begin(), narrow->end());
  } else if (const auto* wide = std::get_if<std::vector<std::uint32_t>>(&counts_)) {
    counts_ = std::vector<std::uint64_t>(wide->begin(), wide->end());
  }
}

}  // namespace querytap::detail
