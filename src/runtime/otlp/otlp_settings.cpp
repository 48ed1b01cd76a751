#include "otlp_settings.hpp"

#include "otel_variables.hpp"

#include <querytap/base/error.hpp>

#include <algorithm>
#include <fstream>
#include <limits>
#include <utility>

namespace querytap::detail {
namespace {

using std::chrono::milliseconds;

constexpr auto most_records = std::size_t{1} << 20;

std::string upper(std::string_view word) {
  std::string text{word};
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return text;
}

std::string lower(std::string_view word) {
  std::string text{word};
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

// A value that is one of a few words, in any case.
template <class Value>
auto one_of(std::initializer_list<std::pair<std::string_view, Value>> words) {
  return [words = std::vector(words)](const std::string& text) -> std::optional<Value> {
    for (const auto& [word, value] : words) {
      if (lower(text) == word) return value;
    }
    return std::nullopt;
  };
}

std::optional<std::string> readable_file(const std::string& path) {
  return std::ifstream{path}.good() ? std::optional{path} : std::nullopt;
}

// Nothing for a name that OpenTelemetry does not know.
std::optional<bool> exporter_is_us(const std::string& name) {
  const auto known = one_of<bool>({{"otlp", true},
                                   {"none", false},
                                   {"prometheus", false},
                                   {"console", false},
                                   {"logging", false}});
  return known(name);
}

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words(1);
  for (const char c : list) {
    if (c == ',') {
      words.emplace_back();
    } else if (c != ' ' && c != '\t') {
      words.back() += c;
    }
  }
  return words;
}

// The variables of one signal: its own form of each comes before the general one.
class signal_variables {
 public:
  signal_variables(const otel_variables& all, otlp_signal signal)
      : all_{all}, signal_{upper(to_string(signal))} {}

  [[nodiscard]] otel_variables::names names_of(std::string_view end) const {
    return {own(end), general(end)};
  }
  [[nodiscard]] std::string own(std::string_view end) const {
    return "OTEL_EXPORTER_OTLP_" + signal_ + '_' + std::string{end};
  }
  [[nodiscard]] static std::string general(std::string_view end) {
    return "OTEL_EXPORTER_OTLP_" + std::string{end};
  }

  // The form of the signal is used as it is, the general one as what all paths begin with.
  [[nodiscard]] std::string url(const std::string& path, const std::string& by_default) const {
    constexpr std::string_view expected = "an http or https URL";
    constexpr bool may_hold_a_password = true;
    const auto as_is = all_.get({own("ENDPOINT")}, expected, parse_endpoint, may_hold_a_password);
    if (as_is) return *as_is;
    const auto base =
        all_.get({general("ENDPOINT")}, expected, parse_endpoint, may_hold_a_password);
    return below_endpoint(base.value_or(by_default), path);
  }

  // Whether we are among the exporters of the signal.
  [[nodiscard]] bool wanted() const {
    const auto any_is_us = [](const std::string& list) -> std::optional<bool> {
      bool any = false;
      for (const std::string& name : words_of(list)) {
        const std::optional<bool> us = exporter_is_us(name);
        if (!us) return std::nullopt;
        any = any || *us;
      }
      return any;
    };
    return all_
        .get({"OTEL_" + signal_ + "_EXPORTER"}, "otlp, prometheus, console or none", any_is_us)
        .value_or(true);
  }

 private:
  const otel_variables& all_;
  std::string signal_;
};

[[noreturn]] void refuse(std::string_view option, std::string_view value, std::string_view reason) {
  throw configuration_error{option, value, reason};
}

void check_header(const std::string& name, const std::string& value) {
  // The list that the environment would have: one rule for both.
  std::string encoded;
  for (const char c : value) encoded += c == '%' ? "%25" : c == ',' ? "%2C" : std::string{c};
  const auto parsed = parse_header_list(name + '=' + encoded);
  if (!parsed || parsed->size() != 1) refuse("headers", name, "not a header of HTTP");
}

std::vector<std::string> header_lines(const std::map<std::string, std::string>& headers) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : headers) {
    // libcurl takes `name:` as the wish to send none.
    lines.push_back(value.empty() ? name + ';' : name + ": " + value);
  }
  return lines;
}

std::string path_of(otlp_signal signal) { return "v1/" + std::string{to_string(signal)}; }

http_target target_of(const otlp_exporter_options& options, const signal_variables& own,
                      const otel_variables& all, otlp_signal signal) {
  http_target target;
  const std::string base = options.endpoint.empty() ? "http://localhost:4318" : options.endpoint;
  target.url = options.endpoint.empty() ? own.url(path_of(signal), base)
                                        : below_endpoint(base, path_of(signal));
  const auto headers =
      all.get(own.names_of("HEADERS"), "key=value,key=value with values that HTTP allows",
              parse_header_list, true);
  target.headers = header_lines(
      options.headers.value_or(headers.value_or(std::map<std::string, std::string>{})));
  const auto file = [&](std::string_view end) {
    return all.get(own.names_of(end), "a file that can be read", readable_file).value_or("");
  };
  target.certificate = file("CERTIFICATE");
  target.client_certificate = file("CLIENT_CERTIFICATE");
  target.client_key = file("CLIENT_KEY");
  return target;
}

otlp_route route_of(const otlp_exporter_options& options, const otel_variables& all,
                    otlp_signal signal) {
  const signal_variables own{all, signal};
  otlp_route route;
  route.enabled = own.wanted();
  route.target = target_of(options, own, all, signal);
  const auto encoding = all.get(own.names_of("PROTOCOL"), "http/protobuf or http/json",
                                one_of<otlp_encoding>({{"http/protobuf", otlp_encoding::protobuf},
                                                       {"http/json", otlp_encoding::json}}));
  route.encoding = options.encoding.value_or(encoding.value_or(route.encoding));
  const auto gzip = all.get(own.names_of("COMPRESSION"), "gzip or none",
                            one_of<bool>({{"gzip", true}, {"none", false}}));
  route.gzip = options.gzip.value_or(gzip.value_or(false));
  const auto timeout = all.milliseconds(own.names_of("TIMEOUT"), 0);
  route.timeout = options.timeout.value_or(timeout.value_or(route.timeout));
  return route;
}

// The shorter of the two, where 0 stands for no limit.
milliseconds shorter(milliseconds a, milliseconds b) {
  if (a == milliseconds{0} || b == milliseconds{0}) return std::max(a, b);
  return std::min(a, b);
}

// What else limits a request of the signal, unless its limit was set in code.
void limit_timeout(otlp_route& route, const otlp_exporter_options& options,
                   const otel_variables& all, const std::string& variable) {
  const auto limit = all.milliseconds({variable}, 0).value_or(milliseconds{30'000});
  if (!options.timeout) route.timeout = shorter(route.timeout, limit);
}

// What OpenTelemetry's batch processors read; `prefix` is OTEL_BSP or OTEL_BLRP.
void set_batches(otlp_route& route, const otel_variables& all, const std::string& prefix,
                 milliseconds delay) {
  route.delay = all.milliseconds({prefix + "_SCHEDULE_DELAY"}, 0).value_or(delay);
  route.queue = all.number({prefix + "_MAX_QUEUE_SIZE"}, 1, most_records).value_or(route.queue);
  const auto batch = all.number({prefix + "_MAX_EXPORT_BATCH_SIZE"}, 1, most_records);
  route.batch = batch.value_or(route.batch);
  if (route.batch <= route.queue) return;
  if (batch) {
    all.complain(prefix + "_MAX_EXPORT_BATCH_SIZE", std::to_string(*batch),
                 "at most what the queue holds");
  }
  route.batch = std::min(otlp_route{}.batch, route.queue);
}

otlp_temporality temporality_of(const otlp_exporter_options& options, const otel_variables& all) {
  // `lowmemory` is delta for all that we count and time as it happens.
  const auto preferred = all.get(
      {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"}, "cumulative, delta or lowmemory",
      one_of<otlp_temporality>({{"cumulative", otlp_temporality::cumulative},
                                {"delta", otlp_temporality::delta},
                                {"lowmemory", otlp_temporality::delta}}));
  return options.temporality.value_or(preferred.value_or(otlp_temporality::cumulative));
}

otlp_histograms histograms_of(const otlp_exporter_options& options, const otel_variables& all) {
  const auto preferred =
      all.get({"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"},
              "explicit_bucket_histogram or base2_exponential_bucket_histogram",
              one_of<otlp_histograms>(
                  {{"explicit_bucket_histogram", otlp_histograms::explicit_bounds},
                   {"base2_exponential_bucket_histogram", otlp_histograms::exponential}}));
  return options.histograms.value_or(preferred.value_or(otlp_histograms::explicit_bounds));
}

otlp_metrics_options metrics_of(const otlp_exporter_options& options, const otel_variables& all) {
  const auto exemplars =
      all.get({"OTEL_METRICS_EXEMPLAR_FILTER"}, "trace_based, always_on or always_off",
              one_of<bool>({{"trace_based", true}, {"always_on", true}, {"always_off", false}}));
  return {.temporality = temporality_of(options, all),
          .histograms = histograms_of(options, all),
          .exemplars = exemplars.value_or(true)};
}

otlp_limits limits_of(const otel_variables& all) {
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
  otlp_limits limits;
  limits.attribute_count =
      all.number({"OTEL_ATTRIBUTE_COUNT_LIMIT"}, 0, most).value_or(limits.attribute_count);
  limits.attribute_length =
      all.number({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"}, 0, most).value_or(limits.attribute_length);
  return limits;
}

void check(const otlp_exporter_options& options) {
  if (!options.endpoint.empty() && !parse_endpoint(options.endpoint)) {
    refuse("endpoint", "…", "expected an http or https URL");
  }
  for (const auto& [name, value] : options.headers.value_or(std::map<std::string, std::string>{})) {
    check_header(name, value);
  }
  const auto not_below = [](std::string_view option, std::optional<milliseconds> value, int least) {
    if (value && value->count() < least) {
      refuse(option, std::to_string(value->count()) + " ms",
             "expected at least " + std::to_string(least) + " ms");
    }
  };
  not_below("timeout", options.timeout, 0);
  not_below("interval", options.interval, 1);
  not_below("shutdown_timeout", options.shutdown_timeout, 0);
}

}  // namespace

otlp_settings otlp_settings_of(const otlp_exporter_options& options,
                               const variable_source& variables, const warning_sink& warn) {
  check(options);
  const otel_variables all{variables, warn};
  otlp_settings settings;
  for (const otlp_signal signal : {otlp_signal::metrics, otlp_signal::logs, otlp_signal::traces}) {
    settings.routes[static_cast<std::size_t>(signal)] = route_of(options, all, signal);
  }
  auto& [metrics, logs, traces] = settings.routes;
  limit_timeout(metrics, options, all, "OTEL_METRIC_EXPORT_TIMEOUT");
  limit_timeout(logs, options, all, "OTEL_BLRP_EXPORT_TIMEOUT");
  limit_timeout(traces, options, all, "OTEL_BSP_EXPORT_TIMEOUT");
  set_batches(logs, all, "OTEL_BLRP", milliseconds{1000});
  set_batches(traces, all, "OTEL_BSP", milliseconds{5000});
  const auto interval = all.milliseconds({"OTEL_METRIC_EXPORT_INTERVAL"}, 1);
  settings.interval = options.interval.value_or(interval.value_or(settings.interval));
  settings.metrics = metrics_of(options, all);
  settings.limits = limits_of(all);
  if (all.text("OTEL_CONFIG_FILE")) {
    all.complain("OTEL_CONFIG_FILE", "", "the other variables: files are not read");
  }
  return settings;
}

}  // namespace querytap::detail
