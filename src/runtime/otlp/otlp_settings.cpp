#include "otlp_settings.hpp"

#include "../../base/ascii.hpp"
#include "../../base/bounded_wait.hpp"
#include "otel_variables.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <utility>

namespace querytap::detail {
namespace {

using std::chrono::milliseconds;

constexpr auto largest_queue = std::size_t{1} << 20;

std::string upper_case(std::string_view word) {
  std::string text{word};
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return text;
}

std::string lower_case(std::string_view word) {
  std::string text{word};
  std::ranges::transform(text, text.begin(), ascii_lower);
  return text;
}

// A value that is one of a few words, in any case.
template <class Value>
auto word_parser(std::initializer_list<std::pair<std::string_view, Value>> words) {
  return [words = std::vector(words)](const std::string& text) -> std::optional<Value> {
    for (const auto& [word, value] : words) {
      if (lower_case(text) == word) return value;
    }
    return std::nullopt;
  };
}

std::optional<std::string> readable_file(const std::string& path) {
  return std::ifstream{path}.good() ? std::optional{path} : std::nullopt;
}

// What an exporter that a variable names is here.
enum class named_exporter {
  otlp,
  none,
  elsewhere,  // prometheus: a scrape_endpoint's
  missing,    // one that OpenTelemetry defines, and that is not in this library
};

// None for a name that OpenTelemetry does not define for the signal.
std::optional<named_exporter> exporter_named(const std::string& name, otlp_signal signal) {
  const auto known = word_parser<named_exporter>({{"otlp", named_exporter::otlp},
                                                  {"none", named_exporter::none},
                                                  {"console", named_exporter::missing},
                                                  {"logging", named_exporter::missing},
                                                  {"otlp/stdout", named_exporter::missing}});
  const auto known_for_metrics =
      word_parser<named_exporter>({{"prometheus", named_exporter::elsewhere}});
  const auto known_for_traces = word_parser<named_exporter>({{"zipkin", named_exporter::missing}});
  if (const auto found = known(name)) return found;
  if (signal == otlp_signal::metrics) return known_for_metrics(name);
  return signal == otlp_signal::traces ? known_for_traces(name) : std::nullopt;
}

std::vector<std::string> split_words(std::string_view list) {
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

// The variables of one signal: the signal's own form of each comes before the general form.
class signal_variables {
 public:
  signal_variables(const otel_variables& variables, otlp_signal signal)
      : variables_{variables}, kind_{signal}, signal_{upper_case(to_string(signal))} {}

  [[nodiscard]] otel_variables::names names_of(std::string_view suffix) const {
    return {own(suffix), general(suffix)};
  }
  [[nodiscard]] std::string own(std::string_view suffix) const {
    return "OTEL_EXPORTER_OTLP_" + signal_ + '_' + std::string{suffix};
  }
  [[nodiscard]] static std::string general(std::string_view suffix) {
    return "OTEL_EXPORTER_OTLP_" + std::string{suffix};
  }

  // The form of the signal is the whole URL; the general form is what all paths begin with.
  [[nodiscard]] std::string url(const std::string& path, const std::string& by_default) const {
    constexpr std::string_view expected = "an http or https URL";
    constexpr bool may_have_password = true;
    const auto own_endpoint =
        variables_.get({own("ENDPOINT")}, expected, parse_endpoint, may_have_password);
    if (own_endpoint) return *own_endpoint;
    const auto base =
        variables_.get({general("ENDPOINT")}, expected, parse_endpoint, may_have_password);
    return below_endpoint(base.value_or(by_default), path);
  }

  // Whether OTLP is among the exporters of the signal. One that is not in this library leaves the signal
  // without it, since whoever names it did not ask for OTLP; but not silently.
  [[nodiscard]] bool is_enabled() const {
    const std::string variable = "OTEL_" + signal_ + "_EXPORTER";
    const auto exporters =
        variables_.get({variable}, expected_exporters(),
                       [&](const std::string& list) { return exporters_named(list); });
    if (!exporters) return true;
    const bool has_otlp = std::ranges::count(*exporters, named_exporter::otlp) != 0;
    if (std::ranges::count(*exporters, named_exporter::missing) != 0) {
      variables_.explain(
          variable, variables_.text(variable).value_or(""),
          fmt::format("of OpenTelemetry's exporters only otlp is in this library; {} are {}",
                      to_string(kind_), has_otlp ? "sent by OTLP alone" : "not sent"));
    }
    return has_otlp;
  }

 private:
  [[nodiscard]] std::string_view expected_exporters() const {
    return kind_ == otlp_signal::metrics ? "otlp, prometheus or none" : "otlp or none";
  }

  // None if one of the names is not defined.
  [[nodiscard]] std::optional<std::vector<named_exporter>> exporters_named(
      std::string_view list) const {
    std::vector<named_exporter> exporters;
    for (const std::string& name : split_words(list)) {
      const auto exporter = exporter_named(name, kind_);
      if (!exporter) return std::nullopt;
      exporters.push_back(*exporter);
    }
    return exporters;
  }

  const otel_variables& variables_;
  const otlp_signal kind_;
  std::string signal_;
};

[[noreturn]] void refuse_option(std::string_view option, std::string_view value,
                                std::string_view reason) {
  throw configuration_error{option, value, reason};
}

void check_header_option(const std::string& name, const std::string& value) {
  // Encoded as a list of the environment: one rule for both.
  std::string encoded;
  for (const char c : value) encoded += c == '%' ? "%25" : c == ',' ? "%2C" : std::string{c};
  const auto parsed = parse_header_list(name + '=' + encoded);
  if (!parsed || parsed->size() != 1) refuse_option("headers", name, "not a header of HTTP");
}

std::vector<std::string> header_lines(const std::map<std::string, std::string>& headers) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : headers) {
    // libcurl sends no header for `name:`.
    lines.push_back(value.empty() ? name + ';' : name + ": " + value);
  }
  return lines;
}

std::string signal_path_of(otlp_signal signal) { return "v1/" + std::string{to_string(signal)}; }

http_target http_target_of(const otlp_exporter_options& options, const signal_variables& own,
                           const otel_variables& variables, otlp_signal signal) {
  http_target target;
  const std::string base = options.endpoint.empty() ? "http://localhost:4318" : options.endpoint;
  target.url = options.endpoint.empty() ? own.url(signal_path_of(signal), base)
                                        : below_endpoint(base, signal_path_of(signal));
  const auto headers =
      variables.get(own.names_of("HEADERS"), "key=value,key=value with values that HTTP allows",
                    parse_header_list, true);
  target.headers = header_lines(
      options.headers.value_or(headers.value_or(std::map<std::string, std::string>{})));
  const auto file = [&](std::string_view suffix) {
    return variables.get(own.names_of(suffix), "a file that can be read", readable_file)
        .value_or("");
  };
  target.certificate = file("CERTIFICATE");
  target.client_certificate = file("CLIENT_CERTIFICATE");
  target.client_key = file("CLIENT_KEY");
  return target;
}

otlp_route otlp_route_of(const otlp_exporter_options& options, const otel_variables& variables,
                         otlp_signal signal) {
  const signal_variables own{variables, signal};
  otlp_route route;
  route.enabled = own.is_enabled();
  route.target = http_target_of(options, own, variables, signal);
  const auto encoding =
      variables.get(own.names_of("PROTOCOL"), "http/protobuf or http/json",
                    word_parser<otlp_encoding>({{"http/protobuf", otlp_encoding::protobuf},
                                                {"http/json", otlp_encoding::json}}));
  route.encoding = options.encoding.value_or(encoding.value_or(route.encoding));
  const auto gzip = variables.get(own.names_of("COMPRESSION"), "gzip or none",
                                  word_parser<bool>({{"gzip", true}, {"none", false}}));
  route.gzip = options.gzip.value_or(gzip.value_or(false));
  const auto timeout = variables.milliseconds(own.names_of("TIMEOUT"), 0);
  route.timeout = bounded_wait(options.timeout.value_or(timeout.value_or(route.timeout)));
  return route;
}

// The shorter of two timeouts; 0 is no limit.
milliseconds shorter_timeout(milliseconds a, milliseconds b) {
  if (a == milliseconds{0} || b == milliseconds{0}) return std::max(a, b);
  return std::min(a, b);
}

// A second limit for a request of the signal, unless the options set its timeout.
void limit_timeout(otlp_route& route, const otlp_exporter_options& options,
                   const otel_variables& variables, const std::string& variable) {
  const auto limit = variables.milliseconds({variable}, 0).value_or(milliseconds{30'000});
  if (!options.timeout) route.timeout = shorter_timeout(route.timeout, limit);
}

// The variables of OpenTelemetry's batch processors; `prefix` is OTEL_BSP or OTEL_BLRP.
void set_batches(otlp_route& route, const otel_variables& variables, const std::string& prefix,
                 milliseconds delay) {
  route.delay = variables.milliseconds({prefix + "_SCHEDULE_DELAY"}, 0).value_or(delay);
  route.queue =
      variables.number({prefix + "_MAX_QUEUE_SIZE"}, 1, largest_queue).value_or(route.queue);
  const auto batch = variables.number({prefix + "_MAX_EXPORT_BATCH_SIZE"}, 1, largest_queue);
  route.batch = batch.value_or(route.batch);
  if (route.batch <= route.queue) return;
  if (batch) {
    variables.complain(prefix + "_MAX_EXPORT_BATCH_SIZE", std::to_string(*batch),
                       "at most what the queue holds");
  }
  route.batch = std::min(otlp_route{}.batch, route.queue);
}

otlp_temporality temporality_of(const otlp_exporter_options& options,
                                const otel_variables& variables) {
  // `lowmemory` means delta for synchronous instruments, which all of ours are.
  const auto preferred = variables.get(
      {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"}, "cumulative, delta or lowmemory",
      word_parser<otlp_temporality>({{"cumulative", otlp_temporality::cumulative},
                                     {"delta", otlp_temporality::delta},
                                     {"lowmemory", otlp_temporality::delta}}));
  return options.temporality.value_or(preferred.value_or(otlp_temporality::cumulative));
}

otlp_histograms histograms_of(const otlp_exporter_options& options,
                              const otel_variables& variables) {
  const auto preferred =
      variables.get({"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"},
                    "explicit_bucket_histogram or base2_exponential_bucket_histogram",
                    word_parser<otlp_histograms>(
                        {{"explicit_bucket_histogram", otlp_histograms::explicit_bounds},
                         {"base2_exponential_bucket_histogram", otlp_histograms::exponential}}));
  return options.histograms.value_or(preferred.value_or(otlp_histograms::explicit_bounds));
}

otlp_metrics_options metrics_options_of(const otlp_exporter_options& options,
                                        const otel_variables& variables) {
  const auto exemplars = variables.get(
      {"OTEL_METRICS_EXEMPLAR_FILTER"}, "trace_based, always_on or always_off",
      word_parser<bool>({{"trace_based", true}, {"always_on", true}, {"always_off", false}}));
  return {.temporality = temporality_of(options, variables),
          .histograms = histograms_of(options, variables),
          .exemplars = exemplars.value_or(true)};
}

otlp_limits limits_of_environment(const otel_variables& variables) {
  constexpr std::size_t largest = std::numeric_limits<std::uint32_t>::max();
  otlp_limits limits;
  limits.attribute_count =
      variables.number({"OTEL_ATTRIBUTE_COUNT_LIMIT"}, 0, largest).value_or(limits.attribute_count);
  limits.attribute_length = variables.number({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"}, 0, largest)
                                .value_or(limits.attribute_length);
  return limits;
}

void check_exporter_options(const otlp_exporter_options& options) {
  if (!options.endpoint.empty() && !parse_endpoint(options.endpoint)) {
    refuse_option("endpoint", "…", "expected an http or https URL");
  }
  for (const auto& [name, value] : options.headers.value_or(std::map<std::string, std::string>{})) {
    check_header_option(name, value);
  }
  const auto not_below = [](std::string_view option, std::optional<milliseconds> value, int least) {
    if (value && value->count() < least) {
      refuse_option(option, std::to_string(value->count()) + " ms",
                    "expected at least " + std::to_string(least) + " ms");
    }
  };
  not_below("timeout", options.timeout, 0);
  not_below("interval", options.interval, 1);
  not_below("shutdown_timeout", options.shutdown_timeout, 0);
}

}  // namespace

otlp_settings otlp_settings_of(const otlp_exporter_options& options, const variable_source& source,
                               const warning_sink& warn) {
  check_exporter_options(options);
  const otel_variables variables{source, warn};
  otlp_settings settings;
  for (const otlp_signal signal : {otlp_signal::metrics, otlp_signal::logs, otlp_signal::traces}) {
    settings.routes[static_cast<std::size_t>(signal)] = otlp_route_of(options, variables, signal);
  }
  auto& [metrics, logs, traces] = settings.routes;
  limit_timeout(metrics, options, variables, "OTEL_METRIC_EXPORT_TIMEOUT");
  limit_timeout(logs, options, variables, "OTEL_BLRP_EXPORT_TIMEOUT");
  limit_timeout(traces, options, variables, "OTEL_BSP_EXPORT_TIMEOUT");
  set_batches(logs, variables, "OTEL_BLRP", milliseconds{1000});
  set_batches(traces, variables, "OTEL_BSP", milliseconds{5000});
  const auto interval = variables.milliseconds({"OTEL_METRIC_EXPORT_INTERVAL"}, 1);
  settings.interval = bounded_wait(options.interval.value_or(interval.value_or(settings.interval)));
  settings.metrics = metrics_options_of(options, variables);
  settings.limits = limits_of_environment(variables);
  if (variables.text("OTEL_CONFIG_FILE")) {
    variables.complain("OTEL_CONFIG_FILE", "", "the other variables: files are not read");
  }
  return settings;
}

}  // namespace querytap::detail
