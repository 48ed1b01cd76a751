#include <querytap/calls/retrieval/retrieval_quality.hpp>

#include "remembered_questions.hpp"
#include "source_labels.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace querytap {
namespace {

// Beyond, a distance says nothing.
constexpr double largest_distance = 1e12;

std::uint64_t in_millionths(double distance) noexcept {
  return static_cast<std::uint64_t>(std::clamp(distance, 0.0, largest_distance) * 1e6 + 0.5);
}

// By a small table on the stack, two places for each passage.
std::uint64_t count_repeated(std::span<const std::uint64_t> passages) noexcept {
  constexpr std::size_t most = 128;
  constexpr std::size_t places = 2 * most;
  if (passages.size() < 2) return 0;
  std::array<std::uint64_t, places> seen{};
  std::uint64_t repeated = 0;
  for (const std::uint64_t passage : passages.first(std::min(passages.size(), most))) {
    const std::uint64_t mark = passage == 0 ? 1 : passage;  // 0 is an empty place
    std::size_t at = (mark * 0x9E3779B97F4A7C15 >> 32) % places;
    while (seen[at] != 0 && seen[at] != mark) at = (at + 1) % places;
    if (seen[at] == mark) ++repeated;
    seen[at] = mark;
  }
  return repeated;
}

}  // namespace

retrieval_quality::retrieval_quality(recorder& telemetry)
    : recorder_{&telemetry}, questions_{std::make_unique<remembered_questions>()} {}

// From here on the destructor releases what is bound, also where the next one throws.
retrieval_quality::retrieval_quality(recorder& telemetry, const retrieval_source& source)
    : retrieval_quality{telemetry} {
  const attributes labels =
      detail::labels_of_source(source.system, source.collection, source.strategy);
  const auto bind = [&](histogram& into, const instrument& instrument) {
    into = telemetry.bind_histogram(instrument, labels);
  };
  bind(series_.asked, catalog::retrieval_asked);
  bind(series_.returned, catalog::retrieval_returned);
  bind(series_.distance, catalog::retrieval_distance);
  bind(series_.margin, catalog::retrieval_score_margin);
  bind(series_.age, catalog::retrieval_source_age);
  bind(series_.stability, catalog::retrieval_stability);
  series_.empty = telemetry.bind_counter(catalog::retrieval_empty, labels);
  series_.duplicates = telemetry.bind_counter(catalog::retrieval_duplicates, labels);
}

retrieval_quality::retrieval_quality(retrieval_quality&&) noexcept = default;
retrieval_quality& retrieval_quality::operator=(retrieval_quality&& other) noexcept {
  if (this == &other) return *this;
  release();
  recorder_ = other.recorder_;
  series_ = other.series_;
  questions_ = std::move(other.questions_);
  return *this;
}
retrieval_quality::~retrieval_quality() { release(); }

// Of what was moved from, another one has the series.
void retrieval_quality::release() const noexcept {
  if (questions_ == nullptr) return;
  for (const histogram& bound : {series_.asked, series_.returned, series_.distance, series_.margin,
                                 series_.age, series_.stability})
    recorder_->release(bound);
  for (const counter& bound : {series_.empty, series_.duplicates}) recorder_->release(bound);
}

void retrieval_quality::record(const retrieval_outcome& search) const noexcept {
  if (questions_ == nullptr) return;  // moved from
  if (search.asked != 0) series_.asked.record(search.asked);
  series_.returned.record(search.returned);
  if (search.returned == 0) series_.empty.add();
  record_distances(search.distances);
  if (const std::uint64_t repeated = count_repeated(search.passages))
    series_.duplicates.add(repeated);
  if (search.newest) series_.age.record(*search.newest);
  if (search.question == 0) return;
  const auto index = questions_->replace(search.question, search.passages);
  if (index) series_.stability.record(*index);
}

void retrieval_quality::record_distances(std::span<const double> distances) const noexcept {
  std::size_t numbers = 0;
  double first = 0;
  double last = 0;
  for (const double distance : distances) {
    if (!std::isfinite(distance)) continue;
    series_.distance.record(in_millionths(distance));
    last = distance;
    if (numbers++ == 0) first = distance;
  }
  if (numbers > 1) series_.margin.record(in_millionths(std::abs(last - first)));
}

}  // namespace querytap
