#include "model_series.hpp"

#include "../../base/unique_id.hpp"
#include "../past_limit.hpp"

#include <querytap/calls/detail/composite_key.hpp>
#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

attributes names_of_model(const backend_options& backend, const model_names& names) {
  attributes labels{{"gen_ai.operation.name", names.operation},
                    {"gen_ai.provider.name", backend.system},
                    {"gen_ai.request.model", names.asked}};
  if (!names.answered.empty()) labels.set({"gen_ai.response.model", names.answered});
  if (!backend.server_address.empty()) {
    labels.set({"server.address", backend.server_address});
    if (backend.server_port != 0) labels.set({"server.port", backend.server_port});
  }
  return labels;
}

const gen_ai_instruments& instruments_of(const recorder& recorder) noexcept {
  return gen_ai_instruments::find(recorder.options().gen_ai_names);
}

}  // namespace

const gen_ai_instruments& gen_ai_instruments::find(gen_ai_names names) noexcept {
  static constexpr gen_ai_instruments of_v1_41{&catalog::gen_ai::time_to_first_chunk,
                                               &catalog::gen_ai::time_per_output_chunk, false};
  static constexpr gen_ai_instruments of_latest{&catalog::gen_ai::inference_time_to_first_chunk,
                                                &catalog::gen_ai::inference_time_per_output_chunk,
                                                true};
  return names == gen_ai_names::latest ? of_latest : of_v1_41;
}

model_series::model_series(recorder& recorder, const backend_options& backend,
                           const model_names& names)
    : recorder_{recorder},
      operation_{names.operation},
      names_{names_of_model(backend, names)},
      anchor_{recorder.bind_histogram(*instruments_of(recorder).time_to_first_chunk, names_)} {}

// Only the keys that the instrument may carry.
attributes model_series::labels_of(const instrument& instrument, std::string_view key,
                                   std::string_view value) const {
  // Past the limit nothing is bound by name: no table looks after what would have to be given back.
  if (is_overflow()) return overflow_labels();
  attributes labels;
  for (const attribute& name : names_) {
    if (std::ranges::find(instrument.attributes, name.key) != instrument.attributes.end()) {
      labels.set(name);
    }
  }
  if (!key.empty()) labels.set({key, value});
  return labels;
}

const histogram& model_series::histogram_of(const instrument& instrument, std::string_view key,
                                            std::string_view value) const {
  if (instrument.name == instruments_of(recorder_).time_to_first_chunk->name) return anchor_;
  const series_key wanted{instrument.name, value};
  if (const histogram* const known = histograms_.find(wanted)) return *known;
  return histograms_.add(wanted,
                         recorder_.bind_histogram(instrument, labels_of(instrument, key, value)));
}

const counter& model_series::counter_of(const instrument& instrument, std::string_view key,
                                        std::string_view value) const {
  const series_key wanted{instrument.name, value};
  if (const counter* const known = counters_.find(wanted)) return *known;
  return counters_.add(wanted,
                       recorder_.bind_counter(instrument, labels_of(instrument, key, value)));
}

const gauge& model_series::gauge_of(std::string_view limit) const {
  if (const gauge* const known = gauges_.find(limit)) return *known;
  const instrument& instrument = catalog::gen_ai::rate_limit_remaining;
  return gauges_.add(
      limit, recorder_.bind_gauge(instrument, labels_of(instrument, "querytap.limit", limit)));
}

void model_series::release_series() const {
  for_each_histogram([this](const histogram& bound) { recorder_.release(bound); });
  counters_.for_each([this](const counter& bound) { recorder_.release(bound); });
}

endpoint_series::endpoint_series(recorder& recorder, const backend& calls)
    : recorder_{recorder},
      calls_{calls},
      without_usage_{recorder.part<missing_usage>()},
      cache_owner_{next_unique_id()} {}

// To the recorder's own part of this metric, as report_hub does.
void missing_usage::add_to(snapshot& snapshot) {
  const parts_lock lock{recorder_};
  const auto place = std::ranges::find_if(snapshot.metrics, [](const auto& metric) {
    return metric->instrument->name == catalog::dropped.name;
  });
  if (place == snapshot.metrics.end()) return;
  if (series_ == nullptr) {
    series_ = std::make_shared<const series_identity>(
        series_identity{&catalog::dropped, {{"querytap.reason", "usage_missing"}}, snapshot.start});
  }
  auto with_ours = std::make_shared<metric>(**place);
  const auto count = count_.load(std::memory_order_relaxed);
  with_ours->points.push_back({series_, nullptr, nullptr, static_cast<std::int64_t>(count)});
  *place = std::move(with_ours);
}

ref<const model_series> endpoint_series::find(const model_names& names) {
  composite_key key;
  const bool fits = key.add(names.operation) && key.add(names.asked) && key.add(names.answered);
  if (fits) {
    if (const ref_counted* known = lookup_cache::find(cache_owner_, key.text(), key.hash())) {
      return ref<const model_series>{static_cast<const model_series&>(*known)};
    }
  }
  ref<const model_series> found;
  {
    const parts_lock lock{recorder_};
    found = models_.find_or_make(
        fmt::format("{}\n{}\n{}", names.operation, names.asked, names.answered), [&] {
          return ref<const model_series>{*new model_series{recorder_, calls_.options(), names}};
        });
  }
  if (fits) lookup_cache::insert(cache_owner_, key.text(), key.hash(), *found);
  return found;
}

void endpoint_series::release_idle(const series_usage& usage) {
  const parts_lock lock{recorder_};
  models_.release_idle(usage);
}

}  // namespace querytap::detail
