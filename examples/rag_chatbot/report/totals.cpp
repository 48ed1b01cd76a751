#include <rag_chatbot/report/totals.hpp>

#include <querytap/base/human.hpp>

namespace rag_chatbot {

std::optional<querytap::histogram_data> merged(const querytap::snapshot& snapshot,
                                               std::string_view instrument) {
  std::optional<querytap::histogram_data> all;
  for (const auto& point : snapshot.find(instrument)) {
    if (!point.histogram) continue;
    if (all) {
      all->merge(*point.histogram);
    } else {
      all = *point.histogram;
    }
  }
  return all;
}

std::int64_t number_of(const querytap::snapshot& snapshot, std::string_view instrument,
                       std::string_view key, std::string_view value) {
  std::int64_t sum = 0;
  for (const auto& point : snapshot.find(instrument)) {
    const auto* const found = key.empty() ? nullptr : point.series->labels.find(key);
    if (key.empty() || (found != nullptr && querytap::to_string(*found) == value)) {
      sum += point.number;
    }
  }
  return sum;
}

std::uint64_t count_of(const std::optional<querytap::histogram_data>& data) {
  return data ? data->count() : 0;
}

double seconds_of(const std::optional<querytap::histogram_data>& data) {
  return data ? data->to_unit(data->sum()) : 0;
}

std::string readable_quantile(const std::optional<querytap::histogram_data>& data, double share) {
  return count_of(data) == 0 ? "–" : querytap::human_duration(data->quantile(share));
}

std::uint64_t failed_requests(const querytap::snapshot& snapshot) {
  std::uint64_t failed = 0;
  for (const auto& point : snapshot.find("querytap.request.duration")) {
    if (point.series->labels.find("error.type") != nullptr) failed += point.histogram->count();
  }
  return failed;
}

std::uint64_t records_in(const querytap::snapshot& snapshot) {
  std::uint64_t records = 0;
  for (const auto& metric : snapshot.metrics) {
    for (const auto& point : metric->points) {
      if (point.histogram) records += point.histogram->count();
    }
  }
  return records;
}

}  // namespace rag_chatbot
