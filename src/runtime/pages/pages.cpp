#include <querytap/runtime/pages/pages.hpp>

#include "../common/gzip_compressor.hpp"
#include "incident_page.hpp"
#include "process_metrics.hpp"
#include "query_string.hpp"
#include "record_list.hpp"

#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/exporters/prometheus/scrape_format.hpp>
#include <querytap/exporters/prometheus/scrape_source.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <set>
#include <vector>

namespace querytap {
namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::string_view end_of_open_metrics = "# EOF\n";
// Below this size, compressing takes longer than sending.
constexpr std::size_t smallest_to_gzip = 1024;

void respond_with_text(page_response& response, int status, std::string_view message) {
  response.status = status;
  response.content_type = plain_text;
  response.body = message;
}

bool is_for_trusted_requests(std::string_view path) {
  return path == "/" || path == "/slow" || path == "/requests" || path == "/findings";
}

void render_trusted_page(const snapshot& collected, std::string_view path, bool is_paused,
                         page_response& response) {
  const bool is_page = path == "/";
  response.content_type = is_page ? "text/html; charset=utf-8" : "application/json";
  if (is_page) {
    response.body = detail::render_incident_page(collected, is_paused);
  } else if (path == "/slow") {
    response.body = detail::json_list("slow", collected.call_reports);
  } else if (path == "/requests") {
    response.body = detail::json_list("requests", collected.requests);
  } else {
    response.body = detail::json_list("findings", collected.findings);
  }
}

/// The metrics that a scrape names; all, if it names none.
class name_selection {
 public:
  explicit name_selection(std::vector<std::string> names) : names_{std::move(names)} {}

  [[nodiscard]] bool has_all() const { return names_.empty(); }

  /// By the name of the family in either text, or of one of its samples.
  [[nodiscard]] bool has(std::string_view family) const {
    return has_all() || std::ranges::any_of(names_, [&](std::string_view name) {
             if (!name.starts_with(family)) return family == std::string{name} + "_total";
             const std::string_view rest = name.substr(family.size());
             return rest.empty() || rest == "_bucket" || rest == "_sum" || rest == "_count" ||
                    rest == "_total" || rest == "_info";
           });
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

struct pages::state {
  state(querytap::recorder& shown_recorder, const pages_options& shown_options)
      : recorder{shown_recorder}, options{shown_options}, protobuf{shown_options.protobuf} {
    for (std::size_t i = 0; i < duration.size(); ++i) {
      const attributes labels{{"querytap.format", to_string(static_cast<scrape_format>(i))}};
      duration[i] = recorder.bind_histogram(catalog::scrape_duration, labels);
      size[i] = recorder.bind_histogram(catalog::scrape_size, labels);
    }
  }

  void metrics(const page_request& request, std::string_view query, page_response& response) {
    const scrape_format format = choose_format(request.accept);
    const bool is_gzipped = accepts_gzip(request.accept_encoding);
    const std::lock_guard one_scrape_at_a_time{mutex};
    const std::uint64_t begin = recorder.time().ticks();
    response.content_type = content_type_of(format);
    std::string& body = is_gzipped ? uncompressed : response.body;
    render(format, name_selection{detail::query_values(query, "name[]")}, body);
    size[static_cast<std::size_t>(format)].record(body.size());
    if (is_gzipped) gzip_into(response);
    duration[static_cast<std::size_t>(format)].record(
        recorder.time().nanoseconds_between(begin, recorder.time().ticks()));
  }

  void gzip_into(page_response& response) {
    if (uncompressed.size() < smallest_to_gzip) {
      response.body = uncompressed;
      return;
    }
    compressor.compress(uncompressed, response.body);
    response.content_encoding = "gzip";
  }

  [[nodiscard]] snapshot collect(const name_selection& selection) {
    snapshot collected = recorder.collect();
    if (options.process_metrics) {
      for (auto& metric : process.collect()) collected.metrics.push_back(std::move(metric));
    }
    if (selection.has_all()) return collected;
    std::erase_if(collected.metrics, [&](const auto& metric) {
      return !selection.has(prometheus_name(*metric->instrument));
    });
    if (!selection.has("target")) collected.resource = {};
    return collected;
  }

  void render(scrape_format format, const name_selection& selection, std::string& body) {
    const snapshot collected = collect(selection);
    switch (format) {
      case scrape_format::text: text.render(collected, body); break;
      case scrape_format::open_metrics: open.render(collected, body); break;
      case scrape_format::protobuf: protobuf.render(collected, body); break;
    }
    if (!sources.empty()) append_sources(format, collected, selection, body);
  }

  void append_sources(scrape_format format, const snapshot& collected,
                      const name_selection& selection, std::string& body) {
    std::set<std::string, std::less<>> names_in_use{"target_info", "target"};
    for (const auto& metric : collected.metrics) {
      names_in_use.insert(prometheus_name(*metric->instrument));
      names_in_use.insert(open_metrics_name(*metric->instrument));
    }
    const bool has_end = format == scrape_format::open_metrics;
    if (has_end) body.resize(body.size() - end_of_open_metrics.size());
    for (const auto& source : sources) {
      source->append(
          format,
          [&](std::string_view family) {
            return selection.has(family) && names_in_use.emplace(family).second;
          },
          body);
    }
    if (has_end) body += end_of_open_metrics;
  }

  querytap::recorder& recorder;
  const pages_options options;
  std::array<histogram, 3> duration;  // by format
  std::array<histogram, 3> size;
  std::mutex mutex;  // guards all of these
  detail::process_metrics process;
  prometheus_text text;
  open_metrics open;
  prometheus_protobuf protobuf;
  detail::gzip_compressor compressor;
  std::string uncompressed;  // a member, for its memory
  std::vector<std::shared_ptr<scrape_source>> sources;
};

pages::pages(recorder& recorder, pages_options options)
    : state_{std::make_unique<state>(recorder, options)} {}
pages::~pages() = default;

void pages::add(std::shared_ptr<scrape_source> source) {
  const std::lock_guard lock{state_->mutex};
  state_->sources.push_back(std::move(source));
}

page_response pages::respond(const page_request& request) {
  page_response reply;
  respond(request, reply);
  return reply;
}

void pages::respond(const page_request& request, page_response& response) {
  response.status = 200;
  response.content_encoding.clear();
  if (request.method != "GET" && request.method != "HEAD") {
    return respond_with_text(response, 405, "only GET and HEAD\n");
  }
  const std::string_view path = request.path.substr(0, request.path.find('?'));
  const std::string_view query =
      request.path.substr(std::min(request.path.size(), path.size() + 1));
  if (path == "/metrics") return state_->metrics(request, query, response);
  if (!is_for_trusted_requests(path)) {
    return respond_with_text(response, 404,
                             "here are /metrics, /slow, /requests, /findings and /\n");
  }
  if (!request.trusted) {
    const std::string_view reason =
        request.refusal.empty() ? "this page is shown to trusted clients only" : request.refusal;
    return respond_with_text(response, 403, std::string{reason} + '\n');
  }
  render_trusted_page(state_->recorder.collect(), path, query == "paused", response);
}

}  // namespace querytap
