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

retrieval_quality::retrieval_quality(recorder& telemetry, const retrieval_source& source)
    : questions_{std::make_unique<remembered_questions>()} {
  const attributes labels =
      detail::labels_of_source(source.system, source.collection, source.strategy);
  asked_ = telemetry.bind_histogram(catalog::retrieval_asked, labels);
  returned_ = telemetry.bind_histogram(catalog::retrieval_returned, labels);
  empty_ = telemetry.bind_counter(catalog::retrieval_empty, labels);
  distance_ = telemetry.bind_histogram(catalog::retrieval_distance, labels);
  margin_ = telemetry.bind_histogram(catalog::retrieval_score_margin, labels);
  duplicates_ = telemetry.bind_counter(catalog::retrieval_duplicates, labels);
  age_ = telemetry.bind_histogram(catalog::retrieval_source_age, labels);
  stability_ = telemetry.bind_histogram(catalog::retrieval_stability, labels);
}

retrieval_quality::retrieval_quality(retrieval_quality&&) noexcept = default;
retrieval_quality& retrieval_quality::operator=(retrieval_quality&&) noexcept = default;
retrieval_quality::~retrieval_quality() = default;

void retrieval_quality::record(const retrieval_outcome& search) const noexcept {
  if (search.asked != 0) asked_.record(search.asked);
  returned_.record(search.returned);
  if (search.returned == 0) empty_.add();
  record_distances(search.distances);
  if (const std::uint64_t repeated = count_repeated(search.passages)) duplicates_.add(repeated);
  if (search.newest) age_.record(*search.newest);
  if (search.question == 0 || questions_ == nullptr) return;
  const auto index = questions_->replace(search.question, search.passages);
  if (index) stability_.record(*index);
}

void retrieval_quality::record_distances(std::span<const double> distances) const noexcept {
  std::size_t numbers = 0;
  double first = 0;
  double last = 0;
  for (const double distance : distances) {
    if (!std::isfinite(distance)) continue;
    distance_.record(in_millionths(distance));
    last = distance;
    if (numbers++ == 0) first = distance;
  }
  if (numbers > 1) margin_.record(in_millionths(std::abs(last - first)));
}

}  // namespace querytap
