#include <querytap/runtime/pages/pages.hpp>

#include "../../exporters/prometheus/family_names.hpp"
#include "../../exporters/prometheus/statement_series.hpp"
#include "../common/gzip_compressor.hpp"
#include "../live/live_page.hpp"
#include "../live/query_string.hpp"
#include "first_zeros.hpp"
#include "health_page.hpp"
#include "process_metrics.hpp"
#include "record_list.hpp"
#include "request_target.hpp"

#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/exporters/prometheus/scrape_format.hpp>
#include <querytap/exporters/prometheus/scrape_source.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace querytap {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::string_view end_of_open_metrics = "# EOF\n";
// Below this size, compressing takes longer than sending.
constexpr std::size_t smallest_to_gzip = 1024;

void respond_with_text(page_response& response, int status, std::string_view message) {
  response.status = status;
  response.content_type = plain_text;
  response.body = message;
}

constexpr std::array record_lists{"/slow"sv, "/requests"sv, "/pools"sv,
                                  "/pool"sv, "/findings"sv, "/sources"sv};

bool is_record_list(std::string_view path) {
  return std::ranges::find(record_lists, path) != record_lists.end();
}

std::string record_list_of(const snapshot& collected, std::string_view path) {
  if (path == "/slow") return detail::json_list("slow", collected.call_reports);
  if (path == "/requests") return detail::json_list("requests", collected.requests);
  if (path == "/sources") return detail::json_list("sources", collected.sources);
  if (path == "/findings") return detail::json_list("findings", collected.findings);
  return detail::json_list("pools", collected.pools);
}

/// The families of one scrape: those that it names, or all if it names none, each of whose names no
/// other family has.
class scraped_families {
 public:
  /// By the name of a family in either text, or of one of its samples.
  explicit scraped_families(const std::vector<std::string>& selected)
      : selected_{selected.begin(), selected.end()} {}

  [[nodiscard]] bool selects(const instrument& instrument) const {
    return selected_.empty() ||
           selects_any(detail::names_of_family(open_metrics_name(instrument),
                                               detail::exposed_type_of(instrument.kind)));
  }

  [[nodiscard]] bool add(std::string_view family, family_type type) {
    const std::vector<std::string> names = detail::names_of_family(family, type);
    const auto is_taken = [&](const std::string& name) { return taken_.contains(name); };
    if (!selected_.empty() && !selects_any(names)) return false;
    if (std::ranges::any_of(names, is_taken)) return false;
    taken_.insert(names.begin(), names.end());
    return true;
  }

 private:
  [[nodiscard]] bool selects_any(const std::vector<std::string>& names) const {
    return std::ranges::any_of(names,
                               [&](const std::string& name) { return selected_.contains(name); });
  }

  const std::set<std::string> selected_;
  std::set<std::string> taken_;
};

}  // namespace

struct pages::state {
  state(querytap::recorder& shown_recorder, const pages_options& shown_options)
      : recorder{shown_recorder},
        options{shown_options},
        live{shown_recorder, shown_options.timeline},
        protobuf{shown_options.protobuf} {
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
    scraped_families families{detail::query_values(query, "name[]")};
    render(format, collect(families, !request.scrape_timeout.empty()), families, body);
    size[static_cast<std::size_t>(format)].record(body.size());
    if (is_gzipped) gzip_into(response);
    duration[static_cast<std::size_t>(format)].record(
        recorder.time().nanoseconds_between(begin, recorder.time().ticks()));
  }

  /// What people look at, and what the page asks for.
  void show(const page_request& request, std::string_view path, std::string_view query,
            page_response& response) {
    std::optional<detail::live_answer> answer;
    if (is_record_list(path)) {
      answer = detail::live_answer{"application/json", record_list_of(recorder.collect(), path)};
    } else {
      answer = live.answer(path, query);
    }
    if (!answer.has_value()) return;
    response.content_type = answer->content_type;
    response.again_in = answer->again_in;
    if (answer->again_in.count() == 0 && accepts_gzip(request.accept_encoding)) {
      const std::lock_guard one_at_a_time{mutex};
      uncompressed = std::move(answer->body);
      gzip_into(response);
    } else {
      response.body = std::move(answer->body);
    }
  }

  void gzip_into(page_response& response) {
    if (uncompressed.size() < smallest_to_gzip) {
      response.body = uncompressed;
      return;
    }
    compressor.compress(uncompressed, response.body);
    response.content_encoding = "gzip";
  }

  [[nodiscard]] snapshot collect(const scraped_families& families, bool is_for_prometheus) {
    snapshot collected = recorder.collect();
    if (options.process_metrics) {
      for (auto& metric : process.collect()) collected.metrics.push_back(std::move(metric));
    }
    if (options.statements) statements.split(collected);
    if (is_for_prometheus) {
      zeros.show_first(collected, [&](const instrument& i) { return families.selects(i); });
    }
    return collected;
  }

  void render(scrape_format format, const snapshot& collected, scraped_families& families,
              std::string& body) {
    const family_filter accepts = [&](std::string_view family, family_type type) {
      return families.add(family, type);
    };
    switch (format) {
      case scrape_format::text: text.render(collected, accepts, body); break;
      case scrape_format::open_metrics: open.render(collected, accepts, body); break;
      case scrape_format::protobuf: protobuf.render(collected, accepts, body); break;
    }
    if (!sources.empty()) append_sources(format, accepts, body);
  }

  void append_sources(scrape_format format, const family_filter& accepts, std::string& body) {
    const bool has_end = format == scrape_format::open_metrics;
    if (has_end) body.resize(body.size() - end_of_open_metrics.size());
    for (const auto& source : sources) source->append(format, accepts, body);
    if (has_end) body += end_of_open_metrics;
  }

  querytap::recorder& recorder;
  const pages_options options;
  detail::live_page live;
  std::array<histogram, 3> duration;  // by format
  std::array<histogram, 3> size;
  std::mutex mutex;  // guards all of these
  detail::process_metrics process;
  detail::statement_series statements;
  detail::first_zeros zeros;
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
  response.again_in = {};
  if (request.method != "GET" && request.method != "HEAD") {
    return respond_with_text(response, 405, "only GET and HEAD\n");
  }
  const auto [path, query] = detail::parse_request_target(request.path);
  if (path == "/metrics") return state_->metrics(request, query, response);
  if (path == "/livez" || path == "/readyz") {
    return detail::render_health(state_->recorder, path, query, request.trusted, response);
  }
  if (path != "/health" && !is_record_list(path) && !detail::live_page::has(path)) {
    return respond_with_text(response, 404,
                             "here are /, /metrics, /livez, /readyz, /health, /slow, /requests, "
                             "/pools, /findings, /sources, /view, /live and /report.html, .md, "
                             ".csv and .json\n");
  }
  if (!request.trusted) {
    const std::string_view reason =
        request.refusal.empty() ? "this page is shown to trusted clients only" : request.refusal;
    return respond_with_text(response, 403, std::string{reason} + '\n');
  }
  if (path == "/health")
    return detail::render_health(state_->recorder, path, query, true, response);
  state_->show(request, path, query, response);
}

void pages::keep_timeline() { state_->live.keep_timeline(); }

}  // namespace querytap
