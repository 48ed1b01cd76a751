#include <querytap/snapshot/detail/packed_counts.hpp>

#include <limits>
#include <type_traits>

namespace querytap::detail {
namespace {

template <class Held>
constexpr std::uint64_t most = std::numeric_limits<Held>::max();

template <class Held, class Count>
[[nodiscard]] bool try_add(Held* to, std::span<const Count> more) noexcept {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < more.size(); ++i) bits |= to[i] + std::uint64_t{more[i]};
  if (bits > most<Held>) return false;
  for (std::size_t i = 0; i < more.size(); ++i) to[i] = static_cast<Held>(to[i] + more[i]);
  return true;
}

}  // namespace

void packed_counts::clear() noexcept {
  std::visit([](auto& list) { list.clear(); }, counts_);
}

std::uint64_t packed_counts::assign(std::span<const std::uint64_t> counts) {
  const auto assign_to = [&]<class Held>(std::type_identity<Held>) {
    auto* list = std::get_if<std::vector<Held>>(&counts_);
    if (list == nullptr) list = &counts_.emplace<std::vector<Held>>();
    list->resize(counts.size());
    Held* const to = list->data();
    for (std::size_t i = 0; i < counts.size(); ++i) to[i] = static_cast<Held>(counts[i]);
  };
  std::uint64_t sum = 0;
  std::uint64_t bits = 0;  // of all of them together: these tell whether each fits
  for (const std::uint64_t count : counts) {
    sum += count;
    bits |= count;
  }
  if (bits <= most<std::uint16_t>) {
    assign_to(std::type_identity<std::uint16_t>{});
  } else if (bits <= most<std::uint32_t>) {
    assign_to(std::type_identity<std::uint32_t>{});
  } else {
    assign_to(std::type_identity<std::uint64_t>{});
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
  while (!std::visit([&](auto& list) { return try_add(list.data() + at, more); }, counts_)) widen();
}

template void packed_counts::add(std::size_t, std::span<const std::uint16_t>);
template void packed_counts::add(std::size_t, std::span<const std::uint32_t>);
template void packed_counts::add(std::size_t, std::span<const std::uint64_t>);

void packed_counts::subtract(std::size_t at, std::uint64_t less) noexcept {
  std::visit(
      [&]<class Held>(std::vector<Held>& list) { list[at] = static_cast<Held>(list[at] - less); },
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
