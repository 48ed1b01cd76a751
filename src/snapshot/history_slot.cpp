#include "history_slot.hpp"

#include <absl/container/flat_hash_set.h>

#include <string>
#include <variant>

namespace querytap::detail {
namespace {

// Seven bits a byte, the lowest first; the eighth is set where more follow.
void pack_number(std::vector<std::uint8_t>& packed, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) packed.push_back(static_cast<std::uint8_t>(number | 0x80));
  packed.push_back(static_cast<std::uint8_t>(number));
}

class number_reader {
 public:
  explicit number_reader(const std::vector<std::uint8_t>& packed, std::size_t place = 0)
      : next_{packed.data() + place} {}

  [[nodiscard]] std::uint64_t next() noexcept {
    std::uint64_t number = 0;
    int shift = 0;
    for (; (*next_ & 0x80) != 0; ++next_, shift += 7)
      number |= std::uint64_t{*next_ & 0x7FU} << shift;
    return number | std::uint64_t{*next_++} << shift;
  }

 private:
  const std::uint8_t* next_;
};

std::uint64_t lowest_value_in(const bucket_layout& layout, std::size_t flat) {
  return flat == 0 ? 0 : layout.upper_edge(flat - 1) + 1;
}

// Minimum and maximum as distances from the edges of the outermost buckets, which are mostly all that is
// known of them.
void pack_histogram(std::vector<std::uint8_t>& packed, const histogram_data& data) {
  std::vector<std::pair<std::size_t, std::uint64_t>> hit;
  data.for_each_bucket(
      [&](std::size_t flat, std::uint64_t count) { hit.emplace_back(flat, count); });
  pack_number(packed, hit.size());
  std::size_t before = 0;
  for (const auto& [flat, count] : hit) {
    pack_number(packed, flat - std::exchange(before, flat));
    pack_number(packed, count);
  }
  if (hit.empty()) return;
  pack_number(packed, data.sum());
  pack_number(packed, data.min() - lowest_value_in(data.layout(), hit.front().first));
  pack_number(packed, data.layout().upper_edge(hit.back().first) - data.max());
}

void unpack_histogram(number_reader& packed, histogram_data& sum) {
  const std::uint64_t hit = packed.next();
  if (hit == 0) return;
  const bucket_layout& layout = sum.layout();
  std::size_t flat = 0;
  std::size_t first = 0;
  for (std::uint64_t i = 0; i < hit; ++i) {
    flat += static_cast<std::size_t>(packed.next());
    if (i == 0) first = flat;
    sum.add(flat / bucket_layout::buckets_per_octave, flat % bucket_layout::buckets_per_octave,
            packed.next());
  }
  const std::uint64_t total = packed.next();
  const std::uint64_t low = lowest_value_in(layout, first) + packed.next();
  sum.add_range(total, low, layout.upper_edge(flat) - packed.next());
}

std::size_t bytes_of(const series_identity& series) {
  std::size_t bytes = sizeof series;
  for (const attribute& item : series.labels) {
    const auto* text = std::get_if<std::string>(&item.value);
    bytes += sizeof item + item.key.size() + (text == nullptr ? 0 : text->size());
  }
  return bytes;
}

std::size_t bytes_of(const statement_identity& statement) {
  std::size_t bytes = sizeof statement + statement.text.size() + statement.summary.size();
  for (const std::string& table : statement.tables) bytes += sizeof table + table.size();
  return bytes;
}

}  // namespace

point_sums::entry& point_sums::at(const std::shared_ptr<const series_identity>& series,
                                  const std::shared_ptr<const statement_identity>& statement,
                                  bool has_ended) {
  const auto [place, fresh] =
      place_of_.try_emplace(key{series.get(), statement.get(), has_ended}, entries_.size());
  if (fresh) {
    entries_.push_back({{.series = series, .statement = statement}, std::nullopt, has_ended});
  }
  return entries_[place->second];
}

void point_sums::add(const point& part, bool has_ended) {
  entry& sum = at(part.series, part.statement, has_ended);
  sum.sum.number += part.number;
  if (part.histogram == nullptr) return;
  if (!sum.histogram.has_value()) sum.histogram.emplace(part.histogram->shared_layout());
  sum.histogram->merge(*part.histogram);
}

void point_sums::add(const snapshot& difference) {
  for (const auto& metric : difference.metrics) {
    const instrument_kind kind = metric->instrument->kind;
    if (kind != instrument_kind::histogram && kind != instrument_kind::counter) continue;
    for (const point& p : metric->points) add(p, false);
  }
  for (const point& p : difference.retired) add(p, true);
}

point point_sums::point_of(const entry& entry) {
  point made = entry.sum;
  if (entry.histogram.has_value())
    made.histogram = std::make_shared<const histogram_data>(*entry.histogram);
  return made;
}

history_slot::history_slot(std::chrono::nanoseconds begin, std::chrono::nanoseconds end,
                           const point_sums& sums)
    : begin_{begin}, end_{end} {
  entries_.reserve(sums.entries().size());
  for (const point_sums::entry& part : sums.entries()) {
    entries_.push_back({part.sum.series, part.sum.statement,
                        part.histogram ? part.histogram->shared_layout() : nullptr, part.has_ended,
                        static_cast<std::uint32_t>(packed_.size())});
    if (part.histogram.has_value()) {
      pack_histogram(packed_, *part.histogram);
    } else {
      pack_number(packed_, static_cast<std::uint64_t>(part.sum.number));
    }
  }
  packed_.shrink_to_fit();
}

history_slot::history_slot(std::chrono::nanoseconds begin, std::chrono::nanoseconds end,
                           const point_sums& sums, const history_slot* earlier)
    : history_slot{begin, end, sums} {
  absl::flat_hash_set<const void*> known;
  if (earlier != nullptr) {
    for (const entry& e : earlier->entries_) known.insert({e.series.get(), e.statement.get()});
  }
  for (const entry& e : entries_) {
    if (known.insert(e.series.get()).second) bytes_of_names_ += bytes_of(*e.series);
    if (e.statement != nullptr && known.insert(e.statement.get()).second)
      bytes_of_names_ += bytes_of(*e.statement);
  }
}

std::shared_ptr<const history_slot> history_slot::merged(const history_slot& earlier,
                                                         const history_slot& later) {
  point_sums sums;
  earlier.add_to(sums);
  later.add_to(sums);
  const std::shared_ptr<history_slot> both{new history_slot{earlier.begin_, later.end_, sums}};
  both->bytes_of_names_ = earlier.bytes_of_names_ + later.bytes_of_names_;
  return both;
}

std::size_t history_slot::bytes() const noexcept {
  return sizeof *this + entries_.capacity() * sizeof(entry) + packed_.capacity() + bytes_of_names_;
}

void history_slot::add_to(point_sums& sums) const {
  number_reader packed{packed_};
  for (const entry& e : entries_) {
    point_sums::entry& sum = sums.at(e.series, e.statement, e.has_ended);
    if (e.layout == nullptr) {
      sum.sum.number += static_cast<std::int64_t>(packed.next());
      continue;
    }
    if (!sum.histogram.has_value()) sum.histogram.emplace(e.layout);
    unpack_histogram(packed, *sum.histogram);
  }
}

void history_slot::add_statement_to(point_sums& sums, std::uint64_t fingerprint) const {
  for (const entry& e : entries_) {
    const std::uint64_t own = e.statement == nullptr ? 0 : e.statement->fingerprint;
    if (e.layout == nullptr || own != fingerprint) continue;
    number_reader packed{packed_, e.place};
    point_sums::entry& sum = sums.at(e.series, e.statement, e.has_ended);
    if (!sum.histogram.has_value()) sum.histogram.emplace(e.layout);
    unpack_histogram(packed, *sum.histogram);
  }
}

}  // namespace querytap::detail
