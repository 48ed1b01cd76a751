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

constexpr std::string_view plain = "text/plain; charset=utf-8";
constexpr std::string_view end_of_open_metrics = "# EOF\n";
// Below it, packing takes longer than sending.
constexpr std::size_t smallest_to_pack = 1024;

void say(page_response& in, int status, std::string_view message) {
  in.status = status;
  in.content_type = plain;
  in.body = message;
}

bool is_shown_to_the_trusted(std::string_view path) {
  return path == "/" || path == "/slow" || path == "/requests" || path == "/findings";
}

void show(const snapshot& now, std::string_view path, bool paused, page_response& into) {
  const bool is_page = path == "/";
  into.content_type = is_page ? "text/html; charset=utf-8" : "application/json";
  if (is_page) {
    into.body = detail::render_status_page(now, paused);
  } else if (path == "/slow") {
    into.body = detail::json_list("slow", now.call_reports);
  } else if (path == "/requests") {
    into.body = detail::json_list("requests", now.requests);
  } else {
    into.body = detail::json_list("findings", now.findings);
  }
}

/// The metrics that a scrape asks for; all, unless it names some.
class name_selection {
 public:
  explicit name_selection(std::vector<std::string> names) : names_{std::move(names)} {}

  [[nodiscard]] bool everything() const { return names_.empty(); }

  /// By the name of the family in either text, or of one of its samples.
  [[nodiscard]] bool has(std::string_view family) const {
    return everything() || std::ranges::any_of(names_, [&](std::string_view name) {
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
  state(recorder& to, const pages_options& asked)
      : from{to}, options{asked}, protobuf{asked.protobuf} {
    for (std::size_t i = 0; i < duration.size(); ++i) {
      const attributes where{{"querytap.format", to_string(static_cast<scrape_format>(i))}};
      duration[i] = to.bind_histogram(catalog::scrape_duration, where);
      size[i] = to.bind_histogram(catalog::scrape_size, where);
    }
  }

  void metrics(const page_request& to, std::string_view query, page_response& into) {
    const scrape_format format = choose_format(to.accept);
    const bool packed = accepts_gzip(to.accept_encoding);
    const std::lock_guard one_scrape_at_a_time{mutex};
    const std::uint64_t begin = from.time().ticks();
    into.content_type = content_type_of(format);
    std::string& body = packed ? unpacked : into.body;
    render(format, name_selection{detail::query_values(query, "name[]")}, body);
    size[static_cast<std::size_t>(format)].record(body.size());
    if (packed) pack(into);
    duration[static_cast<std::size_t>(format)].record(
        from.time().nanoseconds_between(begin, from.time().ticks()));
  }

  void pack(page_response& into) {
    if (unpacked.size() < smallest_to_pack) {
      into.body = unpacked;
      return;
    }
    compressor.compress(unpacked, into.body);
    into.content_encoding = "gzip";
  }

  [[nodiscard]] snapshot collect(const name_selection& wanted) {
    snapshot now = from.collect();
    if (options.process_metrics) {
      for (auto& one : process.collect()) now.metrics.push_back(std::move(one));
    }
    if (wanted.everything()) return now;
    std::erase_if(now.metrics,
                  [&](const auto& one) { return !wanted.has(prometheus_name(*one->instrument)); });
    if (!wanted.has("target")) now.resource = {};
    return now;
  }

  void render(scrape_format format, const name_selection& wanted, std::string& into) {
    const snapshot now = collect(wanted);
    switch (format) {
      case scrape_format::text: text.render(now, into); break;
      case scrape_format::open_metrics: open.render(now, into); break;
      case scrape_format::protobuf: protobuf.render(now, into); break;
    }
    if (!sources.empty()) append_sources(format, now, wanted, into);
  }

  void append_sources(scrape_format format, const snapshot& now, const name_selection& wanted,
                      std::string& into) {
    std::set<std::string, std::less<>> taken{"target_info", "target"};
    for (const auto& one : now.metrics) {
      taken.insert(prometheus_name(*one->instrument));
      taken.insert(open_metrics_name(*one->instrument));
    }
    const bool has_end = format == scrape_format::open_metrics;
    if (has_end) into.resize(into.size() - end_of_open_metrics.size());
    for (const auto& source : sources) {
      source->append(
          format,
          [&](std::string_view family) {
            return wanted.has(family) && taken.emplace(family).second;
          },
          into);
    }
    if (has_end) into += end_of_open_metrics;
  }

  recorder& from;
  const pages_options options;
  std::array<histogram, 3> duration;  // by format
  std::array<histogram, 3> size;
  std::mutex mutex;  // guards what follows
  detail::process_metrics process;
  prometheus_text text;
  open_metrics open;
  prometheus_protobuf protobuf;
  detail::gzip_compressor compressor;
  std::string unpacked;  // kept from scrape to scrape
  std::vector<std::shared_ptr<scrape_source>> sources;
};

pages::pages(recorder& from, pages_options options)
    : state_{std::make_unique<state>(from, options)} {}
pages::~pages() = default;

void pages::add(std::shared_ptr<scrape_source> source) {
  const std::lock_guard lock{state_->mutex};
  state_->sources.push_back(std::move(source));
}

page_response pages::respond(const page_request& to) {
  page_response reply;
  respond(to, reply);
  return reply;
}

void pages::respond(const page_request& to, page_response& into) {
  into.status = 200;
  into.content_encoding.clear();
  if (to.method != "GET" && to.method != "HEAD") return say(into, 405, "only GET and HEAD\n");
  const std::string_view path = to.path.substr(0, to.path.find('?'));
  const std::string_view query = to.path.substr(std::min(to.path.size(), path.size() + 1));
  if (path == "/metrics") return state_->metrics(to, query, into);
  if (!is_shown_to_the_trusted(path)) {
    return say(into, 404, "here are /metrics, /slow, /requests, /findings and /\n");
  }
  if (!to.trusted) return say(into, 403, "this page is shown on the machine itself only\n");
  show(state_->from.collect(), path, query == "paused", into);
}

}  // namespace querytap
